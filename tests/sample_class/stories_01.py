"""Lab 01, activation and loss: right and wrong answers, and notebooks that break, hang, flood or spy."""

from learner import (
    EVERYTHING,
    Cells,
    Story,
    answer,
    answer_right,
    check,
    code_cell,
    deserves,
    earns,
    full_marks,
    gets,
    insert_after,
    untouched,
)

from grader.units.unit import Unit

NAME = "01_activation_and_loss"
LIMITS = ("--timeout", "12", "--memory", "1")  # some loop without end
BEFORE_THE_HALF = ("sigmoid", "sigmoid_derivative", "relu", "leaky_relu", "quiz_1", "mse")
REST = ("softmax", "cross_entropy", "cross_entropy_gradient", "quiz_2", "quiz_3", "quiz_4", "quiz_5")
ENDS_HALF_WAY = dict.fromkeys(BEFORE_THE_HALF, "passed") | dict.fromkeys(REST, "ungraded")


@earns("sigmoid", "sigmoid_derivative", "relu", "leaky_relu", "quiz_1")
def partial(unit: Unit, cells: Cells) -> None:
    """Stopped half-way."""
    answer_right(unit, cells, "sigmoid", "sigmoid_derivative", "relu", "leaky_relu", "quiz_1")


@deserves(softmax="no_maximum")
def overflowing_softmax(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    answer(unit, cells, softmax="""
def softmax(logits):
    exps = np.exp(logits)
    return exps / np.sum(exps, axis=-1, keepdims=True)
""")  # fmt: skip


@deserves(sigmoid_derivative="at_the_output", mse="total", cross_entropy="in_bits", cross_entropy_gradient="flipped")
def several_misconceptions(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    answer(
        unit, cells,
        sigmoid_derivative="""
def sigmoid_derivative(x):
    # x is already the output of sigmoid
    return x * (1 - x)
""",
        mse="""
def mse(y_true, y_pred):
    diff = np.ravel(y_true) - np.ravel(y_pred)
    return float(np.sum(diff * diff))
""",
        cross_entropy="""
def cross_entropy(y_true, y_prob):
    return float(-np.mean(np.sum(y_true * np.log2(np.clip(y_prob, 1e-12, 1)), axis=1)))
""",
        cross_entropy_gradient="""
def cross_entropy_gradient(y_true, logits):
    return (y_true - softmax(logits)) / len(logits)
""",
    )  # fmt: skip


@deserves(quiz_1="choice_a", quiz_2="choice_c", softmax="along_columns")
def wrong_choices(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    answer(unit, cells, quiz_1='lab.answer("quiz_1", "a")', quiz_2='lab.answer("quiz_2", "c")',
           softmax="""
def softmax(logits):
    exps = np.exp(logits - logits.max())
    return exps / exps.sum(axis=0)
""")  # fmt: skip


@earns(EVERYTHING)
def a_check_cell_deleted(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    cells.remove(check(cells, "softmax"))


@earns(EVERYTHING)
def cells_reordered(unit: Unit, cells: Cells) -> None:
    """All checks stand before the first answer."""
    answer_right(unit, cells)
    checks = [cell for cell in cells if cell["source"].startswith("lab.check(")]
    for cell in checks:
        cells.remove(cell)
    cells[2:2] = checks


@gets(relu="not_attempted")
def a_syntax_error(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    answer(unit, cells, relu="""
def relu(x)
    return np.maximum(x, 0)
""")  # fmt: skip


@earns(EVERYTHING)
def an_infinite_loop(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    insert_after(cells, check(cells, "mse"), "step = 0\nwhile step < 10:\n    step - 1")


@gets(**ENDS_HALF_WAY)
def leaves_half_way(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    insert_after(cells, check(cells, "mse"), "import os\n\nos._exit(0)")


@earns(EVERYTHING)
def memory_without_end(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    insert_after(cells, check(cells, "mse"), "hoard = []\nwhile True:\n    hoard.append(np.ones(10_000_000))")


@earns(EVERYTHING)
def output_without_end(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    insert_after(cells, check(cells, "mse"), "while True:\n    print('Are we there yet?')")


@earns("sigmoid")
def reads_the_reference(unit: Unit, cells: Cells) -> None:
    """Looks for the solutions, and would define every task from them."""
    answer_right(unit, cells, "sigmoid")
    insert_after(cells, check(cells, "sigmoid"), f"""
import glob, json, os, pathlib

import grader

course = pathlib.Path(grader.__file__).parents[1]
places = [course / "solutions" / "{NAME}.py", course / "solutions" / "{NAME}.ipynb"]
places += [course / "labs" / ".checks" / "{NAME}.json", pathlib.Path(".checks/{NAME}.json")]
places += [pathlib.Path(p) for p in glob.glob("/proc/*/environ") + glob.glob(str(course / "*.db"))]
for place in places:
    try:
        text = place.read_text()
        print(place.name, "could be read:", "def softmax" in text, "expectation" in text)
        for task in json.loads(text)["tasks"].values():
            exec(task["solution"])
    except Exception as error:
        print(place.name, type(error).__name__)
try:
    from labkit.learning.activations import softmax
    exec(lab._checks.tasks["mse"].solution)
except Exception as error:
    print(type(error).__name__)
softmax = None
""")  # fmt: skip


@earns(EVERYTHING)
def writes_to_stderr(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    insert_after(cells, check(cells, "sigmoid"), """
import sys
import warnings

print("0 errors, really", file=sys.stderr)
warnings.warn("this is only a warning")
""")  # fmt: skip


@gets(**ENDS_HALF_WAY)
def swallows_interrupts(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    insert_after(cells, check(cells, "mse"), """
import time

while True:
    try:
        while True:
            time.sleep(0.1)
    except BaseException:
        pass
""")  # fmt: skip


@earns(EVERYTHING)
def other_right_answers(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    answer(
        unit, cells,
        sigmoid="""
def sigmoid(x):
    return scipy.special.expit(x)
""",
        relu="""
def relu(x):
    return (x + abs(x)) / 2
""",
        leaky_relu="""
def leaky_relu(x, slope=0.01):
    return np.where(x > 0, x, x * slope)
""",
        softmax="""
def softmax(logits):
    return np.exp(logits - scipy.special.logsumexp(logits, axis=-1, keepdims=True))
""",
        mse="""
def mse(y_true, y_pred):
    pairs = zip(np.ravel(y_true).tolist(), np.ravel(y_pred).tolist())
    return sum((a - b) ** 2 for a, b in pairs) / np.size(y_true)
""",
    )  # fmt: skip
    cells.insert(2, code_cell("import scipy.special"))


STORIES: dict[str, Story] = {
    "001": full_marks,
    "002": partial,
    "003": overflowing_softmax,
    "004": several_misconceptions,
    "005": wrong_choices,
    "006": untouched,
    "007": a_check_cell_deleted,
    "008": cells_reordered,
    "009": a_syntax_error,
    "010": an_infinite_loop,
    "011": leaves_half_way,
    "012": memory_without_end,
    "013": output_without_end,
    "014": reads_the_reference,
    # 015 hands in a file that is no notebook
    "016": writes_to_stderr,
    "017": swallows_interrupts,
    "018": other_right_answers,
}
