"""Values that are no answer, given to the functions that say what came back: none earns what the right value does."""

import tracemalloc
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.core.values import Value
from grader.judging.facts import FORM, bound, facts_of, holds_text, room_for, size
from grader.judging.observe import Observation
from grader.units.source import load_unit
from grader.units.unit import Unit

SOLUTIONS = Path(__file__).parents[2] / "solutions"
NAN = float("nan")


@cache
def unit_of(name: str) -> Unit:
    return load_unit(SOLUTIONS / f"{name}.py")


def score(unit: str, task: str, probe: str, right: Any, forged: Any) -> float:
    """What a forged value earns where this one is right; both may be functions of the probe's inputs."""
    found = unit_of(unit)
    planned = next(p for p in found.plan(found.tasks[task], "a seed") if p.name == probe)
    right, forged = (value(**planned.inputs) if callable(value) else value for value in (right, forged))
    author = found.tasks[task].probes[probe]
    assert author.facts is not None
    seen = Observation(right)
    facts = bound(author.facts, planned.inputs, room_for(seen), text=holds_text(right))
    expected, said = facts_of(facts, seen), facts_of(facts, Observation(forged))
    assert expected.failure is None, expected.failure
    assert author.judge.score(expected.value, expected.value) == 1.0
    if said.failure:
        assert said.failure.kind == FORM
        return 0.0
    return author.judge.score(expected.value, said.value)


def of_reference(unit: str, task: str, probe: str) -> Any:
    """The right value of a probe of a function, from the reference's code."""

    def observed(**inputs: Value) -> Any:
        found, names = unit_of(unit), {"np": np}
        exec(found.solution(task), names)  # noqa: S102  the author's own code
        planned = next(p for p in found.plan(found.tasks[task], "a seed") if p.name == probe)
        exec(planned.code, names)  # noqa: S102  as a submission runs it
        return names[probe](**{task: names[task], **inputs})

    return observed


DENSE = ("03_backpropagation", "dense_backward", "difference_from_what_is_measured")
NETWORK = ("03_backpropagation", "network_gradients", "error_against_central_differences")
GLOROT = ("03_backpropagation", "glorot_uniform", "same_seed_and_next_draw")
HE = ("03_backpropagation", "he_normal", "the_same_seed_and_the_next_draw")
FOLDS = ("04_generalisation", "k_fold", "shuffled_by_rng")
DROPPED = ("04_generalisation", "dropout", "three_axes_dropped")
DROPPING = ("04_generalisation", "dropout", "which_numbers")
SINGLE = ("04_generalisation", "random_search", "a_single_trial")
BEST = ("04_generalisation", "random_search", "budget_and_best")
PLACES = ("04_generalisation", "random_search", "other_scales")
LOOKS = ("04_generalisation", "random_search", "where_it_looks")
DRAWS = ("04_generalisation", "random_search", "draws_from_rng")
SAMPLED = ("08_sequence_models", "sample", "draws_from_rng")
FUNCTIONS = [DENSE, GLOROT, HE, FOLDS, DROPPED, DROPPING, SINGLE, BEST, PLACES, LOOKS, DRAWS, SAMPLED]

STEPPED = ("07_fine_tuning", "classifier", "what_one_step_moves")
HELD = ("07_fine_tuning", "classifier", "holds_the_backbone_that_it_was_given")
HEAD = ("07_fine_tuning", "train_head", "on_coloured_pictures")
FREED = ("07_fine_tuning", "unfreeze", "blocks_4_and_5")
FREED_LATER = ("07_fine_tuning", "unfreeze", "other_blocks_afterwards")
FROZEN = ("07_fine_tuning", "unfreeze", "no_block_again")
TUNED = ("07_fine_tuning", "fine_tune", "of_a_small_model")
ONE_BLOCK = ("07_fine_tuning", "fine_tune", "of_one_block")
MOVED = ("07_fine_tuning", "tuned", "what_moved")
VALIDATED = ("07_fine_tuning", "tuned", "on_validation_images")
LAB_07 = [STEPPED, HELD, HEAD, FREED, FREED_LATER, FROZEN, TUNED, ONE_BLOCK, MOVED, VALIDATED]
ROWS = np.linspace(0, 1, 36, dtype="float32").reshape(6, 6)
EVEN = np.full((40, 5), 0.2, "float32")
PADS = ("08_sequence_models", "classifier", "predictions_that_pads_move")
FORM_08 = ("08_sequence_models", "classifier", "what_it_gives")
ENOUGH = ("08_sequence_models", "classifier", "enough_validation_sentences_right")
SPLIT = ("assessment_1_fresh_or_rotten", "split", "classes_of_uneven_size")
IMAGES = ("assessment_1_fresh_or_rotten", "model_input", "what_an_images_scores_depend_on")
TAKES = ("assessment_1_fresh_or_rotten", "model_file", "what_it_takes")
SENTENCES = ("assessment_2_text", "reader_file", "what_its_scores_depend_on")
READS = ("assessment_2_text", "reader_file", "what_it_reads")
LATER = ("assessment_2_text", "writer_file", "what_later_words_change")
WRITES = ("assessment_2_text", "writer_file", "what_it_writes")
BELOW = ("assessment_2_text", "writer_file", "its_perplexity_on_validation_sentences")

