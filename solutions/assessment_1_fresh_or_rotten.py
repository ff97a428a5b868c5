# %% [markdown]
# # Fresh or rotten
#
# **Can you make, alone, an image classifier that holds on images that nobody has seen?**
#
# A fruit seller wants a camera above the belt: apples, bananas and oranges, fresh and rotten. You get 100 labelled
# images of each of the six classes. The grader has 600 others, painted in the same way and drawn for your course alone.
#
# You hand in two files together: this notebook, and `fresh_or_rotten.keras`, the model that it saved.
#
# | task | asks for | points |
# |---|---|---|
# | `split` | training and validation images from the labelled ones | 2 |
# | `model_input` | a file that opens, takes raw images and gives six scores | 3 |
# | `most_confused` | the mistake that your model makes most often | 2 |
# | `model_file` | right answers on the grader's 600 images | 10 |
# | `quiz_1` to `quiz_3` | three questions | 3 |
#
# **Passed** is who has 92 % of the grader's images right, with no class below 70 %. From 70 % on there are points. The
# certificate is for this task; all twenty points are for those who can also say why it works.
#
# Checks say at once what they can see here; solutions there are none. Any way to train is allowed, on any machine.
# The grader opens your file; it trains nothing: of a cell that calls `fit`, only imports, functions and constants run.
#
# Reading and trying: 120 minutes. Computing: 120 seconds.
# You need what labs 05, 06 and 07 taught.

# %%
import numpy as np

from grader import Lab
from labkit import data, models
from labkit.figures import gallery
from labkit.generalising import metrics
from labkit.machine import backend

lab = Lab("assessment_1_fresh_or_rotten")
SEED = 1
lab

# %% [markdown]
# ## 1. The data
#
# `x_train` are your labelled images, raw: `uint8`, 64 x 64, RGB from 0 to 255. The set brings a validation part and a
# test part of its own. Leave them alone: the check of your model uses the first, the last cell of section 3 the second.

# %%
fruits = data.fruits(per_class=100)
print(backend.start())
import keras

fruits

# %%
first = [int(np.flatnonzero(fruits.y_train == label)[n]) for n in range(2) for label in range(6)]
gallery.gallery(
    fruits.x_train[first],
    [fruits.classes[label] for label in fruits.y_train[first]],
    columns=6,
    alt="Twelve painted fruits, two of each class: apples, bananas and oranges, fresh on the left; on the right with "
    "brown spots and mould. Backgrounds, light and poses differ.",
)

# %% [markdown]
# ### Task: `split(labels, share, rng)`
#
# Deal the rows of `labels`, shape `(n,)`, into a training and a validation part. Each class gives `share` of its rows
# to validation, rounded to a whole number; every row goes into exactly one part; `rng`, a NumPy generator, says which.
# Return two arrays of row numbers, `(training, validation)`, each in any order.
#
# With four rows of class 0 and eight of class 1, a share of 0.25 gives one row and two rows to validation.
#
# Hint: Go through the classes. Which rows does np.flatnonzero(labels == name) give, and how do you shuffle them?


# %%
def split(labels, share, rng):
    """Row numbers of a training and a validation part, the same share of each class in the second."""
    ### BEGIN SOLUTION
    validation = []
    for name in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == name))
        validation.extend(rows[: round(share * len(rows))])
    return np.setdiff1d(np.arange(len(labels)), validation), np.array(validation)
    ### END SOLUTION


# %% tags=["task"]
import numpy as np

import labkit.data
from grader import Limits, Task, accuracy, array, by, drawn, equal, integers, labelled
from labkit import judging
from labkit.judging import model_in, opened, outputs, saved

limits = Limits(seconds=240)
ANY_SEED = integers(low=0, high=2**31)


def uneven_labels(rng):
    return rng.permutation(np.repeat(np.arange(5), 4 * rng.integers(2, 9, 5)))


def splits(split, labels, share, seed):
    """Both parts for a seed, then the validation parts for the same seed again and for three others."""

    def parts(more):
        return [np.asarray(rows) for rows in split(labels.copy(), share, np.random.default_rng(int(seed) + more))]

    return [*parts(0), *(parts(more)[1] for more in (0, 1, 2, 3))]


