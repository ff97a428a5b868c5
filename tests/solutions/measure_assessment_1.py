"""How far above the mark the first assessment's reference stands: `python tests/solutions/measure_assessment_1.py`.

Runs the source's own cells for each seed, up to the one that saves the model, and judges the model as a grade does, on
600 new images a seed. Two minutes a seed on two quiet cores. The mark must lie three deviations below the mean.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grader.units.source import load_unit  # noqa: E402
from grader.units.unit import Unit  # noqa: E402

NAME, FILE = "assessment_1_fresh_or_rotten", "fresh_or_rotten.keras"


def main() -> None:
    """Print a line a seed, then the mean, the standard deviation and what lies three of them below."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=range(1, 11))
    unit = load_unit(ROOT / "solutions" / f"{NAME}.py")
    reached = []
    for seed in parser.parse_args().seeds:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            reached.append(_judged(unit, _trained(unit, seed), seed))
        print(f"seed {seed}: {reached[-1]:.1%} right, {time.perf_counter() - began:.0f} s", flush=True)
    if len(reached) < 2:
        return
    mean, deviation = np.mean(reached), np.std(reached, ddof=1)
    print(f"mean {mean:.1%}, standard deviation {deviation:.1%}, three below the mean {mean - 3 * deviation:.1%}")


def _trained(unit: Unit, seed: int) -> object:
    """The model that the source's cells save for a seed."""
    import keras

    namespace: dict[str, object] = {}
    for cell in unit.reference_cells:
        if cell["cell_type"] == "code":
            exec(cell["source"].replace("SEED = 1\n", f"SEED = {seed}\n"), namespace)  # noqa: S102
        if Path(FILE).exists():
            break
    assert namespace["SEED"] == seed
    return keras.models.load_model(FILE, compile=False)


def _judged(unit: Unit, model: object, seed: int) -> float:
    """The share of 600 new images that the model gets right."""
    (probe,) = [probe for probe in unit.tasks["model_file"].probes.values() if probe.hidden]
    images, labels = probe.inputs["images"].draw(np.random.default_rng([600, seed]))
    predicted = model.predict(images, verbose=0).argmax(axis=-1)  # type: ignore[attr-defined]
    recalls = [float(np.mean(predicted[labels == label] == label)) for label in np.unique(labels)]
    print(f"  recall of each class: {', '.join(f'{recall:.0%}' for recall in recalls)}")
    return float(np.mean(predicted == labels))


if __name__ == "__main__":
    main()