LAB_06 = "06_vgg16_and_augmentation"
KERNELS, SIGNAL = (LAB_06, "vgg_block", "first_weights"), (LAB_06, "build_vgg16", "signal_through_all_layers")
COUNTED = (LAB_06, "build_vgg16", "difference_from_keras_applications")
FLOATS = (LAB_06, "preprocess", "floats")
CHANGES, ARROWS, FRUIT, OBLONG = (
    (LAB_06, "augmenter", name) for name in ("while_training", "arrows", "fruit", "oblong_images")
)
IN_ORDER, SHUFFLED, MORE = ((LAB_06, "pipeline", name) for name in ("validation", "training", "larger_training"))
LOSS, COUNTS, CLASSES, KNOWN, LEARNED = (
    (LAB_06, "network", name) for name in ("its_loss", "its_accuracy", "answers", "validation_images", "learned")
)
OF_LAB_06 = [
    KERNELS, SIGNAL, COUNTED, FLOATS, CHANGES, ARROWS, FRUIT, OBLONG, IN_ORDER, SHUFFLED, MORE, LOSS, COUNTS, CLASSES,
    KNOWN, LEARNED,
]  # fmt: skip

SUMS = ("09_attention", "language_model", "logits_or_probabilities")
LATER_WORDS = ("09_attention", "language_model", "what_later_words_change")
EXPECTED = ("09_attention", "language_model", "what_it_expects")
SURPRISED = ("09_attention", "language_model", "perplexity_on_validation_sentences")
OF_LAB_09 = [SUMS, LATER_WORDS, EXPECTED, SURPRISED]
LOGITS = np.linspace(-1, 1, 60).reshape(6, 10)


def in_batches(order, seed):
    return {"alone": ROWS, "together": ROWS[order], "again": ROWS[order]}


def logits_in_batches(order, seed):
    return {"before": ROWS, "after": ROWS[order]}


def raw(labels):
    """Classes as of a model that is right for images as they are, and sees colours."""
    other = (labels + 1) % 5
    return {"as they are": labels, "changed": {"divided by 255": other, "read backwards": other}, "grey": other}


WRITTEN = {"least": -9.0, "sums": [-99.0, 99.0], "perplexities": [900.0, 60.0, 500.0]}


def right_value(probe):
    unit, task, name = probe
    if probe in FUNCTIONS:
        return of_reference(unit, task, name)
    return {
        PADS: [EVEN, EVEN], FORM_08: EVEN, IMAGES: in_batches, SENTENCES: in_batches, LATER: logits_in_batches,
        TAKES: raw, READS: raw, WRITES: WRITTEN, BELOW: 60.0, SPLIT: right_split, NETWORK: right_gradients,
        ENOUGH: lambda rows: labels_of_validation()[rows],
        STEPPED: lambda seed: moved(seed, "head"), HELD: small, HEAD: head_trained,
        FREED: lambda seed: moved(seed, "block4", "block5", "head"),
        FREED_LATER: lambda seed: moved(seed, "block5", "head"),
        FROZEN: lambda seed, blocks: [moved(seed, *(f"block{n}" for n in blocks), "head"), moved(seed, "head")],
        TUNED: blocks_tuned, ONE_BLOCK: lambda seed, block: moved(seed, f"block{block}", "head"), MOVED: at_places,
        VALIDATED: lambda labels: np.eye(6)[labels],
        SUMS: {"least": -9.0, "sums": [-99.0, 99.0]}, EXPECTED: lambda ids: ids[:, 1:], SURPRISED: 58.0,
        LATER_WORDS: lambda order: {"before": LOGITS, "after": LOGITS[order]},
        KERNELS: lambda channels: np.sqrt(2 / (9 * channels)),
        SIGNAL: lambda seed, scales: np.random.default_rng(seed).normal(size=(16, 10)) * scales[:, np.newaxis],
        COUNTED: lambda classes: 134_260_544 + 4_097 * classes,
        FLOATS: lambda images: [images[..., ::-1] - np.float32([103.939, 116.779, 123.68])] * 2,
        CHANGES: changed_images, ARROWS: leaning, FRUIT: right_fruit,
        OBLONG: lambda images, up, margin: {
            "shape": [64, 32, 32 + 2 * margin, 3], "while predicting": images, "directions": leaning(up)
        },
        IN_ORDER: lambda labels, batch_size: epochs(labels, batch_size, [np.arange(len(labels))] * 2),
        SHUFFLED: shuffled_epochs, MORE: shuffled_epochs,
        LOSS: lambda rows: {"scores": np.eye(6)[fruit_labels("validation", rows)] * 3, "loss": 0.2},
        COUNTS: lambda rows: {"classes": fruit_labels("validation", rows), "accuracies": {"accuracy": 1.0}},
        CLASSES: lambda rows: fruit_labels("validation", rows), LEARNED: lambda rows: fruit_labels("validation", rows),
        KNOWN: lambda rows, training: {
            "validation": fruit_labels("validation", rows), "training": fruit_labels("train", training)
        },
    }[probe]  # fmt: skip


