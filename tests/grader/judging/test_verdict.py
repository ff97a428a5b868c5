"""Verdicts: four outcomes, points, and a message that helps and gives nothing hidden away."""

import numpy as np
import pytest

from grader.core.messages import message, plain
from grader.judging.expectation import Expectation, JudgedProbe, JudgedTask
from grader.judging.explaining.explain import undefined_name
from grader.judging.judges import accuracy, close, equal
from grader.judging.observe import Failure, Observation
from grader.judging.verdict import Known, State, Verdict, decide, needs_first
from tests.grader.said import says

X = np.array([-71.5, 93.25])
SECRET = np.array([6173.5, -8841.25])
RIGHT = {"shown": Observation(np.array([1.0, 5.0])), "hidden": Observation(np.array([4242.5, 1717.25]))}
STUB = Observation(failure=Failure("NotImplementedError"))
MISSING = Observation(failure=Failure("missing", "relu"))
HINT = "Negative numbers become 0."


def judged(misconceptions=None, starter=None, reference=None, judge=None, hints=None) -> JudgedTask:
    """A task of 3 points with a public probe of weight 1 and a hidden one of weight 2."""
    judge = judge or close()
    probes = [
        JudgedProbe("hidden", judge, 2.0, "relu(x)", {"x": SECRET}, shown=False),
        JudgedProbe("shown", judge, 1.0, "relu(x)", {"x": X}, shown=True),
    ]
    starter = starter or {"shown": STUB, "hidden": STUB}
    expectation = Expectation(reference or RIGHT, starter, misconceptions or {})
    return JudgedTask("relu", 3.0, probes, hints or dict.fromkeys(misconceptions or {}, HINT), expectation)


def seen(shown, hidden) -> dict[str, Observation]:
    """What the two probes observed: values, or observations as they are."""
    values = {"shown": shown, "hidden": hidden}
    return {name: v if isinstance(v, Observation) else Observation(v) for name, v in values.items()}


def failing(kind, message="", where="") -> Observation:
    return Observation(failure=Failure(kind, message, where))


def test_an_answer_like_the_reference_passes_with_all_points():
    verdict = decide(judged(), RIGHT)
    assert (verdict.state, verdict.points, verdict.max_points) == (State.PASSED, 3.0, 3.0)
    assert says(verdict) == [message("answer.right")]
    assert (verdict.call, verdict.came_back, verdict.expected) == ("", "", "")


def test_each_probe_earns_its_weight():
    wrong = np.zeros(2)
    assert decide(judged(), seen(wrong, RIGHT["hidden"])).points == 2.0
    assert decide(judged(), seen(RIGHT["shown"], wrong)).points == 1.0
    assert decide(judged(), seen(wrong, wrong)).points == 0.0


def test_a_judge_may_give_part_of_a_probes_weight():
    labels = np.array([0, 1, 0, 1])
    verdict = decide(judged(judge=accuracy(labels, at_least=1.0)), seen(labels, np.array([0, 1, 1, 1])))
    assert (verdict.state, verdict.points) == (State.FAILED, 1.0 + 0.75 * 2.0)


def test_a_probe_that_was_not_reached_earns_nothing_and_leaves_the_others_points():
    verdict = decide(judged(), {"shown": RIGHT["shown"]})
    assert (verdict.state, verdict.points) == (State.FAILED, 1.0)
    assert says(verdict) == [message("answer.not_reached")]


@pytest.mark.parametrize("observation", [STUB, MISSING])
def test_a_stub_or_an_absent_name_is_not_attempted(observation):
    verdict = decide(judged(), seen(observation, observation))
    assert (verdict.state, verdict.points) == (State.NOT_ATTEMPTED, 0.0)


def test_a_broken_starter_left_as_it_was_is_not_attempted():
    broken = failing("TypeError", "'NoneType' object is not subscriptable")
    task = judged(starter=seen(broken, broken))
    assert decide(task, seen(broken, broken)).state == State.NOT_ATTEMPTED
    other = failing("TypeError", "can only concatenate str")
    assert decide(task, seen(other, other)).state == State.FAILED


