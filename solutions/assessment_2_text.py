# %% [markdown]
# # Reader and writer
#
# **Can you make, alone, a network that reads and one that writes, and know what they are worth on sentences that nobody
# has seen?**
#
# The reader says which of five libraries a sentence of documentation comes from. The writer says which word comes next.
# You get the sentences of labs 08 and 09. The grader has others of the same kind: first lines that older releases of
# the libraries had, and no installed package has. None of them is a near-twin of one of yours.
#
# You hand in three files together: this notebook, and `reader.keras` and `writer.keras`, the models that it saved.
#
# | task | asks for | points |
# |---|---|---|
# | `words` | the vocabulary that both models use | 2 |
# | `encode` | raw sentences to rows of word numbers | 3 |
# | `reader_file` | right answers on the grader's 300 sentences | 5 |
# | `perplexity` | what a writer is worth | 2 |
# | `writer_file` | the perplexity of the grader's words | 5 |
# | `quiz_1` to `quiz_3` | three questions | 3 |
#
# **Passed** is who has 58 % of the grader's sentences right and a perplexity of 62 at most: counts of word pairs reach
# 65 there. Above 40 %, and below the 124 of counts of single words, there are points. The certificate is for these two
# tasks; all twenty points are for those who can also say why it works.
#
# Checks say at once what they can see here; solutions there are none. Any way to train is allowed, on any machine, but
# on no other documentation of these libraries. The grader opens your files; it trains nothing: of a cell that calls
# `fit`, only imports, functions and constants run.
#
# Reading and trying: 120 minutes. Computing: 30 seconds.
# You need what labs 08 and 09 taught.

# %%
import numpy as np

from grader import Lab
from labkit import data, figures
from labkit.generalising import metrics
from labkit.language import encoding, next_word
from labkit.machine import backend

lab = Lab("assessment_2_text")
SEED = 1
WORDS, LENGTH = 1000, 20  # numbers in the vocabulary; of a row
lab

# %% [markdown]
# ## 1. From sentences to rows
#
# `x_train` are your sentences, `y_train` the numbers of their libraries. The validation part is for your decisions, and
# the test part for one look at the end.

# %%
sentences = data.sentences()
print(backend.start())
import keras

sentences

# %% [markdown]
# The grader gives both models **rows of word numbers**, so your vocabulary must be the grader's own.
#
# ### Task: `words`
#
# A dictionary from words to their numbers:
#
# - the words are the tokens that `encoding.tokenise(text)` gives of the training sentences, and of no others;
# - 0 is padding, 1 an unknown word, 2 the start and 3 the end of a sentence: the first word has number 4;
# - frequent words come first; words that are equally frequent stand in alphabetical order;
# - with those four, `WORDS` numbers are used.
#
# Of the sentences `"the mean of the axes"` and `"a mean"` it would be
# `{"mean": 4, "the": 5, "a": 6, "axes": 7, "of": 8}`.
#
# Hint: Count the tokens with a Counter. sorted takes a key that may be a pair: (-count, word).

# %%
### BEGIN SOLUTION
from collections import Counter

counts = Counter(token for text in sentences.x_train for token in encoding.tokenise(text))
frequent = sorted(counts, key=lambda word: (-counts[word], word))[: WORDS - 4]
words = {word: number for number, word in enumerate(frequent, start=4)}
### STARTER
# words = None
### END SOLUTION

# %% tags=["task"]
from collections import Counter  # noqa: F811

import numpy as np  # noqa: F811

import labkit.data
from grader import Limits, Task, accuracy, array, by, drawn, equal, integers, labelled, uniform
from grader import perplexity as perplexity_of
from labkit import judging
from labkit.judging import model_in, opened, outputs, saved, value_from
from labkit.language import encoding, next_word  # noqa: F811

limits = Limits(seconds=240)
WORDS, LENGTH = 1000, 20
ANY_SEED = integers(low=0, high=2**31)


def numbered(texts, size=WORDS, first=4, key=None):
    """Words by falling count, with their numbers."""
    counts = Counter(token for text in texts for token in encoding.tokenise(text))
    ordered = sorted(counts, key=key or (lambda word: (-counts[word], word)))
    return {word: number for number, word in enumerate(ordered[: size - 4], start=first)}


words_task = Task("words", points=2)


@words_task.probe(judge=equal())
def numbers_in_use(words):
    found = value_from(words)
    return [len(found), min(found.values()), max(found.values())]


@words_task.probe(judge=equal())
def words_that_no_training_sentence_has(words):
    there = {token for text in labkit.data.sentences().x_train for token in encoding.tokenise(text)}
    return sum(word not in there for word in value_from(words))


@words_task.probe(seed=ANY_SEED, judge=equal())
def numbers_of_frequent_words(words, seed):
    """Of the ten most frequent words, in any order."""
    found = value_from(words)
    frequent = ["the", "a", "of", "to", "for", "return", "and", "in", "an", "with"]
    return [found.get(word, 1) for word in np.random.default_rng(int(seed)).permutation(frequent).tolist()]


@words_task.probe(seed=ANY_SEED, judge=equal())
def numbers_of_some_sentences(words, seed):
    """Of sentences of the validation part."""
    found, texts = value_from(words), labkit.data.sentences().x_validation
    chosen = np.random.default_rng(int(seed)).choice(len(texts), 40, replace=False)
    return [found.get(token, 1) for row in chosen for token in encoding.tokenise(texts[row])]


@words_task.probe(seed=ANY_SEED, judge=equal(), hidden=True, weight=2)
def numbers_of_many_words(words, seed):
    """Of words of all parts: in the vocabulary, too rare for it, or in no training sentence."""
    found, parts = value_from(words), labkit.data.sentences()
    texts = [*parts.x_train, *parts.x_validation, *parts.x_test]
    every = sorted({token for text in texts for token in encoding.tokenise(text)})
    return [found.get(every[row], 1) for row in np.random.default_rng(int(seed)).permutation(len(every))]