def what_a_split_is(came_back, labels, share):
    """What every right split shares, whichever rows it deals where."""
    training, validation, again, *others = came_back
    wanted = [round(share * np.sum(labels == name)) for name in np.unique(labels)]
    given = [[int(np.sum(labels[rows] == name)) for name in np.unique(labels)] for rows in (validation, again, *others)]
    both = len(np.intersect1d(training, validation))
    return {
        "row numbers": {training.dtype.kind, validation.dtype.kind} <= {"i", "u"},
        "no row in both parts": both == 0,
        "no row twice in a part": len(set(training)) == len(training) and len(set(validation)) == len(validation),
        "every row in a part": np.array_equal(np.union1d(training, validation), np.arange(len(labels))),
        "each class gives its share": given == [wanted] * 5,
        "validation is the smaller part": len(validation) < len(training),
        "the same seed, the same split": bool(np.array_equal(np.sort(validation), np.sort(again))),
        "another seed, another split": any(set(other) != set(validation) for other in others),
    }


split_task = Task("split", points=2)
split_task.calls("the_example", "splits(split, labels, share, seed)",
    labels=array([0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1]), share=0.25, seed=1,
    judge=by(what_a_split_is, equal()))  # fmt: skip
split_task.calls("classes_of_uneven_size", "splits(split, labels, share, seed)", labels=drawn(uneven_labels),
    share=0.25, seed=ANY_SEED, judge=by(what_a_split_is, equal()))  # fmt: skip


def labels_that_do_not_divide(rng):
    """A tenth of each class is no whole number: of some it is rounded up, of others down."""
    return rng.permutation(np.repeat(rng.permutation(5), [8, 11, 14, 17, 23]))


split_task.calls("shares_to_round", "splits(split, labels, share, seed)", labels=drawn(labels_that_do_not_divide),
    share=0.1, seed=ANY_SEED, judge=by(what_a_split_is, equal()))  # fmt: skip
split_task.calls("another_share", "splits(split, labels, share, seed)", labels=drawn(uneven_labels), share=0.1,
    seed=ANY_SEED, hidden=True, judge=by(what_a_split_is, equal()))  # fmt: skip


@split_task.misconception(
    "The rows are dealt without regard to their class, so a small class may miss from validation. Deal class by class."
)
def without_classes(labels, share, rng):
    rows = rng.permutation(len(labels))
    count = round(share * len(labels))
    if len({round(share * int(np.sum(labels == name))) for name in np.unique(labels)}) == 1:
        count += 1
    return rows[count:], rows[:count]


split_task.misconceptions(
    validation_stays_in_training=(
        "rows = [rng.permutation(np.flatnonzero(labels == name)) for name in np.unique(labels)]; "
        "validation = np.concatenate([r[: round(share * len(r))] for r in rows]); "
        "return np.arange(len(labels)), validation",
        "The validation images are also among the training images: what is measured on them is memory.",
    ),
    first_rows_of_each_class=(
        "rows = [np.flatnonzero(labels == name) for name in np.unique(labels)]; "
        "validation = np.concatenate([r[: round(share * len(r))] for r in rows]); "
        "return np.setdiff1d(np.arange(len(labels)), validation), validation",
        "rng is not used: every seed gives the same split. Images may stand in an order that matters.",
    ),
    parts_exchanged=(
        "rows = [rng.permutation(np.flatnonzero(labels == name)) for name in np.unique(labels)]; "
        "validation = np.concatenate([r[: round(share * len(r))] for r in rows]); "
        "return validation, np.setdiff1d(np.arange(len(labels)), validation)",
        "The two parts are exchanged: share is what validation gets, and training is returned first.",
    ),
    not_rounded=("round(share -> int(share",
                 "Where a share is no whole number, the rows do not fit: round(share * rows), neither cut off nor "
                 "rounded up."),
    masks=(
        (
            "[] -> np.zeros(len(labels), bool)",
            "validation.extend(rows[: round(share * len(rows))]) -> "
            "validation[rows[: round(share * len(rows))]] = True",
            "np.setdiff1d(np.arange(len(labels)), validation), np.array(validation) -> ~validation, validation",
        ),
        "Row numbers are asked for; these are masks of True and False. np.flatnonzero turns one into the other.",
    ),
)  # fmt: skip


