"""Makes a unit's files anew if only what judges some tasks has changed: what was computed is kept."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from grader.authoring.build import files_of, learner_text, reference_notebook, write
from grader.authoring.reference import observe_draws
from grader.core.errors import SourceError, ValuesError
from grader.judging.expectation import Expectation, expectation_from_json
from grader.sandbox import Sandbox
from grader.units.course import Course
from grader.units.inputs import PUBLIC_SEED
from grader.units.public_checks import public_expectation, rebuilt_text
from grader.units.unit import Unit


def rebuild(unit: Unit, course: Course, sandbox: Sandbox, tasks: Collection[str]) -> list[Path]:
    """Observe these tasks alone; keep the notebook's outputs and what was observed of all others. Returns the paths.

    Raises SourceError if the notebook's cells are others than those that ran, or if the files are not there.
    """
    checks, learner, reference = files_of(unit, course)
    executed = json.dumps(_with_outputs(unit, reference), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    kept = _kept(unit, checks, tasks)
    (seen,) = observe_draws(unit, [PUBLIC_SEED], sandbox, only=tasks)
    new = {name: public_expectation(unit, unit.tasks[name], expectation) for name, expectation in seen.items()}
    write(checks, rebuilt_text(unit, kept | new))
    write(learner, learner_text(unit))
    write(reference, executed)
    return [checks, learner, reference]


def _with_outputs(unit: Unit, path: Path) -> dict[str, Any]:
    """The reference notebook with the outputs that its cells had, in their order."""
    new = reference_notebook(unit)
    try:
        ran = _that_run(json.loads(path.read_text(encoding="utf-8")))
        before = ["".join(cell["source"]) for cell in ran]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _build_whole(unit, f"{path} cannot be read") from error
    runs = _that_run(new)
    if ["".join(cell["source"]) for cell in runs] != before:
        raise _build_whole(unit, "the cells that run are others than those that ran")
    for cell, old in zip(runs, ran, strict=True):
        cell["outputs"] = old["outputs"]
    for number, cell in enumerate((cell for cell in new["cells"] if cell["cell_type"] == "code"), 1):
        cell["execution_count"] = number
    return new


def _that_run(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """The code cells that a learner has, too."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [cell for cell in code if "task" not in cell["metadata"].get("tags", [])]


def _kept(unit: Unit, path: Path, tasks: Collection[str]) -> dict[str, Expectation]:
    """What was observed of the tasks that are not observed again."""
    try:
        forms = json.loads(path.read_text(encoding="utf-8"))["tasks"]
        return {name: expectation_from_json(forms[name]["expectation"]) for name in unit.tasks if name not in tasks}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ValuesError) as error:
        raise _build_whole(unit, f"{path} does not hold all other tasks") from error


def _build_whole(unit: Unit, why: str) -> SourceError:
    return SourceError(f"{unit.path}: {why}: run `grader build {unit.name}` without --task")
