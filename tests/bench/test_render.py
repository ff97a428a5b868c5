"""What each grader gets is the same learner's code."""

import json

import pytest

from tests.bench import render
from tests.bench.labs import ARRAYS, LABS, TRAINING


def _code(text):
    return [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]


def _functions(sources):
    return [source for source in sources if source.startswith("def ")]


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_every_grader_gets_the_same_functions(lab):
    cells = lab.handed_in(7)
    expected = _functions(render.bare(lab, cells))

    assert expected
    for text in (render.ours(cells), render.otter(lab, cells), render.nbgrader(lab, cells)):
        assert _functions(_code(text)) == expected


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_called_code_is_the_bare_code_with_the_cases_where_checks_stood(lab):
    cells = lab.handed_in(7)
    cases = [render.nbgrader_test(lab, task) for task in lab.cases]

    called = render.called(lab, cells)

    assert [source for source in called if source not in cases] == render.bare(lab, cells)
    assert [source for source in called if source in cases] == cases


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_every_task_has_a_case_for_each_of_its_probes(lab):
    assert {task: len(cases) for task, cases in lab.cases.items()} == {
        name: len(task.probes) for name, task in lab.unit.tasks.items()
    }


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_other_graders_notebooks_name_no_word_of_this_one(lab):
    cells = lab.handed_in(7)

    for text in (render.otter(lab, cells), render.nbgrader(lab, cells), "\n".join(render.bare(lab, cells))):
        assert "lab.check" not in text
        assert "import Lab" not in text


def test_no_two_learners_hand_in_the_same_bytes():
    texts = [render.ours(ARRAYS.handed_in(number)) for number in range(1, 21)]

    assert len(set(texts)) == 20
    assert texts[0] == render.ours(ARRAYS.handed_in(1))


def test_nbgrader_gets_locked_tests_with_our_points_and_open_answers():
    cells = json.loads(render.nbgrader(TRAINING, TRAINING.handed_in(1)))["cells"]
    marks = {m["grade_id"]: m for cell in cells if (m := cell["metadata"].get("nbgrader"))}

    assert marks["test_build"] == {
        "schema_version": 3, "grade_id": "test_build", "grade": True, "locked": True, "solution": False, "task": False,
        "points": 2,
    }  # fmt: skip
    assert marks["answer_build"]["solution"] and not marks["answer_build"]["locked"]
    assert set(marks) == {"test_build", "answer_build", "test_classes", "answer_classes"}


def test_otter_checks_where_this_grader_checks():
    sources = _code(render.otter(ARRAYS, ARRAYS.handed_in(1)))

    assert sources[0].endswith("grader = otter.Notebook()\nSEED = 1")
    assert [source for source in sources if source.startswith("grader.check")] == [
        f'grader.check("{task}")' for task in ARRAYS.unit.tasks
    ]


@pytest.mark.parametrize("task", ARRAYS.cases)
def test_right_answers_pass_the_other_graders_cases(task):
    namespace = {}
    for source in render.bare(ARRAYS, ARRAYS.handed_in(1))[:-1]:
        exec(source, namespace)

    exec(render.nbgrader_test(ARRAYS, task), namespace)


def test_a_wrong_answer_fails_the_other_graders_cases():
    namespace = {"standardise": lambda x: x, "np": __import__("numpy")}

    with pytest.raises(AssertionError):
        exec(render.nbgrader_test(ARRAYS, "standardise"), namespace)


def test_otters_test_file_is_python_with_a_case_for_each_probe():
    text = render.otter_test(ARRAYS, "distances")

    compile(text, "distances.py", "exec")
    assert text.count("@test_case()") == 2
    assert 'name = "distances"\npoints = 3\n' in text