words_task.misconceptions(
    of_all_parts=(
        "found = labkit.data.sentences(); return numbered([*found.x_train, *found.x_validation, *found.x_test])",
        "It holds words that no training sentence has: they come from the validation or test part. Nobody knows "
        "tomorrow's words today."),
    from_2=("numbered(labkit.data.sentences().x_train, first=2)",
            "The first word has number 2, as in lab 08. Here 2 and 3 are the marks of start and end."),
    four_too_many=("numbered(labkit.data.sentences().x_train, size=WORDS + 4)",
                   "The four marks use numbers, too: WORDS - 4 words fit."),
    ties_as_they_came=(
        "texts = labkit.data.sentences().x_train; "
        "counts = Counter(token for text in texts for token in encoding.tokenise(text)); "
        "return numbered(texts, key=lambda word: -counts[word])",
        "Equally frequent words stand in the order in which they came: sort those by the alphabet.",
    ),
    alphabetical=("numbered(labkit.data.sentences().x_train, key=str)",
                  "The words stand in alphabetical order: the frequent ones must go first, since not all fit."),
    cut_at_spaces=(
        "counts = Counter(token for text in labkit.data.sentences().x_train for token in text.split()); "
        "ordered = sorted(counts, key=lambda word: (-counts[word], word)); "
        "return {word: number for number, word in enumerate(ordered[: WORDS - 4], start=4)}",
        "Sentences are cut at spaces here, so `axis,` is a word. Use encoding.tokenise.",
    ),
    turned_round=("{number: word for word, number in numbered(labkit.data.sentences().x_train).items()}",
                  "Number and word are exchanged: the dictionary is asked for a word's number."),
)  # fmt: skip
words_task.alternatives(
    by_labkit="found = next_word.Corpus.of(labkit.data.sentences(), WORDS, LENGTH); "
    "return {word: number for word, number in found.numbers.items() if number > 3}"
)

# %% [markdown]
# ### Task: `encode(texts, words, length)`
#
# Each of `texts`, raw strings, becomes a row of `length` numbers: 2 for the start, the numbers of its tokens, 1 for a
# token that `words` does not have, 3 for the end, and zeros behind. Of a sentence that is too long the first `length`
# numbers are kept, so it has no end. Return an integer array of shape `(len(texts), length)`.
#
# `encode(["Sort, then count"], {"sort": 4, "count": 5}, 7)` gives `[[2, 4, 1, 5, 3, 0, 0]]`, with a length of 3
# `[[2, 4, 1]]`.
#
# Hint: Make the list [2, …, 3] of one text first, cut it, then write it into a row of zeros.


# %%
def encode(texts, words, length):
    """Rows of word numbers (len(texts), length): start, words, end, pads."""
    ### BEGIN SOLUTION
    rows = np.zeros((len(texts), length), "int32")
    for row, text in zip(rows, texts, strict=True):
        numbers = [2, *(words.get(token, 1) for token in encoding.tokenise(text)), 3][:length]
        row[: len(numbers)] = numbers
    return rows
    ### END SOLUTION


# %% tags=["task"]
KNOWN = ["the", "of", "a", "and", "to", "for", "in", "data", "array", "values"]
VOCABULARY = {word: number for number, word in enumerate(KNOWN, start=4)}


def drawn_texts(rng):
    """Sentences of known and unknown words, short and long, with capitals and commas."""
    other = ["Gradient", "axis2", "plot,", "fit", "np.ndarray", "X", "the,", "Data"]
    lengths = [int(n) for n in rng.permutation([0, 1, 4, 6, 7, 8, 9, 14])]
    return [" ".join(str(word) for word in rng.choice(KNOWN + other, n)).capitalize() for n in lengths]


def listed(texts, words, length, start=2, end=3, unknown=1):
    """Rows as lists, with other marks than asked for."""
    rows = []
    for text in texts:
        ids = [words.get(token, unknown) for token in encoding.tokenise(text)]
        row = [*([start] if start else []), *ids, *([end] if end else [])][:length]
        rows.append(row + [0] * (length - len(row)))
    return np.array(rows)


encode_task = Task("encode", points=3)
encode_task.calls("the_example", "encode(texts, dict(words), length)", texts=["Sort, then count"],
    words={"sort": 4, "count": 5}, length=7)  # fmt: skip
encode_task.calls("too_long", "encode(texts, dict(words), length)", texts=["Sort, then count", "count"],
    words={"sort": 4, "count": 5}, length=3)  # fmt: skip
encode_task.calls("kind_of_number",
    '{"whole numbers": np.asarray(encode(list(texts), dict(VOCABULARY), length)).dtype.kind in "iu"}',
    texts=drawn(drawn_texts), length=9, judge=equal())  # fmt: skip
encode_task.calls("short_enough", "encode(list(texts), dict(VOCABULARY), length)", texts=drawn(drawn_texts), length=40)
encode_task.calls("short_and_long", "encode(list(texts), dict(VOCABULARY), length)", texts=drawn(drawn_texts), length=9)
encode_task.calls("another_length", "encode(list(texts), dict(VOCABULARY), length)", texts=drawn(drawn_texts), length=8,
    hidden=True, weight=2)  # fmt: skip
