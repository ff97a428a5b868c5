"""A learner's id: what a folder is called, written so that two different names never become one. Pure.

An id is one line of at most MAX_LEARNER bytes. It has no blank at its ends, no two in a row, no character that shows
nothing or acts, and does not begin like a formula: whatever prints it need not change it. What is written out is
written as in a Python string, a backslash as two. Accented letters are composed, as most systems write them.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

MAX_LEARNER = 200  # bytes: a file system takes 255, a gradebook's column 200 characters
# Letters and marks that show nothing, though Unicode has them for printable.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"  # a spreadsheet would compute what begins so
_MARK = "'"  # what a table puts before what is no formula
_BEGINS = re.compile(rf"[ \"']*[{re.escape(_FORMULA)}]")  # like a formula, if blanks and quotes are dropped
_PARTS = ",;|"  # a spreadsheet may take each of these for the end of a cell
_MARKS_IN_A_ROW = 3
_CUT = re.compile(r"~[0-9a-f]{32}\Z")
_WRITTEN = re.compile(r"\\(?:\\|[nrt]|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")
# Small letters of other scripts, and of capitals that casefold to them, before the Latin one that each looks like.
_PAIRS = "аa вb сc ԁd еe һh іi ïї јj кk ӏl мm нh оo рp ԛq ѕs тt уy ѵv ԝw хx αa βb εe ζz ιi κk μm νv οo ρp τt υy χx ıi"
_LIKE = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})


def learner_id(name: str) -> str:
    """The id of whoever's folder is called so, or "" where the name is empty."""
    composed = unicodedata.normalize("NFC", name)
    written = "".join(_written(composed, place) for place in range(len(composed)))
    if written in (".", ".."):  # a report has a folder of this name
        written = written.replace(".", "\\x2e")
    # What only looks like a cut one gets a mark of its own.
    if len(written.encode()) <= MAX_LEARNER and not _CUT.search(written):
        return written
    mark = "~" + hashlib.sha256(composed.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return written.encode()[: MAX_LEARNER - len(mark)].decode(errors="ignore") + mark


def look_alikes(ids: Iterable[str]) -> list[list[str]]:
    """Groups of ids that a person may take for one: they differ in case, blanks, what shows nothing, or in the script
    of a letter."""
    groups: dict[str, list[str]] = {}
    for one in sorted(set(ids)):
        groups.setdefault(_skeleton(one), []).append(one)
    return [group for group in groups.values() if len(group) > 1]


def _written(name: str, place: int) -> str:
    """One character of a name as the id has it."""
    character, code = name[place], ord(name[place])
    if character == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte that is no Unicode
        return f"\\x{code - 0xDC00:02x}"
    if not character.isprintable() or _UNSEEN.match(character) or _hangs(name, place):
        return _escape(code)
    if character == " " and (place in (0, len(name) - 1) or name[place - 1] == " "):
        return _escape(code)
    if place == 0 and (character == _MARK or _BEGINS.match(name)):
        return _escape(code)
    if character in _PARTS and _BEGINS.match(name, place + 1):
        return _escape(code)
    return character


def _hangs(name: str, place: int) -> bool:
    """Whether it is a mark with no letter below it, or one of many on the same."""
    before = name[max(place - _MARKS_IN_A_ROW, 0) : place]
    return _is_mark(name[place]) and all(map(_is_mark, before))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _escape(code: int) -> str:
    short = {10: "\\n", 13: "\\r", 9: "\\t"}.get(code)
    if short or code < 0x80:
        return short or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # \x is for bytes


def _skeleton(one: str) -> str:
    """What is left of an id where all that is hard to tell apart is the same."""
    name = unicodedata.normalize("NFKC", _WRITTEN.sub(_read, one)).casefold()
    name = unicodedata.normalize("NFKC", name)
    seen = [character for character in name if not _UNSEEN.match(character) and not character.isspace()]
    shown = "".join(character for character in seen if character.isprintable())
    return shown.translate(_LIKE) or one


def _read(match: re.Match[str]) -> str:
    if match[1]:
        code = int(match[1], 16)
        return chr(code if code < 0x80 else code + 0xDC00)
    if match[2] or match[3]:
        return chr(int(match[2] or match[3], 16))
    return {"\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t"}[match[0]]
