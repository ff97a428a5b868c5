"""A unit that asks for a file beside the notebook, and keeps what it knows to itself: on a toy, with no TensorFlow."""

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from grader import Lab
from grader.authoring.build import _text, build, reference_notebook, stale
from grader.authoring.proof.verify import verify
from grader.authoring.reference import observe_reference
from grader.classroom.grade_class import grade
from grader.collecting.collect import MAX_FILES_BYTES, Content, find_submissions
from grader.core.errors import SourceError
from grader.core.messages import message
from grader.gradebook.gradebook import Gradebook
from grader.judging.expectation import Expectation
from grader.judging.observe import Observation, PlannedProbe
from grader.judging.run_record import RunJob
from grader.judging.verdict import State
from grader.sandbox import Limits, TaskPlan
from grader.units.inputs import PUBLIC_SEED
from grader.units.run_plan import TRAINING, marked_cells, run_files
from tests.grader.said import check_title, says, sentence
from tests.grader.toy import write_source

NAME = "assessment_9_signs"
SOURCE = """\
# %% [markdown]
# # Signs

# %%
import numpy as np
from grader import Lab

lab = Lab("assessment_9_signs")


class Line:
    def fit(self, x, y):
        self.slope = np.sign(x @ y)


# %%
### BEGIN SOLUTION
model = Line()
model.fit(np.array([-1.0, 2.0]), np.array([-1.0, 1.0]))
np.save("line.npy", np.array([-model.slope, model.slope]))
### END SOLUTION

# %% tags=["task"]
import numpy as np
from grader import Quiz, Task, accuracy, equal, labelled


def signs(rng):
    x = rng.normal(size=60)
    return x, (x > 0).astype(int)


held_out = labelled(signs)
line_task = Task("line", points=4, file="line.npy", required=True, hints=["Which sign has the slope?"])


def opened(line):
    return line() if callable(line) else np.load(line, allow_pickle=False)


@line_task.probe(judge=equal())
def numbers_in_it(line):
    return list(opened(line).shape)


@line_task.probe(
    x=held_out, hidden=True, weight=3,
    judge=accuracy(held_out, at_least=0.9, zero_at=0.5, least_recall=0.7, classes=("minus", "plus")),
)
def on_numbers_that_only_the_grader_has(line, x):
    return np.outer(x, opened(line))


@line_task.misconception("There is one number too many.")
def three_numbers():
    return np.array([-1.0, 1.0, 0.0])


@line_task.alternative
def steeper():
    return np.array([-7.0, 7.0])


# %%
lab.check("line")

# %%
### BEGIN SOLUTION
lab.answer("quiz_1", "b")
### STARTER
# lab.answer("quiz_1", ...)
### END SOLUTION

# %% tags=["task"]
quiz = Quiz("quiz_1", wrong={"a": "Not a."})
"""
RIGHT = np.array([-1.0, 1.0])
CELLS = ("import numpy as np\nfrom grader import Lab\n\nlab = Lab('assessment_9_signs')", "lab.check('line')")


@pytest.fixture
def course(tmp_path):
    course = write_source(tmp_path / "course", SOURCE, NAME)
    hand_in_line(course.unit(NAME).reference_file("line.npy"), RIGHT)
    return course


@pytest.fixture
def unit(course):
    return course.unit(NAME)


@pytest.fixture
def graded(course, hand_in, sandbox, tmp_path):
    """Grades what one learner hands in, and returns the verdicts by task and the tally."""
    book = Gradebook(str(tmp_path / "grades.db"))

    def call(*cells, line=None, **how):
        folder = hand_in("001", *(cells or CELLS), unit=NAME)
        if line is not None:
            hand_in_line(folder / "001" / "line.npy", line)
        found, _ = find_submissions([folder], course)
        tally = grade(found, course, book, {"seconds": 10.0, "memory": 2**28}, **how)
        outcome = book.outcome("001", NAME)
        return {verdict.task: verdict for _, verdict in outcome.verdicts}, tally, outcome

    yield call
    book.close()


def hand_in_line(path, line):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, line)


def test_the_unit_holds(unit, sandbox):
    assert verify(unit, "seed", sandbox).findings == []


