# %% [markdown]
# # VGG16 and augmentation
#
# **How far do plain 3 x 3 convolutions go, and what if images are few?**
#
# After this lab you can
#
# - say why two 3 x 3 convolutions replace one of 5 x 5, in receptive field and parameters;
# - build VGG16 at any width, with the 138,357,544 parameters of the original at full size;
# - give images to a network just as it expects them, once;
# - make new training images from few, without making their labels wrong;
# - write an input pipeline that augments and shuffles what is trained on, and nothing else.
#
# Reading and trying: 60 minutes. Computing: 75 seconds.
# You need convolution, padding and pooling (lab 05), first weights (lab 03) and the three parts of data (lab 04).

# %%
import numpy as np

from grader import Lab
from labkit import data, explore, figures
from labkit.figures import gallery, traces
from labkit.figures.live import live_plot
from labkit.machine import backend
from labkit.machine.scale import scaled
from labkit.models import blueprint
from labkit.vision import augmentation, few_images, transfer

print(backend.start())
import keras
import tensorflow as tf

if keras.backend.backend() != "tensorflow":
    tf.config.set_visible_devices([], "GPU")  # it only runs the input pipelines

lab = Lab("06_vgg16_and_augmentation")
SEED, SIZE, BATCH_SIZE = 6, 32, 16  # SIZE in pixels
WIDTH = scaled(cpu=1 / 8, gpu=1 / 4)  # share of VGG16's filters
EPOCHS = scaled(cpu=40, gpu=100)
keras.utils.set_random_seed(SEED)
lab

# %% [markdown]
# ## 1. Only 3 x 3
#
# A place in a feature map sees a patch of the image, its receptive field (lab 05). A 5 x 5 convolution sees 5 x 5
# pixels. So do two of 3 x 3, one after the other: the second sees 3 x 3 places, each of which has seen 3 x 3 pixels.
#
# **Predict first:** with $C$ channels in and out, which has fewer weights, one 5 x 5 convolution or two of 3 x 3? And
# one of 7 x 7 against three?

# %%
from scipy.signal import convolve2d

CHANNELS = 64
for kernel, layers in ((5, 2), (7, 3)):
    seen = np.ones((1, 1))
    for _ in range(layers):
        seen = convolve2d(seen, np.ones((3, 3)))  # (2 * layers + 1, 2 * layers + 1)
    one, several = kernel**2 * CHANNELS**2, layers * 3**2 * CHANNELS**2
    print(f"one {kernel} x {kernel}: {one:,} weights; {layers} of 3 x 3 see {seen.shape}: {several:,}", end=", ")
    print(f"{several / one:.0%}")

# %% [markdown]
# The same patch for 72 % and 55 % of the weights, and a ReLU after each, so the chain can also bend more often. This is
# the idea of **VGG16** (Simonyan and Zisserman, 2014): no kernel but 3 x 3, only more of them. Sixteen layers have
# weights.

# %% [markdown]
# ### Exercise: `receptive_field(layers)`
#
# `layers` is a list of pairs `(kernel, stride)`, first layer first: a 3 x 3 convolution is `(3, 1)`, a 2 x 2 pooling
# `(2, 2)`. Return the side of the patch that one place of the last layer sees, an `int`.
#
# Begin with one pixel. A layer adds `kernel - 1` steps, and a step is as long as the product of all strides before
# it: behind one pooling, neighbours are 2 pixels apart.
#
# `receptive_field([(3, 1), (3, 1)])` gives `5`; `receptive_field([(3, 1), (2, 2), (3, 1)])` gives `8`.
#
# Hint: Keep two numbers: the side so far, and how many pixels apart neighbours of this layer are. Both begin at 1.
# Hint: A layer adds (kernel - 1) steps of the length so far to the side.
# Hint: After that, and not before, the step is multiplied by the layer's stride.


# %%
def receptive_field(layers):
    """Side in pixels of the patch that one place of the last layer sees. `layers` holds pairs (kernel, stride)."""
    ### BEGIN SOLUTION
    side, step = 1, 1
    for kernel, stride in layers:
        side += (kernel - 1) * step
        step *= stride
    return side
    ### END SOLUTION


# %% tags=["task"]
import numpy as np  # noqa: F811
import scipy.special

import labkit.data
import labkit.models
from grader import Limits, Task, accuracy, array, by, close, drawn, equal, integers, labelled, normal, uniform
from labkit.judging import model_from
from labkit.models import blueprint  # noqa: F811

limits = Limits(seconds=300)


def array_of(came_back, *shape):
    """What came back, if it is an array of real numbers of this shape; None stands for any length."""
    if not isinstance(came_back, np.ndarray) or came_back.dtype.kind not in "iuf":
        raise ValueError("an array of numbers is due")
    if came_back.ndim != len(shape) or any(n not in (None, m) for n, m in zip(shape, came_back.shape, strict=True)):
        raise ValueError(f"an array of shape {shape} is due")
    return came_back


receptive_field_task = Task("receptive_field", points=2)
receptive_field_task.calls(
    "one_layer", "receptive_field([(int(kernel), int(stride))])",
    kernel=integers(low=2, high=9), stride=integers(low=2, high=5),
    says="One layer alone is at work here: it sees the side of its kernel, whatever its stride.",
)  # fmt: skip
receptive_field_task.calls(
    "two_of_stride_1", "receptive_field([(int(kernel), 1) for kernel in kernels])", kernels=integers(2, low=3, high=9),
    says="Two layers of stride 1: only what a kernel adds is at work here, and no stride.",
)  # fmt: skip
receptive_field_task.calls("three_convolutions", "receptive_field([tuple(layer) for layer in layers])",
    layers=[[3, 1], [3, 1], [3, 1]])  # fmt: skip
receptive_field_task.calls("with_a_pooling", "receptive_field([tuple(layer) for layer in layers])",
    layers=[[3, 1], [2, 2], [3, 1]])  # fmt: skip
receptive_field_task.calls("with_several_strides", "receptive_field([tuple(layer) for layer in layers])",
    layers=[[7, 2], [3, 2], [5, 1], [2, 2], [3, 1]])  # fmt: skip


@receptive_field_task.probe(kernels=integers(6, low=1, high=6), strides=integers(6, low=1, high=4), hidden=True)
def drawn_layers(receptive_field, kernels, strides):
    return receptive_field([(int(kernel), int(stride)) for kernel, stride in zip(kernels, strides, strict=True)])


@receptive_field_task.probe(kernels=integers(6, low=1, high=9), strides=integers(6, low=1, high=4), hidden=True)
def no_layer(receptive_field, kernels, strides):
    """And some, so that this cannot be written down."""
    layers = [(int(kernel), int(stride)) for kernel, stride in zip(kernels, strides, strict=True)]
    return [receptive_field(layers[:count]) for count in (0, 1, 6)]


receptive_field_task.misconceptions(
    sides_added=(("1, 1 -> 0, 1", "(kernel - 1) * step -> kernel * step"),
                 "The kernels' sides add up here. A kernel of side k adds k - 1 steps."),
    without_strides=("1 + sum(kernel - 1 for kernel, _ in layers)",
                     "Strides are left out: behind a pooling, neighbours are 2 pixels apart, and each later step is "
                     "as long."),
    own_stride_first=(("side + -> step *= stride; side +", "step *= stride -> "),
                      "A layer's own stride lengthens its own steps here. It lengthens those of the layers after "
                      "it: add first, then multiply."),
    only_the_last_stride=("step *= stride -> step = stride",
                          "Only the last stride counts here. The step is the product of all strides before."),
    backward_rule_forwards=(
        ("side += (kernel - 1) * step -> side = (side - 1) * stride + kernel", "step *= stride -> "),
        "That rule goes from the last layer to the first. From the first on, keep the step: the product of the "
        "strides so far."),
    the_area=("return side -> return side**2", "That is the number of pixels in the patch. The side is asked for."),
)  # fmt: skip


@receptive_field_task.alternative
def from_the_last_layer(layers):
    side = 1
    for kernel, stride in reversed(layers):
        side = (side - 1) * stride + kernel
    return side


@receptive_field_task.alternative
def by_cumulative_product(layers):
    if not layers:
        return 1
    kernels, strides = np.array(layers).T
    steps = np.cumprod(np.concatenate([[1], strides[:-1]]))
    return 1 + int(np.sum((kernels - 1) * steps))


# %% [markdown]
# ## 2. Blocks
#
# VGG16 is five blocks. A block is two or three 3 x 3 convolutions with ReLU, which keep height and width, and one
# max pooling, which halves both. Where the sides halve, the filters double, up to 512.
#
# | block | convolutions | filters | 224 x 224 becomes |
# |---|---|---|---|
# | 1 | 2 | 64 | 112 x 112 |
# | 2 | 2 | 128 | 56 x 56 |
# | 3 | 3 | 256 | 28 x 28 |
# | 4 | 3 | 512 | 14 x 14 |
# | 5 | 3 | 512 | 7 x 7 |

# %% [markdown]
# ### Exercise: `vgg_block(x, convolutions, filters)`
#
# Lead the Keras tensor `x` of shape `(n, height, width, channels)` through `convolutions` layers of 3 x 3 convolution
# with `filters` filters, a bias, padding `"same"` and ReLU, then through one 2 x 2 max pooling with stride 2. Return
# the tensor `(n, height / 2, width / 2, filters)`.
#
# Let the kernels begin as He's (`kernel_initializer="he_normal"`, lab 03). Keras's own choice, Glorot's, makes the
# signal smaller by about $\sqrt{2}$ in each of 13 layers.
#
# `vgg_block(keras.Input((32, 32, 3)), 2, 64).shape` gives `(None, 16, 16, 64)`.
#
# Hint: A layer is made, then called: keras.layers.Conv2D(...)(x). The next one is called with what came back.
# Hint: In a loop: x = keras.layers.Conv2D(filters, 3, padding='same', activation='relu',
# kernel_initializer='he_normal')(x).
# Hint: After the loop, once: keras.layers.MaxPooling2D(2)(x).


# %%
def vgg_block(x, convolutions, filters):
    """Some 3 x 3 convolutions with ReLU, then a 2 x 2 max pooling. Tensor (n, h, w, c) to (n, h/2, w/2, filters)."""
    ### BEGIN SOLUTION
    for _ in range(convolutions):
        convolution = keras.layers.Conv2D(filters, 3, padding="same", activation="relu", kernel_initializer="he_normal")
        x = convolution(x)
    return keras.layers.MaxPooling2D(2)(x)
    ### END SOLUTION


# %% tags=["task"]
# Keras and TensorFlow are imported where a probe needs them: whoever reads this unit does without.
def model_of(vgg_block, shape, convolutions, filters):
    import keras

    inputs = keras.Input(tuple(shape))
    return keras.Model(inputs, vgg_block(inputs, convolutions, filters))


