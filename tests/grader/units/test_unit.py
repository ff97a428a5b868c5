"""A source becomes a unit; whatever is wrong in it is told with its file and what to do."""

from pathlib import Path

import numpy as np
import pytest

from grader.core.errors import SourceError
from grader.judging.expectation import Expectation
from grader.judging.facts import FORM, facts_of
from grader.judging.observe import Observation
from grader.units.inputs import PUBLIC_SEED
from grader.units.source import load_unit
from grader.units.unit import Unit
from tests.grader.toy import TOY, write_source

HEADING = "# %% [markdown]\n# # Softmax\n#\n# Text.\n\n"
EXERCISE = """\
# %%
import numpy as np


def softmax(x):
    ### BEGIN SOLUTION
    e = np.exp(x - x.max())
    return e / e.sum()
    ### END SOLUTION

"""
TASK = """\
# %% tags=["task"]
import numpy as np
from grader import Task, array, normal

task = Task("softmax", points=3, hints=["Subtract first."])


@task.probe(x=array([1.0, 2.0]))
def fixed(softmax, x):
    return softmax(x)


@task.probe(x=normal(4))
def drawn(softmax, x):
    return softmax(x)


@task.probe(x=array([1e3, 0.0]), hidden=True)
def large(softmax, x):
    return softmax(x)


@task.misconception("Subtract the maximum first.")
def no_maximum(x):
    return np.exp(x) / np.exp(x).sum()


@task.alternative
def shifted(x):
    return no_name(x)


def no_name(x):
    return np.exp(x - 1) / np.exp(x - 1).sum()

"""
CHECK = '# %%\nlab.check("softmax")\n'


def unit_from(tmp_path: Path, text: str) -> Unit:
    path = tmp_path / "01_softmax.py"
    path.write_text(text, encoding="utf-8")
    return load_unit(path)


def error_of(tmp_path: Path, text: str) -> str:
    with pytest.raises(SourceError) as caught:
        unit_from(tmp_path, text)
    assert str(tmp_path / "01_softmax.py") in str(caught.value)
    return str(caught.value)


def test_a_unit_has_its_files_name_its_headings_title_and_its_tasks(tmp_path):
    unit = unit_from(tmp_path, HEADING + EXERCISE + TASK + CHECK)
    assert (unit.name, unit.title, list(unit.tasks)) == ("01_softmax", "Softmax", ["softmax"])
    assert list(unit.tasks["softmax"].probes) == ["fixed", "drawn", "large"]
    assert unit_from(tmp_path, EXERCISE + TASK + CHECK).title == "01_softmax"


def test_a_learner_opens_neither_the_answer_nor_the_task_cells(tmp_path):
    unit = unit_from(tmp_path, HEADING + EXERCISE + TASK + CHECK)
    text = "\n".join(cell["source"] for cell in unit.starter_cells)
    assert [cell["cell_type"] for cell in unit.starter_cells] == ["markdown", "code", "code"]
    assert "raise NotImplementedError" in text
    assert not any(secret in text for secret in ("e.sum()", "SOLUTION", "Task", "1e3", "Subtract"))


def test_the_reference_runs_the_answer_without_its_marks(tmp_path):
    unit = unit_from(tmp_path, HEADING + EXERCISE + TASK + CHECK)
    scope = {}
    exec(unit.reference_cells[1]["source"], scope)
    assert scope["softmax"](np.zeros(2)).tolist() == [0.5, 0.5]
    assert unit.solution("softmax") == unit.reference_cells[1]["source"]


def test_the_digest_changes_with_the_source_alone(tmp_path):
    first = unit_from(tmp_path, EXERCISE + TASK + CHECK).digest
    assert unit_from(tmp_path, EXERCISE + TASK + CHECK).digest == first
    assert unit_from(tmp_path, EXERCISE + TASK + CHECK + "# A comment.\n").digest != first


def test_a_task_cell_finds_what_lies_beside_its_source(tmp_path):
    (tmp_path / "data.json").write_text("[5]", encoding="utf-8")
    beside = (
        "from pathlib import Path\n\n\ndef data():\n    return (Path(__file__).parent / 'data.json').read_text()\n\n\n"
    )
    task = TASK.replace("@softmax_task.probe(", f"{beside}assert data() == '[5]'\n\n\n@softmax_task.probe(", 1)
    assert unit_from(tmp_path, EXERCISE + task + CHECK).tasks


def test_drawn_inputs_follow_the_seed_and_fixed_ones_stay(tmp_path):
    unit = unit_from(tmp_path, EXERCISE + TASK + CHECK)
    one, other, again = (unit.plan(unit.tasks["softmax"], seed) for seed in ("a", "b", "a"))
    assert np.array_equal(one[0].inputs["x"], other[0].inputs["x"])
    assert not np.array_equal(one[1].inputs["x"], other[1].inputs["x"])
    assert np.array_equal(one[1].inputs["x"], again[1].inputs["x"])