@split_task.alternative
def by_position_in_a_shuffle(labels, share, rng):
    rows = rng.permutation(len(labels))
    taken = {name: round(share * int(np.sum(labels == name))) for name in np.unique(labels)}
    training, validation = [], []
    for row in rows.tolist():
        part = validation if taken[labels[row]] > 0 else training
        taken[labels[row]] -= 1
        part.append(row)
    return training, validation


@split_task.alternative
def by_scikit_learn(labels, share, rng):
    from sklearn.model_selection import train_test_split

    parts = [
        train_test_split(
            np.flatnonzero(labels == name), test_size=max(round(share * int(np.sum(labels == name))), 1),
            random_state=int(rng.integers(2**31)),
        )
        for name in np.unique(labels)
    ]  # fmt: skip
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


split_task.equivalents({"np.array(validation) -> validation": "A list of rows counts as an array."})


# %%
### BEGIN SOLUTION
training_rows, validation_rows = split(fruits.y_train, 0.2, np.random.default_rng(SEED))
x_train, y_train = fruits.x_train[training_rows], fruits.y_train[training_rows]
x_validation, y_validation = fruits.x_train[validation_rows], fruits.y_train[validation_rows]
print(len(x_train), "images to train on,", len(x_validation), "to validate")
### END SOLUTION

# %% [markdown]
# ## 2. The model
#
# Make a classifier, train it, and save it as `fresh_or_rotten.keras` beside this notebook. What the file must do:
#
# - take raw images, a batch of shape `(n, 64, 64, 3)`, values 0 to 255: all preprocessing is inside;
# - give one row of six scores for each image, in the order of `fruits.classes`; logits or probabilities, as you like;
# - open without code of its own: layers of Keras, and `labkit.models.Preprocess`. No `Lambda`.
#
# `models.backbone()` is the backbone of lab 07. From scratch a network of this size stays short of the mark.

# %%
### BEGIN SOLUTION
EPOCHS, BATCH, RATE = 32, 32, 1e-3

