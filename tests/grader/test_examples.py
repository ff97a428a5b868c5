"""Each public word has an example in its docstring, and what the example says is so."""

import doctest
import inspect

import numpy as np
import pytest

import grader
from grader.authoring.reference import observe_reference
from grader.units.inputs import PUBLIC_SEED
from grader.units.public_checks import checks_text
from tests.grader.toy import RIGHT, notebook

WORDS = [name for name in dir(grader) if not name.startswith("__")]
METHODS = {
    "Lab": ["answer", "check", "hint", "solution", "submit"],
    "Task": ["alternative", "alternatives", "calls", "equivalents", "misconception", "misconceptions", "probe"],
}
EXAMPLES = [*WORDS, *(f"{name}.{method}" for name, methods in METHODS.items() for method in methods)]


def found(name):
    """A public word, or a method of one."""
    word, _, method = name.partition(".")
    return getattr(getattr(grader, word), method) if method else getattr(grader, word)


@pytest.fixture
def world(toy, hand_in, sandbox, tmp_path, monkeypatch):
    """A folder with the toy course, built for a learner, a hand-in and a gradebook; and the names that examples use."""
    unit = toy.unit("toy")
    checks = tmp_path / "labs" / ".checks" / "toy.json"
    checks.parent.mkdir(parents=True)
    checks.write_text(checks_text(unit, observe_reference(unit, PUBLIC_SEED, sandbox)), encoding="utf-8")
    (tmp_path / "toy.ipynb").write_text(notebook(*RIGHT), encoding="utf-8")
    hand_in("001", *RIGHT, folder="submissions")
    monkeypatch.chdir(tmp_path)
    tasks = {f"{name}_task": grader.Task(name) for name in ("double", "length", "loss", "predict", "split")}
    return {**{name: getattr(grader, name) for name in WORDS}, **tasks, "grader": grader, "np": np}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_a_public_word_holds(name, world):
    if name in ("Gradebook", "Tally"):
        grader.grade(["submissions"], course="course", gradebook="class.db")
    example = doctest.DocTestParser().get_doctest(inspect.getdoc(found(name)), world, name, None, None)
    assert example.examples
    said = []
    # Which error is raised, and not how its sentence reads, which may be improved.
    flags = doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
    doctest.DocTestRunner(optionflags=flags).run(example, out=said.append)
    assert "".join(said) == ""