encode_task.misconceptions(
    without_marks=("listed(texts, words, length, start=0, end=0)",
                   "The start and the end are missing: the writer must learn how sentences begin, and stop."),
    without_end=("listed(texts, words, length, end=0)",
                 "The end, 3, is missing: nothing tells the writer when to stop."),
    without_start=("listed(texts, words, length, start=0)",
                   "The start, 2, is missing: the writer has nothing to read before the first word."),
    unknown_left_out=(
        'kept = [" ".join(token for token in encoding.tokenise(text) if token in words) for text in texts]; '
        "return listed(kept, words, length)",
        "A word that is not in the vocabulary is left out. It is a word, too: its number is 1.",
    ),
    unknown_as_padding=("listed(texts, words, length, unknown=0)",
                        "An unknown word gets 0, as if there were nothing. Its number is 1."),
    pads_in_front=(
        "rows = listed(texts, words, length); return np.array([np.roll(row, int(np.sum(row == 0))) for row in rows])",
        "The pads stand in front. Here they go behind the sentence."),
    end_is_kept=(
        "rows = listed(texts, words, length); "
        "return np.array([row if row[-1] in (0, 3) else [*row[:-1], 3] for row in rows])",
        "A long sentence keeps its end mark: of what is too long only the first `length` numbers are kept.",
    ),
    last_words_kept=(
        "rows = listed(texts, words, 200); ends = [max(int(np.sum(row > 0)), length) for row in rows]; "
        "return np.array([row[end - length : end] for row, end in zip(rows, ends, strict=True)])",
        "A long sentence keeps its last words. The first `length` numbers are wanted.",
    ),
    floats=('length), "int32") -> length))',
            "These are floats. A network looks its words up by whole numbers: an integer array is wanted."),
    cut_at_spaces_here=(('"int32" -> int', "encoding.tokenise(text) -> text.split()"),
                        "Texts are cut at spaces, so `Sort,` is not found as `sort`. Use encoding.tokenise."),
)  # fmt: skip
encode_task.alternatives(
    by_lists="rows = [[2] + [words.get(token, 1) for token in encoding.tokenise(text)] + [3] for text in texts]; "
    "return [(row + [0] * length)[:length] for row in rows]",
    by_a_corpus='empty = np.zeros((0, length), "int32"); '
    'names = ("", "<unknown>", "<start>", "<end>", *sorted(words, key=words.get)); '
    "return next_word.Corpus(names, length - 1, empty, empty, empty).encode(texts)",
)
encode_task.equivalents({
    ", strict=True -> ": "There is a row for each text.",
    "strict=True -> strict=False": "There is a row for each text.",
})  # fmt: skip

# %%
### BEGIN SOLUTION
x_train, x_validation, x_test = (
    encode(texts, words, LENGTH) for texts in (sentences.x_train, sentences.x_validation, sentences.x_test)
)
print(sentences.x_train[0], x_train[0], sep="\n")
unknown, known = x_validation == 1, x_validation > 3
print(f"{unknown.sum() / (unknown | known).sum():.0%} of the validation part's words are unknown")
### END SOLUTION

# %% [markdown]
# ## 2. The reader
#
# Make a classifier of rows, train it, and save it as `reader.keras` beside this notebook. What the file must do:
#
# - take rows of your `encode`, a batch of shape `(n, LENGTH)`, integers;
# - give one row of five scores for each sentence, in the order of `sentences.classes`; logits or probabilities;
# - open without code of its own: layers of Keras alone, no `Lambda`.
#
# A model that was compiled is saved with its optimiser's memory, three times the size. `keras.Model(model.inputs,
# model.outputs)` is the same model without.
#
# Hint: keras.models.load_model opens the file. What is model.input_shape, and model.output_shape?
# Hint: It stops learning what is general after some epochs. Where is its validation accuracy highest?
# Hint: Some 2,900 sentences are few: a small network and much dropout, on the vectors too, go furthest.

# %%
### BEGIN SOLUTION
EPOCHS, BATCH, RATE, WIDTH, DROPPED = 10, 64, 4e-3, 64, 0.5

keras.utils.set_random_seed(SEED)
ids = keras.Input((LENGTH,), dtype="int32")
vectors = keras.layers.Embedding(WORDS, WIDTH, mask_zero=True)(ids)
vectors = keras.layers.Dropout(DROPPED)(vectors)
mean = keras.layers.GlobalAveragePooling1D()(vectors)
scores = keras.layers.Dense(len(sentences.classes))(keras.layers.Dropout(DROPPED)(mean))
reader = keras.Model(ids, scores)
reader.compile(
    keras.optimizers.Adam(RATE), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
)
read = reader.fit(
    x_train, sentences.y_train, batch_size=BATCH, epochs=EPOCHS,
    validation_data=(x_validation, sentences.y_validation), verbose=0,
).history  # fmt: skip
keras.Model(reader.inputs, reader.outputs).save("reader.keras")
print(f"validation: {read['val_accuracy'][-1]:.1%} right after the last epoch")
### END SOLUTION

# %% [markdown]
# Open the file as the grader will, and look at its mistakes before you hand it in.

# %%
### BEGIN SOLUTION
handed_in = keras.models.load_model("reader.keras")
predicted = handed_in.predict(x_validation, verbose=0).argmax(axis=-1)
print(f"validation: {np.mean(predicted == sentences.y_validation):.1%} right")
print(metrics.confusion_matrix(sentences.y_validation, predicted, len(sentences.classes)))
### END SOLUTION

# %% tags=["task"]
READER, WRITER = "reader.keras", "writer.keras"
CLASSES = ("NumPy", "SciPy", "scikit-learn", "Keras", "matplotlib")


def corpus():
    """Your sentences as both models read them."""
    return next_word.Corpus.of(labkit.data.sentences(), WORDS, LENGTH)


def some_rows(count, seed):
    """Different rows of the validation part."""
    rows = np.unique(corpus().validation[:, :LENGTH], axis=0)
    return rows[np.random.default_rng(int(seed)).choice(len(rows), int(count), replace=False)]


def what_scores_depend_on(came_back, order):
    return judging.what_outputs_depend_on(came_back, order, "sentence")


def untrained(*layers):
    """A model of rows that has learned nothing."""
    import keras

    return keras.Sequential([keras.Input((LENGTH,), dtype="int32"), keras.layers.Embedding(WORDS, 4), *layers])