def with_drawn_weights(model, seed):
    """The same numbers in the weights for everybody who has the same shapes."""
    rng = np.random.default_rng(seed)
    weights = model.get_weights()
    spreads = [np.float32(np.sqrt(2 / np.prod(w.shape[:-1], initial=1.0))) for w in weights]
    model.set_weights([s * rng.standard_normal(w.shape, "float32") for s, w in zip(spreads, weights, strict=True)])
    return model


def outputs_of(model, images):
    import keras

    return keras.ops.convert_to_numpy(model(images.astype("float32"), training=False))


vgg_block_task = Task("vgg_block", points=3, seconds=30)


@vgg_block_task.probe(shape=[32, 32, 3], convolutions=2, filters=64)
def shape_and_parameters(vgg_block, shape, convolutions, filters):
    model = model_of(vgg_block, shape, convolutions, filters)
    return {"shape": list(model.output_shape[1:]), "parameters": model.count_params()}


def oblong_shape(rng):
    return [int(side) for side in [*2 * rng.choice(np.arange(4, 12), 2, replace=False), rng.integers(2, 8)]]


@vgg_block_task.probe(shape=drawn(oblong_shape), convolutions=3, filters=integers(low=3, high=20))
def three_convolutions_of_an_oblong(vgg_block, shape, convolutions, filters):
    model = model_of(vgg_block, shape, convolutions, filters)
    return {"shape": list(model.output_shape[1:]), "parameters": model.count_params()}


vgg_block_task.calls("outputs", "outputs_of(with_drawn_weights(model_of(vgg_block, (8, 8, 3), 2, 4), 0), images)",
    images=normal(2, 8, 8, 3), judge=close(rtol=1e-3, atol=1e-4))  # fmt: skip


def beside_he(came_back, channels):
    """The spreads of first kernels for these numbers of channels, divided by He's."""
    return (array_of(came_back, len(channels)) / np.sqrt(2 / (9 * channels))).round(1)


@vgg_block_task.probe(channels=integers(3, low=16, high=160), judge=by(beside_he))
def first_weights(vgg_block, channels):
    models = [model_of(vgg_block, (8, 8, int(count)), 1, int(count)) for count in channels]
    return np.array([max(model.get_weights(), key=np.size).std() for model in models])


vgg_block_task.calls("outputs_of_another_shape",
    "outputs_of(with_drawn_weights(model_of(vgg_block, (6, 10, 2), 3, 5), seed), images)", images=normal(3, 6, 10, 2),
    seed=integers(low=0, high=10**6), hidden=True, judge=close(rtol=1e-3, atol=1e-4))  # fmt: skip
vgg_block_task.misconceptions(
    no_relu=('activation="relu", -> ',
             "There is no ReLU: convolutions in a row without a bend are one larger convolution."),
    no_padding=(
        'padding="same", -> ',
        "Without padding each convolution takes a pixel from every side. padding='same' keeps height and width.",
    ),
    pools_each_time=(
        (
            'convolution(x) -> keras.layers.MaxPooling2D(2, padding="same")(convolution(x))',
            "keras.layers.MaxPooling2D(2)(x) -> x",
        ),
        "It pools after every convolution. A block pools once, at its end.",
    ),
    no_pooling=("keras.layers.MaxPooling2D(2)(x) -> x",
                "The pooling at the end of the block is missing: height and width must be halved."),
    always_two=("range(convolutions) -> range(2)",
                "There are always two convolutions. Blocks 3 to 5 have three: use the argument."),
    not_chained=(("x = convolution(x) -> y = convolution(x)", "(2)(x) -> (2)(y)"),
                 "Each convolution is called with the block's input, so only the last one takes part. Call the next "
                 "one with what came back: x = ...(x)."),
    average_pooling=("MaxPooling2D -> AveragePooling2D",
                     "It averages each 2 x 2 patch. Max pooling keeps the largest number."),
    by_a_stride=(
        (
            "for _ in -> for number in",
            "filters, 3, -> filters, 3, 2 if number == convolutions - 1 else 1,",
            "keras.layers.MaxPooling2D(2)(x) -> x",
        ),
        "A last convolution with stride 2 halves the sides in place of a pooling. Later networks do that; VGG16 pools.",
    ),
    glorot=(("convolution = -> x =", ', kernel_initializer="he_normal") -> )(x)', "x = convolution(x) -> "),
            "The kernels begin as Glorot's, Keras's own choice. Behind ReLU the signal fades: "
            "kernel_initializer='he_normal'."),
)  # fmt: skip


@vgg_block_task.alternative
def with_layers_of_their_own(x, convolutions, filters):
    for _ in range(convolutions):
        x = keras.layers.Conv2D(filters, (3, 3), padding="same", kernel_initializer=keras.initializers.HeUniform())(x)
        x = keras.layers.ReLU()(x)
    return keras.layers.MaxPool2D((2, 2), strides=2, padding="same")(x)


@vgg_block_task.alternative
def as_a_sequence(x, convolutions, filters):
    layers = [
        keras.layers.Conv2D(filters, 3, 1, "same", activation=keras.activations.relu, kernel_initializer="he_normal")
        for _ in range(convolutions)
    ]
    return keras.Sequential([*layers, keras.layers.MaxPooling2D()])(x)


# %% [markdown]
# ### Exercise: `build_vgg16(input_shape, classes, width=1.0)`
#
# Build the whole network and return it as a `keras.Model`: the five blocks of the table; **flatten**, which makes one
# row of the last map; two dense layers of 4,096 units with ReLU; and a dense layer of `classes` units without an
# activation, which gives logits. Let the dense layers begin as He's, too.
#
# `width` scales filters and units: `round(filters * width)` and `round(4096 * width)`; the number of classes stays.
#
# `build_vgg16((32, 32, 3), 6, width=1 / 8).count_params()` gives `529582`.
#
# Hint: x = inputs = keras.Input(input_shape); then one vgg_block for each row of the table, then flatten.
# Hint: for convolutions, filters in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)): x = vgg_block(...)
# Hint: keras.layers.Flatten, two keras.layers.Dense(round(4096 * width), 'relu'), then keras.layers.Dense(classes).
# keras.Model(inputs, x) makes the model.


# %%
def build_vgg16(input_shape, classes, width=1.0):
    """VGG16 with `width` times its filters and units. Images (n, *input_shape) in, logits (n, classes) out."""
    ### BEGIN SOLUTION
    x = inputs = keras.Input(input_shape)
    for convolutions, filters in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        x = vgg_block(x, convolutions, round(filters * width))
    x = keras.layers.Flatten()(x)
    for _ in range(2):
        x = keras.layers.Dense(round(4096 * width), "relu", kernel_initializer="he_normal")(x)
    return keras.Model(inputs, keras.layers.Dense(classes)(x))
    ### END SOLUTION


# %% tags=["task"]
VGG16 = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))


def built(input_shape, classes, width, blocks=VGG16, units=(4096, 4096), flatten=True, out=None, last="linear"):
    """VGG16, or what an answer makes of it."""
    x = inputs = keras.Input(tuple(input_shape))
    for convolutions, filters in blocks:
        for _ in range(convolutions):
            x = keras.layers.Conv2D(
                round(filters * width), 3, padding="same", activation="relu", kernel_initializer="he_normal"
            )(x)  # fmt: skip
        x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Flatten()(x) if flatten else keras.layers.GlobalAveragePooling2D()(x)
    for count in units:
        x = keras.layers.Dense(round(count * width), "relu", kernel_initializer="he_normal")(x)
    return keras.Model(inputs, keras.layers.Dense(out or classes, last)(x))


def shapes_of(model):
    return [list(weight.shape) for weight in model.weights]


build_vgg16_task = Task("build_vgg16", points=4, seconds=60)


@build_vgg16_task.probe(shape=[32, 32, 3], classes=6, width=0.125)
def narrow(build_vgg16, shape, classes, width):
    model = blueprint.drawn(lambda: build_vgg16(tuple(shape), classes, width))
    return {"parameters": model.count_params(), "output": list(model.output_shape[1:])}


build_vgg16_task.calls("weights_at_full_size", "shapes_of(blueprint.drawn(lambda: build_vgg16(tuple(shape), classes)))",
    shape=[224, 224, 3], classes=1000)  # fmt: skip
build_vgg16_task.calls("scores", "outputs_of(with_drawn_weights(build_vgg16((32, 32, 3), 5, 1 / 16), 1), images)",
    images=normal(4, 32, 32, 3, scale=2), judge=close(rtol=1e-2, atol=1e-3))  # fmt: skip


def signal(came_back, scales):
    """Whether scores are as strong as the images, each multiplied by its scale: no layer has a bias yet."""
    spread = (array_of(came_back, len(scales), 10) / scales[:, np.newaxis]).std()
    return {"it arrives": bool(0.1 < spread < 10)}


@build_vgg16_task.probe(
    seed=integers(low=0, high=10**6), scales=drawn(lambda rng: 10 ** rng.uniform(0, 4, 16)), judge=by(signal)
)
def signal_through_all_layers(build_vgg16, seed, scales):
    import keras

    keras.utils.set_random_seed(seed)
    images = np.random.default_rng(seed).normal(size=(16, 32, 32, 3)) * scales[:, None, None, None]
    return outputs_of(build_vgg16((32, 32, 3), 10, 1 / 4), images)


def sides(rng):
    return [int(side) for side in [*32 * rng.choice(np.arange(1, 6), 2, replace=False), rng.integers(1, 5)]]


@build_vgg16_task.probe(
    shape=drawn(sides), classes=integers(low=2, high=60), width=drawn(lambda rng: int(rng.integers(4, 33)) / 64),
    hidden=True,
)  # fmt: skip
def another_shape(build_vgg16, shape, classes, width):
    return shapes_of(blueprint.drawn(lambda: build_vgg16(tuple(shape), classes, width=width)))


def beside_keras(came_back, classes):
    """How many parameters there are more than in keras.applications.VGG16(weights=None, classes=classes)."""
    return came_back - (134_260_544 + 4_097 * classes)


build_vgg16_task.calls("difference_from_keras_applications",
    "int(blueprint.parameters(lambda: build_vgg16((224, 224, 3), classes)))", classes=integers(low=2, high=2000),
    hidden=True, judge=by(beside_keras, equal()))  # fmt: skip
