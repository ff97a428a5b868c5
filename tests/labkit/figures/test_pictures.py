import base64
import io

import numpy as np
from PIL import Image

from labkit import figures


def curves(**changes):
    words = {"title": "It falls", "xlabel": "layer", "ylabel": "norm", "alt": 'Two lines, "one" falls.'}
    lines = {"one": [[1.0, 0.1], [2.0, 0.2]], "two": [[3.0, 3.0]]}
    return figures.curves([1, 2], lines, **{**words, **changes})


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