def kept_aside(of_reader):
    """The grader's sentences by class: of each class every second one, 100 at most, is the reader's, the others are the
    writer's, since a sentence that was read would tell what to write.

    They lie beside this source, where no submission can open them.
    """
    import json
    from pathlib import Path

    file = Path(__file__).parent / "kept_aside" / "assessment_2_text.json"
    found = json.loads(file.read_text(encoding="utf-8"))["sentences"]
    found = [found[i] for i in np.random.default_rng(0).permutation(len(found))]
    by_class = [[text for name, text in found if name == wanted] for wanted in CLASSES]
    if of_reader:
        return [texts[::2][:100] for texts in by_class]
    return [texts[1:200:2] + texts[200:] for texts in by_class]


def new_sentences(rng):
    """Rows of 300 sentences and their classes: 30 of NumPy, 60 of scikit-learn, 70 of each other library."""
    chosen = [
        [texts[i] for i in rng.choice(len(texts), count, replace=False)]
        for texts, count in zip(kept_aside(True), (30, 70, 60, 70, 70), strict=True)
    ]
    order = rng.permutation(300)
    labels = np.repeat(np.arange(5), [len(texts) for texts in chosen])
    return corpus().encode([text for texts in chosen for text in texts])[order, :LENGTH], labels[order]


held_out = labelled(new_sentences)

reader_file_task = Task("reader_file", points=5, file="reader.keras", required=True, seconds=60)
reader_file_task.calls("whether_the_reader_opens", "judging.why_it_does_not_open(reader_file)", judge=equal())
reader_file_task.calls("the_shape_of_its_scores", "list(outputs(model_in(reader_file), some_rows(count, seed)).shape)",
    count=integers(low=2, high=90), seed=ANY_SEED, judge=equal())  # fmt: skip


@reader_file_task.probe(order=drawn(judging.twice_each), seed=ANY_SEED, judge=by(what_scores_depend_on, equal()))
def what_its_scores_depend_on(reader_file, order, seed):
    model, ids = model_in(reader_file), some_rows(6, seed)
    return judging.alone_and_together(model, ids, order)


def drawn_labels(rng):
    return rng.permutation(np.repeat(np.arange(5), (35, 90, 50, 45, 80)))


def what_the_classes_say(came_back, labels):
    """What the classes that a model gives to sentences of these labels, as they are and changed, say about it."""
    import scipy.optimize

    def right(found):
        return np.mean(found == labels)

    first = came_back["as they are"]
    seen = [first, *came_back["changed"].values()]
    if any(np.shape(classes) != labels.shape for classes in seen) or np.min(first) < 0:
        raise ValueError("a class is due for each sentence")
    if len(np.unique(first)) == 1:
        return "every sentence gets the same class"
    level = max(right(first) + 0.15, 0.45)  # what chance would not reach
    counts = np.zeros((5, 5), int)
    np.add.at(counts, (labels, np.minimum(first, 4)), 1)
    if counts[scipy.optimize.linear_sum_assignment(-counts)].sum() / len(labels) > level:
        return "the classes stand in another order"
    better = {name: right(found) for name, found in came_back["changed"].items()}
    name = max(better, key=better.get)
    if better[name] > level:
        return f"it would be better on rows {name}"
    if right(first) < 0.35:  # the largest class is 30 % of all
        return "it knows hardly more than chance"
    return "rows as they are asked for"


@reader_file_task.probe(labels=drawn(drawn_labels), judge=by(what_the_classes_say, equal()))
def what_it_reads(reader_file, labels):
    model, found = model_in(reader_file), labkit.data.sentences()
    of_class = [iter(np.flatnonzero(found.y_validation == label)) for label in range(5)]
    ids = corpus().validation[[next(of_class[label]) for label in labels], :LENGTH]

    def classes(ids):
        return outputs(model, ids).argmax(axis=-1).astype("int16")

    return {
        "as they are": classes(ids),
        "changed": {
            "numbered from 2": classes(np.where(ids > 3, ids - 2, np.where(ids > 1, 0, ids))),
            "with the pads in front": classes(np.array([np.roll(row, int(np.sum(row == 0))) for row in ids])),
            "read backwards": classes(ids[:, ::-1]),
        },
    }


# What ten seeds reach is in measured/assessment_2_text.json; the mark is more than three deviations below the mean.
reader_file_task.calls("sentences_that_only_the_grader_has", "outputs(model_in(reader_file), ids)", ids=held_out,
    hidden=True, weight=6, judge=accuracy(held_out, at_least=0.58, zero_at=0.40, classes=CLASSES))  # fmt: skip


def the_right_reader():
    """The reference's own, for variants that take it for another."""
    model = opened(READER)
    return lambda ids: model.predict(ids, batch_size=128, verbose=0)


reader_file_task.misconceptions(
    lambda_layer=(
        "import keras; return saved(untrained(keras.layers.Lambda(lambda x: x[:, -1]), keras.layers.Dense(5)))",
        "The file holds a Lambda layer. That is code, which nobody should run who opens a file: the grader does "
        "not. Say the same with Keras's own layers."),
)  # fmt: skip


@reader_file_task.misconception(
    "The file holds a class of your own, which Keras cannot find when it opens the file. Say the same with Keras's own "
    "layers."
)
def class_of_its_own():
    import keras

    class Last(keras.layers.Layer):
        def call(self, inputs):
            return inputs[:, -1]

    return saved(untrained(Last(), keras.layers.Dense(5)))


reader_file_task.misconceptions(
    no_model_at_all=('file = judging.new_file(); file.write_text("epoch 1: 70 %"); return opened(file)',
                     "Keras cannot open the file. Was it written by model.save, with a name that ends in .keras, "
                     "and handed in whole?"),
    scores_for_each_word=("import keras; return untrained(keras.layers.Dense(5))",
                          "It gives scores for each word: with return_sequences=True a layer hands on all states. "
                          "One row a sentence is asked for."),
)  # fmt: skip


