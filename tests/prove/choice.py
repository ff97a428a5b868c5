"""Which units are to be proved now, and why; and why the others are not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from tests.prove.inputs import whole
from tests.prove.record import Record

OLDEST = 2  # units that every plain run proves again


class Choice(NamedTuple):
    """For each unit to prove, and for each that is not proved again, the reason."""

    prove: dict[str, str]
    leave: dict[str, str]


def choose(
    inputs: Mapping[str, Mapping[str, str]],
    records: Mapping[str, Record],
    kinds: Mapping[str, Collection[str]],
    named: Sequence[str] = (),
    everything: bool = False,
) -> Choice:
    """Those that are named, or all; otherwise what changed since its last proof, and the two whose proof is oldest."""
    if named or everything:
        reason = "asked for"
        prove = {unit: reason for unit in inputs if everything or unit in named}
        return Choice(prove, {unit: "not asked for" for unit in inputs if unit not in prove})
    prove = {unit: why for unit in inputs if (why := _why(inputs[unit], records.get(unit), kinds[unit]))}
    same = sorted((records[unit].date, unit) for unit in inputs if unit not in prove)
    prove |= {unit: f"one of the {OLDEST} oldest proofs, of {date}" for date, unit in same[:OLDEST]}
    return Choice(prove, {unit: f"same inputs as on {date}" for date, unit in same[OLDEST:]})


def _why(inputs: Mapping[str, str], record: Record | None, kinds: Collection[str]) -> str:
    """Why a unit must be proved, or nothing."""
    if record is None:
        return "no proof is recorded"
    if record.digest != whole(inputs):
        changed = [name for name in sorted(inputs) if inputs[name] != record.inputs.get(name)]
        return f"changed since {record.date}: {', '.join(changed) or 'its record'}"
    missing = sorted(set(kinds) - record.proofs.keys())
    return f"not proved on {record.date}: {', '.join(missing)}" if missing else ""
