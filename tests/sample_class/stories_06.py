"""Lab 06, VGG16 and augmentation."""

from learner import Cells, Story, answer, answer_right, deserves, earns, full_marks, gets

from grader.units.unit import Unit

NAME = "06_vgg16_and_augmentation"


@earns("receptive_field", "vgg_block", "build_vgg16", "quiz_1", "preprocess", "quiz_2", "augmenter")
def half_way(unit: Unit, cells: Cells) -> None:
    """Stopped before the pipeline; blocks and receptive fields are written otherwise than in the reference."""
    answer_right(unit, cells, "build_vgg16", "quiz_1", "preprocess", "quiz_2")
    answer(
        unit, cells,
        receptive_field="""
def receptive_field(layers):
    field = 1
    for kernel, stride in layers[::-1]:
        field = field * stride + kernel - stride
    return field
""",
        vgg_block="""
def vgg_block(x, convolutions, filters):
    for i in range(convolutions):
        x = keras.layers.Conv2D(filters, (3, 3), padding="same", kernel_initializer="he_normal")(x)
        x = keras.layers.Activation("relu")(x)
    return keras.layers.MaxPool2D()(x)
""",
        augmenter="""
def augmenter():
    return keras.layers.Pipeline([keras.layers.RandomZoom(0.1), keras.layers.RandomTranslation(0.1, 0.1)])
""",
    )  # fmt: skip


@deserves(
    vgg_block="glorot", build_vgg16="ends_in_softmax", augmenter="flips_both_ways", network="softmax_twice",
    quiz_4="choice_a",
)  # fmt: skip
@gets(pipeline="failed")  # for two reasons at once: it divides, since preprocess does, and augments what validates
def misconceptions(unit: Unit, cells: Cells) -> None:
    """What goes wrong most often, one mistake a task; the network is compiled and hardly trained."""
    answer_right(unit, cells, *(task for task in unit.tasks if task != "network"))
    answer(
        unit, cells,
        receptive_field="""
def receptive_field(layers):
    return 1 + sum(kernel - 1 for kernel, stride in layers)
""",
        vgg_block="""
def vgg_block(x, convolutions, filters):
    for _ in range(convolutions):
        x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return keras.layers.MaxPooling2D(2)(x)
""",
        build_vgg16="""
def build_vgg16(input_shape, classes, width=1.0):
    inputs = keras.Input(input_shape)
    x = inputs
    for convolutions, filters in [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]:
        x = vgg_block(x, convolutions, int(filters * width))
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(int(4096 * width), activation="relu", kernel_initializer="he_normal")(x)
    x = keras.layers.Dense(int(4096 * width), activation="relu", kernel_initializer="he_normal")(x)
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(x))
""",
        preprocess="""
def preprocess(images):
    return (tf.cast(images, "float32")[..., ::-1] - [103.939, 116.779, 123.68]) / 255
""",
        augmenter="""
def augmenter():
    return keras.layers.Pipeline([
        keras.layers.RandomFlip(),
        keras.layers.RandomTranslation(0.1, 0.1),
    ])
""",
        pipeline="""
def pipeline(images, labels, batch_size, training):
    augment = augmenter()
    batches = tf.data.Dataset.from_tensor_slices((images, labels))
    if training:
        batches = batches.shuffle(len(images))
    batches = batches.batch(batch_size)
    batches = batches.map(lambda x, y: (augment(x, training=True), y))
    return batches.map(lambda x, y: (preprocess(x), y))
""",
        network="""
network = build_vgg16((SIZE, SIZE, 3), 6, WIDTH)
network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
network.fit(pipeline(fruits.x_train, fruits.y_train, BATCH_SIZE, True), epochs=1, shuffle=False, verbose=0)
""",
        quiz_4='lab.answer("quiz_4", "a")',
    )  # fmt: skip


@deserves(network="trained_on_validation")
def on_the_wrong_folder(unit: Unit, cells: Cells) -> None:
    """Everything is right, but the network was trained on the validation part."""
    answer_right(unit, cells, *(task for task in unit.tasks if task != "network"))
    solution = unit.solution("network").replace("pipeline(fruits.x_train, fruits.y_train", "pipeline(wrong_x, wrong_y")
    answer(unit, cells, network=f"wrong_x, wrong_y = fruits.x_validation, fruits.y_validation\n{solution}")


@deserves(pipeline="shuffles_apart", network="softmax_over_one_unit", quiz_5="choice_c")
def careless(unit: Unit, cells: Cells) -> None:
    """The pipeline shuffles images apart from labels, and the network has one unit for six classes."""
    answer_right(unit, cells, *(task for task in unit.tasks if task not in ("network", "quiz_3", "quiz_5")))
    answer(
        unit, cells,
        pipeline="""
def pipeline(images, labels, batch_size, training):
    x = tf.data.Dataset.from_tensor_slices(images)
    y = tf.data.Dataset.from_tensor_slices(labels)
    if training:
        x, y = x.shuffle(len(labels)), y.shuffle(len(labels))
    batches = tf.data.Dataset.zip((x, y)).batch(batch_size)
    if training:
        augment = augmenter()
        batches = batches.map(lambda x, y: (augment(x, training=True), y))
    return batches.map(lambda x, y: (preprocess(x), y))
""",
        network="""
base = build_vgg16((SIZE, SIZE, 3), 1, WIDTH)
network = keras.Sequential([base, keras.layers.Softmax()])
network.compile("adam", "binary_crossentropy", metrics=["accuracy"])
network.fit(pipeline(fruits.x_train, fruits.y_train > 2, BATCH_SIZE, True), epochs=1, shuffle=False, verbose=0)
""",
        quiz_3='lab.answer("quiz_3", "a")',
        quiz_5='lab.answer("quiz_5", "c")',
    )  # fmt: skip


STORIES: dict[str, Story] = {
    "036": full_marks,
    "039": half_way,
    "050": misconceptions,
    "038": on_the_wrong_folder,
    "037": careless,
}
