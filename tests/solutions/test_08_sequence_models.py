"""What lab 08 gives as right is what Keras does: five steps of an LSTM, in the reference's own code."""

from pathlib import Path

import numpy as np
import pytest

from grader.units.source import load_unit
from labkit.learning import activations

SOURCE = Path(__file__).resolve().parents[2] / "solutions" / "08_sequence_models.py"

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.mark.parametrize("seed", range(3))
def test_the_references_steps_are_those_of_kerass_lstm(seed):
    import keras

    answers = {"np": np, "activations": activations}
    exec(load_unit(SOURCE).solution("lstm_step"), answers)
    rng = np.random.default_rng(seed)
    x, weights = rng.normal(size=(2, 5, 3)), [rng.normal(size=shape) for shape in ((3, 16), (4, 16), (16,))]
    layer = keras.layers.LSTM(4)
    layer.build(x.shape)
    layer.set_weights(weights)
    h = c = np.zeros((2, 4))
    for t in range(5):
        h, c = answers["lstm_step"](x[:, t], h, c, dict(zip(("wx", "wh", "b"), weights, strict=True)))
    np.testing.assert_allclose(h, keras.ops.convert_to_numpy(layer(x.astype("float32"))), atol=1e-5)