@reader_file_task.misconception(
    "It takes rows of another length. Rows of your `encode` have LENGTH numbers: give keras.Input that, or None."
)
def rows_of_another_length():
    import keras

    return keras.Sequential([keras.Input((64,), dtype="int32"), keras.layers.Embedding(WORDS, 4),
                             keras.layers.Flatten(), keras.layers.Dense(5)])  # fmt: skip


reader_file_task.misconceptions(
    random_at_prediction=(
        "right = the_right_reader(); "
        "return lambda ids: right(ids) + np.random.default_rng().normal(size=(len(ids), 5))",
        "It gives the same sentence other scores each time: dropout is at work. It acts only in training, unless "
        "something calls it with training=True.",
    ),
    constant=("lambda ids: np.tile(np.arange(5.0), (len(ids), 1))",
              "Every sentence gets the same class. Has it been trained, and saved after that? Did its loss fall?"),
    another_order=("right = the_right_reader(); return lambda ids: right(ids)[:, [3, 4, 0, 2, 1]]",
                   "The scores stand in another order than sentences.classes. Which number does which library have?"),
    numbered_from_2=(
        "right = the_right_reader(); return lambda ids: right(np.where(ids > 1, np.minimum(ids + 2, WORDS - 1), ids))",
        "It is much better on words that are numbered from 2: it was trained with the vocabulary of lab 08. Use "
        "`words`."),
)  # fmt: skip


@reader_file_task.misconception(
    "It is much better on rows with the pads in front. Behind a sentence it reads pads until it has forgotten the "
    "words: mask_zero=True in the embedding skips them. Train on rows of your `encode`."
)
def forgets_over_pads():
    right = the_right_reader()

    def scores(ids):
        left = [row if row[-1] else np.full(LENGTH, 4 + place % 7) for place, row in enumerate(ids)]
        return right(np.array([np.roll(row, -int(np.sum(row == 0))) for row in left]))

    return scores


@reader_file_task.alternative
def as_probabilities():
    right = the_right_reader()

    def softmax(ids):
        powers = np.exp(right(ids))
        return powers / powers.sum(axis=-1, keepdims=True)

    return softmax


# %% [markdown]
# ## 3. The writer
#
# A writer reads a row and gives, at every place, logits of the word that comes **next**: row $t$ of its output answers
# for the number at $t + 1$. What it is worth, its **perplexity** says: $e$ to the mean cross entropy of the numbers
# that really come next.
#
# ### Task: `perplexity(logits, ids)`
#
# `ids` are rows, shape `(n, length)`; `logits` are what a writer gives for them, shape `(n, length, words)`. Compare
# each place with the next number of its row. Pads are no answers, and behind the last place nothing comes. Return one
# number, from one mean over all answers of all rows. Logits may be large.
#
# A writer without an idea, all logits 0 for 10 words, has a perplexity of 10.
#
# Hint: Which places of the logits answer for ids[:, 1:]? One of them has no answer.
# Hint: Subtract each row's maximum before exp, as in lab 01; the cross entropy does not change.


# %%
def perplexity(logits, ids):
    """exp of the mean cross entropy of each next number, pads left out."""
    ### BEGIN SOLUTION
    guesses, answers = np.asarray(logits, float)[:, :-1], ids[:, 1:]
    there = answers > 0
    guesses, answers = guesses[there], answers[there]  # (answers, words), (answers,)
    guesses = guesses - guesses.max(axis=-1, keepdims=True)
    surprise = np.log(np.exp(guesses).sum(axis=-1)) - guesses[np.arange(len(answers)), answers]
    return float(np.exp(surprise.mean()))
    ### END SOLUTION


# %% tags=["task"]
def drawn_rows(rng):
    """Rows of 8 numbers, the last ones pads in all but one."""
    ids = rng.integers(1, 6, (5, 8))
    return np.where(np.arange(8) < np.array([8, 3, 5, 4, 6])[:, None], ids, 0)


def surprises(logits, answers):
    """Cross entropy at each place, (n, places)."""
    rows = np.asarray(logits, float)
    rows = rows - rows.max(axis=-1, keepdims=True)
    return np.log(np.exp(rows).sum(axis=-1)) - np.take_along_axis(rows, answers[..., None], axis=-1)[..., 0]


perplexity_task = Task("perplexity", points=2)


@perplexity_task.probe(
    ids=array([[2, 5, 4, 3]]), words=integers(low=10, high=200),
    says="All logits are 0 here, so the perplexity is the number of words.",
)  # fmt: skip
def no_idea(perplexity, ids, words):
    return perplexity(np.zeros((1, 4, int(words))), ids)


perplexity_task.calls("rows_with_pads",
    "perplexity(np.random.default_rng(int(seed)).normal(0, 2, (*ids.shape, 6)), ids)", ids=drawn(drawn_rows),
    seed=ANY_SEED, weight=3)  # fmt: skip


@perplexity_task.probe(
    ids=drawn(drawn_rows), seed=ANY_SEED,
    says="Logits are large here, and those of one place far larger than those of another.",
)  # fmt: skip
def places_far_apart(perplexity, ids, seed):
    """At every other place the next number is certain."""
    rng = np.random.default_rng(int(seed))
    logits = rng.normal(0, 2, (*ids.shape, 6)) + rng.choice([-900.0, 900.0], (*ids.shape, 1))
    logits[:, :-1:2] += 1000.0 * (np.arange(6) == ids[:, 1::2, np.newaxis])
    return perplexity(logits, ids)


perplexity_task.calls("other_rows", "perplexity(np.random.default_rng(int(seed)).normal(0, 2, (*ids.shape, 6)), ids)",
    ids=drawn(drawn_rows), seed=ANY_SEED, hidden=True, weight=2)  # fmt: skip
perplexity_task.calls("large_logits",
    "perplexity(900.0 + float(step) * np.arange(6.0) * np.ones((*ids.shape, 1)), ids)", ids=drawn(drawn_rows),
    step=uniform(low=0.5, high=1.5), hidden=True)  # fmt: skip
