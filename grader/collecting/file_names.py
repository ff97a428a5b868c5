"""What the name of a file says: its unit, its place among several copies, and whose it is. Pure.

Browsers, platforms and people add to the name that a unit's notebook was given. Whatever they add, the unit's own name
still stands in it, between characters that are no letters and no digits; blanks and hyphens may stand for underscores.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

_NUMBERED = re.compile(r"[ _]?\((\d{1,4})\)|[-_ ](\d{1,3})")
_ENDINGS = re.compile(r"(?:\.(?:ipynb|zip|json|txt)|\s)+\Z", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+|\d+")
# Google Drive's name for the copy that one goes on with, in the languages that were at hand.
_DRIVE = re.compile(r"((?:copy of|kopie von|copie de|copia de|copia di|cópia de|kopie van|kopia|копия) *)+\Z", re.I)
_LATER = {
    "final", "finished", "fixed", "corrected", "correction", "updated", "latest", "new", "newest", "neu",
    "resubmission", "abgabe",
}  # fmt: skip
_VERSION = re.compile(r"(?:v|rev|version) ?(\d+)\Z", re.IGNORECASE)
# What Jupyter, macOS and Windows call a copy that is put aside, and what people call one.
_BACKUPS = {
    "copy", "kopie", "copie", "copia", "cópia", "backup", "bak", "old", "alt", "orig", "original", "draft", "scratch",
    "broken",
}  # fmt: skip
# The learner stands first: what follows is a name that the learner chose, perhaps one that looks like another's.
_CANVAS = re.compile(r"(?P<learner>.+?)(?:_LATE)?_(?P<user>\d+)_\d+_(?P<rest>.+)", re.DOTALL)
_MOODLE = re.compile(r"(?P<learner>.+?)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)", re.DOTALL)
_BLACKBOARD = re.compile(r"(?P<learner>.+?)_attempt_(?P<date>\d{4}(?:-\d\d){5})_?(?P<rest>.*)", re.DOTALL)
_PLATFORMS = {"Canvas": _CANVAS, "Moodle": _MOODLE, "Blackboard": _BLACKBOARD}
# Brightspace writes a name and a date: two people may share the one, and two uploads of one person differ in the other.
_BRIGHTSPACE = re.compile(r"\d+-\d+ - .+ - .+ - .+", re.DOTALL)
# Folders that belong to a course or to an attempt: nobody is called so.
_ROOMS = {
    "labs", "assessments", "solutions", "notebooks", "src", "code", "tests", "docs", "build", "data", "submission",
    "submissions", "submitted", "solution", "old", "backup", "backups", "archive", "lib", "utils",
}  # fmt: skip
_COUNTED = re.compile(
    r"(?:lab|hw|homework|assignment|exercise|ex|week|session|sheet|blatt|übung|attempt|versuch|try|version)s?"
    r"[ _-]?(\d*)\Z", re.IGNORECASE,
)  # fmt: skip


class Copy(IntEnum):
    """How a file's name stands to others for the same unit; of several the greatest is graded."""

    BY_CONTENTS = 0  # the name says no unit
    BACKUP = 1
    OTHER = 2  # with words of the learner's own
    PLAIN = 3
    NUMBERED = 4
    FINAL = 5


@dataclass(frozen=True)
class Name:
    """What a file's name says.

    `units` are those that stand in it: one, none, or several, and then it says none. `learner` is who stands before
    the unit, as a platform or a person wrote it; `rest` is the name without them.
    """

    units: tuple[str, ...]
    copy: tuple[Copy, int] = (Copy.OTHER, 0)
    learner: str = ""
    rest: str = ""
    platform: str = ""

    @property
    def unit(self) -> str:
        """The unit, or ""."""
        return self.units[0] if len(self.units) == 1 else ""


def read_name(name: str, units: Collection[str]) -> Name:
    """What a file's name says in a course of these units."""
    if name.removesuffix(".ipynb") in units:
        return Name((name.removesuffix(".ipynb"),), (Copy.PLAIN, 0), rest=name)
    found, before, after = _units_in(name, tuple(units))
    # `anna_2024_01_activation` has Canvas's form, but its numbers are the unit's.
    matches = [(platform, match) for platform, pattern in _PLATFORMS.items() if (match := pattern.fullmatch(name))]
    forms = [form for form in matches if not found or _units_in(form[1]["rest"], tuple(units))[0] == found]
    if forms:
        return _of_platform(*min(forms, key=lambda form: len(form[1]["learner"])), units)
    if _BRIGHTSPACE.fullmatch(name):
        return Name(found, rest=name, platform="Brightspace")
    if len(found) != 1:
        return Name(found, rest=name)
    lead, drive = _parted(before)
    learner = re.sub(r"\s*[-_.]?\s*\Z", "", lead)
    if not _WORDS.search(learner) or _is_of_a_copy(learner) or _is_of_a_course(learner):
        return Name(found, _copy(lead, drive, after), rest=name)
    return Name(found, _copy("", drive, after), learner, name[len(lead) :])


