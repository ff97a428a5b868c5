"""Answers that are texts and probes that only call the answer: each becomes the function that one would write."""

import ast

import numpy as np
import pytest

from grader.authoring.proof.verify import verify
from grader.core.errors import SourceError
from grader.units.course import Course
from grader.units.unit import Unit
from tests.grader.toy import write_source

SOURCE = '''\
# %%
import numpy as np

from grader import Lab

lab = Lab("toy")


# %%
def scaled(x, factor=1.0, *, shift=0.0):
    """factor times x, and shift: 2 * x + 1, for example."""
    ### BEGIN SOLUTION
    y = factor * x  # of the shape of x
    return y + shift
    ### STARTER
    # return y - shift
    ### END SOLUTION


# %% tags=["task"]
import numpy as np

from grader import Task, array, by, equal, normal

ONE = 1


def rising(came_back):
    return bool(np.diff(came_back).max() > 0)


scaled_task = Task("scaled")
scaled_task.calls("rows", x=normal(4))
'''


LINE = SOURCE.count("\n") + 1  # the first of what a test adds


def line_of(text: str) -> int:
    """The last line of a text that is added."""
    return SOURCE.count("\n") + text.count("\n")


def course_of(tmp_path, more: str = "") -> Course:
    return write_source(tmp_path, SOURCE + more)


def unit_of(tmp_path, more: str = "") -> Unit:
    return course_of(tmp_path, more).unit("toy")


def refused(tmp_path, more: str) -> str:
    """How the source with some more is refused, without its path."""
    course = course_of(tmp_path, more)
    with pytest.raises(SourceError) as caught:
        course.unit("toy")
    return str(caught.value).removeprefix(str(course.sources["toy"]))


def code_of(tmp_path, more: str) -> str:
    unit = unit_of(tmp_path, more)
    return unit.plan(unit.tasks["scaled"], "seed")[-1].code


def wrong(tmp_path, text: str) -> str:
    """The code of a misconception that is written as a text."""
    unit = unit_of(tmp_path, f'scaled_task.misconceptions(slip=({text}, "A hint."))\n')
    return unit.variants(unit.tasks["scaled"])["misconceptions"]["slip"]


@pytest.mark.parametrize(
    ("inputs", "given"),
    [
        ("x=normal(3)", "x"),
        ("x=normal(3), factor=2.0", "x, factor"),
        ("x=normal(3), shift=0.5", "x, shift=shift"),
        ("x=normal(3), factor=2.0, shift=0.5", "x, factor, shift=shift"),
    ],
)
def test_a_probe_calls_the_answer_with_its_inputs(tmp_path, inputs, given):
    names = ", ".join(part.split("=")[0] for part in inputs.split(", "))
    code = code_of(tmp_path, f'scaled_task.calls("seen", {inputs})\n')
    assert code == f"def seen(scaled, {names}):\n    return scaled({given})\n"


def test_the_order_of_the_inputs_is_the_references_whatever_the_probes(tmp_path):
    code = code_of(tmp_path, 'scaled_task.calls("seen", factor=2.0, x=normal(3))\n')
    assert code == "def seen(scaled, factor, x):\n    return scaled(x, factor)\n"


def test_behind_a_parameter_that_is_left_out_inputs_are_given_by_name(tmp_path):
    code = code_of(tmp_path, 'scaled_task.calls("seen", factor=2.0)\n')
    assert code == "def seen(scaled, factor):\n    return scaled(factor=factor)\n"


def test_warnings_are_errors_if_the_probe_says_so(tmp_path):
    assert code_of(tmp_path, 'scaled_task.calls("seen", warnings="error", x=normal(3))\n') == (
        "import numpy as np\n"
        "def seen(scaled, x):\n"
        "    with np.errstate(over='raise', invalid='raise', divide='raise'):\n"
        "        return scaled(x)\n"
    )


def test_task_cells_without_numpy_get_it_where_warnings_are_errors(tmp_path):
    text = SOURCE.replace("\nimport numpy as np\n\nfrom grader import Task", "\nfrom grader import Task")
    text = text.replace("bool(np.diff(came_back).max() > 0)", "True")
    text += 'scaled_task.calls("s", warnings="error", x=1)\n'
    unit = write_source(tmp_path, text).unit("toy")
    scope = {}
    exec(unit.plan(unit.tasks["scaled"], "seed")[-1].code, scope)
    with pytest.raises(FloatingPointError):
        scope["s"](lambda x: np.array([1e308]) * 10 * x, 1)


