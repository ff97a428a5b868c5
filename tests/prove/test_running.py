"""Units are proved two chains at a time; one is recorded when all its proofs hold, whatever becomes of the others."""

import threading
import time

import pytest

from tests.prove.kinds import Outcome
from tests.prove.record import Proofs, Proved, Record
from tests.prove.running import WORKERS, prove

CHAINS = (("verify", "class"), ("jax",))
UNITS = ["a", "b", "c"]


class Quiet:
    """Is told everything and says nothing."""

    def begins(self, unit, kind):
        pass

    def ended(self, unit, kind, outcome):
        pass


@pytest.fixture
def proofs(tmp_path):
    return Proofs(tmp_path / "proofs.json", UNITS)


def _run(proofs, prover, units=UNITS, inputs=lambda unit: {"source": unit}, **more):
    return prove(dict.fromkeys(units, CHAINS), prover, proofs, inputs, Quiet(), **more)


def _holds(unit, kind):
    return Outcome(True, 1.6, f"{kind} of {unit}")


def test_what_holds_is_recorded_with_what_was_proved_and_its_seconds(proofs):
    assert _run(proofs, _holds).failed == {}
    assert {*proofs.read()} == {*UNITS}
    assert proofs.read()["b"].proofs["class"] == Proved(2, "class of b")
    assert proofs.read()["b"].inputs == {"source": "b"}


def test_a_unit_that_fails_loses_its_record_and_the_others_go_on(proofs):
    old = Record.now({"source": "old"}, {"jax": Proved(1, "")})
    for unit in UNITS:
        proofs.put(unit, old)
    tally = _run(proofs, lambda unit, kind: Outcome((unit, kind) != ("b", "class"), 1, f"{kind}.log"))
    assert {*proofs.read()} == {"a", "c"}
    assert {*tally.failed} == {"b"} and "class.log" in tally.failed["b"]
    assert {*tally.outcomes["b"]} == {"verify", "class", "jax"}


def test_an_interrupted_run_loses_nothing(proofs):
    old, stopped = Record.now({"source": "old"}, {}), []
    proofs.put("c", old)

    def interrupted(unit, kind):
        if unit == "b":
            raise KeyboardInterrupt
        return _holds(unit, kind)

    with pytest.raises(KeyboardInterrupt):
        _run(proofs, interrupted, ["a", "b"], stop=lambda: stopped.append(True))
    assert stopped == [True]
    assert proofs.read()["c"] == old and "b" not in proofs.read()


def test_a_unit_is_recorded_while_others_are_still_proved(proofs):
    def prover(unit, kind):
        deadline = time.monotonic() + 20
        while unit == "b" and "a" not in proofs.read() and time.monotonic() < deadline:
            time.sleep(0.01)
        return Outcome(unit == "a" or "a" in proofs.read(), 1, "")

    assert _run(proofs, prover, ["a", "b"]).failed == {}


def test_what_changes_while_it_is_proved_is_not_recorded(proofs):
    looked = {"a": 0, "b": 0}

    def inputs(unit):
        looked[unit] += unit == "a"
        return {"source": f"{unit}{looked[unit]}", "pins": "1"}

    tally = _run(proofs, _holds, ["a", "b"], inputs)
    assert {*proofs.read()} == {"b"}
    assert "source" in tally.failed["a"] and "pins" not in tally.failed["a"]


def test_two_chains_run_at_a_time_and_a_chain_keeps_its_order(proofs):
    together, running, most, order = threading.Barrier(WORKERS, timeout=10), set(), [0], []

    def prover(unit, kind):
        running.add((unit, kind))
        most[0] = max(most[0], len(running))
        order.append((unit, kind))
        if unit == "a" and kind != "class":
            together.wait()
        running.discard((unit, kind))
        return _holds(unit, kind)

    _run(proofs, prover)
    assert most[0] == WORKERS
    assert all(order.index((unit, "verify")) < order.index((unit, "class")) for unit in UNITS)
