"""What a proof of a unit depends on, by content alone: not by times, places on a disk or the order of files."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from tests.prove import blows, training
from tests.prove.library import Library, digest_of
from tests.prove.uses import texts

JUDGE = ("core", "notebooks", "judging", "units", "authoring")  # the grader's rooms that decide
SOURCES, CLASS = "solutions", Path("tests") / "sample_class"
_LEARNERS_ROOMS = ("labs", "assessments")
_PASSED_BY = {"__pycache__", ".progress", ".ipynb_checkpoints"}
_SHORT = 12


class Inputs:
    """The inputs of every unit of a course; what units share is read once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.units = sorted(path.stem for path in (root / SOURCES).glob("*.py"))
        if training.paths(root):
            self.units.append(training.UNIT)
        if blows.paths(root):
            self.units.append(blows.UNIT)

    def groups(self, unit: str) -> dict[str, str]:
        """A digest for each kind of input, by which a reader sees what changed."""
        pins = self._files([self.root / "constraints.txt"])
        if unit == training.UNIT:
            code = [*training.paths(self.root), *training.makers(self.root)]
            content = [self._library.content(path.read_text(encoding="utf-8")) for path in code]
            found = {"labkit": {place: digest for one in content for place, digest in one.items()}}
            return _short(found | {"pins": pins, "source": self._files(code)})
        if unit == blows.UNIT:
            return _short({"grader": self._files(blows.code(self.root)), "pins": pins})
        source = (self.root / SOURCES / f"{unit}.py").read_text(encoding="utf-8")
        found = {
            "class": self._files(self._class(unit)),
            "judge": self._judge,
            "labkit": self._library.content(source),
            "pins": pins,
            "source": self._files(self._source(unit, source)),
        }
        return _short(found)

    @cached_property
    def _library(self) -> Library:
        return Library(self.root, "labkit")

    @cached_property
    def _judge(self) -> dict[str, str]:
        return self._files(path for room in JUDGE for path in (self.root / "grader" / room).rglob("*"))

    def _source(self, unit: str, source: str) -> list[Path]:
        """The source, what is made of it, what it hands in, and the files beside it that it names."""
        folder = self.root / SOURCES
        made = [folder / f"{unit}.py", folder / f"{unit}.ipynb"]
        for room in _LEARNERS_ROOMS:
            made += [self.root / room / f"{unit}.ipynb", self.root / room / ".checks" / f"{unit}.json"]
        said = texts(ast.parse(source))
        handed_in = folder / "handed_in"
        beside = [p for p in folder.rglob("*") if p.parent != folder and not p.is_relative_to(handed_in)]
        named = [path for path in beside if path.name in said or path.stem in said]
        return [*made, *(handed_in / unit).rglob("*"), *named]

    def _class(self, unit: str) -> list[Path]:
        """The stories of a unit, and all that was handed in by who hands in this unit."""
        folder = self.root / CLASS
        stories = [path for path in folder.glob("stories_*.py") if _is_about(path, unit)]
        handed_in = [path for notebook in folder.glob(f"*/{unit}.ipynb") for path in notebook.parent.rglob("*")]
        return [*stories, *handed_in]

    def _files(self, paths: Iterable[Path]) -> dict[str, str]:
        there = [path for path in paths if path.is_file() and not _PASSED_BY & {*path.relative_to(self.root).parts}]
        return {path.relative_to(self.root).as_posix(): digest_of(path.read_bytes()) for path in there}


def whole(groups: Mapping[str, str]) -> str:
    """The one digest of all kinds of input."""
    return _digest(groups)


def _short(found: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {name: _digest(content)[:_SHORT] for name, content in sorted(found.items())}


def _digest(content: Mapping[str, str]) -> str:
    return digest_of("".join(f"{place}\n{digest}\n" for place, digest in sorted(content.items())))


def _is_about(stories: Path, unit: str) -> bool:
    """Whether a module of stories says that it is about a unit."""
    for statement in ast.parse(stories.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            if names == ["NAME"] and statement.value.value == unit:
                return True
    return False