build_vgg16_task.misconceptions(
    ends_in_softmax=('built(input_shape, classes, width, last="softmax")',
                     "The last layer ends in a softmax. It is to give logits: the loss takes them, and takes the "
                     "softmax itself."),
    doubles_to_1024=("built(input_shape, classes, width, ((2, 64), (2, 128), (3, 256), (3, 512), (3, 1024)))",
                     "The filters of block 5 double once more. They stop at 512."),
    vgg13=("built(input_shape, classes, width, ((2, 64), (2, 128), (2, 256), (2, 512), (2, 512)))",
           "Every block has two convolutions: that is VGG13. Blocks 3 to 5 of VGG16 have three."),
    vgg19=("built(input_shape, classes, width, ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512)))",
           "Blocks 3 to 5 have four convolutions: that is VGG19. VGG16 has three there."),
    one_dense_layer=("built(input_shape, classes, width, units=(4096,))",
                     "One of the two dense layers of 4,096 units is missing."),
    averaged=("built(input_shape, classes, width, flatten=False)",
              "The last map is averaged to one number a filter. VGG16 flattens it, so that the dense layer sees "
              "every place."),
    wide_dense_layers=("built(input_shape, classes, width, units=(4096 / width, 4096 / width))",
                       "The dense layers keep 4,096 units at every width. `width` scales them, too."),
    width_ignored=("built(input_shape, classes, 1.0)",
                   "`width` is not used: the network is as wide as the original, whatever is asked."),
    one_unit=("built(input_shape, classes, width, out=1)",
              "There is one output for all classes. A class needs a logit of its own: Dense(classes). With a "
              "softmax over one unit, every image would get probability 1."),
)  # fmt: skip


@build_vgg16_task.alternative
def layer_after_layer(input_shape, classes, width=1.0):
    model = keras.Sequential([keras.Input(input_shape)])
    for filters in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if filters:
            model.add(keras.layers.Conv2D(
                int(filters * width), 3, padding="same", activation="relu", kernel_initializer="he_uniform"
            ))  # fmt: skip
        else:
            model.add(keras.layers.MaxPooling2D())
    model.add(keras.layers.Flatten())
    for _ in range(2):
        model.add(keras.layers.Dense(int(4096 * width), "relu", kernel_initializer="he_uniform"))
    model.add(keras.layers.Dense(classes, "linear"))
    return model


@build_vgg16_task.alternative
def above_labkits_blocks(input_shape, classes, width=1.0):
    base = labkit.models.vgg16(width, input_shape)
    x = keras.layers.Flatten()(base.output)
    for number in (1, 2):
        x = keras.layers.Dense(round(4096 * width), "relu", kernel_initializer="he_normal", name=f"fc{number}")(x)
    return keras.Model(base.input, keras.layers.Dense(classes, name="predictions")(x))


# %% [markdown]
# The full network's weights fill half a gigabyte. To count them, their shapes are enough: `blueprint.drawn` builds a
# model without its numbers. `keras.applications` has the original.
#
# **Predict first:** which layer has the most weights?

# %% tags=["aside"]
try:
    ours = blueprint.drawn(lambda: build_vgg16((224, 224, 3), 1000))
    original = blueprint.drawn(lambda: keras.applications.VGG16(weights=None))
    print(f"ours {ours.count_params():,}, keras.applications {original.count_params():,}")
    for layer in ours.layers:
        if layer.count_params() > 5e6 or layer is ours.layers[1]:
            print(f"{layer.name:10} {str(layer.output.shape[1:]):15} {layer.count_params():>11,}")

    ALL_LAYERS = [layer for n in (2, 2, 3, 3, 3) for layer in [(3, 1)] * n + [(2, 2)]]
    print(f"one place of the last 7 x 7 sees {receptive_field(ALL_LAYERS)} of 224 pixels")
except NotImplementedError:
    print("Write receptive_field, vgg_block and build_vgg16, then run this cell again.")

# %% [markdown]
# The thirteen convolutions have 14.7 million weights, the first dense layer 102.8 million: three quarters of the
# network stand behind one flatten. Later networks average the last map instead, and do without them.

# %% [markdown] question="quiz_1"
# ### Question 1
#
# The same VGG16 is built for images of 448 x 448 in place of 224 x 224, 1,000 classes. What happens to its parameters?
#
# - (a) Nothing: convolutions share their weights over all places.
#   > True of the convolutions. Flatten makes one row of the last map, 14 x 14 x 512 now: who reads that row?
# - (b) All layers get four times as many.
#   > A 3 x 3 kernel has as many weights on a large image as on a small one.
# - (c) Only the first dense layer gets more, about four times as many.
#   > Right.
# - (d) Only the convolutions get more, since they see more places.
#   > A convolution uses the same kernel at every place: more places, more computing, no more weights.
#
# Hint: What is the shape of the last map before flatten, and what stands behind it?

# %% [markdown]
# ## 3. What the network expects
#
# The authors of VGG16 read images with a library that puts blue first, and took away ImageNet's mean colour. Weights
# trained so expect it ever since. Ours begin at random, but lab 07 takes trained ones, so we keep the custom.

# %% [markdown]
# ### Exercise: `preprocess(images)`
#
# `images` has shape `(n, height, width, 3)` or `(height, width, 3)`: red, green, blue, from 0 to 255, often `uint8`.
# Return the same shape as `float32`: the channels in the order blue, green, red, less 103.939, 116.779 and 123.68 in
# this order. Nothing is divided, and `images` stays as it was.
#
# An input pipeline will call it with TensorFlow's tensors, where NumPy's `.astype` does not exist. `tf.cast(images,
# "float32")` takes arrays and tensors alike.
#
# `preprocess(np.array([[[255, 0, 0]]], "uint8"))` gives `[[[-103.939, -116.779, 131.32]]]`.
#
# Hint: Three steps: make floats of the numbers, turn the order of the last axis round, take three means away.
# Hint: [..., ::-1] turns the last axis round. Which mean is that of blue?
# Hint: tf.cast(images, 'float32')[..., ::-1] - [103.939, 116.779, 123.68]


# %%
def preprocess(images):
    """RGB images (…, 3), 0 to 255, as VGG16 takes them: float32, blue first, less ImageNet's mean colour."""
    ### BEGIN SOLUTION
    blue_first = tf.cast(images, "float32")[..., ::-1]
    return blue_first - [103.939, 116.779, 123.68]
    ### END SOLUTION


# %% tags=["task"]
MEANS = [103.939, 116.779, 123.68]  # of blue, green and red over ImageNet

preprocess_task = Task("preprocess", points=2)
preprocess_task.calls("one_image", images=array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [10, 20, 30]]], "uint8"))
preprocess_task.calls("a_batch", 'preprocess(images.astype("uint8"))', images=integers(3, 4, 5, 3, low=0, high=256),
    judge=close(atol=1e-3))  # fmt: skip


def twice(came_back, images):
    first, again = (array_of(one, *images.shape) for one in came_back)
    return {"image": again, "the same twice": bool((first == again).all())}


def image_of_floats(rng):
    return rng.uniform(0, 255, (1, 2, 3)).round(1).astype("float32")


preprocess_task.calls("floats", "[np.array(preprocess(images)) for _ in range(2)]", images=drawn(image_of_floats),
    judge=by(twice, close(atol=1e-3)))  # fmt: skip


def two_pixels(rng):
    return rng.integers(0, 256, (2, 1, 1, 3)).astype("uint8")


@preprocess_task.probe(images=drawn(two_pixels), judge=close(atol=1e-3))
def in_a_pipeline(preprocess, images):
    import tensorflow as tf

    batches = tf.data.Dataset.from_tensor_slices(images).batch(1).map(preprocess)
    return np.concatenate(list(batches.as_numpy_iterator()))


preprocess_task.calls("kind_of_number",
    '{"dtype": [str(np.asarray(preprocess(images.astype(kind))).dtype) for kind in ("uint8", "float64")]}',
    images=integers(1, 2, 2, 3, low=0, high=256), judge=equal())  # fmt: skip
preprocess_task.calls("numbers_between_integers", images=uniform(2, 3, 3, 3, high=255), hidden=True,
    judge=close(atol=1e-3))  # fmt: skip
preprocess_task.misconceptions(
    red_first=('tf.cast(images, "float32") - MEANS[::-1]',
               "Red still comes first. VGG16 wants blue, green, red: [..., ::-1]."),
    means_added=("- [103.939 -> + [103.939", "The means are added. Take them away."),
    in_float64=(
        "return blue_first - -> return np.asarray(blue_first, float) -",
        "The numbers are float64. Networks compute in float32, and a tensor of a pipeline has no NumPy array.",
    ),
    means_the_other_way=('tf.cast(images, "float32")[..., ::-1] - MEANS[::-1]',
                         "The channels are turned round, the means are not: 103.939 belongs to blue, which is first "
                         "now."),
    channels_not_turned=('tf.cast(images, "float32") - MEANS',
                         "The means go away from red, green, blue, with the mean of blue at red. Turn round first."),
    divided_too=(
        '(tf.cast(images, "float32")[..., ::-1] - MEANS) / 255',
        "It also divides by 255. Other networks want that; about ±0.5 is left then, where VGG16 expects ±120.",
    ),
    divided_before=('tf.cast(images, "float32")[..., ::-1] / 255 - MEANS',
                    "It divides by 255 first, then takes means of about 110 away: what is left of the image is a "
                    "whisper below -100."),
    from_minus_1_to_1=('tf.cast(images, "float32") / 127.5 - 1',
                       "That is the custom of other networks: from -1 to 1. VGG16 takes means away, unscaled."),
    mean_of_the_batch=(
        'pixels = tf.cast(images, "float32")[..., ::-1]; '
        "return pixels - tf.reduce_mean(pixels, axis=tuple(range(len(images.shape) - 1)))",
        "The mean of these images goes away. One image then looks different in another batch: the means are three "
        "fixed numbers.",
    ),
    applied_twice=('once = tf.cast(images, "float32")[..., ::-1] - MEANS; return once[..., ::-1] - MEANS',
                   "It is applied twice, so the channels are red first again and the means gone twice."),
    kerass_as_it_is=("keras.applications.vgg16.preprocess_input(images)",
                     "keras.applications' own function writes into an array of floats, and in a pipeline it leaves "
                     "uint8 as it is: cast first, then it is right."),
    numpy_alone=('images.astype("float32")[..., ::-1] - np.array(MEANS, "float32")',
                 "A pipeline calls it with tensors, which have no .astype: use tf.cast(images, 'float32')."),
)  # fmt: skip
preprocess_task.alternatives(
    channel_by_channel="red, green, blue = tf.unstack(tf.cast(images, tf.float32), axis=-1); "
    "return tf.stack([blue - MEANS[0], green - MEANS[1], red - MEANS[2]], axis=-1)",
    by_labkit="labkit.models.preprocess(images)",
)

# %% [markdown]
# ## 4. Few images
#
# The fruits are painted by this course, fresh and rotten. `data.load("cifar10")` has 60,000 photographs, once loaded
# from the internet; `data.load("path/to/folder", size=32)` takes your own, one sub-folder a class.

