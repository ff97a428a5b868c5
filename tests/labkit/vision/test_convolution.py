import numpy as np
import pytest
import scipy.signal

from labkit.vision import convolution
from labkit.vision.convolution import convolve2d, max_pool, output_size, padded, zeros_around

RNG = np.random.default_rng(0)
IMAGE, KERNEL = RNG.normal(size=(9, 7)), RNG.normal(size=(3, 2))
CASES = [(stride, padding) for stride in (1, 2, 3) for padding in convolution.PADDINGS]


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "padding", "size"),
    [(8, 3, 1, "valid", 6), (8, 3, 1, "same", 8), (8, 3, 2, "valid", 3), (9, 3, 2, "valid", 4), (9, 3, 2, "same", 5),
     (5, 5, 1, "valid", 1), (7, 1, 3, "same", 3), (4, 3, 5, "valid", 1)],
)  # fmt: skip
def test_a_size_counts_the_windows(n, kernel, stride, padding, size):
    assert output_size(n, kernel, stride, padding) == size


@pytest.mark.parametrize("n", range(1, 12))
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_the_zeros_of_same_are_just_enough_for_its_windows(n, stride):
    before, after = zeros_around(n, 3, stride, "same")
    assert after - before in (0, 1)
    assert output_size(n + before + after, 3, stride, "valid") == output_size(n, 3, stride, "same")


def test_valid_puts_no_zeros_around():
    np.testing.assert_array_equal(padded(IMAGE, KERNEL.shape, 2, "valid"), IMAGE)


def test_of_an_odd_number_of_zeros_the_one_more_stands_after():
    assert zeros_around(8, 3, 2, "same") == (0, 1)
    np.testing.assert_array_equal(padded([[1, 2]], (1, 2), 1, "same"), [[1, 2, 0]])


@pytest.mark.parametrize(("stride", "padding"), CASES)
def test_a_feature_map_is_a_cross_correlation_at_each_stride(stride, padding):
    everywhere = scipy.signal.correlate2d(padded(IMAGE, KERNEL.shape, stride, padding), KERNEL, mode="valid")
    np.testing.assert_allclose(convolve2d(IMAGE, KERNEL, stride, padding), everywhere[::stride, ::stride])


def test_the_kernel_is_not_flipped():
    np.testing.assert_array_equal(convolve2d([[1, 2], [3, 4]], [[1, 10], [100, 1000]]), [[4321]])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("stride", "padding"), CASES)
def test_keras_agrees_to_a_hundred_thousandth(stride, padding):
    import keras

    layer = keras.layers.Conv2D(1, KERNEL.shape, strides=stride, padding=padding, use_bias=False)
    layer.build((1, *IMAGE.shape, 1))
    layer.set_weights([KERNEL[:, :, None, None]])
    theirs = keras.ops.convert_to_numpy(layer(IMAGE[None, :, :, None].astype("float32")))[0, :, :, 0]
    np.testing.assert_allclose(convolve2d(IMAGE, KERNEL, stride, padding), theirs, atol=1e-5)


def test_pooling_takes_the_largest_of_each_whole_window():
    np.testing.assert_array_equal(max_pool([[1, 5, 2, 0, 9], [3, 4, -1, -2, 9], [7, 7, 7, 7, 7]], 2), [[5, 2]])


def test_the_largest_of_negative_numbers_is_negative():
    np.testing.assert_array_equal(max_pool(np.full((4, 4), -3), 2), [[-3, -3], [-3, -3]])


@pytest.mark.parametrize("call", [lambda p: output_size(8, 3, 1, p), lambda p: convolve2d(IMAGE, KERNEL, 1, p)])
def test_another_padding_is_refused_by_name(call):
    with pytest.raises(ValueError, match="padding is one of 'valid', 'same', not 'full'"):
        call("full")
