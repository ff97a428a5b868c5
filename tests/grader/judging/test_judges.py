"""The judges: near enough is right, anything else is wrong, and only accuracy gives credit in between."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.errors import ValuesError
from grader.core.messages import message
from grader.judging.judges import accuracy, close, equal, is_close, judge_from_json, judge_to_json, numbers, perplexity
from tests.grader.said import says

finite = st.floats(-1e12, 1e12)


@given(finite, finite, st.floats(0, 0.5), st.floats(1e-12, 10))
@settings(max_examples=200)
def test_close_is_the_inequality_that_it_promises(expected, observed, rtol, atol):
    right = abs(observed - expected) <= atol + rtol * abs(expected)
    assert close(rtol, atol).score(expected, observed) == float(right)


def test_one_wrong_number_among_many_is_wrong():
    expected = np.arange(1_000.0)
    observed = expected.copy()
    assert close().score(expected, observed) == 1.0
    observed[617] += 0.1
    assert close().score(expected, observed) == 0.0


@pytest.mark.parametrize("observed", [np.ones((3, 1)), np.ones((1, 3)), 1.0, np.ones(4), [], None, "1", {"a": 1}])
def test_another_shape_or_kind_is_never_broadcast_into_a_right_answer(observed):
    assert close().score(np.ones(3), observed) == 0.0


def test_a_list_a_tuple_and_an_array_of_the_same_numbers_agree():
    assert equal().score(np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]) == 1.0
    assert equal().score([1.0, 2.0], (1, 2)) == 1.0


def test_nan_agrees_with_nan_alone_and_infinity_with_its_own_sign():
    expected = np.array([np.nan, np.inf, -np.inf])
    assert close().score(expected, expected.copy()) == 1.0
    assert close().score(expected, np.array([np.nan, np.inf, np.inf])) == 0.0
    assert close().score(1.0, math.nan) == 0.0


def test_numbers_too_large_to_subtract_are_simply_not_close():
    assert close().score(1e308, -1e308) == 0.0
    assert close().score(np.array([1e308]), np.array([-1.7e308])) == 0.0


@pytest.mark.parametrize(("one", "other"), [(2**60, 2**60 + 1), (0.1 + 0.2, 0.3), ("b", "a"), (1, None), (2**70, 1)])
def test_equal_tells_the_least_difference(one, other):
    assert equal().score(one, one) == 1.0
    assert equal().score(one, other) == 0.0


def test_booleans_and_unsigned_numbers_are_compared_as_numbers():
    assert close().score(np.array([True, False]), np.array([True, False])) == 1.0
    assert close().score(np.array([True, False]), np.array([True, True])) == 0.0
    assert close().score(np.array([1, 2], "u1"), np.array([2, 1], "u1")) == 0.0


def test_dicts_and_ragged_lists_agree_where_each_part_does():
    expected = {"w": np.ones(2), "layers": [1, "relu", [2.0, 3.0]]}
    assert is_close(expected, {"layers": (1.0, "relu", [2.0, 3.0]), "w": [1.0, 1.0]}, 1e-5, 0.0)
    assert not is_close(expected, {"w": np.ones(2), "layers": [1, "tanh", [2.0, 3.0]]}, 1e-5, 0.0)
    assert not is_close(expected, {"w": np.ones(2)}, 1e-5, 0.0)


def test_texts_agree_in_a_list_or_in_an_array():
    assert equal().score(["cat", "dog"], np.array(["cat", "dog"])) == 1.0
    assert equal().score(["cat", "dog"], np.array(["cat", "cow"])) == 0.0
    assert equal().score("cat", ["cat"]) == 0.0


@pytest.mark.parametrize("value", [None, "1", {"a": 1}, [1, [2]], ["1"], [None], np.array(["a"])])
def test_what_is_no_array_of_numbers_is_none(value):
    assert numbers(value) is None


LABELS = np.array([0, 1, 2, 1, 0, 2, 1, 0, 1, 2])


def predictions(right: int) -> np.ndarray:
    """Class scores of which just the first `right` rows are right."""
    classes = np.where(np.arange(10) < right, LABELS, (LABELS + 1) % 3)
    return np.eye(3)[classes]


@pytest.mark.parametrize(("right", "credit"), [(10, 1.0), (9, 1.0), (8, 0.75), (7, 0.5), (5, 0.0), (2, 0.0), (0, 0.0)])
def test_accuracy_gives_credit_on_a_straight_line(right, credit):
    judge = accuracy(LABELS, at_least=0.9, zero_at=0.5)
    assert judge.score(None, predictions(right)) == pytest.approx(credit)


def test_class_numbers_are_as_good_as_class_scores():
    judge = accuracy(LABELS, at_least=0.9)
    assert judge.score(None, LABELS.copy()) == 1.0
    assert judge.measure(predictions(4).argmax(axis=1)) == pytest.approx(0.4)


@pytest.mark.parametrize(
    "observed",
    [
        None,
        "predictions",
        np.full((10, 3), np.nan),
        np.eye(3)[LABELS][:9],
        np.ones((10, 3)),
        LABELS[:, None],
        np.zeros(10),
        0.99,
        np.zeros((10, 0, 3)),
    ],
)
def test_what_is_not_one_prediction_a_label_earns_nothing(observed):
    assert accuracy(LABELS, at_least=0.3).score(None, observed) == 0.0


def test_no_class_for_all_rows_is_right_by_luck():
    mostly_zeros = np.array([0] * 95 + [1] * 5)
    assert accuracy(mostly_zeros, at_least=0.9).score(None, np.zeros(100)) == 0.0


@pytest.mark.parametrize("judge", [close(rtol=1e-3, atol=0.5), equal(), close()])
def test_a_judge_comes_back_from_its_json_form(judge):
    assert judge_from_json(judge_to_json(judge)) == judge


def test_accuracy_comes_back_with_its_labels():
    judge = judge_from_json(judge_to_json(accuracy(LABELS, at_least=0.9, zero_at=0.5)))
    assert judge.score(None, predictions(8)) == pytest.approx(0.75)


def test_the_perplexity_of_no_idea_is_the_number_of_classes():
    assert perplexity(LABELS, at_most=2.0).measure(np.zeros((10, 3))) == pytest.approx(3.0)
    assert perplexity(LABELS, at_most=2.0).measure(np.full((10, 3), 5e3)) == pytest.approx(3.0)


def test_perplexity_is_the_inverse_of_the_geometric_mean_of_the_labels_probabilities():
    logits = np.log([[0.5, 0.25, 0.25], [0.25, 0.125, 0.625]])
    assert perplexity(np.array([0, 1]), at_most=2.0).measure(logits) == pytest.approx((0.5 * 0.125) ** -0.5)


@pytest.mark.parametrize(("reached", "credit"), [(8.0, 1.0), (2.0, 1.0), (16.0, 0.5), (32.0, 0.0), (64.0, 0.0)])
def test_perplexity_gives_credit_on_a_straight_line_in_the_cross_entropy(reached, credit):
    judge = perplexity(np.array([0]), at_most=8.0, zero_at=32.0)
    rest = (1 - 1 / reached) / 99
    logits = np.log(np.where(np.arange(100) == 0, 1 / reached, rest))[None]
    assert judge.score(None, logits) == pytest.approx(credit)


def test_without_another_mark_perplexity_is_right_or_wrong():
    assert perplexity(LABELS, at_most=2.9).score(None, np.zeros((10, 3))) == 0.0
    assert perplexity(LABELS, at_most=3.1).score(None, np.zeros((10, 3))) == 1.0


@pytest.mark.parametrize(
    "observed",
    [None, "logits", np.full((10, 3), np.nan), np.full((10, 3), np.inf), np.zeros((9, 3)), np.zeros((10, 2)),
     np.zeros(10), np.zeros((10, 3, 1)), np.zeros((10, 3), complex), np.zeros((10, 0))],
)  # fmt: skip
def test_what_is_not_one_row_of_logits_a_label_has_an_infinite_perplexity(observed):
    judge = perplexity(LABELS, at_most=1e300, zero_at=1e301)
    assert judge.measure(observed) == math.inf
    assert judge.score(None, observed) == 0.0


def test_perplexity_says_what_is_reached_and_what_is_needed():
    judge = perplexity(LABELS, at_most=2.0)
    assert says(judge.tell(np.zeros((10, 3)))) == [message("scores.perplexity", reached=pytest.approx(3), needed=2)]
    assert says(judge.tell(np.zeros(3))) == [message("scores.no_logits", rows=10)]


@pytest.mark.parametrize("zero_at", [6.0, math.inf])
def test_perplexity_comes_back_with_its_labels(zero_at):
    judge = judge_from_json(judge_to_json(perplexity(LABELS, at_most=2.0, zero_at=zero_at)))
    assert judge.measure(np.zeros((10, 3))) == pytest.approx(3.0)
    assert judge.zero_at == zero_at


def test_an_unknown_judge_is_refused_with_the_known_ones():
    with pytest.raises(ValuesError, match="'near'; there are close, equal, accuracy, perplexity"):
        judge_from_json({"name": "near"})


@pytest.mark.parametrize("observed", [[[1.0], [1.0, 2.0]], [np.ones(2), 1.0], [1.0, "a"], ["a"], np.array(["a", "b"])])
def test_what_numpy_cannot_make_an_array_of_numbers_is_wrong_and_no_error(observed):
    assert close().score(np.ones(2), observed) == 0.0
    assert close().score([1.0, 1.0], observed) == 0.0
    assert accuracy(np.array([0, 1]), 0.5).score(None, observed) == 0.0


@pytest.mark.parametrize("shape", [(3, 0), (0,), (0, 3), (3,), (3, 2, 2)])
def test_predictions_of_any_shape_have_an_accuracy(shape):
    assert accuracy(np.array([0, 1, 1]), 0.5).score(None, np.zeros(shape)) == 0.0


def test_one_long_text_in_a_list_does_not_make_every_item_as_long():
    long = ["x" * 10_000_000, *[0] * 1_000_000]
    assert numbers(long) is None
    assert not is_close(np.array(["a", "b"]), long, 0, 0)


def test_text_in_arrays_and_lists_agrees_where_it_is_the_same():
    texts = np.array([["a", "b"], ["c", "d"]])
    for same in (texts.copy(), [["a", "b"], ["c", "d"]], (("a", "b"), ["c", "d"])):
        assert is_close(texts, same, 0, 0) and is_close(same, texts, 0, 0)
    for other in (texts.T, texts[:1], [["a", "b"], ["c"]], ["ab", "cd"], [[1, 2], [3, 4]], [], texts == "a"):
        assert not is_close(texts, other, 0, 0) and not is_close(other, texts, 0, 0)


NAMED = {"at_least": 0.8, "zero_at": 0.4, "least_recall": 0.5, "classes": ("apple", "pear", "plum")}


def test_a_class_that_is_hardly_found_bounds_the_credit():
    labels = np.array([0] * 8 + [1] * 2 + [2] * 10)
    judge = accuracy(labels, **NAMED)
    none_of_one = np.where(labels == 1, 2, labels)
    assert judge.measure(none_of_one) == 0.9
    assert judge.score(None, none_of_one) == 0.0
    half_of_one = np.where(np.arange(20) == 8, 2, labels)
    assert judge.score(None, half_of_one) == 1.0
    assert accuracy(labels, 0.8, least_recall=0.6).score(None, half_of_one) == pytest.approx(0.5 / 0.6)


def test_the_class_confused_most_is_named_and_no_rows_label_is():
    labels = np.array([0] * 10 + [1] * 10 + [2] * 10)
    observed = np.array([0] * 9 + [1] + [1] * 3 + [2] * 5 + [0] * 2 + [2] * 10)
    reached = message("scores.accuracy", reached=pytest.approx(22 / 30), needed=0.8)
    assert says(accuracy(labels, **NAMED).tell(observed)) == [
        reached,
        message("scores.weakest", kind="pear", share=0.3),
        message("scores.taken_for", other="plum"),
        message("scores.short", needed=0.5),
    ]
    assert says(accuracy(labels, at_least=0.8).tell(np.eye(3)[observed])) == [
        reached,
        message("scores.weakest", kind="class 1", share=0.3),
        message("scores.taken_for", other="class 2"),
    ]


@pytest.mark.parametrize("classes", [(), ("apple", "pear")])
@pytest.mark.parametrize(("least_recall", "short"), [(0.0, []), (0.9, [message("scores.short", needed=0.9)])])
@pytest.mark.parametrize(("observed", "taken"), [([0] * 5 + [1] * 5, False), ([0] * 5 + [1] * 3 + [0] * 2, True)])
def test_the_weakest_class_is_named_in_whole_sentences(classes, least_recall, short, observed, taken):
    labels = np.array([0] * 5 + [1] * 5)
    told = says(accuracy(labels, 1.0, least_recall=least_recall, classes=classes).tell(np.array(observed)))
    weakest, other = (classes[1], classes[0]) if classes else ("class 1", "class 0")
    if taken:
        least = message("scores.weakest", kind=weakest, share=0.6)
        assert told[1:] == [least, message("scores.taken_for", other=other), *short]
    else:
        assert told[1:] == [message("scores.weakest", kind=other, share=1.0)]


@pytest.mark.parametrize(
    ("observed", "told"),
    [
        (np.ones((10, 1)), message("scores.one_number")),
        (np.ones((10, 3)), message("scores.one_class")),
        (np.ones(9), message("scores.no_rows", rows=10)),
        (np.full((10, 3), np.nan), message("scores.not_finite")),
    ],
)
def test_predictions_of_the_wrong_kind_are_told(observed, told):
    assert says(accuracy(LABELS, **NAMED).tell(observed)) == [told]
    assert accuracy(LABELS, **NAMED).score(None, observed) == 0.0


def test_accuracy_comes_back_with_its_names():
    judge = judge_from_json(judge_to_json(accuracy(LABELS, **NAMED)))
    assert (judge.least_recall, tuple(judge.classes)) == (0.5, ("apple", "pear", "plum"))