# %%
fruits = data.fruits(per_class=30, size=SIZE)
fruits

# %% tags=["aside"]
rows = [np.flatnonzero(fruits.y_train == label)[place] for place in range(2) for label in range(6)]
gallery.gallery(
    fruits.x_train[rows],
    [fruits.classes[label] for label in fruits.y_train[rows]],
    columns=6,
    alt="Two training images of each class on varied backgrounds: green and red apples, yellow bananas, oranges, and "
    "the same with brown and mouldy patches.",
)

# %% [markdown]
# 180 images for half a million weights: the network can learn them by heart. **Augmentation** changes each training
# image at random every time it is shown: mirrored, turned or moved a little. What changes the image and not the label
# tells the network what does not matter.
#
# What is harmless depends on the label. **Predict first:** which of the changes below are harmless for sixes and nines,
# which for arrows, which for fruit? And up to what strength may a 6 be turned?

# %% tags=["aside"]
explore.augmentations()

# %% [markdown]
# A flip destroys sixes and half of the arrows at any strength; no flip harms a fruit, and no hue a grey digit. A digit
# may be turned by up to 60 degrees here, an arrow by less than 45. A shift of more than half the width leaves nothing
# to see. The limits are those of people who looked: no formula knows them.

# %% [markdown] question="quiz_2"
# ### Question 2
#
# A car reads signs with arrows that point left or right. You have 200 images and want to use mirrored ones. What do you
# do?
#
# - (a) Mirror each image at random and keep its label: more images are better.
#   > A mirrored left arrow points right and would still be called left: half of the labels become wrong.
# - (b) Mirror each image at random and exchange left and right in its label at the same time.
#   > Right.
# - (c) Mirror the validation images, too, so that both parts are alike.
#   > Validation images stand for tomorrow's, which come as they are.
# - (d) Nothing can be done: a mirrored arrow is wrong.
#   > The image is right, only its label is not. Labels can be changed along with images.
#
# Hint: What does a mirrored left arrow show?

# %% [markdown]
# ### Exercise: `augmenter()`
#
# Return a new Keras layer that changes a batch of images `(n, height, width, 3)`, 0 to 255, at random while training,
# each image in its own way, and gives it back as it is where `training=False`. Shape and range stay. Change more than
# nine of ten images.
#
# It is to serve two cameras: one sees fruit, fresh and rotten, where colour is part of the label; the other sees arrows
# that point up or down. No label of either may become wrong, and the object must stay in sight. An arrow that leans
# by less than 45 degrees still points up.
#
# Keras has `RandomFlip`, `RandomRotation` (0.1 is a tenth of a full turn, either way), `RandomTranslation`,
# `RandomZoom`, `RandomBrightness` and more in `keras.layers`. `keras.layers.Pipeline([...])` makes one layer of
# several, and works in an input pipeline on every backend.
#
# Hint: keras.layers.Pipeline([keras.layers.RandomFlip(...), ...]) is one layer made of several.
# Hint: Which flip turns an arrow that points up into one that points down? By how much may it lean?
# Hint: RandomFlip('horizontal'), RandomRotation(0.1) and RandomTranslation(0.1, 0.1) keep all labels.


# %%
def augmenter():
    """A layer that changes images at random while training, and not their labels; the identity otherwise."""
    ### BEGIN SOLUTION
    return keras.layers.Pipeline([
        keras.layers.RandomFlip("horizontal"),
        keras.layers.RandomRotation(0.1, fill_mode="nearest"),
        keras.layers.RandomTranslation(0.1, 0.1, fill_mode="nearest"),
    ])  # fmt: skip
    ### END SOLUTION


# %% tags=["task"]
IMAGES = 64  # of each scene


def through(layer, images, training):
    """What the layer makes of images in an input pipeline, where every backend's layers run on TensorFlow."""
    import tensorflow as tf

    change = tf.autograph.experimental.do_not_convert(lambda batch: layer(batch, training=training))
    return next(tf.data.Dataset.from_tensors(images.astype("float32")).map(change).as_numpy_iterator())


def disc(colour):
    """An image of a disc on grey, as large as half of the image's side."""
    y, x = np.mgrid[:32, :32] - 15.5
    return np.where((np.hypot(x, y) < 8)[..., None], np.array(colour, float), 40.0)


def arrow_up():
    """A white arrow on black: its head is the wide end."""
    y, x = np.mgrid[:32, :32] - 15.5
    shape = ((np.abs(x) < 2) & (np.abs(y) < 9)) | ((np.abs(x) < y + 11) & (y < -3))
    return np.where(shape[..., None], 230.0, 20.0).repeat(3, axis=-1)


def directions(images):
    """Where each arrow points, in degrees from up: from its centre of mass along its long axis to the wide end."""
    found = []
    for image in images:
        bright = image.mean(axis=-1)
        y, x = np.nonzero(bright > (bright.max() + bright.min()) / 2)
        if len(x) < 40:
            found.append(np.nan)
            continue
        places = np.stack([x - x.mean(), y.mean() - y])  # right, up
        axis = np.linalg.eigh(places @ places.T)[1][:, 1]
        along = axis @ places
        axis = axis * np.sign((along**3).sum()) * -1  # the thin end reaches further from the centre of mass
        found.append(np.degrees(np.arctan2(axis[0], axis[1])))
    return np.array(found)


def hues(images):
    """The hue in degrees of each image's bright pixels, those of its disc; NaN where they have no colour."""
    import matplotlib.colors

    found = []
    for image in images:
        hsv = matplotlib.colors.rgb_to_hsv(np.clip(image, 0, 255).reshape(-1, 3) / 255)
        middle = (hsv[:, 2].max() + hsv[:, 2].min()) / 2
        coloured = hsv[(hsv[:, 1] > 0.2) & (hsv[:, 2] > middle), 0]
        found.append(np.median(coloured) * 360 if len(coloured) > 20 else np.nan)
    return np.array(found)


def area(image):
    bright = image.max(axis=-1)
    return np.sum(bright > (bright.max() + bright.min()) / 2) if np.ptp(bright) > 40 else 0


augmenter_task = Task("augmenter", points=4, seconds=60)
augmenter_task.calls("while_predicting", "through(augmenter(), images, False)", images=uniform(2, 8, 8, 3, high=255),
    judge=close(atol=1e-3))  # fmt: skip


def dark_and_bright(rng):
    """Two images of noise, which shows the least shift; neither a hue nor a place changes how bright they are."""
    return np.where(rng.random((2, 16, 16, 3)) < [[[[0.25]]], [[[0.75]]]], 215, 40).astype("uint8")


def either(low, high):
    """One of two for each of the images; which, is drawn."""
    return integers(IMAGES, low=low, high=high)


def what_was_changed(came_back, images, which):
    """What images say that came out of the layer, where `which` says of which image each is a copy. All are rounded."""
    first, again = (array_of(came_back[name], *[None] * 4).astype(float) for name in ("images", "the next time"))
    least, most = array_of(came_back["range"], 2)
    before = images[which, ::2].astype(float)
    if first.shape != before.shape or again.shape != before[:8].shape:
        return {"shape": came_back["shape"]}
    groups = [first[which == number] for number in (0, 1)]
    others = np.concatenate([np.abs(group[1:] - group[0]).max(axis=(1, 2, 3)) for group in groups])
    kept = np.corrcoef(first.mean(axis=(1, 2, 3)), which)[0, 1]  # of two levels, which any right change keeps apart
    return {
        "shape": came_back["shape"],
        "more than 9 of 10 images change": bool((np.abs(first - before).max(axis=(1, 2, 3)) > 1.5).mean() > 0.9),
        "each in its own way": bool((others > 1.5).mean() > 0.2),
        "the next time in another": bool(np.abs(first[:8] - again).max() > 1.5),
        "between 0 and 255": bool(least > -0.5 and most < 255.5),
        "not squeezed into 0 to 1": bool(most > 2),
        "bright ones stay brighter than dark ones": bool(kept > 0.35),
    }


@augmenter_task.probe(images=drawn(dark_and_bright), which=either(0, 2), judge=by(what_was_changed))
def while_training(augmenter, images, which):
    layer = augmenter()
    first, again = (through(layer, images[which], True) for _ in range(2))
    kept = [np.clip(np.round(pixels[:, ::2]), 0, 255).astype("uint8") for pixels in (first, again[:8])]
    return {
        "shape": list(first.shape),
        "range": np.array([first.min(), first.max()]),
        "images": kept[0],
        "the next time": kept[1],
    }


def arrows_of(up, margin=0):
    """For each entry an arrow that points up if it is 1, and down if it is 0."""
    arrow = np.pad(arrow_up(), ((0, 0), (margin, margin), (0, 0)), constant_values=20.0)
    return np.where(up[:, None, None, None] == 1, arrow, arrow[::-1])


def where_arrows_point(came_back, up):
    """What the arrows' directions say about those that pointed up or down."""
    found = array_of(came_back, len(up))
    turned = np.abs((found + 180 * up) % 360 - 180)  # a direction of 0 is up, one of 180 down
    return {
        "each in sight": bool(np.isfinite(found).all()),
        "point the other way": bool((turned > 135).any()),
        "point aside": bool(((turned > 50) & (turned < 130)).any()),
    }


augmenter_task.calls("arrows", "directions(through(augmenter(), arrows_of(up), True))", up=either(0, 2),
    judge=by(where_arrows_point))  # fmt: skip

FRUIT = np.array([(230, 130, 20), (130, 230, 20), (20, 230, 130), (20, 130, 230), (130, 20, 230), (230, 20, 130)])


def what_is_seen_of_fruit(came_back, colours):
    """What sizes, beside those before, and hues say of discs of these colours, the first of which is orange."""
    import colorsys

    sizes, found = (array_of(came_back[name], len(colours)) for name in ("sizes", "hues"))
    seen = (sizes > 0.25) & (sizes < 4)
    before = np.array([360 * colorsys.rgb_to_hsv(*colour)[0] for colour in FRUIT.tolist()])[colours]
    away = np.abs((found - before + 180) % 360 - 180)
    lost = np.isnan(away) & seen.all()  # what is half out of sight may have no hue to be told
    return {"in sight": bool(seen.all()), "still orange, or as it was": not bool((lost | (away >= 25))[seen].any())}


@augmenter_task.probe(colours=either(0, 6), judge=by(what_is_seen_of_fruit))
def fruit(augmenter, colours):
    discs = np.stack([disc(colour) for colour in FRUIT])[colours]
    seen = through(augmenter(), discs, True)
    return {"sizes": np.array([area(image) for image in seen]) / area(discs[0]), "hues": hues(seen)}