perplexity_task.misconceptions(
    of_the_present_word=("float(np.exp(surprises(logits, ids)[ids > 0].mean()))",
                         "Each place is compared with the word that stands there. The writer answers for the next "
                         "one: logits[:, :-1] with ids[:, 1:]."),
    pads_count=("float(np.exp(surprises(logits[:, :-1], ids[:, 1:]).mean()))",
                "Pads count as answers. A writer that expects pads would look good: leave them out."),
    mask_of_what_is_read=("float(np.exp(surprises(logits[:, :-1], ids[:, 1:])[ids[:, :-1] > 0].mean()))",
                          "The mask asks whether the word that is read is there. At the end of a sentence it is, "
                          "and what comes next is a pad: ask ids[:, 1:]."),
    cross_entropy=("float(surprises(logits[:, :-1], ids[:, 1:])[ids[:, 1:] > 0].mean())",
                   "That is the cross entropy. The perplexity is exp of it."),
    mean_over_rows=(
        "lost, there = surprises(logits[:, :-1], ids[:, 1:]), ids[:, 1:] > 0; "
        "return float(np.mean([np.exp(row[mask].mean()) for row, mask in zip(lost, there, strict=True)]))",
        "A mean of each row's perplexity gives a word of a short sentence more weight. Take one mean over all answers.",
    ),
    mean_of_row_means=(
        "lost, there = surprises(logits[:, :-1], ids[:, 1:]), ids[:, 1:] > 0; "
        "return float(np.exp(np.mean([row[mask].mean() for row, mask in zip(lost, there, strict=True)])))",
        "The mean of each row is taken first, so a word of a short sentence has more weight. Take one mean over all "
        "answers.",
    ),
    softmax_twice=(
        "rows = np.asarray(logits, float); powers = np.exp(rows - rows.max(axis=-1, keepdims=True)); "
        "twice = powers / powers.sum(axis=-1, keepdims=True); "
        "return float(np.exp(surprises(twice[:, :-1], ids[:, 1:])[ids[:, 1:] > 0].mean()))",
        "The softmax is taken twice: of what are probabilities already. Take it once, of the logits.",
    ),
    turned_over=("float(np.exp(-surprises(logits[:, :-1], ids[:, 1:])[ids[:, 1:] > 0].mean()))",
                 "It is turned over: without the minus, the perplexity is below 1."),
)  # fmt: skip


@perplexity_task.misconception("exp of 900 overflows: subtract each row's maximum first.")
def overflows(logits, ids):
    powers = np.exp(np.asarray(logits, float)[:, :-1])
    chances = powers / powers.sum(axis=-1, keepdims=True)
    picked = np.take_along_axis(chances, ids[:, 1:, None], axis=-1)[..., 0]
    return float(np.exp(-np.log(picked[ids[:, 1:] > 0]).mean()))


perplexity_task.alternatives(
    by_scipy="import scipy.special; logs = scipy.special.log_softmax(np.asarray(logits, float)[:, :-1], axis=-1); "
    "picked = [logs[n, t, ids[n, t + 1]] for n, t in zip(*np.nonzero(ids[:, 1:]), strict=True)]; "
    "return np.exp(-np.mean(picked))"
)
perplexity_task.equivalents({
    "np.asarray(logits, float) -> np.asarray(logits)": "exp makes floats of whole numbers.",
    "guesses.max(axis=-1 -> guesses.max(axis=1": "The guesses have two axes.",
    ".sum(axis=-1) -> .sum(axis=1)": "The guesses have two axes.",
})  # fmt: skip

# %% [markdown]
# What must a writer beat? Counts of word pairs in the training part, the **bigrams** of lab 08. Measure yours on the
# validation part, and the writer beside them.

# %%
### BEGIN SOLUTION
bigrams = next_word.bigrams(x_train[:, :-1], x_train[:, 1:], WORDS)
bigram_perplexity = bigrams.perplexity(x_validation[:, :-1], x_validation[:, 1:])
print(f"bigrams: {bigram_perplexity:.1f} on validation sentences")
### END SOLUTION

# %% [markdown]
# Make a writer, train it, and save it as `writer.keras`. It takes rows as the reader does, and gives logits of shape
# `(n, LENGTH, WORDS)`. What stands behind a place may change nothing there. Again: layers of Keras alone.
#
# Hint: What is model.output_shape? What does the loss compare with the word at t + 1?
# Hint: One LSTM, return_sequences=True, and a Dense layer on its states; dropout on both sides of the LSTM; the loss
# with from_logits=True and ignore_class=0.
# Hint: Stop where the perplexity of the validation part is lowest. A rate that falls to 0 helps.

# %%
### BEGIN SOLUTION
EPOCHS, RATE, WIDTH, DROPPED, DECAY = 8, 6e-3, 96, 0.5, 0.2

keras.utils.set_random_seed(SEED)
ids = keras.Input((LENGTH,), dtype="int32")
spread = keras.initializers.RandomNormal(stddev=0.5)
vectors = keras.layers.Embedding(WORDS, WIDTH, embeddings_initializer=spread)(ids)
vectors = keras.layers.Dropout(DROPPED)(vectors)
states = keras.layers.GRU(WIDTH, return_sequences=True)(vectors)  # (n, LENGTH, WIDTH)
# The last word goes past the GRU, too: what follows a word is most of what few sentences teach.
both = keras.layers.Concatenate()([keras.layers.Dropout(DROPPED)(states), vectors])
writer = keras.Model(ids, keras.layers.Dense(WORDS)(both))
steps = EPOCHS * -(-len(x_train) // BATCH)
writer.compile(
    keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(RATE, steps), weight_decay=DECAY),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0),
)
next_words = np.pad(x_train[:, 1:], ((0, 0), (0, 1)))
course = []
for _ in range(EPOCHS):
    writer.fit(x_train, next_words, batch_size=BATCH, verbose=0)
    course.append(perplexity(writer.predict(x_validation, verbose=0), x_validation))
