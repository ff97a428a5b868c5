"""The words of a task, and what an author hears who uses them wrongly."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.errors import SourceError
from grader.judging.choices import choice_key
from grader.judging.judges import by, close, equal
from grader.units.inputs import array, normal
from grader.units.task import Quiz, Task


def test_a_probe_keeps_its_inputs_its_judge_and_its_weight():
    task = Task("relu", points=2)

    @task.probe(x=array([1.0]), judge=equal(), weight=3, hidden=True)
    def values(relu, x):
        return relu(x)

    probe = task.probes["values"]
    assert (probe.function, probe.judge, probe.weight, probe.hidden) == (values, equal(), 3, True)
    assert list(probe.inputs) == ["x"]


def test_a_probe_is_public_compares_closely_and_weighs_one_unless_it_says_otherwise():
    task = Task("relu")
    task.probe()(lambda relu: relu(1.0))
    (probe,) = task.probes.values()
    assert (probe.hidden, probe.judge, probe.weight) == (False, close(), 1.0)
    assert (task.points, task.hints) == (1.0, ())


def test_a_probe_may_have_a_sentence_for_whoever_fails_it():
    task = Task("relu")
    task.probe(says="Only the sign.")(lambda relu: relu(1.0))
    assert [probe.says for probe in task.probes.values()] == ["Only the sign."]
    with pytest.raises(SourceError, match="says is a sentence for whoever fails it, not 3"):
        Task("relu").probe(says=3)(lambda relu: relu(1.0))


@pytest.mark.parametrize(
    ("settings", "public"),
    [({"x": array([1.0])}, True), ({}, True), ({"x": normal(3)}, False), ({"x": array([1.0]), "hidden": True}, False)],
)
def test_only_fixed_inputs_of_a_probe_that_is_not_hidden_are_everybodys(settings, public):
    task = Task("relu")

    @task.probe(**settings)
    def values(relu):
        return relu(0.0)

    assert task.probes["values"].public_inputs is public


def test_the_words_leave_the_function_as_it_was():
    task = Task("relu")

    def leaky(x):
        return x

    assert task.misconception("Negative numbers become 0.")(leaky) is leaky
    assert task.alternative(leaky) is leaky
    assert task.misconceptions["leaky"].hint == "Negative numbers become 0."


def test_two_functions_of_one_name_are_refused():
    task = Task("relu")
    for word, what in ((task.probe(), "probe"), (task.misconception("No."), "misconception"), (task.alternative, "al")):
        word(len)
        with pytest.raises(SourceError, match=f"'relu' has two {what}.* named 'len': rename one"):
            word(len)


@pytest.mark.parametrize("name", ["", "soft max", "2d", "lambda", "class", "a.b"])
def test_a_name_that_no_answer_can_have_is_refused(name):
    with pytest.raises(SourceError, match="must be a Python name"):
        Task(name)


@pytest.mark.parametrize("points", [0, -1, math.nan])
def test_points_are_above_zero(points):
    with pytest.raises(SourceError, match="points must be above 0"):
        Task("relu", points=points)


@pytest.mark.parametrize("points", ["3", None, True, math.inf])
@pytest.mark.parametrize("setting", ["points", "seconds"])
def test_points_and_seconds_are_numbers(setting, points):
    with pytest.raises(SourceError, match=f"'relu': {setting} must be above 0, not {points!r}"):
        Task("relu", **{setting: points})


@pytest.mark.parametrize("hints", ["Which function?", [1], [""], ["One.", None]])
def test_hints_are_a_list_of_texts(hints):
    with pytest.raises(SourceError, match="'relu': hints must be a list of texts"):
        Task("relu", hints=hints)


def parts(came_back):
    return len(came_back)


@pytest.mark.parametrize(
    ("judge", "told"),
    [
        (parts, r"a function judges what it says of the value: judge=by\(parts\)"),
        (by(parts, parts), r"a function judges what it says of the value: judge=by\(parts\)"),
        (close, r"'close' is called: judge=close\(…\)"),
        (by, r"'by' is called: judge=by\(…\)"),
        (by(parts, equal), r"'equal' is called"),
        ("equal", "'equal' is no judge, as close"),
    ],
)
def test_what_compares_no_values_is_no_judge(judge, told):
    with pytest.raises(SourceError, match=f"probe 'abs': {told}"):
        Task("relu").probe(judge=judge)(abs)


def test_a_probe_is_hidden_or_not():
    with pytest.raises(SourceError, match="'abs': hidden must be True or False, not 'yes'"):
        Task("relu").probe(hidden="yes")(abs)


@pytest.mark.parametrize("hint", ["", " ", None, abs])  # the last is a decorator that was not called
def test_a_misconception_has_its_hint(hint):
    with pytest.raises(SourceError, match="a misconception of task 'relu' has no hint"):
        Task("relu").misconception(hint)


@pytest.mark.parametrize("wrong", [["a", "c"], {"a": None}, {"a": ""}, {1: "Why."}])
def test_a_question_explains_each_wrong_choice(wrong):
    with pytest.raises(SourceError, match="'quiz': `wrong` explains each wrong choice"):
        Quiz("quiz", wrong=wrong)


@pytest.mark.parametrize("weight", [0, -1.0, math.nan, normal(3)])
def test_a_weight_is_a_positive_number_and_no_input(weight):
    with pytest.raises(SourceError, match="'abs': weight is a share of the points"):
        Task("relu").probe(weight=weight)(abs)


def test_a_quiz_observes_the_choice_and_explains_each_wrong_one():
    quiz = Quiz("loss", wrong={"a": "That is a metric.", "c": "That is an optimizer."}, points=2, hints=["Think."])
    assert list(quiz.probes) == ["choice"]
    assert [m.hint for m in quiz.misconceptions.values()] == ["That is a metric.", "That is an optimizer."]
    assert (quiz.points, quiz.hints) == (2, ["Think."])


def test_a_wrong_choice_is_recognised_however_its_author_wrote_it():
    scope = {}
    (wrong,) = Quiz("loss", wrong={" B ": "No."}).misconceptions.values()
    exec(wrong.code, scope)
    assert scope["loss"] == choice_key("B") == "b"


BEFORE = [
    "", " ", "(", "[", "- (", '"', "“", "'(", "**", "`", "choice ", "Option: ", "ANSWER: ", "the answer is ",
    "My choice is (", "\n",
]  # fmt: skip
AFTER = ["", " ", ")", "]", ".", ":", ",", ") ", '"', "”", ")'", "**", "`", ".)", "\t\n"]
letters = st.sampled_from("abcdeABCDE")


@given(st.sampled_from(BEFORE), letters, st.sampled_from(AFTER))
def test_what_stands_around_a_letter_never_changes_which_one_is_meant(before, letter, after):
    assert choice_key(f"{before}{letter}{after}") == letter.lower()


@given(st.sampled_from(BEFORE), letters, st.sampled_from(["", " ", ", ", "/", ") (", " or ", " and ", "+"]), letters)
def test_two_letters_are_never_one(before, one, between, other):
    assert len(choice_key(f"{before}{one}{between}{other}")) > 1


@pytest.mark.parametrize(
    "said", ["", "   ", "not b", "b?", "!b", "a or b", "ab", "answerb", "I think b", "≠b", "b is wrong"]
)
def test_what_means_no_letter_for_certain_is_none(said):
    assert choice_key(said) == " ".join(said.lower().split())


@pytest.mark.parametrize("said", ["ｂ", "ⓑ", "⒝", "𝐛"])
def test_a_letter_of_another_shape_is_that_letter(said):
    assert choice_key(said) == "b"


CHOICES = {"a": "Weight `4` keeps it, $p(1 - p)$.", "b": "Weight 1.", "c": "Weight 1.", "d": "b"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Weight 4 keeps it,  p(1 - p)", "a"),
        ("(a) weight `4` keeps it, $p(1 - p)$.", "a"),
        ("d) b", "d"),
        ("b", "b"),
        ("(b) weight `4` keeps it, $p(1 - p)$.", "(b) weight `4` keeps it, $p(1 - p)$."),
        ("Weight 1.", "weight 1."),
        ("Weight 4", "weight 4"),
    ],
)
def test_a_choices_own_text_means_its_letter_where_it_is_one_choices_alone(said, meant):
    assert choice_key(said, CHOICES) == meant


@given(st.text(max_size=60))
def test_an_answer_that_was_compared_once_is_compared_the_same_again(said):
    assert choice_key(choice_key(said)) == choice_key(said)


class Kind:
    """A judge of an author's own."""

    def score(self, expected, observed):
        return float(type(expected) is type(observed))

    def explain(self, expected, observed):
        return ""


def test_a_judge_of_an_authors_own_is_for_hidden_probes_alone():
    """A learner's check is made from a file, which holds no code of a judge."""
    task = Task("double")
    task.probe(x=normal(3), hidden=True, judge=Kind())(lambda double, x: double(x))
    with pytest.raises(SourceError, match="^probe 'public': Kind is a judge of your own, which no learner's check has"):

        @task.probe(x=normal(3), judge=Kind())
        def public(double, x):
            return double(x)


def test_an_input_may_be_called_as_a_word_of_probe():
    task = Task("step")

    @task.probe({"hidden": normal(4), "weight": 2.0}, weight=3.0, x=normal(2))
    def of_a_state(step, x, hidden, weight):
        return step(x, hidden, weight)

    probe = task.probes["of_a_state"]
    assert (sorted(probe.inputs), probe.hidden, probe.weight) == (["hidden", "weight", "x"], False, 3.0)