def what_oblong_images_say(came_back, images, up, margin):
    pointed = where_arrows_point(came_back["directions"], up)
    kept = array_of(came_back["while predicting"], *images.shape)
    return {
        "shape stays": came_back["shape"] == [len(up), 32, 32 + 2 * margin, 3],
        "identity": bool((np.abs(kept - images) < 1e-3).all()),
        **{name: pointed[name] for name in ("each in sight", "point the other way")},
    }


@augmenter_task.probe(
    images=uniform(2, 12, 20, 3, high=255), up=either(0, 2), margin=integers(low=6, high=12), hidden=True,
    judge=by(what_oblong_images_say),
)  # fmt: skip
def oblong_images(augmenter, images, up, margin):
    layer = augmenter()
    changed = through(layer, arrows_of(up, margin), True)
    return {
        "shape": list(changed.shape),
        "while predicting": through(layer, images, False),
        "directions": directions(changed),
    }


def chain(*layers):
    return keras.layers.Pipeline(list(layers))


augmenter_task.misconceptions(
    flips_both_ways=(
        'chain(keras.layers.RandomFlip("horizontal_and_vertical"), keras.layers.RandomTranslation(0.1, 0.1))',
        "Arrows that pointed up now point down, with their old label. Flip left and right alone: "
        "RandomFlip('horizontal')."),
    turns_all_the_way=('chain(keras.layers.RandomRotation(0.5, fill_mode="nearest"))',
                       "Arrows are turned by more than 45 degrees: some point aside, some down. RandomRotation(0.1) "
                       "turns by up to 36."),
    other_hues=("chain(keras.layers.RandomHue(0.5), keras.layers.RandomTranslation(0.1, 0.1))",
                "An orange is no longer orange. Colour is part of these labels: the hue must stay; brightness may "
                "change a little."),
    too_far=('chain(keras.layers.RandomTranslation(0.9, 0.9, fill_mode="constant"))',
             "Some images no longer show their fruit: it has left the picture, or drowned in black or white. Change "
             "less."),
)  # fmt: skip