def test_a_starter_that_returns_a_value_is_not_attempted_until_the_value_changes():
    task = judged(starter=seen(np.zeros(2), np.ones(2)))
    assert decide(task, seen(np.zeros(2), np.ones(2))).state == State.NOT_ATTEMPTED
    assert decide(task, seen(np.zeros(2), np.zeros(2))).state == State.FAILED


def test_a_started_answer_that_raises_for_some_inputs_is_attempted():
    verdict = decide(judged(), seen(RIGHT["shown"], STUB))
    assert (verdict.state, verdict.points) == (State.FAILED, 1.0)
    assert says(verdict) == [message("answer.unwritten_case", name="relu")]


def test_a_misconception_is_recognised_and_its_hint_is_the_message():
    wrong = seen(np.array([-9.0, 5.0]), np.zeros(2))
    verdict = decide(judged({"leaky": wrong}), wrong)
    assert (verdict.state, verdict.misconception, says(verdict)) == (
        State.FAILED,
        "leaky",
        [message("hint", text=HINT)],
    )
    assert (verdict.came_back, verdict.expected) == ("[-9.,  5.]", "[1., 5.]")


def test_a_misconception_behind_a_hidden_probe_gives_its_hint_and_no_value():
    wrong = seen(RIGHT["shown"], np.array([6173.5, 0.0]))
    verdict = decide(judged({"leaky": wrong}), wrong)
    assert (verdict.misconception, says(verdict), verdict.points) == ("leaky", [message("hint", text=HINT)], 1.0)
    assert (verdict.call, verdict.came_back, verdict.expected) == ("", "", "")


def test_agreement_with_a_misconception_where_it_is_right_tells_nothing():
    known = {"leaky": seen(RIGHT["shown"], np.zeros(2))}
    verdict = decide(judged(known), seen(RIGHT["shown"], np.array([8.0, 8.5])))
    assert verdict.misconception == ""


def test_without_a_misconception_the_value_speaks_for_itself():
    verdict = decide(judged(), seen(-RIGHT["shown"].value, RIGHT["hidden"]))
    assert says(verdict) == [message("value.sign")]
    assert verdict.call == "relu(x)\nx = [-71.5 ,  93.25]"


def test_a_shown_exception_has_its_message_and_its_line():
    verdict = decide(judged(), seen(failing("ValueError", "no such axis", "line 3: x.sum(9)"), RIGHT["hidden"]))
    assert says(verdict) == [
        message("failure.error_at", kind="ValueError", text="no such axis", line=3, source="x.sum(9)")
    ]
    assert verdict.came_back == "ValueError: no such axis"


def test_a_hidden_exception_has_its_kind_and_line_alone():
    verdict = decide(judged(), seen(RIGHT["shown"], failing("ValueError", "no 6173.5", "line 3: x.sum(6173.5)")))
    assert says(verdict) == [message("failure.raises_in_line", kind="ValueError", line=3)]
    assert verdict.came_back == ""


HIDDEN_ANSWERS = [
    Observation(SECRET), Observation(-RIGHT["hidden"].value), Observation(RIGHT["hidden"].value + 17),
    Observation(RIGHT["hidden"].value[:1]), Observation("6173.5"), Observation(np.array([np.nan, 1717.25])),
    Observation(RIGHT["hidden"].value, changed=("x", "6173.5")), Observation({"6173.5": 1}),
    failing("E6173", "6173.5", "6173.5"), failing("KeyError", "6173.5"), failing("time", "6173.5", "line 1: 6173.5"),
    failing("not plain", "a 6173.5 is no number"), Observation(6173.5), Observation(None),
]  # fmt: skip


@pytest.mark.parametrize("observation", HIDDEN_ANSWERS)
def test_no_message_about_a_hidden_probe_holds_a_value(observation):
    verdict = decide(judged(), seen(RIGHT["shown"], observation))
    assert verdict.state == State.FAILED
    assert not any(secret in repr(verdict) for secret in ("6173", "8841", "4242", "1717"))
    assert (verdict.call, verdict.came_back, verdict.expected) == ("", "", "")


