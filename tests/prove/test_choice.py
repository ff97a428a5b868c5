"""Which units are proved: what changed, what was never proved, the two oldest; or what is asked for."""

from tests.prove.choice import choose
from tests.prove.inputs import whole
from tests.prove.record import Proved, Record

UNITS = ["a", "b", "c", "d"]
INPUTS = {unit: {"labkit": unit, "source": unit} for unit in UNITS}
KINDS = {unit: ["verify", "jax"] for unit in UNITS}
DATES = {
    "a": "2026-03-01 10:00 UTC",
    "b": "2026-01-01 10:00 UTC",
    "c": "2026-02-01 10:00 UTC",
    "d": "2026-04-01 10:00 UTC",
}
SHOWN = {"verify": Proved(1, "all"), "jax": Proved(1, "all")}
RECORDS = {unit: Record(DATES[unit], whole(INPUTS[unit]), INPUTS[unit], SHOWN) for unit in UNITS}


def test_what_is_as_it_was_is_left_with_the_date_but_for_the_two_oldest():
    choice = choose(INPUTS, RECORDS, KINDS)
    assert {*choice.prove} == {"b", "c"}
    assert all(DATES[unit] in why for unit, why in choice.prove.items())
    assert choice.leave == {unit: f"same inputs as on {DATES[unit]}" for unit in ("a", "d")}


def test_what_changed_is_proved_beside_the_two_oldest_of_the_others_and_says_what_changed():
    choice = choose(INPUTS | {"b": {"labkit": "other", "source": "b"}}, RECORDS, KINDS)
    assert {*choice.prove} == {"a", "b", "c"}
    assert "labkit" in choice.prove["b"] and "source" not in choice.prove["b"]


def test_what_has_no_record_or_lacks_a_kind_of_proof_is_proved():
    without = {unit: record for unit, record in RECORDS.items() if unit != "d"}
    choice = choose(INPUTS, without, KINDS | {"a": ["verify", "jax", "browser"]})
    assert {*choice.prove} == {"a", "b", "c", "d"}
    assert "browser" in choice.prove["a"]


def test_a_record_whose_digest_was_written_by_hand_is_none():
    forged = RECORDS | {"d": Record(DATES["d"], "0" * 64, INPUTS["d"], SHOWN)}
    assert "d" in choose(INPUTS, forged, KINDS).prove


def test_what_is_asked_for_is_proved_and_nothing_else():
    assert {*choose(INPUTS, RECORDS, KINDS, named=["d"]).prove} == {"d"}
    assert {*choose(INPUTS, RECORDS, KINDS, everything=True).prove} == {*UNITS}