def test_a_file_beside_the_notebook_is_judged_by_labels_that_stay_outside(graded):
    verdicts, _, _ = graded(line=RIGHT)
    assert (verdicts["line"].state, verdicts["line"].points) == (State.PASSED, 4.0)


def test_labels_never_cross_into_the_learners_process(unit):
    crossing = repr([unit.plan(task, "seed") for task in unit.tasks.values()]) + repr(
        run_files(unit, {"line.npy": b""})
    )
    task = unit.tasks["line"]
    expectation = Expectation(dict.fromkeys(task.probes, Observation()), {})
    (judged,) = [probe for probe in unit.judged(task, "seed", expectation).probes if probe.inputs]
    assert np.array_equal(judged.judge.labels, judged.inputs["x"] > 0)
    assert "held_out" not in crossing and "labels" not in crossing and "signs(" not in crossing


def test_a_changed_file_is_graded_again_and_the_same_one_is_not(graded):
    first, _, _ = graded(line=RIGHT)
    _, same, _ = graded(line=RIGHT)
    changed, other, _ = graded(line=-RIGHT)
    assert (same.graded, same.kept, other.graded) == (0, 1, 1)
    assert (first["line"].points, changed["line"].points) == (4.0, 0.0)
    assert says(changed["line"])[:2] == [
        message("scores.accuracy", reached=0.0, needed=0.9),
        message("scores.weakest", kind="minus", share=0.0),
    ]


def test_a_file_that_is_missing_is_told_with_what_makes_it(graded):
    verdicts, _, _ = graded()
    assert (verdicts["line"].state, verdicts["line"].points) == (State.NOT_ATTEMPTED, 0.0)
    assert says(verdicts["line"]) == [message("file.missing", file="line.npy")]


def test_a_link_is_refused_wherever_it_leads(graded, hand_in, unit):
    folder = hand_in("001", *CELLS, unit=NAME)
    (folder / "001" / "line.npy").symlink_to(unit.reference_file("line.npy"))
    verdicts, _, _ = graded()
    assert verdicts["line"].state == State.NOT_ATTEMPTED
    (said,) = says(verdicts["line"])
    assert (said.code, said.arguments["file"]) == ("file.not_taken", "line.npy")
    assert "link" in said.arguments["why"]


def test_a_file_too_large_is_refused_without_being_read(graded, hand_in):
    folder = hand_in("001", *CELLS, unit=NAME)
    with (folder / "001" / "line.npy").open("wb") as file:
        file.truncate(MAX_FILES_BYTES * 1000)
    verdicts, _, _ = graded()
    (said,) = says(verdicts["line"])
    assert (said.code, said.arguments["file"]) == ("file.not_taken", "line.npy")
    assert "64 MiB" in said.arguments["why"]


def test_a_file_larger_than_a_notebook_may_write_finds_room(sandbox, unit):
    data = bytes(3 * 2**24 + 1)
    cells = [{"cell_type": "code", "source": "import os; print(os.path.getsize('line.npy'))"}]
    ran = sandbox.run_submission(RunJob(cells, {}, run_files(unit, {"line.npy": data}), Limits(seconds=20)))
    assert ran.cells[0].outputs[0]["text"] == f"{len(data)}\n"


def test_a_notebook_that_writes_over_its_file_changes_nothing(graded):
    verdicts, _, _ = graded(*CELLS[:1], "np.save('line.npy', -np.load('line.npy'))", *CELLS[1:], line=RIGHT)
    assert verdicts["line"].state == State.PASSED


def test_a_notebook_finds_no_other_copy_of_its_file_to_write_over(graded):
    better = """
import os
for folder, _, names in os.walk('.'):
    for name in names:
        if name.endswith('.npy'): np.save(os.path.join(folder, name), np.array([-1.0, 1.0]))
"""
    verdicts, _, _ = graded(*CELLS[:1], better, *CELLS[1:], line=-RIGHT)
    assert verdicts["line"].points == 0.0


EYES = """
import sys
import grader.judging.observe, grader.sandbox.inside.runner as runner
seen = []
def observe(probe, namespace):
    seen.append((probe.name, sorted(probe.inputs)))
    return grader.judging.observe.Observation(value=[2])
runner.observe = observe
runner.observe_variant = lambda *a: {}
"""


