import numpy as np
import pytest

from labkit import explore
from labkit.language import attention_explorer


def test_the_first_state_says_where_the_last_word_looks():
    numbers = explore.attention_heads().view().numbers
    assert numbers["word that asks"] == "arrays"
    assert explore.attention_heads().view(word=10).numbers["word that asks"] == "two"  # a step back moves at once
    assert list(numbers) == ["word that asks", "it looks most at", "words it reads, in effect", "most expected next"]


def test_the_first_word_reads_the_start_and_itself_alone():
    view = explore.attention_heads().view(word=2)
    assert view.numbers["word that asks"] == "compute"
    assert view.numbers["words it reads, in effect"].endswith("of 2")


def test_a_divisor_of_1_reads_fewer_words_and_d_more():
    def read(divisor):
        weights = attention_explorer.reading(attention_explorer.SENTENCE, divisor).weights
        return np.mean([attention_explorer.words_read(row) for row in weights[:, :, -1].reshape(-1, weights.shape[-1])])

    assert read("1") < read("√d") < read("d")


@pytest.mark.parametrize(("weights", "words"), [([1.0, 0.0, 0.0], 1.0), ([0.25] * 4, 4.0), ([0.5, 0.5, 0.0], 2.0)])
def test_words_in_effect_count_equal_weights(weights, words):
    assert attention_explorer.words_read(np.array(weights)) == pytest.approx(words)


@pytest.mark.parametrize("sentence", ["", "…", "walrus", "the " * 40, "<b>the & mean</b>", "mittelwert für größe"])
@pytest.mark.parametrize("head", ["1.1", "2.4"])
def test_whatever_the_reader_writes_can_be_drawn(sentence, head):
    view = explore.attention_heads().view(sentence=sentence, head=head, word=16)
    assert view.picture.png.startswith(b"\x89PNG")


def test_an_unknown_word_stands_in_brackets():
    assert explore.attention_heads().view(sentence="compute the walrus").numbers["word that asks"] == "(walrus)"


def test_no_mark_is_expected_but_the_end():
    found = attention_explorer.reading(attention_explorer.SENTENCE, "√d")
    names = [name for guesses in found.guesses for name, _ in attention_explorer._likely(guesses)]
    assert not {"", "start", "unknown"} & set(names)
