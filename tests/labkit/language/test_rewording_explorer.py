import pytest

from labkit import explore
from labkit.language import rewording, rewording_explorer


def test_nothing_is_in_danger_where_nothing_is_changed():
    for sentence in rewording_explorer.SENTENCES:
        numbers = explore.rewording().view(sentence=sentence, rate=0.0).numbers
        assert numbers["labels in danger"] == "0 of 6"
        assert numbers["sentence as it was"] == numbers["least after rewording"]


def test_a_count_of_words_does_not_see_that_neighbours_changed_places():
    for version in rewording_explorer.reworded("fit the model to the training data", "swap neighbours", 0.9, 1):
        assert version.share == pytest.approx(
            rewording_explorer.reworded("fit the model to the training data", "drop words", 0.0, 1)[0].share
        )


def test_dropping_most_words_puts_labels_in_danger():
    dangers = [
        version.in_danger
        for sentence in rewording_explorer.SENTENCES
        for seed in range(10)
        for version in rewording_explorer.reworded(sentence, "drop words", 0.8, seed)[1:]
    ]
    assert 0.1 < sum(dangers) / len(dangers) < 0.9


def test_the_alt_text_holds_every_version():
    view = explore.rewording().view()
    for version in rewording_explorer.reworded("draw a line on the axes", "drop words", 0.3, 0):
        assert " ".join(version.words) in view.picture.alt


@pytest.mark.parametrize("kind", rewording.KINDS)
@pytest.mark.parametrize("rate", [0.0, 0.9])
def test_every_corner_of_the_controls_can_be_drawn(kind, rate):
    for sentence in rewording_explorer.SENTENCES:
        assert rewording_explorer.draw(sentence, kind, rate, 20).picture.png.startswith(b"\x89PNG")