def test_a_notebook_never_sees_what_a_file_is_asked(graded):
    verdicts, _, outcome = graded(*CELLS[:1], EYES, *CELLS[1:], "print('seen', seen)", line=-RIGHT)
    assert "seen []" in str(outcome.executed)
    assert (verdicts["line"].state, verdicts["line"].points) == (State.FAILED, 0.0)


def test_without_a_file_nothing_that_a_notebook_answers_earns_its_points(graded):
    verdicts, _, _ = graded(*CELLS[:1], EYES, "def line(): return np.array([-1.0, 1.0])", *CELLS[1:])
    assert (verdicts["line"].state, verdicts["line"].points) == (State.NOT_ATTEMPTED, 0.0)


def test_a_file_is_opened_where_nothing_is_of_the_notebook_and_nothing_can_be_written(unit, sandbox):
    look = """def look(line):
    import os, pathlib
    def wrote(path):
        try: pathlib.Path(path).write_bytes(b'x')
        except OSError as error: return type(error).__name__
    tried = [wrote(line), wrote('new'), wrote('tmp/new'), wrote(os.environ['HOME'] + '/new')]
    return [sorted(os.listdir('.')), tried, 'left' in globals(), os.path.exists('tmp/left')]
"""
    cells = [{"cell_type": "code", "source": "left = 1; open('left', 'w'); open('tmp/left', 'w')"}]
    probe = PlannedProbe("look", look, {}, {"line": "line.npy"})
    files = run_files(unit, {"line.npy": b"numbers", "other.npy": b"others"})
    plan = TaskPlan([probe], 5.0, file="line.npy")
    ran = sandbox.run_submission(RunJob(cells, {"line": plan}, files, Limits(seconds=20)))
    observed = ran.observed["line"]
    refused = "PermissionError"
    assert observed.observations["look"].value == [["line.npy", "tmp"], [refused, refused, None, None], False, False]
    assert observed.cell == len(cells)


ENDLESS = """def numbers_in_it(line):
    import signal, time

    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    time.sleep(1000)
"""


def test_a_file_that_takes_too_long_to_open_is_told_and_the_notebook_keeps_its_points(graded, monkeypatch, unit):
    graded(line=-RIGHT)  # the reference is observed as it is
    plan = type(unit).plan

    def endless(self, task, *more):
        return [
            replace(probe, code=ENDLESS) if probe.name == "numbers_in_it" else probe
            for probe in plan(self, task, *more)
        ]

    monkeypatch.setattr(type(unit), "plan", endless)
    verdicts, _, _ = graded(*CELLS, "lab.answer('quiz_1', 'b')", line=RIGHT)
    assert verdicts["quiz_1"].state == State.PASSED
    assert verdicts["line"].state == State.UNGRADED
    stopped = message("task.file_stopped", file="line.npy")
    assert says(verdicts["line"]) == [stopped, message("limit.seconds", seconds=10)]


def test_a_notebook_that_goes_elsewhere_is_found_with_its_file(graded):
    verdicts, _, _ = graded(*CELLS[:1], "import os; os.chdir('tmp')", *CELLS[1:], line=RIGHT)
    assert verdicts["line"].state == State.PASSED


def test_what_trains_is_not_run_and_the_page_says_so(graded):
    training = (
        "from math import pi\nclass M:\n    def fit(self): raise SystemExit\nM().fit()\nlab.answer('quiz_1', 'B')"
    )
    verdicts, _, outcome = graded(*CELLS, training, "print(pi)", line=RIGHT)
    assert {verdict.state for verdict in verdicts.values()} == {State.PASSED}
    assert [cell["outputs"][0]["text"] for cell in outcome.executed["cells"][2:]] == [TRAINING, "3.141592653589793\n"]


def test_all_cells_run_where_that_is_asked_for(unit):
    cells = [{"cell_type": "code", "source": "m.fit()"}]
    assert [cell["skip"] for cell in marked_cells(unit, cells)] == [TRAINING]
    assert [cell["skip"] for cell in marked_cells(unit, cells, all_cells=True)] == [""]


def test_a_lab_without_files_trains_in_a_grade(toy):
    cells = [{"cell_type": "code", "source": "m.fit()"}]
    assert marked_cells(toy.unit("toy"), cells) == [{**cells[0], "skip": ""}]


