import base64
import io

import numpy as np
from PIL import Image

from labkit import figures

LINES = {"one": np.array([[1.0, 0.1], [2.0, 0.2]]), "two": np.array([[3.0, 3.0]])}


def curves(**changes):
    words = {"title": "It falls", "xlabel": "layer", "ylabel": "norm", "alt": 'Two lines, "one" falls.'}
    return figures.curves([1, 2], LINES, **{**words, **changes})


def test_a_picture_carries_its_alt_text_into_each_kind_of_output():
    data, metadata = curves()._repr_mimebundle_()
    assert data["text/plain"] == 'Two lines, "one" falls.'
    assert 'alt="Two lines, &quot;one&quot; falls."' in data["text/html"]
    assert metadata["image/png"]["alt"] == data["text/plain"]


def test_a_picture_is_a_png_with_a_white_background_at_its_edge():
    data, metadata = curves(log="y", level=("baseline", 1.0))._repr_mimebundle_()
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.format == "PNG"
    assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    assert image.width == metadata["image/png"]["width"] * 1.5


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
    figures._label_few_decades(axis)
    axis.figure.canvas.draw()
    low, high = axis.get_ylim()
    assert [tick for tick in axis.get_yticks() if low <= tick <= high] == [2.0, 5.0, 10.0]


def test_packing_keeps_the_pixels_of_a_drawing_nearly_as_they_are_in_half_the_bytes():
    picture = curves()
    packed = picture.packed()
    before, after = (np.asarray(Image.open(io.BytesIO(p.png)).convert("RGB")).astype(int) for p in (picture, packed))
    assert len(packed.png) < len(picture.png) / 2
    assert np.abs(after - before).mean() < 0.2
    assert (after[0, 0] == 255).all()
    assert packed.alt == picture.alt


def test_packing_leaves_a_photograph_and_a_packed_picture_alone():
    noise = np.random.default_rng(0).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "png")
    photograph = figures.Picture(buffer.getvalue(), 100, "Noise.")
    assert photograph.packed() is photograph
    packed = curves().packed()
    assert packed.packed() is packed


def test_dots_grow_with_their_rows_and_take_a_level_and_limits():
    words = {"title": "It spreads", "xlabel": "accuracy", "alt": "Dots."}
    one = figures.dots({"once": [0.2, 0.4]}, **words)
    three = figures.dots({name: [0.95, 0.95] for name in "abc"}, level=("guess", 0.9), limits=(0.8, 1.0), **words)
    heights = [Image.open(io.BytesIO(picture.png)).height for picture in (one, three)]
    assert heights[0] < heights[1]
    assert three.alt == "Dots."
