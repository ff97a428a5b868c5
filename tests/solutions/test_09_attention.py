"""What lab 09 gives as right is what labkit gives, which is held against Keras, and what its text says."""

from pathlib import Path

import numpy as np
import pytest
import scipy.special

from grader.units.source import load_unit
from labkit import explore
from labkit.language import attention, next_word

SOURCE = Path(__file__).resolve().parents[2] / "solutions" / "09_attention.py"
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def answers():
    """The reference's functions, by the task's name."""
    unit = load_unit(SOURCE)
    namespace = {"np": np, "scipy": scipy, "merge_heads": attention.merge_heads}
    for task in ("attention", "causal_mask", "split_heads", "positional_encoding", "layer_norm", "transformer_block",
                 "perplexity"):  # fmt: skip
        exec(unit.solution(task), namespace)
    return namespace


def parameters(width=8, hidden=12):
    shapes = dict.fromkeys(("w_q", "w_k", "w_v", "w_o"), (width, width))
    shapes |= {"w_1": (width, hidden), "b_1": (hidden,), "w_2": (hidden, width), "b_2": (width,)}
    shapes |= dict.fromkeys(("gain_1", "shift_1", "gain_2", "shift_2"), (width,))
    return {name: RNG.normal(0, 0.5, shape) for name, shape in shapes.items()}


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_a_block_is_labkits(answers, heads):
    x, mask, drawn = RNG.normal(size=(3, 5, 8)), attention.causal_mask(5), parameters()
    expected, _ = attention.transformer_block(x, drawn, heads, mask)
    np.testing.assert_allclose(answers["transformer_block"](x, drawn, heads, mask), expected)


def test_attention_is_labkits_with_and_without_a_mask(answers):
    q, k, v = RNG.normal(size=(3, 2, 4, 6))
    for mask in (None, answers["causal_mask"](4)):
        for mine, theirs in zip(attention.attention(q, k, v, mask), answers["attention"](q, k, v, mask), strict=True):
            np.testing.assert_allclose(theirs, mine)


def test_places_and_perplexity_are_labkits(answers):
    np.testing.assert_allclose(answers["positional_encoding"](16, 32), attention.positional_encoding(16, 32))
    logits, targets = RNG.normal(size=(3, 5, 9)), RNG.integers(0, 9, (3, 5))
    assert answers["perplexity"](logits, targets) == pytest.approx(next_word.perplexity(logits, targets))


def test_the_examples_of_the_text_hold(answers):
    output, weights = answers["attention"](np.zeros((1, 2)), np.array([[1.0, 2], [3, 4]]), np.array([[10.0], [20.0]]))
    assert (output.tolist(), weights.tolist()) == ([[15.0]], [[0.5, 0.5]])
    assert answers["split_heads"](np.arange(8).reshape(2, 4), 2).tolist() == [[[0, 1], [4, 5]], [[2, 3], [6, 7]]]
    np.testing.assert_allclose(
        answers["positional_encoding"](2, 4), [[0, 1, 0, 1], [0.8415, 0.5403, 0.01, 0.99995]], atol=5e-5
    )
    np.testing.assert_allclose(
        answers["layer_norm"](np.array([[1.0, 3.0], [5.0, 5.0]]), np.ones(2), np.zeros(2)),
        [[-0.9995, 0.9995], [0, 0]],
        atol=5e-5,
    )
    assert answers["perplexity"](np.zeros((1, 2, 10)), np.array([[4, 0]])) == pytest.approx(10)


def test_what_the_text_says_of_the_heads_holds():
    view = explore.attention_heads().view
    by_divisor = {divisor: view(divisor=divisor).numbers for divisor in ("√d", "1", "d")}
    assert [numbers["words it reads, in effect"] for numbers in by_divisor.values()] == [
        "9.3 of 11", "4.0 of 11", "10.8 of 11"
    ]  # fmt: skip
    expected = [numbers["most expected next"] for numbers in by_divisor.values()]
    assert expected == ["end, 88%", "end, 77%", "end, 91%"]
    most = {head: view(head=head).numbers["it looks most at"].split(",")[0] for head in ("1.1", "1.3", "2.3")}
    assert most == {"1.1": "distance", "1.3": "start", "2.3": "arrays"}
