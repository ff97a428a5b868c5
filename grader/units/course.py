"""A course: a folder with `solutions/`, `labs/` and `assessments/`, laid out like this project's own."""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.core.errors import UsageError
from grader.core.project_file import project_version
from grader.units.source import load_unit
from grader.units.unit import Unit


@dataclass(frozen=True)
class Course:
    """The course at `root`."""

    root: Path

    @cached_property
    def sources(self) -> dict[str, Path]:
        """The source of each unit, by the unit's name, in order."""
        return {path.stem: path for path in sorted((self.root / "solutions").glob("*.py"))}

    def unit(self, name: str) -> Unit:
        """Load a unit. Raises UsageError for an unknown name, SourceError for a broken source."""
        if name not in self.sources:
            raise UsageError(self.unknown(name))
        return load_unit(self.sources[name])

    def unknown(self, name: str) -> str:
        """The sentence for a unit that is not in this course."""
        near = difflib.get_close_matches(name, self.sources, 1)
        what = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(self.sources) or 'none yet'}."
        return f"this course has no unit {name!r}; {what}"

    def learner_notebook(self, name: str) -> Path:
        """What a learner opens."""
        return self._room(name) / f"{name}.ipynb"

    def checks(self, name: str) -> Path:
        """The public checks."""
        return self._room(name) / ".checks" / f"{name}.json"

    def reference_notebook(self, name: str) -> Path:
        """The executed reference."""
        return self.root / "solutions" / f"{name}.ipynb"

    @property
    def version(self) -> str:
        """Name and version of the project that the course is; "" if its folder says neither."""
        return project_version(self.root)

    def modules(self, units: list[Unit]) -> list[str]:
        """The modules that the units import, and those that the course's own packages import for them."""
        waiting = [name for unit in units for cell in unit.reference_cells for name in _imports(cell["source"])]
        found: list[str] = []
        while waiting:
            name = waiting.pop()
            if name in found or name.split(".")[0] == "grader":
                continue
            found.append(name)
            for path in self._package_files(name):
                waiting += _imports(path.read_text(encoding="utf-8"))
        return sorted(found)

    def _room(self, name: str) -> Path:
        return self.root / ("assessments" if name.startswith("assessment") else "labs")

    def _package_files(self, module: str) -> list[Path]:
        stem = self.root.joinpath(*module.split("."))
        return [path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()]


def open_course(root: Path) -> Course:
    """The course at a folder. Raises UsageError where there is none."""
    if not is_folder(root / "solutions"):
        raise UsageError(f"{root} is no course: it has no folder 'solutions'. Name the course with --course DIR.")
    course = Course(root.resolve())
    if not course.sources:
        raise UsageError(f"{root} is no course yet: its folder 'solutions' holds no source (*.py).")
    return course


def is_folder(path: Path) -> bool:
    """Whether a path leads to a folder; not, where that cannot be found out: a name too long, a closed folder."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _imports(source: str) -> Iterator[str]:
    """Modules named by import statements anywhere in a text; `from a import b` names a and perhaps a.b."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a cell with a magic, for one
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name.islower())