def test_variants_define_the_answer_by_themselves(tmp_path):
    unit = unit_from(tmp_path, EXERCISE + TASK + CHECK)
    variants = unit.variants(unit.tasks["softmax"])
    scope = {}
    exec(variants["alternatives"]["shifted"], scope)
    assert scope["softmax"](np.zeros(4)).tolist() == [0.25] * 4
    assert list(variants["misconceptions"]) == ["no_maximum"]
    assert "raise NotImplementedError" in variants["starter"]["starter"]


def test_values_are_shown_where_everybody_has_the_inputs(tmp_path):
    unit = unit_from(tmp_path, EXERCISE + TASK + CHECK)
    shown = {}
    for seed in (PUBLIC_SEED, "secret"):
        judged = unit.judged(unit.tasks["softmax"], seed, Expectation({}, {}))
        shown[seed] = [probe.shown for probe in judged.probes]
    assert shown == {PUBLIC_SEED: [True, True, False], "secret": [True, False, False]}
    assert (judged.points, judged.probes[0].call, judged.hints["no_maximum"][:8]) == (3, "softmax(x)", "Subtract")


@pytest.mark.parametrize("made", ["text", [0.5, "0.5"], np.zeros((10**9, 0))])
def test_facts_are_not_asked_of_text_or_of_many_rows_if_the_reference_has_neither(tmp_path, made):
    facts = "def said(came_back):\n    return True\n\n\n"
    task = TASK.replace("Task", "Task, by", 1).replace("@task.probe(", f"{facts}@task.probe(judge=by(said), ", 1)
    unit, right = unit_from(tmp_path, EXERCISE + task + CHECK), {"fixed": Observation(np.array([0.5, 0.5]))}
    (probe, *_) = unit.judged(unit.tasks["softmax"], "seed", Expectation(right, {})).probes
    assert facts_of(probe.facts, right["fixed"]).value is True
    assert facts_of(probe.facts, Observation(made)).failure.kind == FORM


def test_a_quiz_belongs_to_the_cell_that_answers_it(tmp_path):
    cell = '# %%\n### BEGIN SOLUTION\nlab.answer("loss", "b")\n'
    cell += '### STARTER\n# lab.answer("loss", ...)\n### END SOLUTION\n\n'
    task = '# %% tags=["task"]\nfrom grader import Quiz\nquiz = Quiz("loss", wrong={"a": "No."})\n'
    unit = unit_from(tmp_path, cell + task)
    assert unit.exercises["loss"].startswith("### BEGIN")
    assert unit.starter_cells[0]["source"] == 'lab.answer("loss", ...)'
    assert unit.plan(unit.tasks["loss"], "s")[0].code == "def choice(loss):\n    return loss\n"


def test_one_variable_may_hold_one_task_after_another(tmp_path):
    first = EXERCISE + TASK + CHECK
    unit = unit_from(tmp_path, first + first.replace("softmax", "relu"))
    assert list(unit.tasks) == ["softmax", "relu"]
    assert [probe.name for probe in unit.plan(unit.tasks["relu"], "s")] == ["fixed", "drawn", "large"]


def test_two_names_for_one_task_are_one_task(tmp_path):
    assert list(unit_from(tmp_path, EXERCISE + TASK + "same = task\n" + CHECK).tasks) == ["softmax"]


def test_a_local_name_in_another_exercise_is_not_the_answer(tmp_path):
    later = EXERCISE.replace("softmax", "train").replace("return", "softmax = 1\n    return")
    unit = unit_from(tmp_path, EXERCISE + later + TASK + CHECK)
    assert "def softmax" in unit.solution("softmax")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match="nowhere.py cannot be read"):
        load_unit(tmp_path / "nowhere.py")
    (tmp_path / "latin.py").write_bytes(b"# %%\n# \xe9\n")
    with pytest.raises(SourceError, match="latin.py cannot be read"):
        load_unit(tmp_path / "latin.py")


def test_a_source_without_a_task_cell_says_how_to_tag_one(tmp_path):
    message = error_of(tmp_path, HEADING + EXERCISE)
    assert 'tag the cell below an exercise with tags=["task"]' in message


def test_task_cells_without_a_task_are_told(tmp_path):
    assert "make no Task" in error_of(tmp_path, EXERCISE + '# %% tags=["task"]\nx = 1\n')


def test_a_misspelt_task_is_asked_whether_it_means_the_function_there_is(tmp_path):
    message = error_of(tmp_path, EXERCISE + TASK.replace('"softmax"', '"sofmax"'))
    assert "'sofmax'" in message
    assert "did you mean 'softmax'?" in message


