from hypothesis import given
from hypothesis import strategies as st

from grader.draws import DRAWS, draw_for, seeds


def test_each_draw_has_a_seed_of_its_own_and_the_first_is_the_gradebooks():
    assert seeds("secret")[0] == "secret"
    assert len({*seeds("secret"), *seeds("other")}) == 2 * DRAWS


@given(st.text(), st.text(), st.integers(0, DRAWS - 1))
def test_the_next_draw_is_another_one_and_always_the_same_for_the_same_bytes(secret, digest, before):
    drawn = draw_for(secret, digest, before)
    assert drawn in range(DRAWS) and drawn != before
    assert draw_for(secret, digest, before) == drawn


def test_digests_are_spread_over_all_draws():
    for before in (None, 0):
        drawn = [draw_for("secret", f"{number:064x}", before) for number in range(600)]
        expected = 600 / (DRAWS if before is None else DRAWS - 1)
        assert all(0.6 * expected < drawn.count(draw) < 1.4 * expected for draw in set(drawn))
