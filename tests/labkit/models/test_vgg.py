import numpy as np
import pytest

from labkit.models import vgg16

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture(scope="module")
def full():
    return vgg16()


@pytest.fixture(scope="module")
def keras_own():
    import keras

    return keras.applications.VGG16(include_top=False, weights=None, input_shape=(64, 64, 3))


def test_at_full_width_names_shapes_and_parameters_are_those_of_keras(full, keras_own):
    ours, theirs = ([(layer.name, layer.output.shape) for layer in model.layers[1:]] for model in (full, keras_own))
    assert ours == theirs
    assert [w.shape for w in full.weights] == [w.shape for w in keras_own.weights]
    assert full.count_params() == 14_714_688


def test_with_the_same_weights_it_computes_what_keras_computes(full, keras_own):
    keras_own.set_weights(full.get_weights())
    images = np.random.default_rng(0).normal(size=(2, 64, 64, 3)).astype("float32")
    ours, theirs = (np.asarray(model.predict(images, verbose=0)) for model in (full, keras_own))
    assert ours.max() > 0.01
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("width", "filters", "parameters"), [(1 / 8, 64, 230_568), (1 / 4, 128, 920_784)])
def test_a_narrow_one_has_its_share_of_the_filters(width, filters, parameters):
    model = vgg16(width, (96, 64, 3))
    assert model.output_shape == (None, 3, 2, filters)
    assert model.count_params() == parameters


def test_the_signal_neither_dies_nor_explodes_on_its_way_through_random_weights():
    images = np.random.default_rng(0).normal(size=(8, 64, 64, 3)).astype("float32")
    assert 0.1 < vgg16(1 / 8)(images).numpy().std() < 10


@pytest.mark.parametrize(
    ("width", "shape", "message"),
    [(0, (64, 64, 3), "width must be above 0"), (1, (31, 64, 3), "at least 32 x 32; input_shape is")],
)
def test_what_cannot_be_built_is_refused_with_the_reason(width, shape, message):
    with pytest.raises(ValueError, match=message):
        vgg16(width, shape)
