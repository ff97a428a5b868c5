"""Which files some code needs: modules that it imports, and data whose names stand in it. Pure: nothing runs.

A name may be put together from texts that the code gives names to. What cannot be known of it stands for anything, as
in a pattern.
"""

import ast
import re
from dataclasses import dataclass, field

from grader.notebooks.cells import tree_of
from grader.notebooks.notebook_file import MAX_SOURCE

_MOST_TEXT = 500  # characters of a name; what is built from texts could grow without end
_MAGIC = re.compile(r"^([ \t]*)(?:%%?|!|\?)(.*)$", re.MULTILINE)
_TIMED = re.compile(r"^([ \t]*)%(?:time|timeit|prun)[ \t]+(?=\S)", re.MULTILINE)  # before a statement
_ASSIGNED_MAGIC = re.compile(r"=[ \t]*[%!](.*)$", re.MULTILINE)
_QUOTED = re.compile(r"""(["'])((?:(?!\1)[^\\\n]){1,200})\1""")
_IMPORTED = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)
# Functions that read whatever a folder holds, and functions that make the file that they name.
_LISTING = (
    "listdir", "scandir", "walk", "iterdir", "glob", "iglob", "rglob", "image_dataset_from_directory",
    "text_dataset_from_directory", "audio_dataset_from_directory", "flow_from_directory",
)  # fmt: skip
_WRITING = (
    "save", "savez", "savez_compressed", "savetxt", "savefig", "to_csv", "to_json", "to_parquet", "imsave",
    "save_weights",
)  # fmt: skip


@dataclass
class Needs:
    """What some code needs of the files beside it."""

    modules: dict[str, None] = field(default_factory=dict)  # dotted names, in order
    texts: dict[str, None] = field(default_factory=dict)  # names or patterns of files; most are none
    folders: dict[str, None] = field(default_factory=dict)  # all of what is in them
    roots: dict[str, None] = field(default_factory=dict)  # folders that modules are looked for in
    written: set[str] = field(default_factory=set)  # files that it makes itself


def needs_of(source: str, constants: dict[str, str]) -> Needs:
    """What code needs of the files beside it. Texts that it gives names to are noted in `constants`."""
    needs, source = Needs(), source[:MAX_SOURCE]
    tree = without_magics(source)
    if not _read_code(tree, needs, constants):  # another language, for one
        needs.modules |= dict.fromkeys(_IMPORTED.findall(source))
        words = source.split() if source.startswith("%%") else [text for _, text in _QUOTED.findall(source)]
        needs.texts |= dict.fromkeys(map(_clean, words))
    for line in [*(match[2] for match in _MAGIC.finditer(source)), *_ASSIGNED_MAGIC.findall(source)]:
        _read_magic([word.strip("\"'") for word in line.split()], needs)
    return needs