def test_a_probe_that_calls_takes_the_words_of_other_probes(tmp_path):
    more = (
        'scaled_task.calls("seen", "", {"shift": 1.0}, hidden=True, weight=2, judge=by(rising, equal()), x=normal(3))\n'
    )
    unit = unit_of(tmp_path, more)
    probe = unit.tasks["scaled"].probes["seen"]
    assert (probe.hidden, probe.weight, list(probe.inputs)) == (True, 2, ["shift", "x"])
    assert "def rising" in unit.facts_code(probe)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('"seen", y=normal(3)', "probe 'seen' calls scaled(x, factor, shift), which has no parameter 'y'"),
        ('"seen", warnings="raise", x=1', "probe 'seen': warnings=\"error\" is the only choice, not 'raise'"),
        ('"rows", x=normal(3)', "task 'scaled' has two probes named 'rows': rename one"),
        ('"seen", "scaled(x", x=1', "probe 'seen' of task 'scaled' is not Python: '(' was never closed in\ndef seen("),
        ('"seen", {}, x=1', "probe 'seen': behind its name are a text and a dict of inputs, as in"),
        ('"two words", x=normal(3)', "a probe of task 'scaled' has a Python name; 'two words' is none"),
        ('"seen", x={1, 2}', "an input of probe 'seen' of task 'scaled': a set is not a plain value"),
    ],
)
def test_a_call_that_cannot_be_made_is_refused_with_its_line(tmp_path, more, said):
    more = f"# A comment.\nscaled_task.calls({more})\n"
    assert refused(tmp_path, more).startswith(f", line {line_of(more)}: {said}")


def test_an_edit_changes_the_reference_at_one_place(tmp_path):
    code = wrong(tmp_path, '"factor * x -> factor + x"')
    assert code == ("def slip(x, factor=1.0, *, shift=0.0):\n    y = factor + x\n    return y + shift\nscaled = slip\n")


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ('" + shift -> "', "    y = factor * x\n    return y\n"),
        ('" + shift ->"', "    y = factor * x\n    return y\n"),
        ('["factor * x -> x", "y + shift -> shift + y"]', "    y = x\n    return shift + y\n"),
        ('("y =  -> z = ", "return y -> return z")', "    z = factor * x\n    return z + shift\n"),
        ('"x + factor"', "    return x + factor\n"),
        ('"x if factor else 2"', "    return x if factor else 2\n"),
        ('"return np.multiply(x, ONE)"', "    return np.multiply(x, ONE)\n"),
        ('"y = x.copy(); y += shift; return y"', "    y = x.copy()\n    y += shift\n    return y\n"),
        ('"""\n    for _ in range(2):\n        x = x + 1\n    return x\n    """', None),
        ('"(x\\n+ factor)"', "    return x + factor\n"),
    ],
)
def test_a_text_is_edits_or_a_whole_answer(tmp_path, text, body):
    code = wrong(tmp_path, text)
    assert "def slip(x, factor=1.0, *, shift=0.0):\n" in code
    assert body is None or body in code


def test_the_signature_may_be_edited_and_the_docstring_is_no_code(tmp_path):
    assert wrong(tmp_path, '"factor=1.0 -> factor=2.0"').startswith("def slip(x, factor=2.0, *")
    assert "found nowhere" in refused(tmp_path, 'scaled_task.misconceptions(a=("2 * x -> x", "Hint."))\n')


def test_a_text_finds_the_imports_and_constants_of_task_cells(tmp_path):
    code = wrong(tmp_path, '"np.multiply(x, ONE)"')
    assert code.startswith("import numpy as np\nONE = 1\ndef slip(")
    scope = {}
    exec(code, scope)
    assert scope["scaled"](3.0) == 3.0


def test_a_table_keeps_the_order_beside_decorated_functions(tmp_path):
    unit = unit_of(
        tmp_path,
        'scaled_task.misconceptions({"y + shift -> y": "One."}, two=("x", "Two."))\n\n\n'
        '@scaled_task.misconception("Three.")\ndef three(x):\n    return x\n\n\n'
        'scaled_task.misconceptions(four=("y + shift -> y - shift", "Four."))\n',
    )
    found = unit.tasks["scaled"].misconceptions.values()
    assert [(one.name, one.hint) for one in found] == [
        ("y_shift_to_y", "One."), ("two", "Two."), ("three", "Three."), ("four", "Four."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            'slip=("shift + y -> y", "Hint.")',
            "the misconception 'slip' of task 'scaled' edits 'shift + y', which is found nowhere in the reference of "
            "'scaled', not once",
        ),
        (
            'slip=("shift -> 0", "Hint.")',
            "the misconception 'slip' of task 'scaled' edits 'shift', which is found 2 times in the reference of "
            "'scaled', not once",
        ),
        ('slip=("y + shift -> y + shift", "Hint.")', "the misconception 'slip' of task 'scaled' changes nothing"),
        (
            'slip=(("y + shift -> y", "shift\\n -> z"), "Hint.")',
            "the misconception 'slip' of task 'scaled' edits 'shift\\n', which is found nowhere in the reference of "
            "'scaled', not once",
        ),
        (
            'slip=(("y + -> z +", "+ shift -> - shift"), "Hint.")',
            "the misconception 'slip' of task 'scaled' has two edits of the same place: 'y +'",
        ),
        (
            'slip=(("y + -> z +", "x"), "Hint.")',
            "the misconception 'slip' of task 'scaled' lists 'x', which is no edit \"old -> new\"",
        ),
    ],
)
def test_an_edit_that_does_not_fit_is_refused_with_the_line_of_its_name(tmp_path, entry, said):
    more = f'\nscaled_task.misconceptions(\n    fine=("x", "Hint."),\n    {entry},\n)\n'
    assert refused(tmp_path, more) == f", line {line_of(more) - 1}: {said}"


