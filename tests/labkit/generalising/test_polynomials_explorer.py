import pytest

from labkit import explore
from labkit.generalising import polynomials, polynomials_explorer


def numbers(**controls):
    return explore.polynomials().view(**controls).numbers


def test_new_points_are_met_best_by_degree_5_as_the_lab_says():
    assert "new points are met best by degree 5" in explore.polynomials().view().picture.alt


def test_at_degree_15_the_largest_weight_is_above_16000_as_the_lab_says():
    assert numbers(degree=15)["largest weight"] == "16,326"


def test_a_small_l2_penalty_fits_worse_and_meets_new_points_better_with_all_15_weights():
    free, held = numbers(degree=15), numbers(degree=15, penalty="L2", exponent=-4.0)
    assert float(held["error on the points to fit"]) > float(free["error on the points to fit"])
    assert float(held["error on new points"]) < float(free["error on new points"])
    assert held["weights that are 0"] == "0 of 15"


def test_l1_leaves_weights_at_0():
    zeros = int(numbers(degree=15, penalty="L1", exponent=-2.0)["weights that are 0"].split()[0])
    assert zeros > 5


def test_the_strength_counts_only_with_a_penalty():
    assert numbers(exponent=-2.0) == numbers(exponent=1.0)
    assert numbers(exponent=-2.0)["λ"] == "0, no penalty"
    assert numbers(penalty="L1", exponent=-2.0)["λ"] == "0.01"


@pytest.mark.parametrize("penalty", polynomials.PENALTIES)
@pytest.mark.parametrize("degree", [0, 15])
@pytest.mark.parametrize("exponent", [-5.0, 1.0])
def test_every_corner_of_the_controls_can_be_drawn(penalty, degree, exponent):
    assert polynomials_explorer.draw(penalty, degree, exponent).picture.png.startswith(b"\x89PNG")
