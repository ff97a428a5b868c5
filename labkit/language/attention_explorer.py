"""Attention heads over the reader's own sentence: who looks at whom, and what the model expects next."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from labkit import figures
from labkit.arrays import Array
from labkit.figures.controls import Choice, Slider, Text
from labkit.figures.kept import Canvas
from labkit.figures.stage import Explorer, View
from labkit.language.course_reader import HEADS, LENGTH, Reading, reader
from labkit.language.encoding import PAD, UNKNOWN
from labkit.language.next_word import START

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SENTENCE = "compute the mean of the squared distance between two arrays"
DIVISORS = ("1", "√d", "d")
GUESSES = 5
MOST_LETTERS = 12  # of a word in a chart


def attention_heads() -> Explorer:
    """Write a sentence, choose a head, a word that asks and what scores are divided by; see where it looks."""
    return Explorer(
        draw,
        {
            "sentence": Text("Your sentence", SENTENCE),
            "head": Choice("Head", tuple(f"{block}.{head}" for block in (1, 2) for head in range(1, HEADS + 1)), "1.1"),
            "divisor": Choice("Divide scores by", DIVISORS, "√d"),
            "word": Slider("Word that asks", 1, LENGTH, 1, 1 + len(SENTENCE.split())),  # the start, and the last word
        },
    )


@functools.lru_cache(maxsize=64)
def reading(sentence: str, divisor: str) -> Reading:
    """What the course's small Transformer sees in the sentence, with its scores divided as told."""
    d = reader().width_of_head()
    return reader().read(sentence, {"1": 1.0, "√d": np.sqrt(d), "d": float(d)}[divisor])


def words_read(weights: Array) -> float:
    """How many words a row of weights is spread over: exp of its entropy, from 1 to all."""
    seen = weights[weights > 0]
    return float(np.exp(-np.sum(seen * np.log(seen))))


CANVAS = Canvas(columns=2, width=9.2, height=4.9, places=((0.68, 0.11, 0.28, 0.28),))


@figures.styled
def draw(sentence: str, head: str, divisor: str, word: int) -> View:
    """One state of the explorer."""
    found = reading(sentence, divisor)
    row = min(word, len(found.words)) - 1
    names = [_shown(name, unknown) for name, unknown in zip(found.words, found.unknown, strict=True)]
    block, number = (int(part) - 1 for part in head.split("."))
    weights = found.weights[block, number]  # (n, n)
    likely = _likely(found.guesses[row])

    every, one, next_words = CANVAS.axes()
    every.set_position((0.155, 0.25, 0.365, 0.66))
    one.set_position((0.68, 0.56, 0.28, 0.35))
    _draw_weights(every, weights, names, row)
    every.set_title(f"Head {head}: who looks at whom", x=-0.36)
    _draw_bars(one, weights[row, : row + 1], names[: row + 1], figures.BLUE)
    one.set_title(f"Where “{names[row]}” looks", x=-0.4)
    _draw_bars(next_words, np.array([share for _, share in likely]), [name for name, _ in likely], figures.GREEN)
    next_words.set_title("What the model expects next", x=-0.4)

    most = names[int(weights[row].argmax())]
    numbers = {
        "word that asks": names[row],
        "it looks most at": f"{most}, {weights[row].max():.0%}",
        "words it reads, in effect": f"{words_read(weights[row]):.1f} of {row + 1}",
        "most expected next": f"{likely[0][0]}, {likely[0][1]:.0%}",
    }
    looks = ", ".join(f"{name} {share:.0%}" for name, share in zip(names, weights[row, : row + 1], strict=False))
    expected = ", ".join(f"{name} {share:.0%}" for name, share in likely)
    alt = (
        f"A map and two bar charts of head {head} with scores divided by {divisor}, for: {' '.join(names[1:])}. The "
        f"map shows for each word how much it reads of itself and of each word before. The word “{names[row]}” reads "
        f"{looks}. The model expects next: {expected}."
    )
    return View(CANVAS.picture(alt), numbers)


def _shown(word: str, unknown: bool) -> str:
    """A word as the chart has room for it, in brackets where the model does not know it."""
    short = word if len(word) <= MOST_LETTERS else f"{word[: MOST_LETTERS - 1]}…"
    return f"({short})" if unknown else short


def _likely(probabilities: Array) -> list[tuple[str, float]]:
    """The most expected words and their probabilities, without marks but for the end."""
    shares = probabilities.copy()
    shares[[PAD, UNKNOWN, START]] = 0.0
    order = np.argsort(-shares)[:GUESSES]
    names = reader().words
    return [(names[number].strip("<>"), float(shares[number])) for number in order]


def _draw_weights(axis: Axes, weights: Array, names: list[str], row: int) -> None:
    from matplotlib.colors import PowerNorm
    from matplotlib.patches import Rectangle

    count = len(names)
    shown = np.ma.masked_where(~np.tri(count, dtype=bool), weights)
    axis.imshow(shown, cmap="Blues", norm=PowerNorm(0.5, 0, 1), aspect="auto")  # so that small shares are seen
    axis.add_patch(Rectangle((-0.5, row - 0.5), row + 1, 1, fill=False, edgecolor=figures.RED, linewidth=2))
    axis.set_xticks(range(count), names, rotation=60, ha="right", rotation_mode="anchor", fontsize=9)
    axis.set_yticks(range(count), names, fontsize=9)
    axis.grid(False)
    axis.set(xlabel="word that is read (white 0, dark 100 %)", ylabel="word that asks")


def _draw_bars(axis: Axes, shares: Array, names: list[str], colour: str) -> None:
    places = range(len(names))
    axis.set_axisbelow(True)
    axis.barh(places, shares, color=colour)
    axis.set_yticks(places, names, fontsize=9 if len(names) < 11 else 7)
    axis.set(xlim=(0, 1), ylim=(len(names) - 0.4, -0.6))
    axis.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
