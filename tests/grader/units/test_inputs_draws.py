from hypothesis import given
from hypothesis import strategies as st

from grader.units.inputs import DRAWS, draw_for, seeds


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