@pytest.mark.parametrize("wrong", ["x = = 1\n", "def f(:\n", "x = (1\n"])
def test_a_syntax_error_in_a_task_cell_has_its_line_in_the_file(tmp_path, wrong):
    text = EXERCISE + TASK + '# %% tags=["task"]\n'
    line = text.count("\n") + 1
    assert f", line {line}: " in error_of(tmp_path, text + wrong)


def test_an_error_while_a_task_cell_runs_has_its_line_and_its_name(tmp_path):
    text = EXERCISE + TASK + '# %% tags=["task"]\n'
    line = text.count("\n") + 2
    message = error_of(tmp_path, text + "import math\nmath.sqrt(-1)\n")
    assert f", line {line}: ValueError: math domain error" in message


def test_a_wrong_setting_of_a_task_is_told_without_a_class_name(tmp_path):
    message = error_of(tmp_path, EXERCISE + TASK.replace("points=3", "points=0"))
    assert ", line 15: task 'softmax': points must be above 0" in message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("double_task = Task", "raise SystemExit(3)\ndouble_task = Task"),
        ("double_task = Task", "# \0\ndouble_task = Task"),
        ("double_task = Task", f"x = {'-' * 5_000}1\ndouble_task = Task"),
        ("referenced = 2 * x", f"referenced = {'-' * 5_000}1"),
        ("referenced = 2 * x", "referenced = 2 * x # \0"),
        ("# %% [markdown]\n# # A toy", "# ---\n# jupyter:\n#   jupytext:\n#     text_representation: 5\n# ---\n"),
        ("points=2", "points=float('inf')"),
    ],
)
def test_a_source_that_ends_python_or_cannot_be_parsed_is_a_source_error(tmp_path, before, after):
    with pytest.raises(SourceError, match=r"toy\.py"):
        write_source(tmp_path, TOY.replace(before, after, 1)).unit("toy")


@pytest.mark.parametrize("wrong", ["", ", wrong={}"])
def test_a_question_without_a_wrong_choice_is_refused_with_its_line_and_what_to_write(tmp_path, wrong):
    cell = '# %%\n### BEGIN SOLUTION\nlab.answer("loss", "b")\n'
    cell += '### STARTER\n# lab.answer("loss", ...)\n### END SOLUTION\n\n'
    message = error_of(tmp_path, f'{cell}# %% tags=["task"]\nfrom grader import Quiz\n\nquiz = Quiz("loss"{wrong})\n')
    assert ", line 11: question 'loss' has no wrong choice: write Quiz('loss', wrong={" in message


def test_a_task_on_a_value_is_one_and_where_no_cell_defines_it_the_tasks_line_is_told(tmp_path):
    value = "# %%\n### BEGIN SOLUTION\nslope = 2.0\n### END SOLUTION\n\n"
    task = '# %% tags=["task"]\nfrom grader import Task\n\nslope_task = Task("slope")\n\n\n'
    task += "@slope_task.probe()\ndef its_value(slope):\n    return slope\n\n"
    check = '# %%\nlab.check("slope")\n'
    assert unit_from(tmp_path, value + task + check).solution("slope") == "slope = 2.0"
    message = error_of(tmp_path, value.replace("slope", "gradient") + task + check)
    assert ", line 9: task 'slope' names a function or a value that no exercise cell defines: a cell with" in message


def test_a_syntax_error_in_an_exercise_shows_its_cell(tmp_path):
    message = error_of(tmp_path, EXERCISE.replace("e = np", "e = = np") + TASK)
    assert "invalid syntax in the exercise cell that begins 'import numpy" in message


def test_two_tasks_of_one_name_are_refused(tmp_path):
    message = error_of(tmp_path, EXERCISE + TASK + '# %% tags=["task"]\nother = Task("softmax")\n')
    assert "two tasks named 'softmax': rename one" in message


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ("def said(came_back, rows):\n    return 1", "'said', which judges probe 'fixed', has the parameter 'rows'"),
        ("said = len", "probe 'fixed' is judged by <built-in function len>, which is no function of a task cell"),
        ("said = lambda came_back: 1", "'<lambda>' must be a `def` at the top level of a task cell"),
    ],
)
def test_a_function_of_facts_that_cannot_be_used_is_refused(tmp_path, facts, message):
    task = TASK.replace("Task", "Task, by", 1).replace("@task.probe(", f"{facts}\n\n@task.probe(judge=by(said), ", 1)
    assert message in error_of(tmp_path, EXERCISE + task)


def test_a_task_without_a_probe_is_refused(tmp_path):
    message = error_of(tmp_path, EXERCISE + TASK[: TASK.index("@task.probe")])
    assert "task 'softmax' has no probe" in message


