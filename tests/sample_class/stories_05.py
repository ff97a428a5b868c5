"""Lab 05, convolution."""

from learner import Cells, Story, answer, answer_right, deserves, earns, full_marks

from grader.units.unit import Unit

NAME = "05_convolution"


@earns("quiz_1", "output_size", "convolve2d", "max_pool", "quiz_2", "count_parameters", "quiz_3")
def half_way(unit: Unit, cells: Cells) -> None:
    """Stopped before the blocks; the answers that are there are others than the reference's."""
    answer_right(unit, cells, "quiz_1", "quiz_2", "quiz_3")
    answer(
        unit, cells,
        output_size="""
def output_size(n, kernel, stride, padding):
    starts = range(0, n if padding == "same" else n - kernel + 1, stride)
    return len(starts)
""",
        convolve2d="""
def convolve2d(image, kernel, stride, padding):
    from scipy.signal import correlate2d
    if padding == "same":
        for axis in (0, 1):
            n, k = image.shape[axis], kernel.shape[axis]
            total = max((output_size(n, k, stride, "same") - 1) * stride + k - n, 0)
            before = [(0, 0), (0, 0)]
            before[axis] = (total // 2, total - total // 2)
            image = np.pad(image, before)
    return correlate2d(image.astype(float), kernel, mode="valid")[::stride, ::stride]
""",
        max_pool="""
def max_pool(image, size):
    rows, columns = image.shape[0] // size, image.shape[1] // size
    pooled = np.full((rows, columns), -np.inf)
    for i in range(rows):
        for j in range(columns):
            pooled[i, j] = image[i * size:(i + 1) * size, j * size:(j + 1) * size].max()
    return pooled
""",
        count_parameters="""
def count_parameters(layers):
    total = 0
    for layer in layers:
        if layer[0] == "input":
            height, width, channels = layer[1:]
        elif layer[0] == "conv":
            total += layer[1] ** 2 * channels * layer[2] + layer[2]
            channels = layer[2]
        elif layer[0] == "pool":
            height, width = height // layer[1], width // layer[1]
        elif layer[0] == "flatten":
            channels, height, width = height * width * channels, 1, 1
        else:
            total += channels * layer[1] + layer[1]
            channels = layer[1]
    return total
""",
    )  # fmt: skip


@deserves(
    output_size="same_is_n", convolve2d="flipped", max_pool="mean_of_each_window", count_parameters="biases_forgotten",
    residual_block="relu_before_the_sum", separable_block="depthwise_alone", cnn="one_unit", quiz_5="choice_a",
)  # fmt: skip
def misconceptions(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells, *(task for task in unit.tasks if task != "cnn"))
    answer(
        unit, cells,
        output_size="""
def output_size(n, kernel, stride, padding):
    if padding == "same":
        return n
    return (n - kernel) // stride + 1
""",
        convolve2d="""
def convolve2d(image, kernel, stride, padding):
    from scipy.signal import convolve2d as of_scipy
    if padding == "same":
        zeros = []
        for n, k in zip(image.shape, kernel.shape):
            total = max((-(-n // stride) - 1) * stride + k - n, 0)
            zeros.append((total // 2, total - total // 2))
        image = np.pad(image, zeros)
    return of_scipy(image, kernel * 1.0, mode="valid")[::stride, ::stride]
""",
        max_pool="""
def max_pool(image, size):
    rows, columns = image.shape[0] // size, image.shape[1] // size
    return image[:rows * size, :columns * size].reshape(rows, size, columns, size).mean(axis=(1, 3))
""",
        count_parameters="""
def count_parameters(layers):
    total = 0
    for layer in layers:
        if layer[0] == "input":
            height, width, channels = layer[1:]
        elif layer[0] == "conv":
            total += layer[1] ** 2 * channels * layer[2]
            channels = layer[2]
        elif layer[0] == "pool":
            height, width = height // layer[1], width // layer[1]
        elif layer[0] == "flatten":
            row = height * width * channels
        elif layer[0] == "dense":
            total += row * layer[1]
            row = layer[1]
    return total
""",
        residual_block="""
def residual_block(x, filters):
    y = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    y = layers.Conv2D(filters, 3, padding="same", activation="relu")(y)
    if x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1)(x)
    return x + y
""",
        separable_block="""
def separable_block(x, filters):
    return layers.DepthwiseConv2D(3, padding="same", activation="relu")(x)
""",
        cnn="""
cnn = keras.Sequential([
    keras.Input((10, 10, 1)),
    layers.Conv2D(16, 3, padding="same", activation="relu"),
    layers.GlobalMaxPooling2D(),
    layers.Dense(1, activation="softmax"),
])
cnn.compile("adam", "mean_squared_error")
""",
        quiz_5='lab.answer("quiz_5", "a")',
    )  # fmt: skip


@deserves(cnn="bound_to_the_middle")
def bound_to_the_middle(unit: Unit, cells: Cells) -> None:
    """All functions are right; the network ends with Flatten, as most first ones do."""
    answer_right(unit, cells, *(task for task in unit.tasks if task != "cnn"))
    answer(
        unit, cells,
        cnn="""
keras.utils.set_random_seed(1)
cnn = keras.Sequential([
    keras.Input((10, 10, 1)),
    layers.Conv2D(8, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(2),
    layers.Conv2D(12, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(2),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
])
cnn.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
cnn.fit(x_train, y_train, batch_size=64, epochs=15, verbose=0)
""",
    )  # fmt: skip


@deserves(cnn="softmax_and_from_logits")
def softmax_twice(unit: Unit, cells: Cells) -> None:
    """Only the network, and a softmax in it and another in its loss."""
    answer_right(unit, cells, "quiz_1")
    answer(
        unit, cells,
        cnn="""
cnn = keras.Sequential([
    keras.Input((10, 10, 1)),
    layers.Conv2D(16, 3, padding="same", activation="relu"),
    layers.GlobalMaxPooling2D(),
    layers.Dense(10, activation="softmax"),
])
cnn.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
cnn.fit(x_train, y_train, batch_size=128, epochs=2, verbose=0)
""",
    )  # fmt: skip


STORIES: dict[str, Story] = {
    "040": full_marks,
    "041": half_way,
    "042": misconceptions,
    "043": bound_to_the_middle,
    "044": softmax_twice,
}