@augmenter_task.misconception(
    "It changes images where training=False, too: the same photograph would get another answer every time. Keras's "
    "layers heed `training`; do not fix it to True."
)
def always_at_work():
    class Always(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.change = chain(keras.layers.RandomRotation(0.1), keras.layers.RandomTranslation(0.1, 0.1))

        def call(self, images, training=None):
            return self.change(images, training=True)

    return chain(Always())


augmenter_task.misconceptions(
    nothing_happens=("chain(keras.layers.RandomTranslation(0.0, 0.0))",
                     "Images come back as they were, or nearly: nothing is learned from that. Add changes."),
    flips_alone=('chain(keras.layers.RandomFlip("horizontal"))',
                 "A mirror image is one of two: half of the images stay as they are. Add a change of another kind, "
                 "by any amount."),
    rescales=("chain(keras.layers.Rescaling(1 / 255), keras.layers.RandomTranslation(0.1, 0.1))",
              "The range is no longer 0 to 255. Scaling belongs to preprocess, not here: it would be done while "
              "predicting, too."),
)  # fmt: skip


@augmenter_task.alternative
def zoom_and_brightness():
    return chain(
        keras.layers.RandomZoom(0.2, fill_mode="reflect"),
        keras.layers.RandomTranslation((-0.1, 0.1), (-0.15, 0.15)),
        keras.layers.RandomBrightness(0.15),
        keras.layers.RandomContrast(0.2),
    )


@augmenter_task.alternative
def a_sequential_model():
    return keras.Sequential([
        keras.layers.RandomRotation(0.05),
        keras.layers.RandomTranslation(0.2, 0.2),
        keras.layers.RandomFlip("horizontal"),
    ])  # fmt: skip


augmenter_task.alternatives(a_layer_alone='keras.layers.RandomTranslation(0.2, 0.2, fill_mode="wrap")')

# %% [markdown]
# ## 5. The pipeline
#
# A **pipeline** brings images to the network: it shuffles, makes batches, augments and preprocesses, while the network
# is busy with the batch before. `tf.data` is TensorFlow's; it works beside every backend of Keras. Its steps are
# chained:
#
# ```python
# batches = tf.data.Dataset.from_tensor_slices((images, labels))  # one row after another
# batches = batches.shuffle(1000)  # keeps 1000 rows at hand and deals one of them at random
# batches = batches.batch(16)  # rows become batches (16, height, width, 3) and (16,)
# batches = batches.map(lambda x, y: (change(x), y))  # a function of each batch
# batches = batches.prefetch(tf.data.AUTOTUNE)  # prepare the next batch meanwhile
# ```
#
# Whoever runs through it again, as `fit` does in each epoch, gets a new shuffle and new random changes.

# %% [markdown]
# ### Exercise: `pipeline(images, labels, batch_size, training)`
#
# Return a `tf.data.Dataset` of batches `(images, labels)`. `images` is `uint8` of shape `(n, height, width, 3)`,
# `labels` has shape `(n,)`.
#
# - All images come out of your `preprocess`, once, as `float32`.
# - Where `training` is true: all rows are shuffled anew in each epoch, each image with its label, and your `augmenter`
#   changes the images, anew in each epoch. It takes numbers from 0 to 255, so it comes before `preprocess`.
# - Where `training` is false: the order stays, no image is changed, and every pass gives the same.
# - Every row comes once an epoch; the last batch may be smaller.
#
# Rows may be sorted by class, so the shuffle must reach across all of them.
#
# Hint: Begin with tf.data.Dataset.from_tensor_slices((images, labels)): a label then goes where its image goes.
# Hint: if training: batches = batches.shuffle(len(labels)), before .batch(batch_size).
# Hint: Make the layer once, augment = augmenter(), and map: lambda x, y: (augment(x, training=True), y). Then map
# preprocess, in both cases, once.


# %%
def pipeline(images, labels, batch_size, training):
    """Batches (images, labels) as the network takes them; shuffled and augmented for training alone."""
    ### BEGIN SOLUTION
    batches = tf.data.Dataset.from_tensor_slices((images, labels))
    if training:
        batches = batches.shuffle(len(labels))
    batches = batches.batch(batch_size)
    if training:
        augment = augmenter()
        batches = batches.map(lambda x, y: (augment(x, training=True), y))
    return batches.map(lambda x, y: (preprocess(x), y)).prefetch(tf.data.AUTOTUNE)
    ### END SOLUTION


# %% tags=["task"]
# Each image below has one of six colours, which tells its class whatever is done to its place, size and brightness; its
# upper half is brighter. Its label is a number that no other has, and that number modulo six is its colour. Labels are
# drawn: whoever has not read them cannot say which image is where.
COLOURS = np.array([(200, 40, 40), (40, 200, 40), (40, 40, 200), (200, 200, 40), (40, 200, 200), (200, 40, 200)])


def some_labels(least, most):
    return drawn(lambda rng: rng.permutation(1000)[: rng.integers(least, most)])


def coloured(labels, side=16):
    images = np.repeat(COLOURS[labels % 6], side * side, axis=0).reshape(len(labels), side, side, 3)
    images[:, : side // 2] += 30
    return images.astype("uint8")


def looked_at(images):
    """24 pixels of each, the edges of the image and of its halves among them: a check keeps no more."""
    return images[:, [0, 4, 7, 8, 11, 15]][:, :, [0, 5, 10, 15]]


def taken(pipeline, labels, batch_size, training):
    """Two epochs, each of no more than twice as many batches as there should be."""
    batches, most = pipeline(coloured(labels), labels, batch_size, training), 2 * (-(-len(labels) // batch_size))
    parts = [[tuple(map(np.asarray, pair)) for pair in batches.take(most).as_numpy_iterator()] for _ in range(2)]
    images = [np.concatenate([x for x, _ in epoch]) for epoch in parts]
    return {
        "dtype": str(images[0].dtype),
        "images": [looked_at(pixels).astype("float16" if training else "float32") for pixels in images],
        "labels": [np.concatenate([y for _, y in epoch]) for epoch in parts],
        "sizes of the batches": np.array([len(y) for _, y in parts[0]]),
    }


def epochs_of(came_back, labels):
    """The images of two epochs, and in which rows they were."""
    images, rows = [], []
    for pixels, found in zip(came_back["images"], came_back["labels"], strict=True):
        images.append(array_of(pixels, None, 6, 4, 3).astype("float32"))
        if len(pixels) > 3 * len(labels):
            raise ValueError("an image for each label is due")
        rows.append((array_of(found, len(pixels))[:, np.newaxis] == labels).argmax(axis=1))
    (first, again), (order, later) = images, rows
    return first, again, order, later


def kinds_of_pixels(images):
    """What may have been done to the pixels, by name."""
    pixels = images.astype("float32")
    once = pixels[..., ::-1] - np.array(MEANS, "float32")
    return {
        "as preprocess gives them": once,
        "as they were": pixels,
        "divided by 255": pixels / 255,
        "preprocessed twice": once[..., ::-1] - np.array(MEANS, "float32"),
        "preprocessed, then divided by 255": once / 255,
        "divided by 255, then preprocessed": pixels[..., ::-1] / 255 - np.array(MEANS, "float32"),
        "red first": pixels - np.array(MEANS[::-1], "float32"),
    }


def colours(pixels):
    """The mean colour of each image's middle, (n, 3)."""
    return pixels[:, 1:-1, 1:-1].mean(axis=(1, 2))


def nearest_kind(images, originals):
    """Which kind has the mean colours that are nearest, in whatever order; augmentation changes them little."""
    found = colours(images)[:, np.newaxis]
    far = {
        name: float(np.abs(found - colours(pixels)).mean(axis=2).min(axis=1).mean())
        for name, pixels in kinds_of_pixels(originals).items()
    }
    return min(far, key=far.get)


def colour_classes(images, kind):
    """The class that each image's colour tells, after preprocessing of a kind."""
    middle = colours(images)
    if kind in ("as preprocess gives them", "preprocessed, then divided by 255", "divided by 255, then preprocessed"):
        middle = (middle * (255 if "then divided" in kind else 1) + np.array(MEANS))[:, ::-1]
    strong = middle > (middle.max(axis=1, keepdims=True) + middle.min(axis=1, keepdims=True)) / 2
    patterns = COLOURS > 120
    return np.array([int(np.argmax((patterns == row).all(axis=1))) for row in strong])


def differs(images, others):
    """For each image, whether it is another one, beyond rounding."""
    return np.abs(images - others).max(axis=(1, 2, 3)) > 0.005 * np.ptp(others)


def training_seen(came_back, labels, batch_size):
    first, again, order, later = epochs_of(came_back, labels)
    originals, rows = looked_at(coloured(labels)), len(labels)
    kind = nearest_kind(first, originals[order])
    plain = kinds_of_pixels(originals)[kind]
    by_label, by_label_again = first[np.argsort(order)], again[np.argsort(later)]
    whole = sorted(order.tolist()) == list(range(rows)) == sorted(later.tolist())
    blocks = {frozenset(order[at : at + batch_size].tolist()) for at in range(0, rows, batch_size)}
    later_blocks = {frozenset(later[at : at + batch_size].tolist()) for at in range(0, rows, batch_size)}
    return {
        "sizes of the batches": came_back["sizes of the batches"],
        "every row once": bool(whole),
        "dtype": came_back["dtype"],
        "pixels": kind,
        "images with their labels": bool((colour_classes(first, kind) == labels[order] % 6).mean() > 0.95),
        "shuffled": bool((order != np.sort(order)).any()),
        "across all rows": bool(order[: 2 * batch_size].max() > 0.6 * rows),
        "in another order each epoch": bool((order != later).any()) if whole else False,
        "in other batches each epoch": bool(len(blocks & later_blocks) < len(blocks) / 2),
        "augmented": bool(whole and np.mean(differs(by_label, plain)) > 0.5),
        "augmented anew each epoch": bool(whole and np.mean(differs(by_label, by_label_again)) > 0.5),
    }


def validation_seen(came_back, labels):
    first, again, order, later = epochs_of(came_back, labels)
    originals = looked_at(coloured(labels))[order]
    kind = nearest_kind(first, originals)
    return {
        "sizes of the batches": came_back["sizes of the batches"],
        "order kept": bool(np.array_equal(order, np.arange(len(labels)))),
        "the same order twice": bool(np.array_equal(order, later)),
        "pixels": kind,
        "images with their labels": bool((colour_classes(first, kind) == labels[order] % 6).mean() > 0.95),
        "no image changed": bool(np.allclose(first, kinds_of_pixels(originals)[kind], atol=0.02)),
        "the same pixels twice": bool(np.array_equal(first, again)),
    }


pipeline_task = Task("pipeline", points=5, seconds=90)
pipeline_task.calls("validation", "taken(pipeline, labels, batch_size, False)", labels=some_labels(27, 32),
    batch_size=8, judge=by(validation_seen))  # fmt: skip
pipeline_task.calls("training", "taken(pipeline, labels, batch_size, True)", labels=some_labels(65, 72), batch_size=8,
    judge=by(training_seen))  # fmt: skip


def dark_pixels(came_back, labels):
    images, _, _, _ = epochs_of(came_back, labels)
    return {"dark pixels are below 0, bright ones above": bool(images.min() < -20 and images.max() > 20)}


@pipeline_task.probe(
    labels=some_labels(15, 32), batch_size=8, judge=by(dark_pixels),
    says="The augmenter here keeps pixels between 0 and 255, as a change of brightness does, so it must come before "
    "preprocess.",
)  # fmt: skip
def with_an_augmenter_that_stays_within_0_and_255(pipeline, labels, batch_size):
    import tensorflow as tf

    @tf.autograph.experimental.do_not_convert  # else it prints that it finds no source
    def within(images, training=None):
        return tf.clip_by_value(tf.cast(images, "float32"), 0.0, 255.0)

    names = pipeline.__globals__
    its_own = names["augmenter"]
    names["augmenter"] = lambda: within
    try:
        return taken(pipeline, labels, batch_size, True)
    finally:
        names["augmenter"] = its_own


pipeline_task.calls("larger_training", "taken(pipeline, labels, batch_size, True)", labels=some_labels(141, 160),
    batch_size=20, hidden=True, judge=by(training_seen))  # fmt: skip
pipeline_task.calls("one_small_batch", "taken(pipeline, labels, batch_size, False)", labels=some_labels(15, 32),
    batch_size=32, hidden=True, judge=by(validation_seen))  # fmt: skip


def rows_of(images, labels):
    return tf.data.Dataset.from_tensor_slices((images, labels))


def augmented(batches):
    augment = augmenter()
    return batches.map(lambda x, y: (augment(x, training=True), y))


def preprocessed(batches):
    return batches.map(lambda x, y: (preprocess(x), y))


pipeline_task.misconceptions(
    augments_validation=("if training:\n        augment -> if True:\n        augment",
                         "Validation images are augmented. They stand for tomorrow's, which come as they are: the "
                         "same ones each time."),
    shuffles_validation=(
        "batches = rows_of(images, labels).shuffle(len(labels)).batch(batch_size); "
        "return preprocessed(augmented(batches) if training else batches)",
        "Validation rows are shuffled. Their order must stay, or predictions no longer stand beside their labels.",
    ),
    never_shuffles=(
        "batches = rows_of(images, labels).batch(batch_size); "
        "return preprocessed(augmented(batches) if training else batches)",
        "Training rows come in the order of the file, class after class. Shuffle them.",
    ),
    shuffles_apart=(
        "batches = batches.shuffle(len(labels)) -> "
        "apart = (tf.data.Dataset.from_tensor_slices(part).shuffle(len(labels)) for part in (images, labels)); "
        "batches = tf.data.Dataset.zip(tuple(apart))",
        "Images and labels are shuffled apart, so an image gets another one's label. Put them into one data set first.",
    ),
    shuffles_batches=(
        (
            "batches = batches.shuffle(len(labels)) -> pass",
            "augment = augmenter() -> batches, augment = batches.shuffle(len(labels)), augmenter()",
        ),
        "The shuffle stands behind .batch: whole batches change places, and the same rows always meet. Shuffle first.",
    ),
    small_buffer=("shuffle(len(labels)) -> shuffle(batch_size)",
                  "The shuffle keeps too few rows at hand to reach across all: the first batches hold only the "
                  "first rows. Its number should be that of all rows."),
    one_order=("shuffle(len(labels)) -> shuffle(len(labels), seed=1, reshuffle_each_iteration=False)",
               "Every epoch has the same order. Let the shuffle draw anew, as it does unless told not to."),
    never_augments=("batches = batches.map(lambda x, y: (augment(x, training=True), y)) -> ",
                    "Training images come as they are. Map your augmenter over the batches, training=True."),
    augments_once=(
        (
            "batches = batches.shuffle(len(labels)) -> pass",
            "training=True), y)) -> training=True), y)).cache().unbatch().shuffle(len(labels)).batch(batch_size)",
        ),
        "The changed images are kept (by .cache, or made before the data set is) and come again in every epoch: each "
        "image has one other version, not an endless number.",
    ),
    preprocesses_twice=("(preprocess(x), y) -> (preprocess(preprocess(x)), y)",
                        "Images are preprocessed twice: red is first again and the means are gone twice. One map of "
                        "preprocess is enough."),
    augments_behind=(
        ("(augment(x, -> (augment(preprocess(x),", "(preprocess(x), y) -> (x if training else preprocess(x), y)"),
        "The augmenter comes after preprocess. It takes pixels from 0 to 255, and a change of brightness cuts off "
        "what is below 0: augment first."),
    validation_as_it_is=('(preprocess(x), y) -> (preprocess(x) if training else tf.cast(x, "float32"), y)',
                         "preprocess is applied in training alone, or not at all: the network must see every image "
                         "in the same way."),
    divides_as_well=("(preprocess(x), y) -> (preprocess(x) / 255, y)",
                     "It divides by 255 as well. preprocess says all that VGG16 expects: nothing is divided."),
    drops_the_rest=("batch(batch_size) -> batch(batch_size, drop_remainder=True)",
                    "drop_remainder leaves rows out, in validation the same ones each time. Keep the small batch."),
    repeats=("shuffle(len(labels)) -> shuffle(len(labels)).repeat()",
             "It repeats without end, so fit cannot tell where an epoch ends. One pass gives every row once; fit "
             "repeats."),
)  # fmt: skip


@pipeline_task.alternative
def image_by_image(images, labels, batch_size, training):
    rows = tf.data.Dataset.from_tensor_slices((images, labels))
    if training:
        change = augmenter()
        rows = rows.shuffle(10_000).map(lambda x, y: (change(x[None], training=True)[0], y))
    return rows.map(lambda x, y: (preprocess(x), y)).batch(batch_size)


@pipeline_task.alternative
def preprocessed_and_kept(images, labels, batch_size, training):
    rows = tf.data.Dataset.from_tensor_slices((np.asarray(preprocess(images)), labels)).cache()
    if not training:
        return rows.batch(batch_size)
    means = tf.constant([103.939, 116.779, 123.68])
    change = augmenter()
    batches = rows.shuffle(len(labels)).batch(batch_size)
    return batches.map(lambda x, y: (change((x + means)[..., ::-1], training=True)[..., ::-1] - means, y))


# %% [markdown]
# Look at what comes out, before a network does: here one batch of training images, with colours turned back.

# %% tags=["aside"]
shown = None
try:
    images, labels = next(pipeline(fruits.x_train, fruits.y_train, BATCH_SIZE, True).as_numpy_iterator())
    print(f"images {images.shape} {images.dtype}, {images.min():.0f} to {images.max():.0f}; labels {labels}")
    shown = gallery.gallery(
        (images + [103.939, 116.779, 123.68])[:12, ..., ::-1],
        [fruits.classes[label] for label in labels[:12]],
        columns=6,
        alt="Twelve training images as the network gets them, in random order: fruit mirrored, leaning and moved a "
        "little, each below the name of its class.",
    )
except NotImplementedError:
    print("Write preprocess, augmenter and pipeline, then run this cell again.")
shown

# %% [markdown] question="quiz_3"
# ### Question 3
#
# A network that is trained with augmentation often gets more validation than training images right in its first epochs.
# What does that say?
#
# - (a) The validation images have leaked into the training.
#   > Possible, but look for a plainer reason first: the two figures are not counted on images of one kind.
# - (b) The training figure is counted on changed images, and while the network still learns within the epoch; the
#   validation figure on unchanged ones, after it.
#   > Right.
# - (c) Augmentation has destroyed labels.
#   > Wrong labels would hold both figures down, and the validation figure most of all.
# - (d) The network is too small.
#   > A network that is too small has low figures on both parts.
#
# Hint: On which images, and when within the epoch, is each of the two figures counted?

# %% [markdown]
# ## 6. Train it
#
# A baseline that is not deep comes first: logistic regression on the pixels.

# %% tags=["aside"]
baseline_accuracy = transfer.logistic_accuracy(fruits.x_train, fruits.y_train, fruits.x_validation, fruits.y_validation)
print(f"logistic regression: {baseline_accuracy:.1%} of the validation images are right; chance is 16.7 %")

# %% [markdown]
# Thirteen convolutions in a row are hard to train from the beginning. The authors of VGG16 trained a network of eight
# convolutions first and began deeper ones with a part of its weights; batch normalisation, which brings the numbers
# inside a network to mean 0 and deviation 1 in each batch, came a year later (Ioffe and Szegedy, 2015) and made that
# needless. Here three things help: He's first weights, Adam, and a learning rate that warms up and then falls to 0
# (lab 02).

# %% [markdown]
# ### Exercise: `network`
#
# Build a narrow VGG16 for `(SIZE, SIZE, 3)` and the six classes, compile it, and train it with your pipeline on the
# training part. Leave the trained model in `network`. The reference takes `WIDTH`, `BATCH_SIZE` and `EPOCHS`, Adam with
# this schedule, and the accuracy as a metric, and trains for some 15 seconds:
#
# ```python
# steps = EPOCHS * math.ceil(len(fruits.y_train) / BATCH_SIZE)
# schedule = keras.optimizers.schedules.CosineDecay(
#     0.0, decay_steps=steps * 9 // 10, warmup_target=2e-3, warmup_steps=steps // 10
# )
# ```
#
# The network gives logits, and the labels are class numbers: which loss takes both? The check wants 45 % of the
# validation images right. The grader has 300 images that you do not, painted for the grade alone: there 42 % are
# enough.
#
# Hint: build_vgg16((SIZE, SIZE, 3), 6, WIDTH), then network.compile(optimizer, loss, metrics=['accuracy']), then
# network.fit(batches, validation_data=..., epochs=EPOCHS, verbose=0).
# Hint: keras.losses.SparseCategoricalCrossentropy(from_logits=True) takes logits and class numbers.
# Hint: fit takes pipeline(fruits.x_train, fruits.y_train, BATCH_SIZE, training=True); validation_data takes
# pipeline(fruits.x_validation, fruits.y_validation, BATCH_SIZE, training=False).

# %%
### BEGIN SOLUTION
import math

steps = EPOCHS * math.ceil(len(fruits.y_train) / BATCH_SIZE)
schedule = keras.optimizers.schedules.CosineDecay(
    0.0, decay_steps=steps * 9 // 10, warmup_target=2e-3, warmup_steps=steps // 10
)
keras.utils.set_random_seed(SEED)
network = build_vgg16((SIZE, SIZE, 3), len(fruits.classes), WIDTH)
network.compile(
    keras.optimizers.Adam(schedule),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = network.fit(
    pipeline(fruits.x_train, fruits.y_train, BATCH_SIZE, training=True),
    validation_data=pipeline(fruits.x_validation, fruits.y_validation, BATCH_SIZE, training=False),
    epochs=EPOCHS,
    shuffle=False,  # the pipeline shuffles
    verbose=0,
    callbacks=[live_plot("accuracy")],
)
### STARTER
# network = None
### END SOLUTION


# %% tags=["task"]
def fruit_with_labels(rng):
    """Fifty images of each class that nobody has seen."""
    labels = rng.permutation(np.arange(300) % 6)
    return labkit.data.paint_fruits(labels, 32, rng), labels


held_out = labelled(fruit_with_labels)
# Ten seeds of the reference. On validation images: mean 0.593, standard deviation 0.046, least 0.533; mark 0.45. On
# three fresh paintings of 300 images for each seed: mean 0.580, standard deviation 0.052, least 0.430; mark 0.42.
# Both marks lie three standard deviations below the mean. Training minus validation: mean 0.128, least 0.005.
VALIDATION_MARK, HELD_OUT_MARK = 0.45, 0.42


def scores_of(network, images):
    prepared = np.asarray(labkit.models.preprocess(images))
    return np.asarray(model_from(network).predict(prepared, batch_size=60, verbose=0))


def validation_rows(rng):
    """All rows of the validation part, in any order."""
    return rng.permutation(120)


def training_rows(rng):
    return rng.permutation(180)


def scores_of_part(network, part, rows):
    return scores_of(network, getattr(labkit.data.fruits(30, size=32), f"x_{part}")[rows])


def classes_of_part(network, part, rows):
    return scores_of_part(network, part, rows).argmax(axis=-1).astype("int16")


def share_right(came_back, part, rows):
    """Which share of the classes is right for these rows of a part."""
    return float((array_of(came_back, len(rows)) == getattr(labkit.data.fruits(30, size=32), f"y_{part}")[rows]).mean())


def told_by_the_model(network, rows):
    """What its own evaluate says of rows of the validation part, with whichever labels its loss takes."""
    model, images = model_from(network), labkit.data.fruits(30, size=32)
    prepared, labels = np.asarray(labkit.models.preprocess(images.x_validation[rows])), images.y_validation[rows]
    try:
        return model.evaluate(prepared, labels, batch_size=60, verbose=0, return_dict=True)
    except ValueError:
        return model.evaluate(prepared, np.eye(6)[labels], batch_size=60, verbose=0, return_dict=True)


def surprise(log_probabilities, labels):
    return float(-np.mean(log_probabilities[np.arange(len(labels)), labels]))


network_task = Task("network", points=5, seconds=240)
network_task.calls("a_score_for_each_class", 'list(scores_of(network, np.zeros((count, 32, 32, 3), "uint8")).shape)',
    count=integers(low=2, high=60))  # fmt: skip


@network_task.probe()
def convolutions_of_3_by_3(network):
    return sum(tuple(weight.shape[:2]) == (3, 3) and len(weight.shape) == 4 for weight in model_from(network).weights)


# Each of these asks for more than chance, too. Images come in a drawn order: what is written down is no better.
def what_its_loss_takes(came_back, rows):
    scores, own = array_of(came_back["scores"], len(rows), 6).astype(float), float(came_back["loss"])
    if not np.isfinite(own):
        raise ValueError("a finite loss is due")
    labels = labkit.data.fruits(30, size=32).y_validation[rows]
    probabilities = bool((scores >= 0).all() and np.allclose(scores.sum(axis=-1), 1, atol=1e-3))
    again = surprise(scipy.special.log_softmax(scores, axis=-1), labels)
    return {
        "takes the softmax twice": probabilities and bool(np.isclose(own, again, rtol=1e-3)),
        "more than chance": share_right(scores.argmax(axis=-1), "validation", rows) > 0.3,
    }


@network_task.probe(rows=drawn(validation_rows), judge=by(what_its_loss_takes))
def its_loss(network, rows):
    """Of scores alone: of a network's own output Keras on TensorFlow knows the logits, and takes one softmax."""
    import keras

    loss = model_from(network).loss
    loss = keras.losses.get(loss[0] if isinstance(loss, list | tuple) else loss)
    scores, labels = scores_of_part(network, "validation", rows), labkit.data.fruits(30, size=32).y_validation[rows]
    try:
        own = loss(labels, scores)
    except ValueError:
        own = loss(np.eye(6)[labels], scores)
    return {"scores": scores, "loss": float(np.mean(own))}


def what_its_accuracy_counts(came_back, rows):
    right = share_right(came_back["classes"], "validation", rows)
    counts = all(abs(float(value) - right) < 0.005 for value in came_back["accuracies"].values())
    return {"counts the largest score": bool(counts), "more than chance": right > 0.3}


@network_task.probe(rows=drawn(validation_rows), judge=by(what_its_accuracy_counts))
def its_accuracy(network, rows):
    told = {name: value for name, value in told_by_the_model(network, rows).items() if "acc" in name}
    return {"classes": classes_of_part(network, "validation", rows), "accuracies": told}


def which_classes(came_back, rows):
    right = share_right(came_back, "validation", rows)
    return {"of one class alone": np.unique(came_back).size == 1, "more than chance": right > 0.3}


network_task.calls("answers", 'classes_of_part(network, "validation", rows)', rows=drawn(validation_rows),
    judge=by(which_classes))  # fmt: skip


def what_is_known_better(came_back, rows, training):
    right = share_right(came_back["validation"], "validation", rows)
    ahead = right - share_right(came_back["training"], "train", training)
    return {"better known than training images": ahead > 0.1, "more than chance": right > 0.3}


@network_task.probe(rows=drawn(validation_rows), training=drawn(training_rows), judge=by(what_is_known_better))
def validation_images(network, rows, training):
    return {
        "validation": classes_of_part(network, "validation", rows),
        "training": classes_of_part(network, "train", training),
    }


def what_is_learned(came_back, rows):
    right = share_right(came_back, "validation", rows)
    return {"more than chance": right > 0.3, "enough": right >= VALIDATION_MARK}


network_task.calls("learned", 'classes_of_part(network, "validation", rows)', rows=drawn(validation_rows),
    judge=by(what_is_learned))  # fmt: skip
network_task.calls("images_that_only_the_grader_has", "scores_of(network, images)", images=held_out, hidden=True,
    weight=6, judge=accuracy(held_out, at_least=HELD_OUT_MARK, zero_at=0.3))  # fmt: skip


def compiled(model, last=None, loss=None, metrics=("accuracy",)):
    loss = loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss, metrics=list(metrics))
    return model


def fitted(model, images, labels, epochs):
    prepared = np.asarray(labkit.models.preprocess(images))
    model.fit(prepared, labels, batch_size=16, epochs=epochs, verbose=0)
    return model


network_task.misconceptions(
    never_trained=("compiled(built((32, 32, 3), 6, 1 / 8))",
                   "It is hardly better than chance. Is it trained at all, on preprocessed images, and at a rate "
                   "that lets it learn?"),
    softmax_twice=('compiled(built((32, 32, 3), 6, 1 / 8, last="softmax"))',
                   "The network ends in a softmax, and the loss, told from_logits=True, takes another one: "
                   "probabilities from 0 to 1 look much alike to it, and learning is slow. Keras on TensorFlow "
                   "notices and warns, on JAX it does not. Take one of the two away."),
    softmax_over_one_unit=('compiled(built((32, 32, 3), 6, 1 / 8, out=1, last="softmax"), loss="binary_crossentropy")',
                           "There is one output for all images: a softmax over one unit is 1, whatever the image. "
                           "Six classes need six."),
)  # fmt: skip


@network_task.misconception(
    "Binary accuracy asks six yes-or-no questions an image, and who always says no is right in five of six: 83 %. Ask "
    "for metrics=['accuracy'], which counts the largest score."
)
def binary_accuracy():
    return compiled(built((32, 32, 3), 6, 1 / 8, last="softmax"), loss=keras.losses.CategoricalCrossentropy(),
                    metrics=["binary_accuracy"])  # fmt: skip


network_task.misconceptions(
    always_the_same_class=(
        "model = compiled(built((32, 32, 3), 6, 1 / 8)); *others, kernel, bias = model.get_weights(); "
        'model.set_weights([*others, kernel * 0, bias + 3 * np.eye(6, dtype="float32")[2]]); return model',
        "Every image gets the same class. A rate that is far too large leaves such a network behind, and so do images "
        "that all look alike to it.",
    ),
    trained_on_validation=(
        "images = labkit.data.fruits(30, size=32); "
        "return fitted(compiled(built((32, 32, 3), 6, 1 / 8)), images.x_validation, images.y_validation, 24)",
        "It knows validation images far better than training images: it was trained on the validation part. Nothing "
        "then says how good it is.",
    ),
    too_few_epochs=(
        "images = labkit.data.fruits(30, size=32); "
        "return fitted(compiled(built((32, 32, 3), 6, 1 / 8)), images.x_train, images.y_train, 7)",
        "It has begun to learn. Train for more epochs.",
    ),
)


@network_task.alternative
def with_batch_normalisation():
    x = inputs = keras.Input((32, 32, 3))
    for convolutions, filters in VGG16:
        for _ in range(convolutions):
            x = keras.layers.Conv2D(filters // 8, 3, padding="same", use_bias=False)(x)
            x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
        x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Dense(6, "softmax")(keras.layers.Dropout(0.3)(keras.layers.Flatten()(x)))
    model = compiled(keras.Model(inputs, x), loss="sparse_categorical_crossentropy")
    images = labkit.data.fruits(30, size=32)
    model.fit(pipeline(images.x_train, images.y_train, 16, True), epochs=25, shuffle=False, verbose=0)
    return model


# %% [markdown]
# Over ten seeds this network gets 59.3 % of the validation images right, with a standard deviation of 4.6 points;
# logistic regression gets 49.2 %. Plain 3 x 3 convolutions go ten points beyond pixels here, and no further: 180 images
# are few for half a million weights that begin at random.

# %% [markdown] question="quiz_4"
# ### Question 4
#
# A network for six classes is given one-hot labels, binary cross entropy as its loss and binary accuracy as its metric.
# After the first epoch it reports 83 %. What does that say?
#
# - (a) It gets 83 % of the images right.
#   > Binary accuracy does not count images: it counts entries of the one-hot rows, six for each image.
# - (b) Nothing yet: a network that gives every class a low score reports 5/6.
#   > Right.
# - (c) It is right for five classes and wrong for the sixth.
#   > That network would score differently from class to class. Count what a constant no gets right.
# - (d) It has leaked: nothing is learned in one epoch.
#   > No leak is needed: 5/6 is 83 %, and five of six entries of each one-hot row are 0.
#
# Hint: Binary accuracy asks six yes-or-no questions an image. How many are right if the answer is always no?

# %% [markdown] question="quiz_5"
# ### Question 5
#
# A network ends in a softmax over six classes, and its loss is told `from_logits=True`. On TensorFlow, Keras notices,
# warns and leaves one softmax out. On JAX there is no message. What happens there?
#
# - (a) One softmax is left out there, too.
#   > It computes what it is told: softmax of whatever comes in.
# - (b) The loss is the same; only the accuracy is wrong.
#   > The accuracy looks for the largest score, and a softmax keeps the order. It is the loss that changes.
# - (c) The network cannot learn: all its gradients are 0.
#   > They are small, not 0: such a network learns slowly, which is why nobody notices.
# - (d) The loss takes probabilities for logits. Of a perfect answer it sees a probability of 35 %, so it cannot fall
#   below 1.04.
#   > Right.
#
# Hint: Take the softmax of the row 1, 0, 0, 0, 0, 0. It is what a perfect network would hand to the loss.

# %% [markdown]
# ## 7. The experiment
#
# It is often said that augmentation makes up for missing images. We measure it at 10, 30 and 100 images a class, over
# five seeds: a seed draws the images out of 100 a class, the first weights, the order and the changes. To fit thirty
# runs into half a minute, a small CNN takes VGG16's place. All runs take the same number of steps, so an image of a
# small set is shown more often. Nothing is chosen by these runs, so the 300 test images may be read.
#
# **Predict first:** how many points does your `augmenter` bring at each size? Where most?

# %% tags=["aside"]
SIZES, SEEDS = (10, 30, 100), range(5)
EXAMPLES, RUN_BATCH = scaled(cpu=6400, gpu=64_000), 32  # images shown in a run
many = data.fruits(per_class=100, size=SIZE)


def small_network():
    """Three convolutions that halve the image each, and one dense layer. Takes raw images."""
    layers = [keras.Input((SIZE, SIZE, 3)), keras.layers.Rescaling(1 / 64, offset=-2)]
    for filters in (16, 32, 64):
        layers.append(keras.layers.Conv2D(filters, 3, 2, "same", activation="relu", kernel_initializer="he_normal"))
    model = keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(len(many.classes))])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss, steps_per_execution=50)
    return model


# %% tags=["aside"]
model, test = small_network(), (many.x_test, many.y_test)
plain, changed, straight = (np.zeros((len(SEEDS), len(SIZES))) for _ in range(3))
try:
    for column, size in enumerate(SIZES):
        for seed in SEEDS:
            rng = np.random.default_rng(seed)
            keras.utils.set_random_seed(seed)
            rows = transfer.subset(many.y_train, size, seed)
            x, y = many.x_train[rows], many.y_train[rows]
            for results, change in ((plain, None), (changed, augmenter())):
                batches = few_images.shown(x, y, EXAMPLES, change, rng)
                results[seed, column] = few_images.accuracy(model, *batches, test, RUN_BATCH, seed)
            straight[seed, column] = transfer.logistic_accuracy(x, y, *test)

    for name, runs in {"no augmentation": plain, "augmented": changed, "logistic regression": straight}.items():
        means, deviations = runs.mean(axis=0), runs.std(axis=0, ddof=1)
        print(f"{name:20}", *(f"{m:6.1%} ± {d:.1%}" for m, d in zip(means, deviations, strict=True)))
    gain = changed - plain
    print(f"{'gain, seed by seed':20}", *(f"{g.mean():+6.1%} ± {g.std(ddof=1):.1%}" for g in gain.T))
except NotImplementedError:
    print("Write augmenter, then run this cell again.")

# %% tags=["aside"]
shown = None
if changed.any():
    shown = figures.curves(
        SIZES,
        {"augmented": changed, "no augmentation": plain, "logistic regression": straight},
        log="x",
        title="Augmentation is worth three times the images",
        xlabel="training images of each class",
        ylabel="share of test images right",
        alt="Share of test images right by training images of each class, 10, 30 and 100, means of five seeds in bands "
        "from least to most. Augmented: 0.55, 0.69, 0.75. No augmentation: 0.43, 0.56, 0.68. Logistic regression: "
        "0.46, 0.56, 0.56.",
    )
shown

# %% [markdown]
# The saying holds: augmentation brings 12.0 points at 10 images a class, 13.1 at 30 and 6.7 at 100, each time more than
# twice the spread of that lead. It is worth about three times the images: 10 a class with augmentation do as well as 30
# without, 54.5 % against 55.6 %, and 30 with it as well as 100 without, 68.7 % against 68.1 %.
#
# Without augmentation the network needs more than 30 images a class to leave logistic regression behind. The changes
# were chosen by somebody who knows that fruit may lie either way; on other data, measure again.

# %% [markdown]
# ## 8. Beyond flips, beyond images
#
# **Cutout** (DeVries and Taylor, 2017) covers a square, so that no single spot decides. **Mixup** (Zhang et al., 2018)
# blends two images and their labels by the same share: 70 % fresh apple and 30 % rotten banana, and the network is to
# answer just that. It may change the label, since it changes it along with the image.

# %% tags=["aside"]
pair = [np.flatnonzero(fruits.y_train == label)[2] for label in (0, 4)]
apple, banana = fruits.x_train[pair]
mixed, mixed_labels = augmentation.mixup(
    fruits.x_train[pair], np.eye(6)[fruits.y_train[pair]], np.array([1, 0]), np.array([0.7, 0.5])
)
print("labels of the two mixtures:", *mixed_labels)
gallery.gallery(
    np.stack([apple, augmentation.cutout(apple, 8, 14, 12), banana, *mixed]),
    ["fresh apple", "cutout", "rotten banana", "70 % apple", "50 % apple"],
    columns=5,
    alt="Five images: a fresh apple; the same with a grey square over a part of it; a rotten banana; and two blends "
    "of apple and banana in which both can be seen, the apple stronger in the first.",
)

# %% [markdown]
# Time series take noise, a stretch in time or in height, a window cut out, as long as the label can stand it: a
# heartbeat that is stretched too far is a slower heart, and played backwards it is none.

# %% tags=["aside"]
time = np.linspace(0, 3, 600)  # seconds


def beat(seconds):
    """A heart's voltage: a small wave, a sharp one, a broad one, once a second."""
    phase = seconds % 1
    waves = ((0.25, 0.04, 0.2), (0.4, 0.015, 1.0), (0.65, 0.06, 0.35))  # place, width and height of each
    return sum(height * np.exp(-(((phase - at) / width) ** 2)) for at, width, height in waves)


rng = np.random.default_rng(SEED)
traces.traces(
    time,
    {
        "as measured": beat(time),
        "with noise": beat(time) + rng.normal(0, 0.03, time.shape),
        "stretched by 10 %": beat(time / 1.1),
        "backwards: no heart beats so": beat(-time),
    },
    title="Noise and a small stretch leave a heartbeat a heartbeat",
    xlabel="seconds",
    alt="Four curves of three heartbeats, one above the other: a small wave, a sharp peak, a broad wave. With noise "
    "and stretched by a tenth the order stays; backwards the broad wave comes before the peak.",
)

# %% [markdown]
# Text takes synonyms, two words exchanged, a word left out (Wei and Zou, 2019), or a translation there and back.
# One word can be the label:

# %% tags=["aside"]
words = ["the", "film", "is", "not", "good", "but", "the", "music", "is", "wonderful"]
rng = np.random.default_rng(10)
for _ in range(3):
    print("left out: ", " ".join(word for word in words if rng.random() > 0.2))
first, second = sorted(rng.choice(len(words), 2, replace=False))
words[first], words[second] = words[second], words[first]
print("exchanged:", " ".join(words))

# %% [markdown]
# The first line has lost its `not`, and the film has become a good one: for a label that asks what is thought of the
# film, this change is what a flip is to an arrow.

# %% [markdown]
# ## What you now can do
#
# You built a network of sixteen layers from one idea, gave it its images as it expects them, and made many images from
# few without telling it a lie. Your checks looked at what comes out of a pipeline; do the same with every pipeline you
# meet, before you train on it.
#
# **Where this is used:** VGG16's convolutions still serve as a measure of how alike two images look, and to move styles
# between images. `keras.applications` has VGG16 with the weights of ImageNet; `keras.layers.RandAugment` draws from a
# whole list of changes.
#
# **Next:** lab 07 begins with weights that have seen other images, and needs few of yours.
#
# **Try alone:** put `keras.layers.BatchNormalization()` between convolution and ReLU, and use ten times the learning
# rate. What do the first epochs look like?
#
# Every term in bold stands in the [glossary](glossary.md).

# %%
lab

# %% tags=["aside"]
keras.utils.clear_session()