def test_an_input_that_no_parameter_takes_is_named(tmp_path):
    message = error_of(tmp_path, EXERCISE + TASK.replace("x=normal(4)", "logits=normal(4)"))
    assert "probe 'drawn' of task 'softmax' has no parameter 'logits'" in message


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("normal((4,))", "TypeError: 'tuple' object cannot be interpreted as an integer"),
        ("normal(4, scale=-1)", "ValueError: scale < 0"),
        ("integers(low=80, high=50)", "ValueError: low >= high"),
        ("drawn(lambda rng: rng.nothing())", "AttributeError"),
    ],
)
def test_an_input_that_cannot_be_drawn_is_named_with_its_probes_line(tmp_path, given, error):
    task = TASK.replace("import Task", "import Task, drawn, integers", 1).replace("x=normal(4)", f"x={given}")
    message = error_of(tmp_path, EXERCISE + task)
    assert f"input 'x' of probe 'drawn' cannot be drawn: {error}" in message
    line = (EXERCISE + task).split("\n").index("def drawn(softmax, x):") + 1
    assert f"01_softmax.py, line {line}: task 'softmax'" in message


def test_an_input_that_cannot_cross_is_named(tmp_path):
    message = error_of(tmp_path, EXERCISE + TASK.replace("x=normal(4)", "x={1, 2}"))
    assert "an input of probe 'drawn' of task 'softmax': a set is not a plain value" in message


def test_a_probe_that_cannot_be_cut_is_told(tmp_path):
    nested = '# %% tags=["task"]\nfor x in (1, 2):\n    task.probe()(lambda softmax: 1)\n    break\n'
    assert "task 'softmax': '<lambda>' must be a `def`" in error_of(tmp_path, EXERCISE + TASK + nested)


@pytest.mark.parametrize(
    "marker", ["# %%", "# %% [markdown]", '# %% tags=["aside"]', '# %% tags=["task"]', "# %% [raw]", "# %% A title"]
)
@pytest.mark.parametrize("content", ["", "\n\n", "  \n", "#\n", "#\n#  \n\n"])
@pytest.mark.parametrize("following", [CHECK, ""])
def test_a_cell_with_nothing_in_it_is_refused_with_its_line(tmp_path, marker, content, following):
    if "[" not in marker.replace("tags=[", "") and "#" in content:
        content = content.replace("#", "")  # in code a lone # is a comment
    text = HEADING + EXERCISE + TASK
    line = text.count("\n") + 1
    message = error_of(tmp_path, f"{text}{marker}\n{content}{following}")
    assert f", line {line}: the cell is empty" in message


def test_a_marker_in_a_text_of_several_lines_begins_no_empty_cell(tmp_path):
    text = EXERCISE + TASK + CHECK + '# %%\ntext = """\n# %%\n\n# %%\n"""\n'
    assert "# %%\n\n# %%" in unit_from(tmp_path, text).cells[-1].source
    line = text.count("\n") + 1
    assert f", line {line}: the cell is empty" in error_of(tmp_path, text + "# %%\n\n" + CHECK)


B, S, E = "    ### BEGIN SOLUTION", "    ### STARTER", "    ### END SOLUTION"


@pytest.mark.parametrize(
    "marks",
    [
        [B],
        [E],
        [E, B],
        [B, B, E, E],
        [B, E, E],
        [S, B, E],
        [B, S, S, E],
        [B + " (3 points)", E],
        ["    # BEGIN SOLUTION", E],
    ],
)
def test_marks_that_would_leave_an_answer_with_the_learner_are_refused(tmp_path, marks):
    cell = "# %%\ndef softmax(x):\n" + "".join(f"{mark}\n    y = {n}\n" for n, mark in enumerate(marks)) + "\n"
    message = error_of(tmp_path, EXERCISE + cell + TASK)
    assert "must follow each other, each alone on its line" in message
    assert "in the cell that begins 'def softmax(x)" in message


def test_a_unit_may_set_its_own_limits_once(tmp_path):
    own = "from grader import Limits\nlimits = Limits(seconds=900, memory=2**33)\n"
    assert unit_from(tmp_path, HEADING + EXERCISE + TASK + CHECK).limits.seconds == 300
    assert unit_from(tmp_path, HEADING + EXERCISE + TASK + own + CHECK).limits.memory == 2**33
    with pytest.raises(SourceError, match="sets its limits twice"):
        unit_from(tmp_path, HEADING + EXERCISE + TASK + own + "more = Limits()\n")
    with pytest.raises(SourceError, match="line .*: the limit seconds must be a number above 0, not -1"):
        unit_from(tmp_path, HEADING + EXERCISE + TASK + own.replace("900", "-1"))