def without_magics(source: str) -> ast.Module:
    """A code cell's tree without IPython's own lines; an empty one where Python cannot read it."""
    for text in (source, _ASSIGNED_MAGIC.sub("= 0", _MAGIC.sub(r"\1pass", _TIMED.sub(r"\1", source)))):
        try:
            return tree_of(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return ast.Module([], [])


def _read_code(tree: ast.Module, needs: Needs, constants: dict[str, str]) -> bool:
    """Note what Python code needs; False where there is none, or too deep a one."""
    try:
        _Reader(needs, constants).read(tree)
    except RecursionError:
        return False
    return bool(tree.body)


def _read_magic(words: list[str], needs: Needs) -> None:
    """Note what a line of IPython's own names: `%run helper.py`, `!head data.csv`."""
    if words[:1] in (["writefile"], ["file"]):
        needs.written |= set(map(_clean, words[1:]))
        return
    needs.texts |= dict.fromkeys(map(_clean, words))
    needs.modules |= dict.fromkeys(words[1:2] if words[:1] == ["run"] else [])


class _Reader:
    """Reads one tree."""

    def __init__(self, needs: Needs, constants: dict[str, str]) -> None:
        self._needs, self._constants = needs, constants
        self._texts: dict[int, str | None] = {}  # of expressions, each read once
        self._made: set[int] = set()  # expressions that name a file which is made there

    def read(self, tree: ast.AST) -> None:
        for node in ast.walk(tree):  # first, since what a function reads may be named below it
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                text = self._text(node.value)
                if text is not None and "*" not in text:
                    self._constants[node.targets[0].id] = text
        self._texts.clear()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self._needs.modules |= dict.fromkeys(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                self._import_from(node)
            elif isinstance(node, ast.Call):
                self._call(node)
            elif isinstance(node, ast.expr) and id(node) not in self._made and (text := self._text(node)):
                self._needs.texts[_clean(text)] = None

    def _import_from(self, node: ast.ImportFrom) -> None:
        start = "." * node.level + (node.module or "")
        self._needs.modules[start] = None
        dot = "" if start.endswith(".") else "."
        self._needs.modules |= dict.fromkeys(f"{start}{dot}{alias.name}" for alias in node.names if alias.name != "*")

    def _call(self, node: ast.Call) -> None:
        text = self._text(node)
        if text:
            self._needs.texts[_clean(text)] = None
        name = _name(node.func)
        arguments = [_clean(text) for argument in node.args if (text := self._text(argument))]
        if name in ("import_module", "__import__"):
            self._needs.modules |= dict.fromkeys(arguments[:1])
        elif name in _LISTING:
            owner = self._text(node.func.value) if isinstance(node.func, ast.Attribute) else None
            self._needs.folders |= dict.fromkeys([*arguments[:1], *([_clean(owner)] if owner else [])])
        elif name in ("append", "insert") and _name(getattr(node.func, "value", None)) == "path":
            self._needs.roots |= dict.fromkeys(arguments[-1:])
        elif name in _WRITING or (name == "open" and any(map(_is_writing, [*node.args[1:2], *node.keywords]))):
            self._needs.written |= set(arguments[:1])
            self._made |= set(map(id, node.args[:1]))

    def _text(self, node: ast.expr) -> str | None:
        """The text that an expression gives, with `*` for what cannot be known of it; None where it is no text."""
        if id(node) not in self._texts:
            self._texts[id(node)] = None
            text = self._read_text(node)
            self._texts[id(node)] = text if text is not None and len(text) <= _MOST_TEXT else None
        return self._texts[id(node)]

    def _read_text(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self._constants.get(node.id)
        if isinstance(node, ast.JoinedStr):
            return "".join("*" if (text := self._text(part)) is None else text for part in node.values)
        if isinstance(node, ast.FormattedValue):
            return self._text(node.value)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Div):
            left, right = self._text(node.left), self._text(node.right)
            between = "/" if isinstance(node.op, ast.Div) else ""
            return None if left is None or right is None else f"{left}{between}{right}"
        if isinstance(node, ast.Call) and _name(node.func) in ("Path", "PurePath", "join", "joinpath"):
            parts = [self._text(argument) for argument in node.args]
            if _name(node.func) == "joinpath" and isinstance(node.func, ast.Attribute):
                parts.insert(0, self._text(node.func.value))
            return None if None in parts or not parts else "/".join(part for part in parts if part)
        return None


def _name(function: ast.expr | None) -> str:
    """The last name of what is called."""
    return getattr(function, "attr", getattr(function, "id", ""))


def _is_writing(argument: ast.AST) -> bool:
    """Whether an argument of `open` is a mode that makes the file."""
    if isinstance(argument, ast.keyword):
        return argument.arg == "mode" and _is_writing(argument.value)
    return isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value[:1] in ("w", "x")


def _clean(text: str) -> str:
    """A relative path without steps that lead nowhere; others stay what they are, and name no file beside."""
    parts = [part for part in text.split("/") if part not in ("", ".")]
    return text if text.startswith("/") or ".." in parts else "/".join(parts)