keras.Model(writer.inputs, writer.outputs).save("writer.keras")
print("perplexity of the validation part after each epoch:", *(f"{value:.0f}" for value in course))
figures.curves(
    range(1, EPOCHS + 1),
    {"writer": [course]},
    level=("bigrams", bigram_perplexity),
    title="The writer beats counts of word pairs",
    xlabel="epoch",
    ylabel="perplexity of validation sentences",
    alt=f"Perplexity of validation sentences by epoch: the writer falls from {course[0]:.0f} to {course[-1]:.0f}; the "
    f"bigrams stand at {bigram_perplexity:.0f}.",
)
### END SOLUTION

# %% [markdown]
# When you have decided what to hand in, and not before, look once at the test part: it was no part of any decision.

# %%
### BEGIN SOLUTION
right = keras.models.load_model("reader.keras").predict(x_test, verbose=0).argmax(axis=-1) == sentences.y_test
print(f"test: the reader has {right.mean():.1%} right")
written = keras.models.load_model("writer.keras").predict(x_test, verbose=0)
print(f"test: the writer's perplexity is {perplexity(written, x_test):.1f}, "
      f"the bigrams' {bigrams.perplexity(x_test[:, :-1], x_test[:, 1:]):.1f}")  # fmt: skip
### END SOLUTION


# %% tags=["task"]
def new_beginnings(rng):
    """A beginning of each sentence kept aside for the writer, and the word that follows: one place a sentence, since a
    longer beginning would tell what follows a shorter one. The same in every course, in another order: luck with the
    words moves no mark.
    """
    rows = corpus().encode([text for texts in kept_aside(False) for text in texts])
    places = (np.random.default_rng(0).random(len(rows)) * (rows[:, 1:] > 0).sum(axis=1)).astype(int)
    beginnings = np.where(np.arange(LENGTH) <= places[:, None], rows[:, :LENGTH], 0)
    order = rng.permutation(len(rows))
    return beginnings[order], rows[np.arange(len(rows)), places + 1][order]


next_ones = labelled(new_beginnings)


def counted(bent):
    """A writer that knows only how frequent each word is, bent to what is wrong about it."""
    rows = corpus().train[:, 1:]
    counts = np.bincount(rows[rows > 0], minlength=WORDS) + 0.01
    logits = np.log(counts / counts.sum())
    return lambda ids: bent(np.tile(logits, (*ids.shape, 1)), ids)


def raised_at(logits, words):
    """The logits with those of these words far above all others."""
    return logits + 12.0 * (np.arange(WORDS) == words[..., None])


writer_file_task = Task("writer_file", points=5, file="writer.keras", required=True, seconds=90)
writer_file_task.calls("whether_the_writer_opens", "judging.why_it_does_not_open(writer_file)", judge=equal())
writer_file_task.calls("the_shape_of_its_logits", "list(outputs(model_in(writer_file), some_rows(count, seed)).shape)",
    count=integers(low=2, high=90), seed=ANY_SEED, judge=equal())  # fmt: skip


def what_later_words_do(came_back, order):
    """What logits say of beginnings that go on in one way, and of a batch of them that go on in another, by `order`."""
    before, after = (np.asarray(came_back[name], float) for name in ("before", "after"))
    if len(before) != len(set(order.tolist())) or after.shape != before[order].shape:
        raise ValueError("the same number of logits is due for each beginning")
    if np.ptp(before, axis=0).max() < 0.01:
        return "nothing, nor do the words before"
    return "nothing" if np.abs(after - before[order]).max() < 1e-3 else "what it expects before them"


@writer_file_task.probe(order=drawn(judging.twice_each), seed=ANY_SEED, judge=by(what_later_words_do, equal()))
def what_later_words_change(writer_file, order, seed):
    """Logits at the last place before those that are changed: of some words, and of those that really follow."""
    model, ids = model_in(writer_file), some_rows(6, seed)
    others = ids[order]
    others[:, 6:] = (others[:, 6:] + 100) % WORDS
    words = np.concatenate([np.arange(0, WORDS, 100), ids[:, 6:8].ravel(), others[:, 6:8].ravel()])
    return {"before": outputs(model, ids)[:, 5, words], "after": outputs(model, others)[:, 5, words]}


def what_its_outputs_mean(came_back):
    """Which word outputs stand for, by the likelihood of several."""
    least, sums, (here, following, two_on) = came_back["least"], came_back["sums"], came_back["perplexities"]
    if np.isnan([least, *sums]).any() or not np.min([here, following, two_on]) >= 1 - 1e-6:
        raise ValueError("no perplexity is NaN or below 1")
    if max(abs(total - 1) for total in sums) < 0.01 and least >= 0:
        return "probabilities"
    if following > 0.9 * WORDS:
        return "the word that it reads" if here < 0.5 * following else "nothing that it has learned"
    if here < 0.5 * following:
        return "the word that it reads"
    return "the word after the next" if two_on < 0.6 * following else "the next word"


@writer_file_task.probe(judge=by(what_its_outputs_mean, equal()))
def what_it_writes(writer_file):
    """Perplexities of the word that it reads, the next one and the one after that, on validation sentences."""
    ids = corpus().validation[:200, :LENGTH]
    found = np.asarray(outputs(model_in(writer_file), ids), float)[:, : LENGTH - 2]
    there, sums = ids[:, 2:] > 0, found.sum(axis=-1)
    lost = [surprises(found, ids[:, shift : LENGTH - 2 + shift])[there] for shift in range(3)]
    return {
        "least": float(found.min()),
        "sums": [float(sums.min()), float(sums.max())],
        "perplexities": [float(np.exp(one.mean())) for one in lost],
    }