def labels_of_validation():
    import labkit.data

    return labkit.data.sentences().y_validation


def of_lab_06(name):
    """A helper of the lab's task cells."""
    return unit_of(LAB_06).tasks["pipeline"].probes["training"].facts.__globals__[name]


def changed_images(images, which):
    rng = np.random.default_rng(0)
    noisy = [np.clip(images[which, ::2] + rng.normal(0, 9, (64, 8, 16, 3)), 0, 255).astype("uint8") for _ in range(2)]
    shape, ends = [64, 16, 16, 3], np.array([0.0, 255.0])
    return {"shape": shape, "images": noisy[0], "the next time": noisy[1][:8], "range": ends}


def leaning(up):
    return np.where(up == 1, 5.0, 175.0)


def right_fruit(colours):
    discs = np.stack([of_lab_06("disc")(colour) for colour in of_lab_06("FRUIT")])
    return {"sizes": np.ones(64), "hues": of_lab_06("hues")(discs)[colours]}


def epochs(labels, batch_size, orders, noise=0.0):
    rng, plain = np.random.default_rng(1), of_lab_06("looked_at")(of_lab_06("coloured")(labels)).astype("float32")
    pixels = plain[..., ::-1] - np.float32(of_lab_06("MEANS"))
    return {
        "dtype": "float32",
        "images": [(pixels[order] + rng.normal(0, noise, pixels.shape)).astype("float32") for order in orders],
        "labels": [labels[order] for order in orders],
        "sizes of the batches": np.minimum(batch_size, len(labels) - np.arange(0, len(labels), batch_size)),
    }


def shuffled_epochs(labels, batch_size):
    rng = np.random.default_rng(2)
    return epochs(labels, batch_size, [rng.permutation(len(labels)) for _ in range(2)], noise=5.0)


def fruit_labels(part, rows):
    import labkit.data

    return getattr(labkit.data.fruits(30, size=32), f"y_{part}")[rows]


def right_split(labels, share, seed):
    def parts(more):
        rng, dealt = np.random.default_rng(seed + more), []
        for name in np.unique(labels):
            rows = rng.permutation(np.flatnonzero(labels == name))
            dealt.extend(rows[: round(share * len(rows))])
        return [np.setdiff1d(np.arange(len(labels)), dealt), np.array(dealt)]

    return [*parts(0), *(parts(more)[1] for more in range(4))]