def test_of_two_failing_probes_the_one_that_may_be_shown_speaks():
    verdict = decide(judged(), seen(np.array([1.0, 5.5]), np.zeros(2)))
    assert "[-71.5 ,  93.25]" in verdict.call
    assert (verdict.came_back, verdict.expected) == ("[1. , 5.5]", "[1., 5.]")


def test_the_name_of_no_input_counts_for_nothing_among_those_that_changed():
    forged = {name: Observation(o.value, changed=("nobody", "nobody")) for name, o in RIGHT.items()}
    assert decide(judged(), forged).state == "passed"


def test_an_input_changed_in_place_costs_the_probe_and_is_named():
    verdict = decide(judged(), seen(Observation(RIGHT["shown"].value, changed=("x",)), RIGHT["hidden"]))
    assert verdict.points == 2.0
    assert says(verdict) == [message("changed.too_much", names=("x",))]


def test_an_input_that_is_to_change_in_place_and_did_not_is_named():
    in_place = {name: Observation(o.value, changed=("x",)) for name, o in RIGHT.items()}
    verdict = decide(judged(reference=in_place), RIGHT)
    assert (verdict.points, says(verdict)) == (0.0, [message("changed.too_little", name="x")])


def test_an_expected_error_is_right_by_its_kind():
    reference = {"shown": failing("ValueError", "negative"), "hidden": RIGHT["hidden"]}
    task = judged(reference=reference)
    assert decide(task, seen(failing("ValueError", "below zero"), RIGHT["hidden"])).state == State.PASSED
    assert decide(task, seen(failing("TypeError"), RIGHT["hidden"])).points == 2.0
    assert says(decide(task, seen(0.0, RIGHT["hidden"]))) == [message("failure.expected", kind="ValueError")]


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (("time", "", "line 2: while True:"), message("failure.time_at", line=2, source="while True:")),
        (("missing", "np", ""), message("failure.undefined", name="np")),
        (("not plain", "a set is none", ""), message("failure.not_plain", problem="a set is none")),
        (("ValueError", "", ""), message("failure.raises", kind="ValueError")),
    ],
)
def test_each_way_to_fail_has_its_sentence(failure, said):
    assert says(decide(judged(), seen(failing(*failure), RIGHT["hidden"]))) == [said]


def test_a_cell_that_reached_a_limit_is_named_where_there_is_no_answer():
    stopped = (message("cell.stopped", cell=3), message("limit.cpu", seconds=2))
    assert tuple(says(decide(judged(), seen(MISSING, MISSING), stopped))[1:]) == stopped
    assert not {*stopped} & {*says(decide(judged(), seen(np.zeros(2), np.zeros(2)), stopped))}


TEXTS = {"a": "Never.", "b": "At 0 alone.", "c": "Always."}


def question(reference="b", choices=TEXTS) -> JudgedTask:
    known = {"choice_a": {"choice": Observation("a")}, "choice_c": {"choice": Observation("(C)")}}
    expectation = Expectation({"choice": Observation(reference)}, {"choice": failing("missing", "quiz")}, known)
    hints = {"choice_a": "Not a.", "choice_c": "Not c."}
    probe = JudgedProbe("choice", equal(), 1.0, "quiz", {}, shown=True)
    return JudgedTask("quiz", 1.0, [probe], hints, expectation, choices=choices)


def chosen(value, **more) -> Verdict:
    observation = value if isinstance(value, Observation) else Observation(value)
    return decide(question(**more), {"choice": observation})


@pytest.mark.parametrize("value", ["b", "(b)", "B.", "answer: b", "At 0 alone", "(b) at 0 alone."])
@pytest.mark.parametrize("reference", ["b", "(B)", "At 0 alone."])
def test_a_choice_is_right_however_learner_and_reference_write_it(value, reference):
    assert chosen(value, reference=reference).state == State.PASSED


