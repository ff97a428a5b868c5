"""Proves units, two chains of proofs at a time, and records each unit as soon as all of its proofs hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Protocol

from tests.prove.kinds import Outcome
from tests.prove.record import Proofs, Proved, Record

WORKERS = 2
Prover = Callable[[str, str], Outcome]


class Telling(Protocol):
    """Who is told how far the proofs are."""

    def begins(self, unit: str, kind: str) -> None:
        """A proof begins."""

    def ended(self, unit: str, kind: str, outcome: Outcome) -> None:
        """A proof has ended."""


@dataclass
class Tally:
    """What became of all: proofs by unit and kind, and a line for each unit that is not recorded."""

    outcomes: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def prove(
    chains: Mapping[str, Sequence[Sequence[str]]],
    prover: Prover,
    proofs: Proofs,
    inputs: Callable[[str], Mapping[str, str]],
    telling: Telling,
    stop: Callable[[], None] = lambda: None,
) -> Tally:
    """Prove these units in this order. A unit that fails loses its record; the others go on.

    What is recorded are the inputs as they were before its first proof: if they are others by its last, nothing is.
    If this is interrupted, `stop` ends what runs; what was recorded stays.
    """
    tally, before = Tally(), {unit: inputs(unit) for unit in chains}
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: dict[Future[None], str] = {}
        try:
            for unit, of_unit in chains.items():
                tally.outcomes[unit] = {}
                for chain in of_unit:
                    waiting[pool.submit(_chain, unit, chain, prover, tally.outcomes[unit], telling)] = unit
            for done in as_completed(waiting):
                done.result()
                unit = waiting.pop(done)
                if unit not in waiting.values():
                    _record(unit, tally, before[unit], inputs, proofs)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop()
            raise
    return tally


def _chain(unit: str, kinds: Sequence[str], prover: Prover, outcomes: dict[str, Outcome], telling: Telling) -> None:
    for kind in kinds:
        telling.begins(unit, kind)
        outcomes[kind] = prover(unit, kind)
        telling.ended(unit, kind, outcomes[kind])


def _record(
    unit: str, tally: Tally, before: Mapping[str, str], inputs: Callable[[str], Mapping[str, str]], proofs: Proofs
) -> None:
    outcomes = tally.outcomes[unit]
    wrong = [f"{kind}: {outcome.what}" for kind, outcome in sorted(outcomes.items()) if not outcome.holds]
    changed = sorted(name for name, digest in inputs(unit).items() if digest != before.get(name))
    if wrong:
        proofs.remove(unit)
        tally.failed[unit] = "; ".join(wrong)
    elif changed:
        tally.failed[unit] = f"changed while it was proved: {', '.join(changed)}"
    else:
        shown = {kind: Proved(round(outcome.seconds), outcome.what) for kind, outcome in outcomes.items()}
        proofs.put(unit, Record.now(before, shown))
