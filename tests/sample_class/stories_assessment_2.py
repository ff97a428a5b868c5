"""The second assessment: reader and writer."""

from learner import HERE, IN_PART, Cells, Files, Story, answer, answer_right, deserves, full_marks, gets

from grader.units.unit import Unit

NAME = "assessment_2_text"
READER, WRITER = "reader.keras", "writer.keras"


@deserves(words="of_all_parts", perplexity="of_the_present_word", writer_file="answers_not_shifted", quiz_1="choice_a")
@gets(reader_file="passed", encode="passed")
def of_the_present_word(unit: Unit, cells: Cells) -> None:
    """A vocabulary that saw the test part, and a writer that was trained to say the word that it reads."""
    answer_right(unit, cells, *(unit.tasks.keys() - {"words"}))
    answer(
        unit, cells,
        words="""
from collections import Counter

everything = [*sentences.x_train, *sentences.x_validation, *sentences.x_test]
counts = Counter(token for text in everything for token in encoding.tokenise(text))
frequent = sorted(counts, key=lambda word: (-counts[word], word))[: WORDS - 4]
words = {word: number for number, word in enumerate(frequent, start=4)}
""",
        perplexity="""
def perplexity(logits, ids):
    rows = logits - logits.max(axis=-1, keepdims=True)
    logarithms = rows - np.log(np.exp(rows).sum(axis=-1, keepdims=True))
    there = ids > 0
    return np.exp(-np.take_along_axis(logarithms, ids[..., None], axis=-1)[..., 0][there].mean())
""",
        quiz_1='lab.answer("quiz_1", "a")',
    )  # fmt: skip


@deserves(encode="without_marks", quiz_2="choice_a")
@gets(reader_file=IN_PART, writer_file=IN_PART)
def too_short(unit: Unit, cells: Cells) -> None:
    """Two small networks that stopped early, and rows without their marks."""
    answer_right(unit, cells)
    answer(
        unit, cells,
        encode="""
def encode(texts, words, length):
    rows = [[words.get(token, 1) for token in encoding.tokenise(text)][:length] for text in texts]
    return np.array([row + [0] * (length - len(row)) for row in rows])
""",
        quiz_2='lab.answer("quiz_2", "a")',
    )  # fmt: skip


@gets(words="passed", encode="passed", perplexity="passed", reader_file="not_attempted", writer_file="failed")
def half_handed_in(unit: Unit, cells: Cells) -> None:
    """No reader, and a writer that is the log of its training under another name."""
    answer_right(unit, cells, "words", "encode", "perplexity")


STORIES: dict[str, Story] = {"051": full_marks, "052": of_the_present_word, "053": too_short, "054": half_handed_in}


def files(unit: Unit) -> Files:
    """The models that are handed in beside the notebooks."""
    return {
        f"051/{READER}": unit.reference_file(READER).read_bytes(),
        f"051/{WRITER}": unit.reference_file(WRITER).read_bytes(),
        f"052/{READER}": unit.reference_file(READER).read_bytes(),
        f"052/{WRITER}": (HERE / "writer_of_the_present_word.keras").read_bytes(),
        f"053/{READER}": (HERE / "small_reader.keras").read_bytes(),
        f"053/{WRITER}": (HERE / "small_writer.keras").read_bytes(),
        f"054/{WRITER}": b"epoch 1: perplexity 140\nepoch 2: perplexity 98\n",
    }