@pytest.mark.parametrize("value", ["c", " C)", "Always."])
def test_a_wrong_choice_gets_its_hint_however_it_is_written(value):
    verdict = chosen(value)
    assert (verdict.state, verdict.misconception, says(verdict)) == (
        State.FAILED,
        "choice_c",
        [message("hint", text="Not c.")],
    )


@pytest.mark.parametrize(
    "value", [["b"], ("b",), 2, 2.0, None, "a or b", "ab", "", "\0", failing("not plain", "a set")]
)
def test_what_is_no_choice_is_told_the_form_and_not_that_it_is_wrong(value):
    verdict = chosen(value)
    assert (verdict.state, verdict.points) == (State.FAILED, 0.0)
    assert says(verdict) == [message("choice.none", choices=("a", "b", "c"), task="quiz")]
    assert "At 0" not in repr(verdict)


def test_a_letter_that_is_no_choice_is_told_which_ones_there_are():
    unknown = message("choice.unknown", choice="z", choices=("a", "b", "c"), task="quiz")
    assert says(chosen("(z)")) == [unknown]
    assert says(chosen("z", choices={})) == [message("choice.wrong")]


def test_a_text_that_is_no_letter_is_compared_as_it_is():
    reference = {"shown": Observation("a."), "hidden": Observation("x")}
    assert decide(judged(reference=reference, judge=equal()), seen("a", "x")).state == State.FAILED


UNWRITTEN = needs_first("softmax")


def test_an_answer_that_cannot_be_judged_yet_failed_and_earns_nothing():
    verdict = decide(judged(), seen(STUB, STUB), known=UNWRITTEN)
    assert (verdict.state, verdict.points, verdict.messages) == (State.FAILED, 0.0, UNWRITTEN.nothing)
    assert (verdict.call, verdict.came_back) == ("", "")


def test_an_answer_that_does_what_the_starter_does_and_is_not_it_is_explained_and_earns_nothing():
    broken = seen(RIGHT["shown"], np.zeros(2))
    assert says(decide(judged(starter=broken), broken)) == [message("answer.as_before")]
    verdict = decide(judged(starter=broken), broken, known=Known(attempted=True))
    assert (verdict.state, verdict.points) == (State.FAILED, 0.0)
    assert says(verdict) == [message("value.wrong_hidden")]


def test_what_is_known_of_an_absent_answer_is_said_and_leaves_it_unattempted():
    stopped, text_cell = (message("cell.stopped", cell=3),), plain("In a text cell.")
    verdict = decide(judged(), seen(MISSING, MISSING), stopped, Known(nothing=text_cell))
    assert (verdict.state, verdict.messages) == (State.NOT_ATTEMPTED, text_cell + stopped)


@pytest.mark.parametrize(("shown", "hidden"), [(0, 1), (1, 0), (1, 1)])
def test_why_a_name_is_not_defined_is_said_also_of_a_hidden_probe(shown, hidden):
    lacks = failing("NameError", "name 'np' is not defined", "line 2: np.sum(6173.5)")
    observed = seen(lacks if shown else RIGHT["shown"], lacks if hidden else RIGHT["hidden"])
    why = plain("`np` is not defined: cell 2 failed.")
    verdict = decide(judged(), observed, known=Known(lost={"np": why}))
    assert verdict.messages == why
    assert not hidden or shown or "6173" not in repr(verdict)


@pytest.mark.parametrize(
    ("failure", "name"),
    [
        (Failure("NameError", "name 'np' is not defined"), "np"),
        (Failure("NameError", "name 'np' is not defined. Did you mean: 'n'?"), "np"),
        (Failure("missing", "np"), "np"),
        (Failure("ValueError", "name 'np' is not defined"), ""),
        (Failure("NameError", "cannot access free variable 'np'"), ""),
        (None, ""),
    ],
)
def test_the_name_that_was_not_defined(failure, name):
    assert undefined_name(failure) == name
