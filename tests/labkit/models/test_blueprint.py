import pytest

from labkit.models import blueprint

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def narrow():
    import keras

    return keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3), keras.layers.Dense(2)])


def full():
    import keras

    return keras.applications.VGG16(weights=None)


def test_a_blueprint_has_the_models_shapes_and_counts():
    model, drawn = narrow(), blueprint.drawn(narrow)
    assert drawn.count_params() == model.count_params() == blueprint.parameters(narrow) == 3 * 9 * 4 + 4 + 4 * 2 + 2
    assert [weight.shape for weight in drawn.weights] == [weight.shape for weight in model.weights]
    assert drawn.output_shape == model.output_shape


def test_the_full_vgg16_is_counted_without_its_half_gigabyte():
    drawn = blueprint.drawn(full)
    assert drawn.count_params() == 138_357_544
    assert [weight._value for weight in drawn.weights] == [None] * 32


def test_models_built_afterwards_have_their_numbers():
    blueprint.drawn(narrow)
    kernel, bias, *_ = narrow().get_weights()
    assert kernel.shape == (3, 3, 3, 4)
    assert kernel.any() and not bias.any()


def test_what_the_building_raises_is_raised():
    def broken():
        raise ValueError("no such layer")

    with pytest.raises(ValueError, match="no such layer"):
        blueprint.drawn(broken)