def is_no_learner(name: str, units: Collection[str]) -> bool:
    """Whether a folder is called like a unit, a part of a course or an attempt: no learner is."""
    return _is_of_a_course(name) or _is_only(name, units)


def attempt(folder: str) -> int:
    """The number in the name of an attempt's folder, or -1."""
    match = _COUNTED.match(folder)
    return int(match[1] or 0) if match else -1


def folder_learner(folder: str) -> str:
    """Who a learner's folder belongs to: its name, without what Moodle adds to it."""
    match = _MOODLE.fullmatch(folder)
    return f"{match['learner']}_{match['user']}" if match and not match["rest"] else folder


def _of_platform(platform: str, match: re.Match[str], units: Collection[str]) -> Name:
    inner = read_name(match["rest"], units)
    parts = match.groupdict()
    # A name alone may be two people's; Blackboard's is a user name, with the assignment's before it.
    learner = f"{parts['learner']}_{parts['user']}" if "user" in parts else parts["learner"]
    copy = (Copy.NUMBERED, int(parts["date"].replace("-", ""))) if "date" in parts else inner.copy
    return Name(inner.units, copy, learner, match["rest"], platform)


def _units_in(name: str, units: tuple[str, ...]) -> tuple[tuple[str, ...], str, str]:
    """The units that stand in a name, and what stands before and after the last one; of `toy` and `toy_2`, both of
    which stand in `toy_2`, it is the longer one."""
    any_unit, patterns = _patterns(units)
    if not any_unit.search(name):  # as of most names
        return (), name, ""
    spans = {unit: [m.span() for m in pattern.finditer(name)] for unit, pattern in patterns}
    every = [span for its in spans.values() for span in its]
    whole = {unit: [s for s in its if not any(_within(s, other) for other in every)] for unit, its in spans.items()}
    start, end = max((span for its in whole.values() for span in its), default=(0, 0))
    return tuple(unit for unit, its in whole.items() if its), name[:start], name[end:]


def _within(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one != other and other[0] <= one[0] and one[1] <= other[1]


@lru_cache
def _patterns(units: tuple[str, ...]) -> tuple[re.Pattern[str], list[tuple[str, re.Pattern[str]]]]:
    """What matches any unit's name, and what each."""

    def pattern(unit: str) -> str:
        words = r"[\s_.-]+".join(map(re.escape, re.split(r"[\s_.-]+", unit)))
        before = r"(?<!\d)" if unit[:1].isdigit() else r"(?<![^\W_])"
        return rf"{before}{words}(?![^\W_])"

    every = re.compile("|".join(map(pattern, units)) or r"(?!)", re.IGNORECASE)
    return every, [(unit, re.compile(pattern(unit), re.IGNORECASE)) for unit in units]


def _is_only(name: str, units: Collection[str]) -> bool:
    """Whether a name is a unit's with nothing but a copy's mark."""
    said = read_name(name, units)
    return bool(said.unit) and said.copy[0] is not Copy.OTHER and not said.learner


def _is_of_a_course(name: str) -> bool:
    return name.lower() in _ROOMS or _COUNTED.match(name) is not None


def _parted(before: str) -> tuple[str, int]:
    """What stands before a unit, without `Copy of`, and how often that stands there."""
    drive = _DRIVE.search(before.replace("_", " "))
    return (before[: drive.start()], len(drive[0].split()) // 2 or 1) if drive else (before, 0)


def _copy(lead: str, drive: int, after: str) -> tuple[Copy, int]:
    """Which copy of a unit's notebook has these texts around the unit's name."""
    after = _ENDINGS.sub("", after)
    words = _lower_words(after)
    number = next((int(word[:9]) for word in reversed(words) if word.isdigit()), 0)
    if _BACKUPS.intersection(words) or (_is_of_a_copy(lead) and not _LATER.intersection(_lower_words(lead))):
        return Copy.BACKUP, number
    if _LATER.intersection(words + _lower_words(lead)) or any(map(_VERSION.match, re.split("[ _-]+", after))):
        return Copy.FINAL, number
    numbered = _NUMBERED.fullmatch(after)
    if _WORDS.search(lead) or (after.strip(" _.-") and not numbered):
        return Copy.OTHER, 0
    if numbered:
        return Copy.NUMBERED, int(numbered[1] or numbered[2])
    return (Copy.NUMBERED, drive) if drive else (Copy.PLAIN, 0)


def _is_of_a_copy(text: str) -> bool:
    """Whether all words of a text say which copy it is, as `final` and `old` do."""
    words = [word for word in _lower_words(text) if not word.isdigit()]
    return bool(words) and set(words) <= _LATER | _BACKUPS


def _lower_words(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text.replace("_", " "))]
