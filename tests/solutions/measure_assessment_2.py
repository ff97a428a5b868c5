"""How far above its marks the second assessment's reference stands: `python tests/solutions/measure_assessment_2.py`.

Runs the source's own cells for each seed, up to the one that saves the writer, and judges both models as a grade does:
the reader on 300 sentences drawn for the seed, the writer on the words kept aside for it. A minute a seed on two quiet
cores. Each mark must lie three deviations on the easy side of the mean.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grader.judging.judges import accuracy, perplexity  # noqa: E402
from grader.units.source import load_unit  # noqa: E402
from grader.units.unit import Unit  # noqa: E402
from labkit import data  # noqa: E402
from labkit.language import next_word  # noqa: E402

NAME, FILES = "assessment_2_text", ("reader.keras", "writer.keras")


def main() -> None:
    """Print a line a seed, then of both numbers the mean, the standard deviation and what lies three of them below."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=range(1, 11))
    unit = load_unit(ROOT / "solutions" / f"{NAME}.py")
    print(f"bigrams: {bigram_perplexity(unit):.1f}", flush=True)
    reached = []
    for seed in parser.parse_args().seeds:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            _train(unit, seed)
            reached.append([_read(unit, seed), _written(unit)])
            os.chdir(ROOT)
        right, unsure = reached[-1]
        print(
            f"seed {seed}: {right:.1%} right, perplexity {unsure:.1f}, {time.perf_counter() - began:.0f} s", flush=True
        )
    if len(reached) < 2:
        return
    (right, unsure), (spread, width) = np.mean(reached, axis=0), np.std(reached, axis=0, ddof=1)
    print(f"reader: mean {right:.1%}, standard deviation {spread:.1%}, three below {right - 3 * spread:.1%}")
    print(f"writer: mean {unsure:.1f}, standard deviation {width:.1f}, three above {unsure + 3 * width:.1f}")


def held_out(unit: Unit, task: str, seed: int) -> tuple[Any, Any]:
    """The grader's inputs of a task and their labels, drawn for a seed."""
    (probe,) = [probe for probe in unit.tasks[task].probes.values() if probe.hidden]
    pair: tuple[Any, Any] = probe.inputs["ids"].draw(np.random.default_rng([600, seed]))
    return pair


def bigram_perplexity(unit: Unit) -> float:
    """What counts of word pairs reach on the writer's words."""
    corpus = next_word.Corpus.of(data.sentences(), 1000, 20)
    ids, labels = held_out(unit, "writer_file", 1)
    pairs = next_word.bigrams(corpus.train[:, :-1], corpus.train[:, 1:], len(corpus.words))
    last = ids[np.arange(len(ids)), (ids > 0).sum(axis=1) - 1]
    return pairs.perplexity(last[:, None], labels[:, None])


def _train(unit: Unit, seed: int) -> None:
    """Run the source's cells for a seed until both files are there."""
    namespace: dict[str, object] = {}
    for cell in unit.reference_cells:
        if cell["cell_type"] == "code":
            exec(cell["source"].replace("SEED = 1\n", f"SEED = {seed}\n"), namespace)  # noqa: S102
        if all(Path(file).exists() for file in FILES):
            break
    assert namespace["SEED"] == seed


def _read(unit: Unit, seed: int) -> float:
    """The share of 300 new sentences that the reader gets right."""
    ids, labels = held_out(unit, "reader_file", seed)
    return accuracy(labels, at_least=1).measure(_opened(FILES[0]).predict(ids, verbose=0))


def _written(unit: Unit) -> float:
    """The writer's perplexity of the words kept aside."""
    ids, labels = held_out(unit, "writer_file", 1)
    logits = _opened(FILES[1]).predict(ids, verbose=0)
    return perplexity(labels, at_most=1).measure(logits[np.arange(len(ids)), (ids > 0).sum(axis=1) - 1])


def _opened(file: str) -> Any:
    import keras

    return keras.models.load_model(file, compile=False)


if __name__ == "__main__":
    main()
