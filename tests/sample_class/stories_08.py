"""Lab 08, sequence models."""

from learner import Cells, Story, answer, answer_right, deserves, earns, full_marks

from grader.units.unit import Unit

NAME = "08_sequence_models"


@earns("quiz_1", "tokenise", "vocabulary", "words", "encode", "quiz_2", "rnn_step", "lstm_step")
def half_way(unit: Unit, cells: Cells) -> None:
    """Stopped before the classifier; what there is was written otherwise than in the reference."""
    answer_right(unit, cells, "quiz_1", "words", "encode", "quiz_2", "rnn_step")
    answer(
        unit, cells,
        tokenise="""
def tokenise(text):
    text = re.sub(r"[^a-z0-9\\u4e00-\\u9fff]+", " ", text.lower())
    text = re.sub(r"([\\u4e00-\\u9fff]+)", r" \\1 ", text)
    tokens = []
    for piece in text.split():
        if re.match(r"[\\u4e00-\\u9fff]", piece):
            tokens.extend(jieba.cut(piece))
        else:
            tokens.append(piece)
    return tokens
""",
        vocabulary="""
def vocabulary(texts, size):
    counts = {}
    for text in texts:
        for token in tokenise(text):
            counts[token] = counts.get(token, 0) + 1
    ranked = sorted(counts, key=lambda token: -counts[token])
    return dict(zip(ranked, range(2, size)))
""",
        lstm_step="""
def lstm_step(x, h, c, parameters):
    z = x @ parameters["wx"] + h @ parameters["wh"] + parameters["b"]
    u = h.shape[1]
    s = activations.sigmoid
    c = s(z[:, u:2*u]) * c + s(z[:, :u]) * np.tanh(z[:, 2*u:3*u])
    return s(z[:, 3*u:]) * np.tanh(c), c
""",
    )  # fmt: skip


@deserves(
    tokenise="by_characters", vocabulary="two_too_many", words="of_all_parts", encode="unknown_as_padding",
    rnn_step="state_outside", lstm_step="gates_exchanged", next_word_pairs="padding_counts", sample="the_likeliest",
    quiz_5="choice_a",
)  # fmt: skip
def misconceptions(unit: Unit, cells: Cells) -> None:
    """The classifier is left as it was handed out: all else is wrong in ways that are known."""
    answer_right(unit, cells, *(task for task in unit.tasks if task != "classifier"))
    answer(
        unit, cells,
        tokenise="""
def tokenise(text):
    return re.findall(r"[a-z0-9]+|[\\u4e00-\\u9fff]", text.lower())
""",
        vocabulary="""
def vocabulary(texts, size):
    counts = Counter(token for text in texts for token in tokenise(text))
    return {token: number for number, (token, _) in enumerate(counts.most_common(size), start=2)}
""",
        words="words = vocabulary(sentences.x_train + sentences.x_validation + sentences.x_test, SIZE - 2)",
        encode="""
def encode(tokens, vocabulary, length):
    ids = [vocabulary.get(token, 0) for token in tokens[:length]]
    return np.array(ids + [0] * (length - len(ids)))
""",
        rnn_step="""
def rnn_step(x, h, parameters):
    return np.tanh(x @ parameters["wx"] + parameters["b"]) + h @ parameters["wh"]
""",
        lstm_step="""
def lstm_step(x, h, c, parameters):
    z = x @ parameters["wx"] + h @ parameters["wh"] + parameters["b"]
    f, i, g, o = np.split(z, 4, axis=-1)
    c = activations.sigmoid(f) * c + activations.sigmoid(i) * np.tanh(g)
    return activations.sigmoid(o) * np.tanh(c), c
""",
        next_word_pairs="""
def next_word_pairs(ids):
    return ids[:, :-1], ids[:, 1:], np.ones_like(ids[:, 1:], dtype=float)
""",
        sample="""
def sample(logits, temperature, rng):
    return int(np.argmax(logits))
""",
        quiz_5='lab.answer("quiz_5", "a")',
    )  # fmt: skip


@deserves(classifier="pads_are_read")
def reads_its_pads(unit: Unit, cells: Cells) -> None:
    """All is right, but the classifier has no mask, and was trained for one epoch."""
    answer_right(unit, cells, *(task for task in unit.tasks if task != "classifier"))
    code = unit.solution("classifier").replace(", mask_zero=True", "").replace("epochs=4", "epochs=1")
    answer(unit, cells, classifier=code)


STORIES: dict[str, Story] = {"055": full_marks, "056": half_way, "057": misconceptions, "058": reads_its_pads}
