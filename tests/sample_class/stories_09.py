"""Lab 09, attention."""

from learner import Cells, Story, answer, answer_right, deserves, earns, full_marks

from grader.units.unit import Unit

NAME = "09_attention"


@earns("attention", "quiz_1", "causal_mask", "split_heads", "quiz_2", "layer_norm", "perplexity")
def half_way(unit: Unit, cells: Cells) -> None:
    """Stopped before the language model; some answers are written otherwise than in the reference."""
    answer_right(unit, cells, "quiz_1", "quiz_2", "layer_norm", "perplexity")
    answer(
        unit, cells,
        attention="""
def attention(q, k, v, mask=None):
    scores = np.einsum("...nd,...md->...nm", q, k) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores - 1e9 * (1 - mask)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    weights = e / e.sum(-1, keepdims=True)
    return weights @ v, weights
""",
        causal_mask="""
def causal_mask(length):
    return np.tril(np.ones((length, length), dtype=bool))
""",
        split_heads="""
def split_heads(x, heads):
    return np.stack(np.split(x, heads, axis=-1), axis=-3)
""",
    )  # fmt: skip


@deserves(
    attention="without_scaling", causal_mask="hides_the_present", split_heads="by_reshape_alone",
    positional_encoding="in_halves", layer_norm="over_the_words", transformer_block="first_residual_missing",
    perplexity="pads_counted", quiz_3="choice_c",
)  # fmt: skip
def misconceptions(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells, *(task for task in unit.tasks if task != "language_model"))
    answer(
        unit, cells,
        attention="""
def attention(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -1, -2)
    if mask is not None:
        scores = np.where(mask, scores, -1e9)
    weights = scipy.special.softmax(scores, axis=-1)
    return weights @ v, weights
""",
        causal_mask="""
def causal_mask(length):
    return np.arange(length) < np.arange(length)[:, None]
""",
        split_heads="""
def split_heads(x, heads):
    *before, n, width = x.shape
    return x.reshape(*before, heads, n, width // heads)
""",
        positional_encoding="""
def positional_encoding(length, width):
    i = np.arange(width // 2)
    angles = np.arange(length).reshape(-1, 1) / 10000 ** (2 * i / width)
    return np.hstack([np.sin(angles), np.cos(angles)])
""",
        layer_norm="""
def layer_norm(x, gain, shift, epsilon=1e-3):
    return gain * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon) + shift
""",
        transformer_block="""
def transformer_block(x, parameters, heads, mask=None):
    p = parameters
    d = x.shape[-1] // heads

    def norm(x, gain, shift):
        return gain * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-3) + shift

    h = norm(x, p["gain_1"], p["shift_1"])
    q, k, v = (np.stack(np.split(h @ p[name], heads, axis=-1), axis=-3) for name in ("w_q", "w_k", "w_v"))
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(d)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    y = merge_heads(scipy.special.softmax(scores, axis=-1) @ v) @ p["w_o"]
    h = norm(y, p["gain_2"], p["shift_2"])
    return y + np.maximum(h @ p["w_1"] + p["b_1"], 0) @ p["w_2"] + p["b_2"]
""",
        perplexity="""
def perplexity(logits, targets):
    log_prob = scipy.special.log_softmax(logits, axis=-1)
    of_targets = np.take_along_axis(log_prob, targets[..., None], axis=-1)[..., 0]
    return np.exp(-of_targets.mean())
""",
        quiz_3='lab.answer("quiz_3", "c")',
    )  # fmt: skip


@deserves(language_model="reads_the_answers")
def forgot_the_mask(unit: Unit, cells: Cells) -> None:
    """All functions are right; the language model reads the answers."""
    answer_right(unit, cells, *(task for task in unit.tasks if task != "language_model"))
    wrong = unit.solution("language_model").replace("use_causal_mask=True", "use_causal_mask=False")
    answer(unit, cells, language_model=wrong)


@deserves(transformer_block="post_norm")
def built_as_the_paper_did(unit: Unit, cells: Cells) -> None:
    """All functions are right, but the block normalises after each sum, as the paper of 2017; no model was trained."""
    answer_right(unit, cells, *(task for task in unit.tasks if task != "language_model"))
    answer(
        unit, cells,
        transformer_block="""
def transformer_block(x, parameters, heads, mask=None):
    q, k, v = (split_heads(x @ parameters[name], heads) for name in ("w_q", "w_k", "w_v"))
    read = merge_heads(attention(q, k, v, mask)[0]) @ parameters["w_o"]
    x = layer_norm(x + read, parameters["gain_1"], parameters["shift_1"])
    hidden = np.maximum(x @ parameters["w_1"] + parameters["b_1"], 0)
    x = x + hidden @ parameters["w_2"] + parameters["b_2"]
    return layer_norm(x, parameters["gain_2"], parameters["shift_2"])
""",
    )  # fmt: skip


STORIES: dict[str, Story] = {
    "060": full_marks,
    "061": half_way,
    "062": misconceptions,
    "063": forgot_the_mask,
    "064": built_as_the_paper_did,
}