def test_what_an_edit_leaves_must_be_python(tmp_path):
    said = refused(tmp_path, 'scaled_task.alternatives(odd="y + shift -> y +")\n')
    assert said.startswith(f", line {LINE}: the alternative 'odd' of task 'scaled' is not Python: invalid syntax")
    assert "return y +" in said


PAIR = "misconception 'slip' of task 'scaled' is a pair: slip=(\"old -> new\", \"The hint.\")"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('slip="x -> y"', "misconception 'slip' of task 'scaled' is a pair: slip=(\"old -> new\", \"The hint.\")"),
        (
            'slip=("x -> y", " ")',
            "misconception 'slip' of task 'scaled' is a pair: slip=(\"old -> new\", \"The hint.\")",
        ),
        (
            'slip=(3, "Hint.")',
            "misconception 'slip' of task 'scaled' is written as a text, or as a list of edits, not as 3",
        ),
        ('**{"no name": ("x", "Hint.")}', "a misconception of task 'scaled' has a Python name; 'no name' is none"),
    ],
)
def test_an_entry_of_another_form_is_refused(tmp_path, given, said):
    more = f"scaled_task.misconceptions({given})\n"
    assert refused(tmp_path, more) == f", line {line_of(more)}: {said}"


def test_two_answers_of_one_name_are_refused(tmp_path):
    told = "task 'scaled' has two {}s named 'x': rename one"
    assert told.format("misconception") in refused(
        tmp_path, 'scaled_task.misconceptions({"x": "Hint."}, x=("y + -> y -", "Hint."))\n'
    )
    assert told.format("alternative") in refused(tmp_path, 'scaled_task.alternatives("x", x="y")\n')


VALUE = (
    '\n\n# %%\n### BEGIN SOLUTION\nslope = 2.0\n### END SOLUTION\n\n# %% tags=["task"]\nslope_task = Task("slope")\n'
)


def test_of_a_value_only_edits_and_a_bare_call_are_refused(tmp_path):
    more = f'{VALUE}slope_task.calls("seen")\n'
    assert refused(tmp_path, more) == (
        f", line {line_of(more)}: probe 'seen' of task 'slope' is made of a function, which the reference of this task "
        "is not"
    )
    more = f'{VALUE}slope_task.calls("seen", "slope")\nslope_task.misconceptions(a=("2.0 -> 3.0", "Hint."))\n'
    assert f", line {line_of(more)}: the misconception 'a' of task 'slope' is made of a function" in refused(
        tmp_path, more
    )


def test_an_answer_for_a_value_is_a_function_that_makes_one(tmp_path):
    more = f'{VALUE}slope_task.calls("seen", "slope")\nslope_task.alternatives(three="3.0")\n'
    unit = unit_of(tmp_path, more)
    assert unit.variants(unit.tasks["slope"])["alternatives"] == {
        "three": "def three():\n    return 3.0\nslope = three\n"
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("scaled(scaled(x), ONE)", "ONE = 1\ndef seen(scaled, x):\n    return scaled(scaled(x), ONE)\n"),
        ("y = scaled(x); return [y, y]", "def seen(scaled, x):\n    y = scaled(x)\n    return [y, y]\n"),
    ],
)
def test_a_probe_returns_what_its_text_says(tmp_path, text, code):
    assert code_of(tmp_path, f'scaled_task.calls("seen", "{text}", x=normal(3))\n') == code


def test_warnings_are_errors_around_a_text_too(tmp_path):
    code = code_of(tmp_path, 'scaled_task.calls("seen", "y = scaled(x); return y", warnings="error", x=normal(3))\n')
    assert code.endswith("divide='raise'):\n        y = scaled(x)\n        return y\n")


def test_verify_proves_what_is_written_as_texts(tmp_path, sandbox):
    tables = """\
scaled_task.calls("shifted", x=normal(3), factor=3.0, shift=0.5)
scaled_task.misconceptions(
    unshifted=(" + shift -> ", "It is not shifted."),
    unscaled=("x + shift", "It is not scaled."),
)
scaled_task.alternatives("np.add(factor * x, shift)", turned="y + shift -> shift + y")
"""
    course = course_of(tmp_path, tables)
    assert verify(course.unit("toy"), "any", sandbox).findings == []
    never = course_of(tmp_path, 'scaled_task.alternatives(named="factor * x -> factor * y")\n')
    (finding,) = [f for f in verify(never.unit("toy"), "any", sandbox).findings if "never runs" in f]
    assert f", line {LINE}: the alternative 'named' of task 'scaled' never runs: UnboundLocalError" in finding


def test_the_function_of_an_edit_is_what_one_would_have_written(tmp_path):
    unit = unit_of(tmp_path, 'scaled_task.alternatives(other="y + shift -> shift + y")\n')
    definition = unit.slicer.definition(unit.tasks["scaled"].alternatives["other"])
    assert ast.dump(definition) == ast.dump(
        ast.parse("def other(x, factor=1.0, *, shift=0.0):\n    y = factor * x\n    return shift + y\n").body[0]
    )
    assert definition.lineno == LINE