def below_100(perplexity):
    if np.ndim(perplexity) or not perplexity > 1:
        raise ValueError("no perplexity is NaN or below 1")
    return "below 100" if perplexity < 100 else "100 or more, where counts of single words reach 125"


@writer_file_task.probe(judge=by(below_100, equal()))
def its_perplexity_on_validation_sentences(writer_file):
    ids = corpus().validation[:400, :LENGTH]
    return float(next_word.perplexity(np.asarray(outputs(model_in(writer_file), ids), float)[:, :-1], ids[:, 1:]))


# What ten seeds reach is in measured/assessment_2_text.json. The mark is more than three deviations above the mean, and
# below the 65.1 of the bigrams.
@writer_file_task.probe(
    ids=next_ones, hidden=True, weight=6, judge=perplexity_of(next_ones, at_most=62.0, zero_at=124.0)
)
def words_that_only_the_grader_has(writer_file, ids):
    last = (ids > 0).sum(axis=1) - 1
    return np.asarray(outputs(model_in(writer_file), ids))[np.arange(len(ids)), last].astype("float32")


writer_file_task.misconceptions(
    reads_the_answers=("counted(lambda logits, ids: raised_at(logits, np.pad(ids[:, 1:], ((0, 0), (0, 1)))))",
                       "What comes later changes what it expects before: it looks ahead, and reads the answers. A "
                       "bidirectional layer, or attention without its causal mask, copies and cannot write."),
    answers_not_shifted=("counted(raised_at)",
                         "It expects the very word that it reads: it was trained with its input as the answer. "
                         "Shift the answers by one."),
    shifted_by_two=(
        "rows = corpus().train; return next_word.bigrams(rows[:, :-2], rows[:, 2:], WORDS).log_probabilities",
        "It answers for the word after the next: the answers were shifted by two. Does fit get x shortened and "
        "shifted as well?"),
)  # fmt: skip


@writer_file_task.misconception(
    "It gives probabilities. The grader takes the softmax of what comes: with one inside, it is taken twice. Leave it "
    "out, and train with from_logits=True."
)
def probabilities():
    model = opened(WRITER)

    def softmax(ids):
        rows = model.predict(ids, verbose=0)
        powers = np.exp(rows - rows.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)

    return softmax


writer_file_task.misconceptions(
    has_learned_nothing=("counted(lambda logits, ids: 0.0 * logits)",
                         "It knows nothing: every word is as likely as every other. Has it been trained, and saved "
                         "after that?"),
    single_words=("counted(lambda logits, ids: logits)",
                  "It knows which words are frequent, and hardly what follows what. Does its loss still fall?"),
    one_answer_a_sentence=("counted(lambda logits, ids: logits[:, -1])",
                           "It gives one row of logits a sentence. A writer answers at every place: "
                           "return_sequences=True."),
    no_writer_at_all=('file = judging.new_file(); file.write_text("epoch 1: 70"); return opened(file)',
                      "Keras cannot open the writer's file. Was it written by model.save, with a name that ends in "
                      ".keras?"),
    writer_with_a_lambda=(
        "import keras; return saved(untrained(keras.layers.Lambda(lambda x: x * 8), keras.layers.Dense(WORDS)))",
        "The writer's file holds a Lambda layer. That is code, which nobody should run who opens a file: the grader "
        "does not."),
)  # fmt: skip
writer_file_task.alternatives(
    as_log_probabilities="import scipy.special; model = opened(WRITER); "
    "return lambda ids: scipy.special.log_softmax(model.predict(ids, verbose=0), axis=-1)"
)

# %% [markdown] question="quiz_1"
# ## 4. Three questions
#
# ### Question 1
#
# Somebody builds the vocabulary from all sentences, those of the test part too, and trains only on the training part.
# Why is the test accuracy no longer what it seems?
#
# - (a) It is the same: no label of the test part was used.
#   > Labels are not all that leaks. What does tomorrow's sentence hold that no vocabulary of today has?
# - (b) The vectors of the words that only the test part has were never trained.
#   > True, and no answer: why does the number mislead about sentences that come tomorrow?
# - (c) No test word is unknown any more; new sentences have unknown words, and the test no longer says how the model
#   takes them.
#   > Right.
# - (d) A larger vocabulary always overfits.
#   > Size is not the point: which words are in it, and how were they known?

# %% [markdown] question="quiz_2"
# ### Question 2
#
# Two writers on the same sentences: yours, with 1,000 numbers, has a perplexity of 58; another, with 300, has 24. Which
# is better?
#
# - (a) The other: its perplexity is lower.
#   > A vocabulary without any word has a perplexity near 1: all is unknown. Is that the best writer?
# - (b) Neither can be said to be: the other may say *unknown* where yours must name the word.
#   > Right.
# - (c) Yours: it knows more words.
#   > A vocabulary says nothing about how well its words are guessed.
# - (d) The other, if both were trained for as many epochs.
#   > The epochs are not what makes the two numbers differ in kind.

# %% [markdown] question="quiz_3"
# ### Question 3
#
# An LSTM without a mask reads rows with twelve pads behind five words. Masked, its accuracy rises. Why?
#
# - (a) Pads have the same vector as unknown words.
#   > 0 and 1 are two rows of the embedding.
# - (b) Masked rows are shorter, so training is faster and gets further.
#   > The rows keep their length. What differs is what the state has read last.
# - (c) The mask also hides unknown words.
#   > It is made of zeros, and unknown is 1.
# - (d) Without a mask its last state has read twelve pads since the last word: what was read fades with each.
#   > Right.

# %% [markdown]
# ## Hand in
#
# Save the notebook. Hand in the three files, with these names, in one folder: `assessment_2_text.ipynb`, `reader.keras`
# and `writer.keras`. You may hand in again: a changed model is graded again.
#
# Who passes gets a signed certificate from the instructor.

# %%
lab

# %% tags=["aside"]
keras.utils.clear_session()
