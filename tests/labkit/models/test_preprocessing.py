import numpy as np
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 32, 40, 3)).astype("uint8")


def test_it_is_what_keras_does_for_vgg16_and_leaves_the_images_alone():
    import keras

    from labkit.models import preprocess

    before = IMAGES.copy()
    expected = keras.applications.vgg16.preprocess_input(IMAGES.astype("float32"))
    result = preprocess(IMAGES)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, atol=1e-4)
    np.testing.assert_array_equal(IMAGES, before)


def test_one_pure_red_pixel_comes_out_as_blue_green_red_less_their_means():
    from labkit.models import preprocess

    red = np.array([[[[255, 0, 0]]]], "uint8")
    np.testing.assert_allclose(preprocess(red).ravel(), [-103.939, -116.779, 255 - 123.68], rtol=1e-6)


def test_a_tensor_and_the_layer_give_the_same_as_an_array():
    import keras

    from labkit.models import Preprocess, preprocess

    tensor = keras.ops.convert_to_tensor(IMAGES)
    for result in (preprocess(tensor), Preprocess()(tensor)):
        np.testing.assert_allclose(keras.ops.convert_to_numpy(result), preprocess(IMAGES), atol=1e-4)


def test_it_works_in_a_tf_data_pipeline():
    import tensorflow

    from labkit.models import preprocess

    pipeline = tensorflow.data.Dataset.from_tensor_slices(IMAGES).batch(2).map(preprocess)
    np.testing.assert_allclose(next(iter(pipeline)).numpy(), preprocess(IMAGES), atol=1e-4)


def test_a_saved_model_with_the_layer_takes_raw_images(tmp_path):
    import keras

    from labkit.models import Preprocess, preprocess

    inputs = keras.Input((32, 40, 3), dtype="uint8")
    keras.Model(inputs, Preprocess()(inputs)).save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.predict(IMAGES, verbose=0), preprocess(IMAGES), atol=1e-4)
