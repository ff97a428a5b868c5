"""Inputs: fixed ones as they are, drawn ones new for each seed and the same for the same seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.errors import SourceError
from grader.units.inputs import (
    DRAWS,
    array,
    draw,
    draw_for,
    drawn,
    integers,
    labelled,
    labels_of,
    normal,
    one_hot,
    probabilities,
    seeds,
    uniform,
)

some_seeds = st.text(min_size=1, max_size=8)


@given(some_seeds, some_seeds)
@settings(deadline=None, max_examples=50)
def test_two_draws_are_the_same_exactly_where_their_seeds_are(one, other):
    first, second = (draw({"x": normal(4)}, seed, "unit", "task", "probe")["x"] for seed in (one, other))
    assert np.array_equal(first, second) == (one == other)


def test_each_place_draws_numbers_of_its_own():
    places = [("unit", "task", "probe"), ("unit", "task", "other"), ("unit", "more", "probe"), ("lab", "task", "probe")]
    inputs = [draw({"x": normal(3), "y": normal(3)}, "seed", *place) for place in places]
    numbers = {tuple(values) for those in inputs for values in those.values()}
    assert len(numbers) == 8


def test_an_input_does_not_depend_on_those_beside_it():
    alone = draw({"x": normal(3)}, "seed", "task")
    beside = draw({"before": normal(9), "x": normal(3)}, "seed", "task")
    assert np.array_equal(alone["x"], beside["x"])


def test_fixed_inputs_are_the_same_for_every_seed():
    fixed = {"x": array([[1, 2]], dtype="float32"), "axis": -1, "name": "relu"}
    inputs = draw(fixed, "any seed")
    assert inputs["x"].dtype == np.float32
    assert (inputs["x"].tolist(), inputs["axis"], inputs["name"]) == ([[1.0, 2.0]], -1, "relu")


def test_normal_numbers_have_the_location_and_the_scale_asked_for():
    x = draw({"x": normal(100, 100, loc=3.0, scale=2.0)}, "seed")["x"]
    assert (x.shape, x.dtype) == ((100, 100), np.float64)
    assert abs(x.mean() - 3.0) < 0.1
    assert abs(x.std() - 2.0) < 0.1


def test_uniform_numbers_fill_the_interval_and_do_not_leave_it():
    x = draw({"x": uniform(5_000, low=-1.0, high=3.0)}, "seed")["x"]
    assert x.min() >= -1.0
    assert x.max() < 3.0
    assert np.ptp(x) > 3.9


def test_integers_run_from_low_to_one_below_high():
    x = draw({"x": integers(500, low=2, high=5)}, "seed")["x"]
    assert x.dtype == np.int64
    assert set(x.tolist()) == {2, 3, 4}


def test_a_draw_without_a_shape_is_a_plain_number_that_seeds_a_generator():
    found = draw({"seed": integers(low=0, high=10**6), "share": uniform(), "shift": normal()}, "s", "u", "t", "p")
    assert {name: type(value) for name, value in found.items()} == {"seed": int, "share": float, "shift": float}
    np.random.default_rng(found["seed"])


def test_one_hot_rows_hold_a_single_one():
    rows = draw({"y": one_hot(50, 4)}, "seed")["y"]
    assert rows.shape == (50, 4)
    assert np.array_equal(np.sort(rows, axis=1), np.tile([0.0, 0.0, 0.0, 1.0], (50, 1)))
    assert len(set(rows.argmax(axis=1))) == 4


def test_probabilities_are_positive_and_sum_to_one():
    rows = draw({"p": probabilities(50, 4)}, "seed")["p"]
    assert rows.shape == (50, 4)
    assert (rows > 0).all()
    assert np.allclose(rows.sum(axis=1), 1.0)


def test_an_authors_own_function_draws_what_it_makes_of_the_generator():
    x = draw({"x": drawn(lambda rng: sorted(rng.integers(0, 9, 4).tolist()))}, "seed")["x"]
    assert x == sorted(x)


def test_labels_are_those_of_the_inputs_that_the_seed_drew():
    rows = labelled(lambda rng: (lambda x: (x, x > 0))(rng.normal(size=20)))
    for seed in ("one", "two"):
        x = draw({"x": rows, "y": rows}, seed, "unit", "probe")["x"]
        assert np.array_equal(labels_of(rows, {"x": rows}, seed, "unit", "probe"), x > 0)


def test_an_expensive_draw_is_made_once_for_its_inputs_and_its_labels():
    made = []
    rows = labelled(lambda rng: (made.append(1), made))
    draw({"x": rows}, "seed", "once")
    labels_of(rows, {"x": rows}, "seed", "once")
    assert len(made) == 1


def test_a_draw_without_labels_is_a_mistake_of_the_source():
    with pytest.raises(SourceError, match="must return a pair: inputs and labels"):
        draw({"x": labelled(lambda rng: rng.normal(size=3))}, "seed")


def test_each_draw_has_a_seed_of_its_own_and_the_first_is_the_gradebooks():
    assert seeds("secret")[0] == "secret"
    assert len({*seeds("secret"), *seeds("other")}) == 2 * DRAWS


@given(st.text(), st.lists(st.text(), min_size=DRAWS, max_size=DRAWS))
def test_a_learner_meets_no_draw_again_before_all_of_them_were_used(secret, digests):
    met: list[int] = []
    for digest in digests:
        met.append(draw_for(secret, digest, met[-1] if met else None))
    assert sorted(met) == list(range(DRAWS))


def test_first_hand_ins_are_spread_over_all_draws_by_their_bytes():
    drawn = [draw_for("secret", f"{number:064x}") for number in range(600)]
    assert drawn == [draw_for("secret", f"{number:064x}") for number in range(600)]
    assert all(0.6 * 600 / DRAWS < drawn.count(draw) < 1.4 * 600 / DRAWS for draw in range(DRAWS))
