"""The command behind `make prove`: proves what has to be proved, and says what it left and why."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.minutes import table
from tests.prove.choice import Choice, choose
from tests.prove.inputs import Inputs
from tests.prove.kinds import BROWSER, Commands, chains, kinds
from tests.prove.progress import Meter
from tests.prove.record import Proofs, Record
from tests.prove.running import Tally, prove

ROOT = Path(__file__).resolve().parents[2]
FILE, KEPT = "proofs.json", Path("build") / "prove"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main(words: Sequence[str] | None = None) -> int:
    """Exit status: 0 all that was to be proved holds, 1 something does not, 2 wrong use, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="make prove", description=__doc__)
    parser.add_argument("units", nargs="*", metavar="UNIT")
    parser.add_argument("--all", action="store_true", help="prove every unit")
    asked = parser.parse_args(words)
    course = Inputs(ROOT)
    if unknown := sorted(set(asked.units) - set(course.units)):
        print(f"There is no unit {', '.join(unknown)}; there are {', '.join(course.units)}.", file=sys.stderr)
        return 2
    proofs = Proofs(ROOT / FILE, course.units)
    inputs = {unit: course.groups(unit) for unit in course.units}
    records = proofs.read()
    choice = choose(inputs, records, {unit: kinds(unit) for unit in course.units}, asked.units, asked.all)
    _tell(choice)
    if any(BROWSER in kinds(unit) for unit in choice.prove) and not any(map(shutil.which, CHROMIUM)):
        print("There is no Chromium on this machine, in which labs are proved: install it first.", file=sys.stderr)
        return 2
    tally = _proved(choice, records, proofs)
    if tally is None:
        print("Interrupted. What was proved is recorded; the same command goes on from there.", file=sys.stderr)
        return 130
    return _summary(tally)


def _proved(choice: Choice, records: Mapping[str, Record], proofs: Proofs) -> Tally | None:
    """What became of the chosen units; nothing if it was interrupted."""
    shutil.rmtree(ROOT / KEPT, ignore_errors=True)
    seconds = {
        (unit, kind): records[unit].proofs[kind].seconds
        if unit in records and kind in records[unit].proofs else None
        for unit in choice.prove for kind in kinds(unit)
    }  # fmt: skip
    longest = sorted(choice.prove, key=lambda unit: -sum(s or 0 for (of, _), s in seconds.items() if of == unit))
    commands = Commands(ROOT, ROOT / KEPT)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what ends this command ends what it started
    try:
        with Meter(seconds) as meter:
            return prove(
                {unit: chains(unit) for unit in longest}, commands, proofs,
                lambda unit: Inputs(ROOT).groups(unit), meter, commands.stop,
            )  # fmt: skip
    except KeyboardInterrupt:
        return None


def _tell(choice: Choice) -> None:
    """What will be proved, and what will not, each with its reason."""
    for title, reasons in (("To prove", choice.prove), ("Not proved again", choice.leave)):
        print(f"{title}: {len(reasons)}", *(f"  {unit}: {why}" for unit, why in reasons.items()), sep="\n", flush=True)


def _summary(tally: Tally) -> int:
    rows = [
        (f"{unit}, {kind}", outcome.seconds)
        for unit, outcomes in tally.outcomes.items()
        for kind, outcome in outcomes.items()
    ]
    print(table("Where the minutes went, two proofs at a time", rows))
    for unit, why in sorted(tally.failed.items()):
        print(f"✗ {unit} is not proved. {why}")
    good = len(tally.outcomes) - len(tally.failed)
    print(f"{good} of {len(tally.outcomes)} units proved now; {FILE} has them. Logs: {KEPT}")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
