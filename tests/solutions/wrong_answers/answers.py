"""Wrong answers that no source names, as learners gave them: each an edit of the reference, or code of its own.

They come from two reviews, which handed in one for each task; by now a source may name some of them.
"""

from typing import NamedTuple


class Wrong(NamedTuple):
    """A wrong answer: what of the reference's code becomes what, in pairs; or, with one text alone, its own code."""

    task: str
    name: str
    edit: tuple[str, ...]

    def code(self, reference: str) -> str:
        """The answer's code. Raises ValueError if the reference has not just once what is to be edited."""
        if len(self.edit) == 1:
            return self.edit[0]
        code = reference
        for old, new in zip(self.edit[::2], self.edit[1::2], strict=True):
            if code.count(old) != 1:
                raise ValueError(f"{self.name}: the reference has {old!r} {code.count(old)} times")
            code = code.replace(old, new)
        return code


CLIPPED_SIGMOID = """
def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -10, 10)))
"""
MSE_OF_A_TABLE = """
def mse(y_true, y_pred):
    return float(np.mean((np.reshape(y_true, (-1, 1)) - y_pred) ** 2))
"""
BINARY_CROSS_ENTROPY = """
def cross_entropy(y_true, y_prob):
    p = np.clip(y_prob, 1e-12, 1 - 1e-12)
    return float(-np.mean(np.sum(y_true * np.log(p) + (1 - y_true) * np.log(1 - p), axis=-1)))
"""
GRADIENT_IN_FLOAT32 = """
def numerical_gradient(f, x):
    step, gradient = np.float32(1e-3), np.zeros(x.shape, "float32")
    for place in np.ndindex(x.shape):
        nudge = np.zeros(x.shape, "float32")
        nudge[place] = step
        above, below = f(x.astype("float32") + nudge), f(x.astype("float32") - nudge)
        gradient[place] = (np.float32(above) - np.float32(below)) / (2 * step)
    return gradient
"""
AGAINST_ONE_EPOCH = """
def should_stop(losses, patience):
    return len(losses) > patience and losses[-1] >= losses[-1 - patience]
"""
POOL_ENDS_EARLY = """
def max_pool(image, size):
    height, width = image.shape
    rows, columns = range(0, height - size, size), range(0, width - size, size)
    return np.array([[image[i : i + size, j : j + size].max() for j in columns] for i in rows])
"""
EXACT_SHARE = "kept = rng.permutation(np.arange(x.size) >= round(rate * x.size)).reshape(x.shape)"
BY_ROWS = (
    "rows = np.broadcast_to(np.arange(len(there))[:, None], there.shape)[there]\n"
    "    guesses, answers = guesses[there], answers[there]"
)
AUGMENTED_BEHIND = (
    "batches.map(lambda x, y: (augment(x, training=True), y))\n"
    "    return batches.map(lambda x, y: (preprocess(x), y)).prefetch(tf.data.AUTOTUNE)",
    "batches.map(lambda x, y: (augment(preprocess(x), training=True), y))\n"
    "        return batches.prefetch(tf.data.AUTOTUNE)\n"
    "    return batches.map(lambda x, y: (preprocess(x), y)).prefetch(tf.data.AUTOTUNE)",
)
WRONG: dict[str, tuple[Wrong, ...]] = {
    "00_getting_started": (
        Wrong("matmul_flops", "product_of_sizes", ("2 * m * n * k", "m * k * k * n")),
        Wrong("least_time", "itemsize_forgotten", ("(m, n, k, itemsize)  #", "(m, n, k, 1)  #")),
        Wrong("seconds_each", "times_one_less", ("(clock() - begin) /", "(count - 1) * (clock() - begin) /")),
    ),
    "01_activation_and_loss": (
        Wrong("softmax", "row_mean_subtracted", ("logits.max(", "logits.mean(")),
        Wrong("sigmoid", "clipped_at_10", (CLIPPED_SIGMOID,)),
        Wrong("mse", "only_labels_a_column", (MSE_OF_A_TABLE,)),
        Wrong("cross_entropy", "binary_for_each_class", (BINARY_CROSS_ENTROPY,)),
    ),
    "02_gradient_descent": (
        Wrong(
            "gradient_descent", "rate_divided_by_the_step",
            ("_ in range(steps)", "t in range(1, steps + 1)", "learning_rate * grad", "learning_rate / t * grad"),
        ),
        Wrong(
            "minibatches", "last_batch_filled_up",
            ("rng.permutation(n)", "rng.permutation(n)\n    order = np.concatenate([order, order[: -n % batch_size]])"),
        ),
        Wrong("momentum_step", "new_gradient_damped_too", ("momentum * v + g", "momentum * (v + g)")),
        Wrong("rmsprop_step", "gradient_forgotten", ("learning_rate * g /", "learning_rate /")),
        Wrong("adam_step", "no_power", ("beta_1**t", "beta_1", "beta_2**t", "beta_2")),
        Wrong("cosine_schedule", "warm_up_to_1", ("return peak * step / warm_up", "return step / warm_up")),
    ),
    "03_backpropagation": (
        Wrong("dense_backward", "bias_one_number", ("dy.sum(axis=0)", "dy.sum()")),
        Wrong("relu_backward", "by_division", ("np.where(x > 0, dy, 0.0)", "dy * np.maximum(x, 0) / x")),
        Wrong("numerical_gradient", "in_float32", (GRADIENT_IN_FLOAT32,)),
        Wrong("network_gradients", "z_for_h", ("dense_backward(h, parameters", "dense_backward(z, parameters")),
        Wrong(
            "network", "stale_gradients",
            (
                "for _ in range(STEPS):\n    gradients = network_gradients(x_train, y_train, network)\n",
                "gradients = network_gradients(x_train, y_train, network)\nfor _ in range(STEPS):\n",
            ),
        ),
    ),
    "04_generalisation": (
        Wrong(
            "standardise", "constant_column_to_0",
            (
                "return (train - mean) / scale, (test - mean) / scale",
                "return tuple(np.where(deviation == 0, 0.0, (part - mean) / scale) for part in (train, test))",
            ),
        ),
        Wrong(
            "k_fold", "every_kth_unshuffled",
            ("np.array_split(rng.permutation(n), k)", "[np.arange(n)[i::k] for i in range(k)]"),
        ),
        Wrong(
            "precision_recall_f1", "true_negatives_for_missed",
            ("missed = np.sum((y_true == 1) & (y_pred == 0))", "missed = np.sum((y_true == 0) & (y_pred == 0))"),
        ),
        Wrong("dropout", "exact_share", ("kept = rng.random(x.shape) >= rate", EXACT_SHARE)),
        Wrong("should_stop", "against_one_epoch", (AGAINST_ONE_EPOCH,)),
        Wrong("random_search", "log10_then_exp", ("np.log(low), np.log(high)", "np.log10(low), np.log10(high)")),
    ),
    "05_convolution": (
        Wrong("convolve2d", "window_without_stride", ("i * stride, j * stride", "i, j")),
        Wrong("convolve2d", "square_kernel", ("rows, columns = kernel.shape", "rows = columns = kernel.shape[0]")),
        Wrong("max_pool", "range_ends_early", (POOL_ENDS_EARLY,)),
        Wrong("count_parameters", "dense_keeps_the_row", ("            shape = [settings[0]]\n", "")),
        Wrong(
            "residual_block", "relu_on_the_shortcut",
            ("layers.Conv2D(filters, 1)(x)", 'layers.Conv2D(filters, 1, activation="relu")(x)'),
        ),
    ),
    "06_vgg16_and_augmentation": (
        Wrong(
            "receptive_field", "backward_rule_forwards",
            ("side += (kernel - 1) * step\n        step *= stride", "side = (side - 1) * stride + kernel"),
        ),
        Wrong("preprocess", "four_axes", ("[..., ::-1]", "[:, :, :, ::-1]")),
        Wrong("pipeline", "augments_after_preprocess", AUGMENTED_BEHIND),
    ),
    "07_fine_tuning": (
        Wrong("unfreeze", "outer_layers", ("backbone = transfer.backbone_of(model)", "backbone = model")),
        Wrong("predict_file", "crops", ("(height, width))", "(height, width), keep_aspect_ratio=True)")),
    ),
    "08_sequence_models": (
        Wrong("tokenise", "digits_apart", ("[a-z0-9]+|", "[a-z]+|[0-9]+|")),
        Wrong(
            "vocabulary", "pad_and_unknown_as_entries",
            ("return {token:", 'return {"<pad>": 0, "<unknown>": 1} | {token:'),
        ),
        Wrong("encode", "floats", ("(length - len(ids)))", "(length - len(ids)), float)")),
        Wrong("lstm_step", "candidate_without_tanh", ("np.tanh(z_g)", "z_g")),
        Wrong("sample", "one_hot_row", ("rng.choice(len(powers), p=", "rng.multinomial(1, pvals=")),
    ),
    "09_attention": (
        Wrong("attention", "transposed_by_t", ("np.swapaxes(k, -1, -2)", "k.T")),
        Wrong("split_heads", "three_axes", ("*before, n, width =", "batch, n, width =", "(*before, n,", "(batch, n,")),
        Wrong("positional_encoding", "exponent_2_column", ("(even / width)", "(2 * even / width)")),
        Wrong("layer_norm", "epsilon_1e-5", ("variance + epsilon", "variance + 1e-5")),
        Wrong("transformer_block", "gain_1_twice", ('parameters["gain_2"]', 'parameters["gain_1"]')),
    ),
    "assessment_1_fresh_or_rotten": (Wrong("split", "int_for_round", ("round(share", "int(share")),),
    "assessment_2_text": (
        Wrong(
            "perplexity", "mean_of_row_means",
            (
                "guesses, answers = guesses[there], answers[there]", BY_ROWS,
                "surprise.mean()", "np.mean([surprise[rows == row].mean() for row in np.unique(rows)])",
            ),
        ),
    ),
}  # fmt: skip
