"""How far below the marks lab 09's language model stands: `python tests/solutions/measure_09_attention.py`.

Runs the source's own cells for each seed, up to the one that trains the model, and measures what the task's two last
probes measure: the perplexity of the validation sentences, and of the words that only the grader has. Half a minute a
seed on two quiet cores. Both marks must lie three deviations above the mean.
"""

import argparse
import dataclasses
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grader.units.source import load_unit  # noqa: E402
from grader.units.unit import Unit  # noqa: E402


def main() -> None:
    """Print a line a seed, then the means, the standard deviations and what lies three of them above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=range(1, 11))
    unit = load_unit(ROOT / "solutions" / "09_attention.py")
    reached: list[tuple[float, float]] = []
    bigrams = (0.0, 0.0)
    for seed in parser.parse_args().seeds:
        began = time.perf_counter()
        namespace = _trained(unit, seed)
        bigrams = (namespace["bigram_perplexity"], _of_the_graders_words(unit, _Counted(namespace["bigram"])))
        reached.append((_of_validation(namespace), _of_the_graders_words(unit, namespace["language_model"])))
        told = "validation {:.2f}, the grader's words {:.2f}".format(*reached[-1])
        print(f"seed {seed}: {told}, {time.perf_counter() - began:.0f} s", flush=True)
    if len(reached) < 2:
        return
    names = ("validation", "the grader's words")
    for name, values, counted in zip(names, zip(*reached, strict=True), bigrams, strict=True):
        mean, deviation = np.mean(values), np.std(values, ddof=1)
        print(f"{name}: mean {mean:.2f}, standard deviation {deviation:.2f}, three above {mean + 3 * deviation:.2f}, "
              f"most {max(values):.2f}; bigrams {counted:.2f}")  # fmt: skip


def _trained(unit: Unit, seed: int) -> dict[str, Any]:
    """What the notebook holds once the source's cells have trained the model for a seed."""
    namespace: dict[str, Any] = {}
    for cell in unit.reference_cells:
        left_out = cell["source"] in unit.asides or "explore." in cell["source"]
        if cell["cell_type"] == "code" and not left_out:
            exec(cell["source"].replace("SEED = 9\n", f"SEED = {seed}\n"), namespace)  # noqa: S102
        if "language_model" in namespace:
            break
    assert namespace["SEED"] == seed
    return namespace


class _Counted:
    """The bigrams, asked as a model is."""

    def __init__(self, bigrams: Any) -> None:
        self.bigrams = bigrams

    def predict(self, rows: Any, verbose: int = 0) -> Any:
        return self.bigrams.log_probabilities(rows)


def _of_validation(namespace: dict[str, Any]) -> float:
    from labkit.language.next_word import perplexity

    logits = namespace["language_model"].predict(namespace["x_validation"], verbose=0)
    return perplexity(logits, namespace["y_validation"])


def _of_the_graders_words(unit: Unit, model: Any) -> float:
    (probe,) = [probe for probe in unit.tasks["language_model"].probes.values() if probe.hidden]
    planned = next(p for p in unit.plan(unit.tasks["language_model"], "any") if p.name == probe.name)
    names: dict[str, Any] = {}
    exec(planned.code, names)  # noqa: S102  as a submission runs it
    rows, words = probe.inputs["rows"].draw(np.random.default_rng(0))  # every draw has the same words
    judge: Any = dataclasses.replace(probe.judge, labels=words)  # type: ignore[type-var]
    return float(judge.measure(names[probe.name](model, rows)))


if __name__ == "__main__":
    main()
