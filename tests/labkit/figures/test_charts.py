import io

import numpy as np
from PIL import Image

from labkit import figures
from labkit.figures import charts

LINES = {"one": np.array([[1.0, 0.1], [2.0, 0.2]]), "two": np.array([[3.0, 3.0]])}


def curves(**changes):
    words = {"title": "It falls", "xlabel": "layer", "ylabel": "norm", "alt": 'Two lines, "one" falls.'}
    return figures.curves([1, 2], LINES, **{**words, **changes})


def test_drawing_leaves_the_readers_own_matplotlib_style_alone():
    import matplotlib

    before = dict(matplotlib.rcParams)
    curves()
    assert dict(matplotlib.rcParams) == before


def test_a_row_of_images_takes_flat_images():
    picture = figures.image_row(np.random.default_rng(0).random((3, 64)), [7, 8, 9], alt="Three digits.")
    assert picture.alt == "Three digits."
    assert picture.png.startswith(b"\x89PNG")


def test_a_logarithmic_axis_of_few_decades_has_more_than_one_tick():
    _, (axis,) = figures.new()
    axis.plot([2.0, 14.0])
    axis.set_yscale("log")
    charts._label_few_decades(axis)
    axis.figure.canvas.draw()
    low, high = axis.get_ylim()
    assert [tick for tick in axis.get_yticks() if low <= tick <= high] == [2.0, 5.0, 10.0]


def test_dots_grow_with_their_rows_and_take_a_level_and_limits():
    words = {"title": "It spreads", "xlabel": "accuracy", "alt": "Dots."}
    one = figures.dots({"once": [0.2, 0.4]}, **words)
    three = figures.dots({name: [0.95, 0.95] for name in "abc"}, level=("guess", 0.9), limits=(0.8, 1.0), **words)
    heights = [Image.open(io.BytesIO(picture.png)).height for picture in (one, three)]
    assert heights[0] < heights[1]
    assert three.alt == "Dots."