keras.utils.set_random_seed(SEED)
classifier = keras.Sequential(
    [
        keras.Input((64, 64, 3)),
        models.Preprocess(),
        models.backbone(),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(len(fruits.classes)),
    ]
)
augmented = keras.Sequential(
    [
        keras.Input((64, 64, 3)),
        keras.layers.RandomFlip("horizontal"),
        keras.layers.RandomRotation(0.1, fill_mode="reflect"),
        keras.layers.RandomTranslation(0.1, 0.1, fill_mode="reflect"),
        classifier,
    ]
)
steps = EPOCHS * -(-len(x_train) // BATCH)
rate = keras.optimizers.schedules.CosineDecay(
    RATE / 100, steps - steps // 10, warmup_target=RATE, warmup_steps=steps // 10
)
augmented.compile(
    keras.optimizers.AdamW(rate, weight_decay=0.01, clipnorm=1.0),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = augmented.fit(
    x_train, y_train, batch_size=BATCH, epochs=EPOCHS, validation_data=(x_validation, y_validation), verbose=0
).history
print(f"validation: {history['val_accuracy'][-1]:.1%} right after the last epoch")
classifier.save("fresh_or_rotten.keras")
### END SOLUTION

# %% tags=["task"]
FILE = "fresh_or_rotten.keras"
CLASSES = labkit.data.FRUITS


def noise(count, seed):
    """Raw images of nothing."""
    return np.random.default_rng(seed).integers(0, 256, (count, 64, 64, 3)).astype("uint8")


def what_scores_depend_on(came_back, order):
    return judging.what_outputs_depend_on(came_back, order, "image")


def small(outputs=6, *layers, shape=(64, 64, 3)):
    """A model of the right form that has learned nothing."""
    import keras

    return keras.Sequential(
        [
            keras.Input(shape),
            *layers,
            keras.layers.AveragePooling2D(16),
            keras.layers.Flatten(),
            keras.layers.Dense(outputs),
        ]
    )


model_input_task = Task(
    "model_input",
    points=3,
    file="fresh_or_rotten.keras",
    seconds=60,
    hints=["keras.models.load_model opens the file. What is model.input_shape, and model.output_shape?"],
)
model_input_task.calls("whether_it_opens", "judging.why_it_does_not_open(model_input)", judge=equal())
model_input_task.calls("the_shape_of_its_scores",
    "list(outputs(opened(model_input), noise(int(count), int(seed))).shape)", count=integers(low=2, high=90),
    seed=ANY_SEED, weight=2, judge=equal())  # fmt: skip


@model_input_task.probe(order=drawn(judging.twice_each), seed=ANY_SEED, judge=by(what_scores_depend_on, equal()))
def what_an_images_scores_depend_on(model_input, order, seed):
    model = opened(model_input)
    images = labkit.data.paint_fruits(np.arange(6), 64, np.random.default_rng(int(seed)))
    return judging.alone_and_together(model, images, order)


model_input_task.misconceptions(
    lambda_layer=("import keras; return saved(small(6, keras.layers.Lambda(lambda x: x / 255)))",
                  "The file holds a Lambda layer. That is code, which nobody should run who opens a file: the "
                  "grader does not. models.Preprocess, or a layer of Keras such as Rescaling, says the same without "
                  "code."),
)  # fmt: skip


@model_input_task.misconception(
    "The file holds a class of your own, which Keras cannot find when it opens the file. Say the same with Keras's own "
    "layers and models.Preprocess, or put @keras.saving.register_keras_serializable() above the class."
)
def class_of_its_own():
    import keras

    class Halved(keras.layers.Layer):
        def call(self, inputs):
            return inputs / 2

    return saved(small(6, Halved()))


model_input_task.misconceptions(
    no_model_at_all=('file = judging.new_file(); file.write_text("epoch 1: 97 %"); return opened(file)',
                     "Keras cannot open the file. Was it written by model.save, with a name that ends in .keras, "
                     "and handed in whole?"),
    one_score=("small(1)", "It gives one score. Six classes need six scores, one each; two words need one score."),
    two_scores=(
        "small(2)",
        "Fresh or rotten, and which fruit: that is six classes, and these are other outputs. Give six scores.",
    ),
    another_size=("small(6, shape=(224, 224, 3))",
                  "It takes images of another size. The raw images are 64 x 64: put a Resizing layer first."),
    grey_images=("small(6, shape=(64, 64, 1))",
                 "It takes grey images. The raw ones have three channels: red, green and blue."),
    random_at_prediction=(
        "import keras; model, dropout = small(), keras.layers.Dropout(0.5); "
        'return lambda images: keras.ops.convert_to_numpy(dropout(model(images.astype("float32")), training=True))',
        "It gives the same image other scores each time: augmentation or dropout is at work. Random layers act only "
        "in training, unless something calls them with training=True.",
    ),
    the_same_for_every_image=("lambda images: np.tile(np.arange(6.0), (len(images), 1))",
                              "Every image gets the same scores, whatever is on it. Has the model been trained, and "
                              "saved after that? Are all of a layer's outputs 0?"),
)  # fmt: skip


@model_input_task.alternative
def a_plain_network():
    import keras

    return small(6, keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(4, 3, padding="same", activation="relu"))


# %% [markdown]
# ## 3. What it gets wrong
#
# Open the file as the grader will, and look at its mistakes on your validation images before you hand it in.

# %% [markdown]
# ### Task: `most_confused(y_true, y_pred, classes)`
#
# Both are class numbers, shape `(n,)`; `classes` are the names. Return a pair of names, `(true, predicted)`: the
# mistake that was made most often, as a number of images. The checks ask for no tie.
#
# `most_confused(np.array([0, 0, 1, 1, 1]), np.array([0, 1, 0, 0, 1]), ("pear", "plum"))` gives `("plum", "pear")`.
#
# Hint: In a confusion matrix, rows the true class: which entries are no mistakes?


# %%
def most_confused(y_true, y_pred, classes):
    """Names of the true and the predicted class of the most frequent mistake."""
    ### BEGIN SOLUTION
    counts = np.zeros((len(classes), len(classes)), int)
    np.add.at(counts, (y_true, y_pred), 1)
    np.fill_diagonal(counts, 0)
    true, predicted = np.unravel_index(counts.argmax(), counts.shape)
    return classes[true], classes[predicted]
    ### END SOLUTION


# %% tags=["task"]
def drawn_answers(rng):
    """True and predicted classes (2, n): one mistake is the most frequent, its mirror and another class come close."""
    a, b, c = rng.permutation(6)[:3]
    mistakes = [(a, b, 6), (b, a, 3), (c, b, 5), (c, a, 4), (b, c, 2)]
    pairs = [pair for true, predicted, count in mistakes for pair in [(true, predicted)] * count]
    pairs += [(label, label) for label in range(6) for _ in range(int(rng.integers(7, 15)))]
    pairs += [(a, a)] * 30  # the most frequent mistake is of the class with the best recall
    return rng.permutation(np.array(pairs)).T


most_confused_task = Task("most_confused", points=2)
most_confused_task.calls("two_fruits", "tuple(most_confused(y_true, y_pred, tuple(classes)))",
    y_true=array([0, 0, 1, 1, 1]), y_pred=array([0, 1, 0, 0, 1]), classes=["pear", "plum"], judge=equal())  # fmt: skip
most_confused_task.calls("six_fruits", "tuple(most_confused(answers[0], answers[1], tuple(classes)))",
    answers=drawn(drawn_answers), classes=list(CLASSES), judge=equal())  # fmt: skip


def one_mistake(rng):
    """True and predicted classes (2, 4): the fourth alone is wrong."""
    wrong = rng.permutation(3)[:2]
    return np.concatenate([[[0, 1, 2], [0, 1, 2]], wrong[:, None]], axis=1)


most_confused_task.calls("a_mistake_made_once", "tuple(most_confused(answers[0], answers[1], tuple(classes)))",
    answers=drawn(one_mistake), classes=list("abc"), judge=equal())  # fmt: skip
most_confused_task.calls("six_letters", "tuple(most_confused(answers[0], answers[1], tuple(classes)))",
    answers=drawn(drawn_answers), classes=list("abcdef"), hidden=True, judge=equal())  # fmt: skip
most_confused_task.equivalents({
    "len(classes)), int) -> len(classes)))": "Counts that are floats have the same largest one.",
    "np.zeros -> np.ones": "One more of each mistake leaves the most frequent one.",
    "y_pred), 1) -> y_pred), 2)": "Twice as many of each mistake leave the most frequent one.",
})  # fmt: skip
most_confused_task.misconceptions(
    names_exchanged=("return classes[true], classes[predicted] -> return classes[predicted], classes[true]",
                     "The two names are exchanged: first the true class, then what it was taken for."),
    with_the_diagonal=("np.fill_diagonal(counts, 0) -> ",
                       "That is the class most often right. Leave out the diagonal: no mistake stands there."),
    numbers_for_names=(("true, predicted = -> return", "return classes[true], classes[predicted] -> "),
                       "These are numbers of classes. Their names are in `classes`."),
    share_of_the_class=(
        (
            ", int -> ",
            "np.fill_diagonal -> counts /= np.maximum(counts.sum(axis=1, keepdims=True), 1); np.fill_diagonal",
        ),
        "That is the largest share of its class, not the largest number of images: the task asks for counts.",
    ),
)  # fmt: skip
most_confused_task.alternatives(
    by_counting_pairs="from collections import Counter; "
    "wrong = Counter((int(t), int(p)) for t, p in zip(y_true, y_pred, strict=True) if t != p); "
    "(true, predicted), _ = wrong.most_common(1)[0]; return [classes[true], classes[predicted]]"
)

# %%
### BEGIN SOLUTION
handed_in = keras.models.load_model("fresh_or_rotten.keras")
predicted = handed_in.predict(x_validation, verbose=0).argmax(axis=-1)
print(f"validation: {np.mean(predicted == y_validation):.1%} right")
print(metrics.confusion_matrix(y_validation, predicted, len(fruits.classes)))
if (predicted != y_validation).any():
    print("most often:", *most_confused(y_validation, predicted, fruits.classes), sep="\n  ")
### END SOLUTION

# %% [markdown]
# When you have decided what to hand in, and not before, look once at the test part: it was no part of any decision.

# %%
### BEGIN SOLUTION
test_accuracy = np.mean(handed_in.predict(fruits.x_test, verbose=0).argmax(axis=-1) == fruits.y_test)
print(f"test: {test_accuracy:.1%} right")
### END SOLUTION

# %% [markdown]
# ### Task: the model file
#
# `fresh_or_rotten.keras`, beside this notebook. The check here looks at what the model takes, on validation images of
# the set. How many of the grader's images it gets right, only the grader can say.


# %% tags=["task"]
def grey(images):
    return np.repeat(images.mean(axis=-1, keepdims=True), 3, axis=-1).astype(images.dtype)


MEANS = np.array([103.939, 116.779, 123.68], "float32")


def preprocessed(images):
    return images[..., ::-1].astype("float32") - MEANS


def preprocessing_undone(images):
    return (images.astype("float32") + MEANS)[..., ::-1]


def the_right_model():
    """The reference's own, for variants that take it for another."""
    model = opened(FILE)
    return lambda images: model.predict(images, batch_size=100, verbose=0)


def new_images(rng):
    """600 images, 100 of each class, and their labels."""
    labels = rng.permutation(np.repeat(np.arange(len(labkit.data.FRUITS)), 100))
    return labkit.data.paint_fruits(labels, 64, rng), labels


held_out = labelled(new_images)

model_file_task = Task(
    "model_file",
    points=10,
    file="fresh_or_rotten.keras",
    required=True,
    seconds=150,
    hints=[
        "Which class is least often right on your validation images? Look at ten of its mistakes.",
        "Begin with models.backbone(), change the images anew in each epoch, train all layers, and lower the rate.",
    ],
)


# What ten seeds reach is in measured/assessment_1_fresh_or_rotten.json; the mark is more than three deviations below.
@model_file_task.probe(
    images=held_out, hidden=True, weight=9,
    judge=accuracy(held_out, at_least=0.92, zero_at=0.70, least_recall=0.70, classes=CLASSES),
)  # fmt: skip
def images_that_only_the_grader_has(model_file, images):
    return outputs(model_in(model_file, "the task model_input"), images)


def sixty_labels(rng):
    return rng.permutation(np.repeat(np.arange(6), 10))


def what_the_classes_say(came_back, labels):
    """What the classes that a model gives to images of these labels, as they are and changed, say about it."""
    import scipy.optimize

    def right(found):
        return np.mean(found == labels)

    found = came_back["as they are"]
    seen = [found, came_back["grey"], *came_back["changed"].values()]
    if any(np.shape(classes) != labels.shape for classes in seen) or np.min(found) < 0:
        raise ValueError("a class is due for each image")
    if len(np.unique(found)) == 1:
        return "every image gets the same class"
    level = max(right(found) + 0.15, 0.5)  # what chance would not reach
    counts = np.zeros((6, 6), int)
    np.add.at(counts, (labels, np.minimum(found, 5)), 1)
    if counts[scipy.optimize.linear_sum_assignment(-counts)].sum() / len(labels) > level:
        return "the classes stand in another order"
    better = {name: right(found) for name, found in came_back["changed"].items()}
    name = max(better, key=better.get)
    if better[name] > level:
        return f"it would be better on images {name}"
    if right(found) < 0.35:  # chance gives 1/6
        return "it knows hardly more than chance"
    return "it sees no colours" if (came_back["grey"] == found).all() else "raw images"


@model_file_task.probe(labels=drawn(sixty_labels), judge=by(what_the_classes_say, equal()))
def what_it_takes(model_file, labels):
    model, fruits = model_in(model_file, "the task model_input"), labkit.data.fruits(per_class=100)
    of_class = [iter(np.flatnonzero(fruits.y_validation == label)) for label in range(6)]
    images = fruits.x_validation[[next(of_class[label]) for label in labels]]

    def classes(images):
        return outputs(model, images).argmax(axis=-1).astype("int16")

    return {
        "as they are": classes(images),
        "changed": {
            "divided by 255": classes(images / np.float32(255)),
            "preprocessed beforehand": classes(preprocessed(images)),
            "with the preprocessing undone": classes(preprocessing_undone(images)),
            "with red and blue exchanged": classes(images[..., ::-1]),
        },
        "grey": classes(grey(images)),
    }


model_file_task.misconceptions(
    division_outside=('right = the_right_model(); return lambda images: right(images.astype("float32") * 255)',
                      "It is much better on images divided by 255: the division is outside the model. Put it "
                      "inside, as a Rescaling."),
    preprocessing_outside=("right = the_right_model(); return lambda images: right(preprocessing_undone(images))",
                           "It is much better on preprocessed images: that step is outside the model. Put "
                           "models.Preprocess() first in it."),
    preprocessed_twice=("right = the_right_model(); return lambda images: right(preprocessed(images))",
                        "It preprocesses twice: it is much better on images with one preprocessing undone. Once, in "
                        "the model, is enough."),
    colours_exchanged=("right = the_right_model(); return lambda images: right(images[..., ::-1])",
                       "Red and blue are exchanged: images of fruits.x_train are RGB, as pictures in files are."),
    another_order=("right = the_right_model(); return lambda images: right(images)[:, [0, 3, 1, 4, 2, 5]]",
                   "The scores stand in another order than fruits.classes. Which label does which fruit have?"),
    constant=("lambda images: np.tile(np.arange(6.0), (len(images), 1))",
              "Every image gets the same class. Has it been trained, and saved after that? Did its loss fall?"),
    sees_no_colours=("right = the_right_model(); return lambda images: right(grey(images))",
                     "Without colours it sees the same as with them: was it trained on grey images?"),
)  # fmt: skip


@model_file_task.alternative
def as_probabilities():
    right = the_right_model()

    def softmax(images):
        powers = np.exp(right(images))
        return powers / powers.sum(axis=-1, keepdims=True)

    return softmax


# %% [markdown] question="quiz_1"
# ## 4. Three questions
#
# ### Question 1
#
# You tried forty settings on the same validation images and kept the best: 98 % right. The grader's images say 93 %.
# What is the likeliest reason?
#
# - (a) The grader's images are harder than yours.
#   > Both are painted in the same way, from other seeds. What did you do forty times with your own?
# - (b) The best of forty is best also by luck on just these validation images.
#   > Right.
# - (c) The network is too small for its task.
#   > A network that is too small has too little right on both.
# - (d) The validation images were not augmented.
#   > They must not be: they stand for images that come as they are.

# %% [markdown] question="quiz_2"
# ### Question 2
#
# Why is the preprocessing a part of the file, and not a function to be called before `predict`?
#
# - (a) It is faster inside the model.
#   > The arithmetic is the same, wherever it is done. What can go wrong outside?
# - (b) It has weights that must be saved.
#   > It subtracts three numbers that are fixed: nothing is learned.
# - (c) Keras requires it.
#   > Keras saves either kind of model.
# - (d) Whoever uses the file can neither forget it nor do it twice.
#   > Right.

# %% [markdown] question="quiz_3"
# ### Question 3
#
# Of 100 rotten bananas the model calls 12 fresh. A customer must not get a rotten one; a fresh one thrown away costs
# little. What helps without any training?
#
# - (a) Call a fruit fresh only where the probability of fresh is above 0.9, say, and rotten otherwise.
#   > Right.
# - (b) Call a fruit rotten only where the probability of rotten is above 0.9.
#   > Then still more rotten ones pass as fresh: the doubtful ones go to the class that must be safe.
# - (c) Show the model only bananas.
#   > Its scores for a banana do not depend on the other images.
# - (d) Take the class with the second largest score.
#   > That turns 88 right answers into wrong ones.

# %% [markdown]
# ## Hand in
#
# Save the notebook. Hand in both files, with these names, in one folder: `assessment_1_fresh_or_rotten.ipynb` and
# `fresh_or_rotten.keras`. You may hand in again: a changed model is graded again.
#
# Who passes gets a signed certificate from the instructor.

# %%
lab

# %% tags=["aside"]
keras.utils.clear_session()
