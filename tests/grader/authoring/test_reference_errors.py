"""An error of the reference is expected of an answer if the reference raises it itself; else it is a slip."""

import pytest

from grader.authoring.reference import observe_reference
from grader.authoring.reference_errors import check_observed
from grader.core.errors import SourceError
from grader.judging.observe import Failure, Observation
from tests.grader.toy import TOY, write_source

BODY = "    referenced = 2 * x\n"
PROBE = "def on_fixed(double, x):\n    return double(x)\n"


@pytest.fixture
def observed(tmp_path, sandbox):
    """The toy's reference observed after some of its text was replaced; or how it is refused, and its text."""

    def observe(*changes: tuple[str, str]):
        text = TOY
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        course = write_source(tmp_path, text)
        try:
            return observe_reference(course.unit("toy"), "seed", sandbox)
        except SourceError as error:
            return str(error).removeprefix(str(course.sources["toy"])), text

    return observe


def line_of(part: str, text: str) -> int:
    return text[: text.index(part)].count("\n") + 1


SHORT = "    if x.size < 5:\n        {}\n"
ONLY = "Only what it raises itself, by a `raise` that names the error, is expected of an answer"


@pytest.mark.parametrize(
    ("body", "part", "error"),
    [
        ("    referenced = 2 * y\n", "2 * y", "NameError: name 'y' is not defined"),  # in every probe
        (SHORT.format("return twice"), "return twice", "NameError: name 'twice' is not defined"),  # in some
        (SHORT.format("return x.twice"), "return x.twice", "AttributeError: 'numpy.ndarray' object has no attribute"),
        (SHORT.format("raise ValueEror('short')"), "raise ValueEror", "NameError: name 'ValueEror' is not defined"),
        (SHORT.format("raise ValueError(y)"), "raise ValueError(y)", "NameError: name 'y' is not defined"),
        (SHORT.format("assert x.size > 4, 'short'"), "assert x", "AssertionError: short"),
        (SHORT.format("return 1 // 0"), "return 1", "ZeroDivisionError: integer division or modulo by zero"),
        (SHORT.format("raise NotImplementedError"), "raise Not", "NotImplementedError"),
    ],
)
def test_a_slip_of_the_reference_is_refused_with_its_line_in_the_file(observed, body, part, error):
    said, text = observed((BODY, body + ("    referenced = 2 * x\n" if "if x" in body else "")))
    assert said.startswith(
        f", line {line_of(part, text)}: the reference fails in probe 'on_fixed' of task 'double': {error}"
    )
    assert said.endswith(f". {ONLY}")


@pytest.mark.parametrize(
    "statement",
    [
        "raise ValueError('short')",
        "raise ValueError",
        "raise ValueError(\n            'short',\n        ) from None",
        "if True: raise IOError('short')",  # an OSError by another name
        "raise Short('short')",
        "raise np.linalg.LinAlgError('short')",
        "check_long(x)",
    ],
)
def test_an_error_that_the_reference_raises_itself_is_expected(observed, statement):
    own = '\n\n# %%\nclass Short(ValueError): pass\n\n\ndef check_long(x):\n    raise Short("short")\n'
    seen = observed((BODY, SHORT.format(statement) + BODY), ('lab = Lab("toy")\n', f'lab = Lab("toy")\n{own}'))
    failures = {probe: bool(o.failure) for probe, o in seen["double"].reference.items()}
    assert failures == {"on_fixed": True, "on_drawn": False, "on_hidden": True}


def test_an_error_in_every_probe_is_refused_though_it_is_the_references_own(observed):
    said, text = observed((BODY, "    raise ValueError('no')\n    referenced = 2 * x\n"))
    assert said == (
        f", line {line_of('raise Val', text)}: the reference raises ValueError in every probe of task 'double': "
        "whatever raises it would pass. Add a probe for which it gives a value"
    )


def test_an_error_of_the_probe_is_told_with_the_probes_line(observed):
    said, text = observed((PROBE, "def on_fixed(double, x):\n    double(x)\n    return np.exo(x)\n"))
    assert said.startswith(
        f", line {line_of('np.exo', text)}: the reference fails in probe 'on_fixed' of task 'double'"
    )
    assert "AttributeError: module 'numpy' has no attribute 'exo'" in said
    said, text = observed((PROBE, "def on_fixed(double, x):\n    return x[100]\n"))
    assert said.startswith(f", line {line_of('def on_fixed', text)}: the reference fails")
    assert "IndexError" in said


@pytest.mark.parametrize(
    ("probe", "what"),
    [
        ("def on_fixed(double, x, nobody):\n    return double(x)\n", "needs the name 'nobody'"),
        ("def on_fixed(double, x):\n    return {1, 2}\n", "returns what cannot be judged: a set is neither"),
    ],
)
def test_a_probe_that_sees_nothing_is_told_with_its_line(observed, probe, what):
    said, text = observed((PROBE, probe))
    assert said.startswith(f", line {line_of('def on_fixed', text)}: probe 'on_fixed' of task 'double' {what}")


@pytest.mark.parametrize("kind", ["no file", "time"])
def test_a_probe_without_its_file_or_its_end_is_told(toy, kind):
    unit = toy.unit("toy")
    seen = {"on_fixed": Observation(failure=Failure(kind, "x.npy")), "on_drawn": Observation(1.0)}
    what = {"no file": "finds no file 'x.npy': does a cell remove it\\?", "time": "takes too long"}[kind]
    line = line_of("def on_fixed", TOY)
    with pytest.raises(SourceError, match=rf"toy.py, line {line}: probe 'on_fixed' of task 'double' {what}$"):
        check_observed(unit, "double", seen)


def test_a_probe_that_returns_nothing_is_refused_with_its_line(observed):
    said, text = observed((PROBE, PROBE.replace("return ", "")))
    assert said.startswith(f", line {line_of('def on_fixed', text)}: probe 'on_fixed' of task 'double' returns nothing")


def test_a_probe_whose_reference_changes_an_input_may_return_nothing(observed):
    expectations = observed((PROBE, "def on_fixed(double, x):\n    x *= 2\n"))
    assert expectations["double"].reference["on_fixed"].changed == ("x",)