def test_without_its_file_there_is_no_reference(unit, sandbox):
    unit.reference_file("line.npy").unlink()
    with pytest.raises(SourceError, match=r"line\.npy cannot be read .*`grader build assessment_9_signs` makes it"):
        observe_reference(unit, PUBLIC_SEED, sandbox)


@pytest.fixture
def built(course, unit, sandbox, monkeypatch):
    """The assessment with its files; its reference notebook is not run in a kernel, but hands in a file."""

    def executed(unit, folder):
        hand_in_line(unit.reference_file("line.npy"), 3 * RIGHT)
        return _text(reference_notebook(unit))

    monkeypatch.setattr("grader.authoring.build.executed_text", executed)
    build(unit, course, sandbox)
    return course


def test_what_was_built_is_not_stale_until_the_file_is_another(built, unit):
    assert stale(unit, built) == []
    hand_in_line(unit.reference_file("line.npy"), RIGHT)
    assert stale(unit, built) == [f"{built.reference_notebook(NAME)} is stale: run `grader build {NAME}`"]


def test_the_checks_of_an_assessment_give_nothing_away(built):
    path = built.checks(NAME)
    form = json.loads(path.read_text())
    assert path.parent.parent.name == "assessments"
    assert form["tasks"]["quiz_1"] | {"points": 1} == {
        "points": 1, "hints": [], "solution": "", "probes": [], "misconceptions": {},
        "expectation": {"reference": {}, "starter": {}, "misconceptions": {}, "alternatives": {}},
    }  # fmt: skip
    assert form["tasks"]["line"]["solution"] == "" and form["tasks"]["line"]["file"] == "line.npy"
    assert "Not a." not in path.read_text() and "only_the_grader" not in path.read_text()


def test_a_learners_check_takes_the_file_beside_the_notebook(built, monkeypatch):
    folder = built.learner_notebook(NAME).parent
    monkeypatch.chdir(folder)
    lab = Lab(NAME, {"np": np})
    card = lab.check("line")
    assert card.title == check_title("line", State.NOT_ATTEMPTED)
    assert card.paragraphs[0] == sentence("file.missing", file="line.npy")
    np.save("line.npy", np.ones(3))
    assert lab.check("line").paragraphs[0] == "There is one number too many."
    shutil.copy(built.unit(NAME).reference_file("line.npy"), folder)
    assert lab.check("line")


def test_an_assessment_shows_no_solution_and_records_an_answer(built, monkeypatch):
    monkeypatch.chdir(built.learner_notebook(NAME).parent)
    lab = Lab(NAME, {"np": np})
    solution = lab.solution("line")
    assert solution.title.startswith("line: ") and not solution.blocks
    assert "lab.solution" not in repr(lab.hint("line"))
    recorded = lab.answer("quiz_1", "A")
    assert recorded.title == "quiz_1: recorded" and "'a'" in recorded.paragraphs[0] and not recorded.passed
    summary, first = repr(lab).split("\n")
    assert summary.startswith(f"{NAME}: ") and summary.endswith(": line")
    assert re.findall(r"\d+", summary.removeprefix(NAME)) == ["0", "1", "1"]
    assert first == f"  {check_title('line', State.NOT_ATTEMPTED)}"


WRONG = {
    'file="line.npy"': ('file="../line.npy"', "'../line.npy' is no plain name of a data file"),
    'np.save("line.npy"': ('np.save("lines.npy"', "asks for 'line.npy', which no exercise cell makes"),
    "x=held_out, hidden=True": ("x=held_out", "draws labels, which a public check would show: write hidden=True"),
    "judge=accuracy(held_out,": ("judge=accuracy(labelled(signs),", "the labels of a draw that is none of its inputs"),
}


@pytest.mark.parametrize("right", WRONG)
def test_a_source_that_is_wrong_is_told(course, right):
    wrong, message = WRONG[right]
    write_source(course.root, SOURCE.replace(right, wrong), NAME)
    with pytest.raises(SourceError, match=message.replace(".", r"\.").replace("'", ".")):
        course.unit(NAME)


def test_contents_differ_where_a_file_does():
    contents = [
        Content(b"n"), Content(b"n", {"a": b"1"}), Content(b"n", {"a": b"2"}), Content(b"n", {}, {"a": "it is a link"}),
        Content(b"m", {"a": b"1"}),
    ]  # fmt: skip
    assert len({content.digest for content in contents}) == len(contents)
