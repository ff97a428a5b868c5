"""What an author wrote as somebody's answer has to run: nobody's answer fails as a slip of the pen does."""

import pytest

from grader.authoring.proof.verify import verify
from tests.grader.toy import TOY, write_source

MISCONCEPTION = "def squared(x):\n    return x**2\n"
ALTERNATIVE = "def added(x):\n    return x + x\n"


@pytest.fixture
def found(tmp_path, sandbox):
    """What `verify` finds in the toy source after a part of it was replaced, and its text."""

    def findings(old: str, new: str) -> tuple[list[str], str]:
        assert TOY.count(old) == 1
        text = TOY.replace(old, new)
        course = write_source(tmp_path, text)
        told = verify(course.unit("toy"), "any", sandbox).findings
        return [finding.removeprefix(f"toy: {course.sources['toy']}") for finding in told], text

    return findings


CALLED = "cannot be called as the probes call `double`: TypeError: "
NEVER = [
    ("def squared(x):\n    y = x\n    return q * y\n", "return q", "never runs: NameError: name 'q' is not defined"),
    ("def squared(x):\n    return x + y\n    y = 1\n", "return x + y", "never runs: UnboundLocalError: "),
    ("def squared(x):\n    y = 1\n    return np.squar(x)\n", "np.squar", "never runs: AttributeError: module 'numpy'"),
    ("def squared(x):\n    return x.ones()\n", "x.ones", "never runs: AttributeError: 'numpy.ndarray' object"),
    ("def squared(x):\n    import nump\n", "import nump\n", "never runs: ModuleNotFoundError: No module named 'nump'"),
    ("def squared(x):\n    from numpy import ex\n", "from numpy import ex\n", "never runs: ImportError: cannot import"),
    (
        "def squared():\n    return 1\n", "def squared",
        CALLED + "squared() takes 0 positional arguments but 1 was given",
    ),
    (
        "def squared(x, y):\n    return 1\n", "def squared",
        CALLED + "squared() missing 1 required positional argument: 'y'",
    ),
    (
        "def squared(*, x):\n    return 1\n", "def squared",
        CALLED + "squared() takes 0 positional arguments but 1 was given",
    ),
    (
        "def squared(x):\n    return x + len(HERE)\n\n\nHERE = __file__\n", "def squared",
        "cannot be defined: NameError: name '__file__' is not defined",  # a probe's process has none
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "part", "what"), NEVER)
def test_a_misconception_that_never_runs_is_found_with_its_line(found, code, part, what):
    (finding,), text = found(MISCONCEPTION, code)
    line = text[: text.index(part)].count("\n") + 1
    assert finding.startswith(f", line {line}: the misconception 'squared' of task 'double' {what}")


@pytest.mark.parametrize(("code", "part", "what"), NEVER)
def test_an_alternative_that_never_runs_is_found_with_its_line_and_once(found, code, part, what):
    code, part, what = (text.replace("squared", "added") for text in (code, part, what))
    (finding,), text = found(ALTERNATIVE, code)
    line = text[: text.index(part)].count("\n") + 1
    assert finding.startswith(f", line {line}: the alternative 'added' of task 'double' {what}")


@pytest.mark.parametrize(
    "code",
    [
        "def squared(x):\n    raise ValueError('shapes')\n",
        "def squared(x):\n    return np.ones((2, 3)) @ x[:1]\n",
        "def squared(x):\n    return [1] + 2\n",  # a TypeError, but not of its own call
        "def squared(x):\n    return float('x')\n",
        "def squared(x):\n    return x[10_000]\n",
        "def squared(x):\n    raise NameError(\"name 'twice' is not defined\")\n",  # on purpose
        "def squared(x):\n    try:\n        return np.float(x)\n    except AttributeError:\n        raise\n",
        "def squared(x):\n    return x**2 if x.size != 1 else no_name\n",  # it runs in some probe
    ],
)
def test_a_misconception_that_fails_as_a_learners_answer_does_is_taken(found, code):
    assert found(MISCONCEPTION, code)[0] == []
