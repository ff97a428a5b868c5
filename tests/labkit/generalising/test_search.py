import numpy as np
import pytest

from labkit.generalising import search

SPACE = {"rate": (1e-4, 1e-2, "log"), "units": (10.0, 30.0, "linear")}


def hill(parameters):
    """Highest, at 0, where the rate is 0.001 and the units are 24."""
    return -((np.log10(parameters["rate"]) + 3) ** 2) - (parameters["units"] / 10 - 2.4) ** 2


@pytest.mark.parametrize(("unit", "rate", "units"), [(0.0, 1e-4, 10.0), (0.5, 1e-3, 20.0), (1.0, 1e-2, 30.0)])
def test_a_place_in_the_unit_square_is_a_place_on_each_axis_scale(unit, rate, units):
    assert search.place(SPACE, [unit, unit]) == pytest.approx({"rate": rate, "units": units})


def test_a_grid_tries_each_combination_of_evenly_spaced_values():
    trials = search.grid_search(hill, SPACE, 2)
    assert len(trials) == 4
    assert sorted({round(trial.parameters["units"], 9) for trial in trials}) == [15.0, 25.0]
    assert sorted({round(np.log10(trial.parameters["rate"]), 9) for trial in trials}) == [-3.5, -2.5]


def test_random_search_spreads_over_both_axes_and_obeys_its_seed():
    one, same, other = (search.random_search(hill, SPACE, 400, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one == same != other
    assert np.mean([trial.parameters["rate"] < 1e-3 for trial in one]) == pytest.approx(0.5, abs=0.1)
    assert np.mean([trial.parameters["units"] < 20 for trial in one]) == pytest.approx(0.5, abs=0.1)


def test_a_trial_keeps_the_score_of_its_own_parameters():
    for trial in search.random_search(hill, SPACE, 5, np.random.default_rng(0)):
        assert trial.score == pytest.approx(hill(trial.parameters))


def test_bayesian_search_keeps_its_budget_and_comes_nearer_than_random_search():
    scores = {"random": [], "Bayesian": []}
    for seed in range(3):
        found = search.winners(hill, SPACE, 4, seed)
        for kind, values in scores.items():
            values.append(found[kind].score)
    assert np.mean(scores["Bayesian"]) > np.mean(scores["random"])
    assert len(search.bayesian_search(hill, SPACE, 3, np.random.default_rng(0))) == 3
    assert len(search.bayesian_search(hill, SPACE, 7, np.random.default_rng(0))) == 7


def test_all_searches_get_the_budget_of_the_grid():
    calls = []

    def counted(parameters):
        calls.append(parameters)
        return hill(parameters)

    found = search.winners(counted, SPACE, 3, seed=0)
    assert list(found) == ["grid", "random", "Bayesian"]
    assert len(calls) == 3 * 9


def test_expected_gain_is_larger_where_the_best_scores_lie_than_beside_the_worst():
    seen = np.array([[0.1], [0.3], [0.5], [0.7], [0.9]])
    gain = search.expected_improvement(seen, [0.0, 0.1, 0.4, 0.9, 0.8], np.array([[0.8], [0.2]]))
    assert gain[0] > gain[1] >= 0


def test_of_equals_the_first_is_the_best():
    first, second = search.Trial({"x": 1.0}, 0.5), search.Trial({"x": 2.0}, 0.5)
    assert search.best([first, second]) is first
