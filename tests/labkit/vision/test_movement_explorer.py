import pytest

from labkit import explore
from labkit.vision import movement_explorer

pytestmark = pytest.mark.slow


def test_numbers_and_words_say_what_the_map_shows():
    view = explore.weight_map().view(trainable="head alone")
    assert view.numbers["weights that moved"] == "390 of 230,958"
    assert "Not moved: block1_conv1," in view.picture.alt
    assert view.numbers["validation accuracy"].replace(" → ", "").count("%") == 2


@pytest.mark.parametrize("head", movement_explorer.HEADS)
@pytest.mark.parametrize("exponent", [-5.0, -1.0])
def test_every_corner_of_the_controls_can_be_drawn(head, exponent):
    assert movement_explorer.draw(head, "all", exponent).picture.png.startswith(b"\x89PNG")