def right_gradients(x, y, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = np.maximum(z, 0)
    powers = np.exp(h @ w2 + b2)
    d = (powers / powers.sum(axis=1, keepdims=True) - y) / len(y)
    back = (d @ w2.T) * (z > 0)
    return {"w1": x.T @ back, "b1": back.sum(axis=0), "w2": h.T @ d, "b2": d.sum(axis=0)}


@cache
def lab_07():
    """What lab 07's facts are made of, by name."""
    found, names = unit_of(HEAD[0]), {}
    exec(found.facts_code(found.tasks[TUNED[1]].probes[TUNED[2]]), names)  # noqa: S102  the author's own code
    return names


def small(seed):
    """The weights of lab 07's small model, as it begins."""
    found = {f"{name}/kernel": kernel.ravel() for name, kernel in lab_07()["drawn_kernels"](seed)[0].items()}
    norms = {
        f"block{n}_norm/moving_{what}": np.full(6, one)
        for n in (3, 5)
        for what, one in (("mean", 0.0), ("variance", 1.0))
    }
    return {**found, **norms, "head/kernel": np.zeros(18), "head/bias": np.zeros(3)}


def moved(seed, *layers):
    """The small model before and after the kernels of some layers moved."""
    after = {
        path: kernel + 0.001 * (path.startswith(layers) and path.endswith("kernel"))
        for path, kernel in small(seed).items()
    }
    return {"before": small(seed), "after": after}


def with_head(weights, seed, penalty):
    """The weights with a head that is fitted to the coloured pictures."""
    from sklearn.linear_model import LogisticRegression

    data = lab_07()["small_data"](seed)
    fitted = LogisticRegression(C=penalty).fit(lab_07()["pooled_by"](weights, data.x_train), data.y_train)
    return {**weights, "head/kernel": fitted.coef_.T.ravel(), "head/bias": fitted.intercept_}


TOLD = {"told": {"val_loss": np.array([0.1, 0.2]), "val_accuracy": np.array([0.5, 1.0])}, "loss": 0.28990925}


def head_trained(seed):
    return {"before": small(seed), "after": with_head(small(seed), seed, 100.0), **TOLD}


def blocks_tuned(seed):
    after = moved(seed, "block4", "block5")["after"]
    before, after = with_head(small(seed), seed, 0.1), with_head(after, seed, 100.0)
    return {"before": before, "after": after, "trainable": {"block4_conv1": 1, "head": 1}, **TOLD}


def at_places(places):
    shipped = {f"block{n}_conv{k}": np.sin((10 * n + k) * places) for n in range(1, 6) for k in (1, 2)}
    return {"shipped": shipped, "now": {name: row * (1.01 if name >= "block4" else 1) for name, row in shipped.items()}}


def changed(probe, change):
    """The right value, and what is changed of it."""
    right = right_value(probe)
    return lambda **inputs: change(right(**inputs) if callable(right) else right)


def at(probe, change, *path):
    """The right value, and what is changed of it in one place."""

    def within(value, keys):
        return {**value, keys[0]: within(value[keys[0]], keys[1:])} if keys else change(value)

    return changed(probe, lambda right: within(right, path))


def nans(weights):
    return weights * NAN


def ones_and_zeros(fan_in, fan_out, seed):
    return [np.zeros((fan_in, fan_out)), np.ones((fan_in, fan_out)), np.zeros((fan_in, fan_out))]


def one_number_stays(x, rate, seed):
    first = np.zeros(x.shape)
    first[0, 0] = 1.0
    return [first, first, np.zeros(x.shape), np.zeros(x.shape)]


FORGED = {
    "bias NaN": (DENSE, changed(DENSE, lambda v: [v[0], v[1], v[2] * NAN])),
    "bias in a row": (DENSE, changed(DENSE, lambda v: [v[0], v[1], v[2][None]])),
    "four of each": (DENSE, changed(DENSE, lambda v: [np.stack([one] * 4) for one in v])),
    "later gradients NaN": (NETWORK, changed(NETWORK, lambda v: {**v, "b1": v["b1"] * NAN, "b2": v["b2"] * NAN})),
    "gradients in threes": (NETWORK, changed(NETWORK, lambda v: {name: np.stack([g] * 3) for name, g in v.items()})),
    "zeros and ones": (GLOROT, ones_and_zeros),
    "zeros and ones for He": (HE, ones_and_zeros),
    "infinite weights": (GLOROT, changed(GLOROT, lambda v: [v[0] * np.inf, v[1], v[2] * np.inf])),
    "one fold of three rows": (FOLDS, lambda n, k, seed: [[[0, 5, n - 1]], [[0, 5, n - 1]], [[1, 5, n - 1]]]),
    "one number that stays": (DROPPING, one_number_stays),
    "others as one number": (DROPPING, changed(DROPPING, lambda v: [v[0], v[1], 1.0, 1.0])),
    "a trial at no rate": (SINGLE, [[[[0.0, 1.0]], {"rate": 0.0, "units": 1.0}, -np.inf]]),
    "a trial far away": (SINGLE, [[np.array([[1.0, 1e150]]), {"rate": 1.0, "units": 1e150}, -1 - (1e150 / 100) ** 2]]),
    "searches at no rate": (
        BEST,
        lambda space, peak, budget, seed: [[np.array([[0.0, 1.0]] * budget), {"rate": 0.0, "units": 1.0}, -np.inf]] * 4,
    ),
    "two places": (PLACES, lambda space, budget, seed: [[space["rate"][i], space["units"][i]] for i in (0, 1)]),
    "four corners": (
        LOOKS,
        lambda space, budget, seed: [[rate, units] for rate in space["rate"][:2] for units in space["units"][:2]],
    ),
    "draws of nothing": (
        DRAWS, lambda space, budget, seed: [[[n, 0] for n in range(budget)]] * 2 + [[[1, 1]]]
    ),
    "text as rates": (
        DRAWS, lambda space, budget, seed: [[[str(n), "0"] for n in range(budget)]] * 2 + [[["1", "1"]]]
    ),
    "two words": (SAMPLED, [0, 0, 1]),
    "a text of three": (SAMPLED, "aab"),
    "lists of nothing": (SAMPLED, [[], [], [1]]),
    "words that there are not": (SAMPLED, [[9] * 40, [9] * 40, [8] * 40]),
    "no predictions": (PADS, [0, 0]),
    "the same twice": (PADS, [[1], [1]]),
    "NaN twice": (PADS, [EVEN * NAN, EVEN]),
    "probabilities below 0": (FORM_08, np.tile([2.0, -1.0, 0.0, 0.0, 0.0], (40, 1))),
    "no labels": (ENOUGH, np.zeros((0, 1), int)),
    "labels in a row": (ENOUGH, changed(ENOUGH, lambda v: v[None])),
    "rows that there are not": (SPLIT, changed(SPLIT, lambda v: [v[0] + 1_000, *v[1:]])),
    "rows from the end": (SPLIT, lambda labels, share, seed: [
        rows - len(labels) * (number == 0) for number, rows in enumerate(right_split(labels, share, seed))
    ]),
    "other splits of nothing": (SPLIT, changed(SPLIT, lambda v: [*v[:3], *([v[1][:0]] * 3)])),
    "classes of no image": (READS, lambda labels: dict.fromkeys(raw(labels), np.zeros((0, len(labels)), int))
                            | {"changed": {"a": np.zeros(1, int)}}),
    "classes of no photograph": (TAKES, lambda labels: {
        "as they are": np.zeros((0, len(labels)), int), "changed": {"a": np.zeros(1, int)}, "grey": np.zeros(1, int)
    }),
    "classes that count from the end": (TAKES, changed(TAKES, lambda v: {**v, "as they are": v["as they are"] - 6})),
    "perplexities NaN": (WRITES, {**WRITTEN, "perplexities": [NAN] * 3}),
    "the last two NaN": (WRITES, {**WRITTEN, "perplexities": [60.0, NAN, NAN]}),
    "perplexities below 0": (WRITES, {**WRITTEN, "perplexities": [0.0, -5.0, 0.0]}),
    "a perplexity below 1": (BELOW, 0.5),
    "a perplexity in a list": (BELOW, np.array([50.0])),
    "a head NaN after a step": (STEPPED, at(STEPPED, nans, "after", "head/kernel")),
    "a head of nothing after a step": (STEPPED, at(STEPPED, lambda w: w[:0], "after", "head/kernel")),
    "no weights after a step": (STEPPED, at(STEPPED, lambda w: {}, "after")),
    "no head before a step": (STEPPED, at(STEPPED, lambda w: {k: w[k] for k in w if k[:4] != "head"}, "before")),
    "a step of another seed": (STEPPED, lambda seed: moved(seed + 1, "head")),
    "a step of a head alone": (STEPPED, {"before": {"head/kernel": ROWS}, "after": {"head/kernel": ROWS + 1}}),
    "another seed's backbone": (HELD, lambda seed: small(seed + 1)),
    "kernels in columns": (HELD, changed(HELD, lambda v: {path: w[:, None] for path, w in v.items()})),
    "blocks of another seed": (FREED, lambda seed: moved(seed + 1, "block4", "block5", "head")),
    "blocks NaN": (FREED, at(FREED, nans, "after", "block4_conv1/kernel")),
    "later blocks NaN": (FREED_LATER, at(FREED_LATER, nans, "after", "block5_conv1/kernel")),
    "one step of two": (FROZEN, changed(FROZEN, lambda v: v[:1])),
    "three steps of two": (FROZEN, changed(FROZEN, lambda v: [*v, v[1]])),
    "a loss NaN": (HEAD, at(HEAD, nans, "loss")),
    "losses NaN": (HEAD, at(HEAD, nans, "told", "val_loss")),
    "no losses": (HEAD, at(HEAD, lambda w: w[:0], "told", "val_loss")),
    "an accuracy NaN": (HEAD, at(HEAD, nans, "told", "val_accuracy")),
    "an accuracy of 2": (HEAD, at(HEAD, lambda w: np.array([2.0]), "told", "val_accuracy")),
    "a trained head NaN": (HEAD, at(HEAD, nans, "after", "head/kernel")),
    "an infinite head": (HEAD, at(HEAD, lambda w: w * np.inf, "after", "head/kernel")),
    "a head of ones": (HEAD, at(HEAD, np.ones_like, "after", "head/kernel")),
    "a head in a column": (HEAD, at(HEAD, lambda w: w[:, None], "after", "head/kernel")),
    "a head the wrong way round": (HEAD, at(HEAD, lambda w: w[::-1], "after", "head/kernel")),
    "a head of another seed": (HEAD, lambda seed: head_trained(seed + 1)),
    "tuned blocks NaN": (TUNED, at(TUNED, nans, "after", "block4_conv1/kernel")),
    "tuned blocks far away": (TUNED, at(TUNED, lambda w: w * 2, "after", "block5_conv2/kernel")),
    "a head NaN before it is tuned": (TUNED, at(TUNED, nans, "before", "head/kernel")),
    "tuning of another seed": (TUNED, lambda seed: blocks_tuned(seed + 1)),
    "one block and a head NaN": (ONE_BLOCK, at(ONE_BLOCK, nans, "after", "head/kernel")),
    "weights of other places": (MOVED, lambda places: at_places(places[::-1])),
    "the same weight at each place": (MOVED, lambda places: at_places(np.full(60, 0.5))),
    "shipped NaN": (MOVED, at(MOVED, nans, "shipped", "block1_conv1")),
    "moved to NaN": (MOVED, at(MOVED, nans, "now", "block5_conv2")),
    "moved far away": (MOVED, at(MOVED, lambda w: w * 2, "now", "block5_conv2")),
    "two blocks alone": (MOVED, changed(MOVED, lambda v: {
        when: {name: row for name, row in rows.items() if name >= "block4"} for when, rows in v.items()
    })),
    "a block that was not shipped": (MOVED, at(MOVED, lambda w: {**w, "block6_conv1": w["block5_conv1"]}, "now")),
    "weights in a column": (MOVED, changed(MOVED, lambda v: {
        when: {name: row[:, None] for name, row in rows.items()} for when, rows in v.items()
    })),
    "probabilities of fruit below 0": (VALIDATED, at(VALIDATED, lambda v: 2 * v - 1 / 6)),
    "probabilities of fruit NaN": (VALIDATED, at(VALIDATED, lambda v: np.where(v == 0, NAN, v))),
    "scores of fruit": (VALIDATED, at(VALIDATED, lambda v: 9 * v)),
    "a seventh fruit": (VALIDATED, at(VALIDATED, lambda v: np.pad(v, ((0, 0), (0, 1))))),
    "one fruit": (VALIDATED, at(VALIDATED, lambda v: v[:1])),
    "fruit in another order": (VALIDATED, at(VALIDATED, lambda v: v[::-1])),
}  # fmt: skip

FORGED |= {
    "kernels NaN": (KERNELS, changed(KERNELS, lambda v: v * NAN)),
    "two scores an image": (SIGNAL, lambda seed, scales: scales[:, np.newaxis] * [1.0, -1.0]),
    "a signal of NaN": (SIGNAL, changed(SIGNAL, lambda v: v * NAN)),
    "scores of no image": (SIGNAL, np.zeros((0, 10))),
    "scores of other scales": (SIGNAL, changed(SIGNAL, lambda v: v[::-1])),
    "as many as with 1000 classes": (COUNTED, 138_357_544),
    "an image without its batch": (FLOATS, changed(FLOATS, lambda v: [v[0][0], v[1]])),
    "one image the next time": (CHANGES, changed(CHANGES, lambda v: {**v, "the next time": v["the next time"][:1]})),
    "images of other copies": (CHANGES, changed(CHANGES, lambda v: {**v, "images": v["images"][np.r_[8:64, :8]]})),
    "images of one brightness": (
        CHANGES, changed(CHANGES, lambda v: {**v, "images": np.indices((64, 8, 16, 3)).sum(axis=0) % 2 * 200})
    ),
    "images NaN": (CHANGES, changed(CHANGES, lambda v: {**v, "images": v["images"] * NAN})),
    "a range of NaN": (CHANGES, changed(CHANGES, lambda v: {**v, "range": v["range"] * NAN})),
    "arrows NaN": (ARROWS, changed(ARROWS, lambda v: v * NAN)),
    "one arrow NaN": (ARROWS, changed(ARROWS, lambda v: np.append(v[:-1], NAN))),
    "arrows twice": (ARROWS, changed(ARROWS, lambda v: np.stack([v, v]))),
    "arrows that all point up": (ARROWS, np.zeros(64)),
    "arrows in a list": (ARROWS, [0.0] * 64),
    "hues NaN": (FRUIT, changed(FRUIT, lambda v: {**v, "hues": v["hues"] * NAN})),
    "sizes NaN": (FRUIT, changed(FRUIT, lambda v: {**v, "sizes": v["sizes"] * NAN})),
    "fruit in a row": (FRUIT, changed(FRUIT, lambda v: {name: one[None] for name, one in v.items()})),
    "all orange": (FRUIT, {"sizes": np.ones(64), "hues": np.full(64, 31.0)}),
    "oblong images twice": (
        OBLONG, changed(OBLONG, lambda v: {**v, "while predicting": np.stack([v["while predicting"]] * 2)})
    ),
    "oblong images NaN": (OBLONG, changed(OBLONG, lambda v: {**v, "while predicting": v["while predicting"] * NAN})),
    "oblong arrows NaN": (OBLONG, changed(OBLONG, lambda v: {**v, "directions": v["directions"] * NAN})),
    "pixels NaN": (IN_ORDER, changed(IN_ORDER, lambda v: {**v, "images": [one * NAN for one in v["images"]]})),
    "shuffled pixels NaN": (SHUFFLED, changed(SHUFFLED, lambda v: {**v, "images": [one * NAN for one in v["images"]]})),
    "labels that there are not": (
        SHUFFLED, changed(SHUFFLED, lambda v: {**v, "labels": [v["labels"][0], -1 - v["labels"][1]]})
    ),
    "labels counted up": (IN_ORDER, changed(IN_ORDER, lambda v: {**v, "labels": [np.arange(len(v["labels"][0]))] * 2})),
    "a loss NaN": (LOSS, changed(LOSS, lambda v: {**v, "loss": NAN})),
    "scores NaN": (LOSS, changed(LOSS, lambda v: {**v, "scores": v["scores"] * NAN})),
    "scores in a row": (LOSS, changed(LOSS, lambda v: {**v, "scores": v["scores"][None]})),
    "an accuracy NaN": (COUNTS, changed(COUNTS, lambda v: {**v, "accuracies": {"accuracy": NAN}})),
    "counted classes in a row": (COUNTS, changed(COUNTS, lambda v: {**v, "classes": v["classes"][None]})),
    "classes in a row": (CLASSES, changed(CLASSES, lambda v: v[None])),
    "learned classes in a row": (LEARNED, changed(LEARNED, lambda v: v[None])),
    "classes in the order of the file": (LEARNED, lambda rows: fruit_labels("validation", np.sort(rows))),
    "training classes in a row": (KNOWN, changed(KNOWN, lambda v: {**v, "training": v["training"][None]})),
    "no training classes": (KNOWN, changed(KNOWN, lambda v: {**v, "training": v["training"][:0]})),
}  # fmt: skip
for name, probe in (("image", IMAGES), ("sentence", SENTENCES)):
    FORGED[f"a seventh {name}"] = (
        probe, {"alone": np.eye(7)[:, 6:] * 100, "together": np.zeros((12, 1)), "again": np.zeros((12, 1))}
    )  # fmt: skip
FORGED |= {
    "probabilities as logits": (SUMS, {"least": 0.0, "sums": [1.0, 1.0]}),
    "logits that are NaN": (SUMS, {"least": NAN, "sums": [-99.0, 99.0]}),
    "the same logits everywhere": (LATER_WORDS, {"before": np.zeros((6, 10)), "after": np.zeros((12, 10))}),
    "logits of another order": (LATER_WORDS, {"before": LOGITS, "after": LOGITS[[*range(6), *range(6)]]}),
    "logits that hardly differ": (LATER_WORDS, {"before": LOGITS * 1e-5, "after": np.zeros((12, 10))}),
    "logits of one beginning": (LATER_WORDS, {"before": LOGITS[:1], "after": LOGITS[:1]}),
    "the words read": (EXPECTED, lambda ids: ids[:, :16]),
    "the words after, of another order": (EXPECTED, lambda ids: ids[::-1, 1:]),
    "the words after, of one sentence": (EXPECTED, lambda ids: ids[:1, 1:]),
    "a perplexity of NaN": (SURPRISED, NAN),
    "a perplexity below 1": (SURPRISED, 0.5),
    "perplexities": (SURPRISED, [58.0]),
}
FORGED["a seventh beginning"] = (LATER, {"before": np.eye(7)[:, 6:] * 100, "after": np.zeros((12, 1))})


@pytest.mark.parametrize("name", FORGED)
def test_a_value_that_is_no_answer_earns_nothing(name):
    probe, forged = FORGED[name]
    assert score(*probe, right_value(probe), forged) == 0.0


NOTHING = [
    None, True, 0, -1, 10**300, 0.5, NAN, np.inf, "", "text", [], [[]], [[], [], []], {}, {"each": True}, (1, (2,)),
    np.zeros(0), np.zeros((0, 5)), np.zeros((5, 0)), np.full((2, 2), NAN), np.array(["a"]), [None, None], [NAN] * 3,
    [NAN] * 4, [[NAN, NAN]] * 3, [np.zeros(0)] * 3, [[0], [0, 1]], np.zeros((10**9, 0)), [0, 0, 1],
]  # fmt: skip
ALL = [
    *FUNCTIONS, NETWORK, PADS, FORM_08, ENOUGH, SPLIT, IMAGES, TAKES, SENTENCES, READS, LATER, WRITES, BELOW,
    *OF_LAB_06, *LAB_07, *OF_LAB_09,
]  # fmt: skip


@pytest.mark.parametrize("probe", ALL, ids=lambda probe: "-".join(probe))
def test_what_answers_no_probe_earns_nothing_at_any(probe):
    right = right_value(probe)
    earned = [repr(made)[:60] for made in NOTHING if score(*probe, right, made)]
    assert not earned


def stretched(value, longest, at):
    """A value whose arrays are long in one direction: every second one, from `at` on, in another than the others."""
    count = [at]

    def long(inner):
        if isinstance(inner, dict):
            return {name: long(one) for name, one in inner.items()}
        if isinstance(inner, list | tuple) and not all(isinstance(one, int | float) for one in inner):
            return [long(one) for one in inner]
        if not isinstance(inner, np.ndarray | list):
            return inner
        count[0] += 1
        rank = np.ndim(inner)
        shape = (longest, *[1] * rank) if count[0] % 2 else (longest, *[1] * max(rank - 1, 0))
        return np.ones(shape, np.asarray(inner).dtype)

    return long(value)


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize(
    "probe", [probe for probe in ALL if probe not in (BELOW, COUNTED, SURPRISED)], ids=lambda probe: "-".join(probe)
)
def test_arrays_that_are_long_in_different_directions_cost_little(probe, at):
    found = unit_of(probe[0])
    inputs = next(p for p in found.plan(found.tasks[probe[1]], "a seed") if p.name == probe[2]).inputs
    right = right_value(probe)
    seen = right(**inputs) if callable(right) else right
    arrays = size(stretched(seen, 1, at))
    forged = stretched(seen, room_for(Observation(seen)) // (2 * arrays), at)
    tracemalloc.start()
    try:
        assert score(*probe, seen, forged) < 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 50 * 2**20


# Each number of a list becomes as long as a text in it where the list becomes an array; images are compared by pairs.
PAIRED = ("images", "labels")
COSTLY = {
    "a long text among pixels": lambda v: {**v, "images": [[*[0.0] * 3_000, "a" * 10_000]] * 2},
    "nine epochs in one": lambda v: v | {name: [np.repeat(one, 9, axis=0) for one in v[name]] for name in PAIRED},
}


@pytest.mark.parametrize("name", COSTLY)
@pytest.mark.parametrize("probe", [IN_ORDER, MORE], ids=lambda probe: "-".join(probe))
def test_epochs_that_would_cost_much_cost_little(probe, name):
    found = unit_of(probe[0])
    inputs = next(p for p in found.plan(found.tasks[probe[1]], "a seed") if p.name == probe[2]).inputs
    right = right_value(probe)(**inputs)
    forged = COSTLY[name](right)
    tracemalloc.start()
    try:
        assert score(*probe, right, forged) == 0
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 50 * 2**20
