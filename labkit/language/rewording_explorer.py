"""Text augmentation, previewed: six rewordings of a sentence, and a warning where its label is destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from labkit import figures
from labkit.figures.controls import Choice, Slider
from labkit.figures.kept import Canvas
from labkit.figures.stage import Explorer, View
from labkit.language.rewording import KINDS, judge_of_sentences, tokens_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A sentence for each of three libraries, none of them in the data.
SENTENCES = {
    "draw a line on the axes": "matplotlib",
    "fit the model to the training data": "scikit-learn",
    "return the values of the array along an axis": "NumPy",
}
ROWS = 6


class Reworded(NamedTuple):
    """A sentence after augmentation, how likely its own label still is, and which label is the likeliest."""

    words: list[str]
    share: float
    told: str

    @property
    def in_danger(self) -> bool:
        """Whether less than half of the probability is left to the sentence's own label."""
        return self.share < 0.5


def rewording() -> Explorer:
    """Choose a sentence, a way to reword it and how much; see what a word counter still makes of it."""
    return Explorer(
        draw,
        {
            "sentence": Choice("Sentence", tuple(SENTENCES), next(iter(SENTENCES))),
            "kind": Choice("Augmentation", tuple(KINDS), "drop words"),
            "rate": Slider("Share of words", 0.0, 0.9, 0.1, 0.3),
            "seed": Slider("Draw", 0, 20, 1, 0),
        },
    )


def reworded(sentence: str, kind: str, rate: float, seed: int) -> list[Reworded]:
    """The sentence itself, then six rewordings of it, each with its verdict."""
    judge, classes = judge_of_sentences()
    own = classes.index(SENTENCES[sentence])
    rng = np.random.default_rng(seed)
    words = tokens_of(sentence)
    versions = [words, *(KINDS[kind](words, rate, rng) for _ in range(ROWS))]
    found = []
    for version in versions:
        shares = judge.probabilities(tokens_of(" ".join(version)))
        found.append(Reworded(version, float(shares[own]), classes[int(shares.argmax())]))
    return found


CANVAS = Canvas(columns=2, width=9.2, height=3.9)


@figures.styled
def draw(sentence: str, kind: str, rate: float, seed: int) -> View:
    """One state of the explorer."""
    versions = reworded(sentence, kind, rate, seed)
    label = SENTENCES[sentence]
    lost = [version for version in versions[1:] if version.in_danger]
    texts, bars = CANVAS.axes()
    texts.set_position((0.02, 0.14, 0.56, 0.74))
    bars.set_position((0.62, 0.14, 0.35, 0.74))
    _draw_texts(texts, versions, label)
    _draw_bars(bars, versions)
    texts.set_title(f"In {len(lost)} of {ROWS} rewordings the label {label} is in danger")
    bars.set_title(f"Probability of {label}")
    numbers = {
        "label": label,
        "labels in danger": f"{len(lost)} of {ROWS}",
        "sentence as it was": f"{versions[0].share:.0%}",
        "least after rewording": f"{min(version.share for version in versions[1:]):.0%}",
    }
    rows = "; ".join(
        f"{' '.join(version.words)} ({version.share:.0%}{', in danger' if version.in_danger else ''})"
        for version in versions
    )
    alt = (
        f"A list and a bar chart: the sentence of {label}, then {ROWS} versions made by the augmentation {kind}, rate "
        f"{rate:.1f}, each with the probability that a count of words gives to {label}. {rows}."
    )
    return View(CANVAS.picture(alt), numbers)


def _draw_texts(axis: Axes, versions: list[Reworded], label: str) -> None:
    for row, version in enumerate(versions):
        safe = not version.in_danger
        mark = "as it was: " if row == 0 else ("" if safe else "⚠ ")
        axis.text(
            0.0, row, mark + " ".join(version.words), va="center", fontsize=9.5,
            color=figures.INK if safe else figures.RED, weight="bold" if row == 0 else "normal",
        )  # fmt: skip
        if not safe:
            axis.text(
                0.0,
                row + 0.38,
                f"     now reads like {version.told}" if version.told != label else "     reads like any library",
                va="center",
                fontsize=8,
                color=figures.RED,
            )
    axis.set(xlim=(0, 1), ylim=(len(versions) - 0.4, -0.6))
    axis.set_axis_off()


def _draw_bars(axis: Axes, versions: list[Reworded]) -> None:
    rows = range(len(versions))
    colours = [figures.BLUE if not version.in_danger else figures.RED for version in versions]
    axis.barh(rows, [version.share for version in versions], color=colours, height=0.6)
    for row, version in zip(rows, versions, strict=True):
        axis.text(version.share + 0.02, row, f"{version.share:.0%}", va="center", fontsize=9)
    axis.set(xlim=(0, 1.15), ylim=(len(versions) - 0.4, -0.6), xlabel="probability, by naive Bayes", yticks=[])
    axis.set_xticks((0, 0.5, 1), ("0", "0.5", "1"))
