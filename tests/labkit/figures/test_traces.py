import io

import numpy as np
from PIL import Image

from labkit import figures
from labkit.figures import traces


def picture(series):
    return traces.traces(np.arange(50), series, title="t", xlabel="x", alt="curves")


def rows_of(shown, colour):
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    pixels = np.asarray(Image.open(io.BytesIO(shown.png)).convert("RGB"))
    return np.flatnonzero((pixels == wanted).all(axis=-1).any(axis=1))


def test_the_first_curve_is_drawn_above_the_second_and_they_do_not_touch():
    wave = np.sin(np.arange(50))
    shown = picture({"one": wave, "two": 0.5 * wave})
    first, second = rows_of(shown, figures.BLUE), rows_of(shown, figures.RED)
    assert first.max() < second.min()
    assert np.ptp(first) > 1.5 * np.ptp(second)


def test_the_picture_carries_its_alt_text():
    assert picture({"one": np.arange(50.0)}).alt == "curves"
