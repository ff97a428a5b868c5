"""The course proved and the sample class graded, as an instructor does: each story gets the verdicts it deserves."""

import csv
import html
import io
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from grader.gradebook.gradebook import Gradebook
from grader.units.source import load_unit
from tests.pace import finished

ROOT = Path(__file__).resolve().parents[1]
CLASS = ROOT / "tests" / "sample_class"
UNIT = "01_activation_and_loss"
FUNCTIONS = ["sigmoid", "sigmoid_derivative", "relu", "leaky_relu", "mse", "softmax", "cross_entropy",
             "cross_entropy_gradient"]  # fmt: skip
BEFORE_THE_HALF = ["sigmoid", "sigmoid_derivative", "relu", "leaky_relu", "quiz_1", "mse"]  # 2 + 1 + 1 + 1 + 1 + 2
REST = ["softmax", "cross_entropy", "cross_entropy_gradient", "quiz_2", "quiz_3", "quiz_4", "quiz_5"]
TASKS = [*BEFORE_THE_HALF, *REST]
HALF_WAY = {
    "020": ["gradient", "gradient_descent", "quiz_1", "minibatches", "momentum_step"],
    "023": ["double", "quiz_1", "matmul_flops", "quiz_2", "tensor_bytes"],
    "026": ["quiz_1", "dense_forward", "dense_backward", "relu_backward", "quiz_2", "quiz_3"],
    "030": ["quiz_1", "standardise", "quiz_2", "k_fold", "confusion_matrix", "precision_recall_f1", "quiz_3",
            "r_squared"],
    "039": ["receptive_field", "vgg_block", "build_vgg16", "quiz_1", "preprocess", "quiz_2", "augmenter"],
    "041": ["quiz_1", "output_size", "convolve2d", "max_pool", "quiz_2", "count_parameters", "quiz_3"],
    "046": ["features", "quiz_1", "classifier", "quiz_2"],
    "056": ["quiz_1", "tokenise", "vocabulary", "words", "encode", "quiz_2", "rnn_step", "lstm_step"],
    "061": ["attention", "quiz_1", "causal_mask", "split_heads", "quiz_2", "layer_norm", "perplexity"],
}  # fmt: skip

LAST_WHO_TRAINS_NOTHING = "031"
SUBMISSIONS = len([*CLASS.glob("[0-9]*")])

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def proved(tmp_path_factory):
    """What `grader verify` says of all units, and the folder of the gradebook that keeps what it observed.

    Its seed is no secret, so that what fails fails again.
    """
    folder = tmp_path_factory.mktemp("class")
    book = folder / "grades.db"
    Gradebook(str(book)).close()
    with closing(sqlite3.connect(book)) as connection, connection:
        connection.execute("UPDATE settings SET value = 'verify' WHERE name = 'seed'")
    return _grader("verify", "--gradebook", str(book), timeout=1_800), folder


@pytest.fixture(scope="module")
def graded(proved):
    """The outputs and exit statuses of two commands, and the folder that they left.

    Some who train nothing loop without end: they come first, with little time. The trainings of the others need theirs.
    """
    _, folder = proved
    book = ["--gradebook", str(folder / "grades.db")]
    quick = [str(path) for path in sorted(CLASS.glob("[0-9]*")) if path.name <= LAST_WHO_TRAINS_NOTHING]
    answers = [
        _grader("grade", *quick, *book, "--timeout", "12", "--memory", "1", timeout=500),
        _grader("grade", str(CLASS), *book, "--report", str(folder / "report"), timeout=1_800),
    ]
    return answers, folder


@pytest.fixture(scope="module")
def rows(graded):
    """The rows of scores.csv by learner and task."""
    text = (graded[1] / "report" / "scores.csv").read_text(encoding="utf-8")
    return {(row["learner"], row["task"]): row for row in csv.DictReader(io.StringIO(text))}


def _grader(*arguments, timeout=120):
    return finished([sys.executable, "-m", "grader", *arguments], timeout, cwd=ROOT)


def _points(rows, learner):
    return sum(float(rows[learner, task]["points"]) for task in TASKS)


def _own(rows, learner):
    return {task: row for (who, task), row in rows.items() if who == learner}


def _states(rows, learner, tasks):
    return {rows[learner, task]["verdict"] for task in tasks}


def _page(graded, learner):
    return html.unescape((graded[1] / "report" / "feedback" / learner / f"{UNIT}.html").read_text(encoding="utf-8"))


def test_the_class_is_what_its_script_writes():
    sys.path.insert(0, str(CLASS))
    try:
        import make
    finally:
        sys.path.remove(str(CLASS))

    there = {p.relative_to(CLASS).as_posix(): p.read_text(encoding="utf-8") for p in CLASS.glob("*/*.ipynb")}
    assert there == make.submissions()
    handed_in = {
        p.relative_to(CLASS).as_posix(): p.read_bytes() for p in CLASS.glob("[0-9]*/*") if p.suffix != ".ipynb"
    }
    assert handed_in == make.files()


def test_every_unit_is_proved(proved):
    answer, _ = proved
    units = sorted(path.stem for path in (ROOT / "solutions").glob("*.py"))
    hold = [line for line in answer.stdout.splitlines() if line.endswith(" misconceptions: all hold.")]
    assert sorted(line.split(":")[0] for line in hold) == units
    assert (answer.returncode, answer.stderr) == (0, "")


def test_what_verify_observed_is_not_observed_again(graded):
    assert all("Observing the reference" not in answer.stdout + answer.stderr for answer in graded[0])


def test_some_could_not_be_graded_and_the_exit_status_says_so(graded):
    answers, _ = graded
    told = [
        "31 of 31 submissions graded now.",
        f"{SUBMISSIONS - 31} of {SUBMISSIONS} submissions graded now; 31 had been graded before.",
    ]
    for answer, counted in zip(answers, told, strict=True):
        assert answer.returncode == 1
        assert counted in answer.stdout
        assert "Traceback" not in answer.stdout + answer.stderr


@pytest.mark.parametrize("learner", ["001", "007", "008", "010", "012", "013", "016", "018"])
def test_who_answered_all_earns_all(rows, learner):
    """Also with a check deleted, cells reordered, one cell that loops, hoards or floods, text on stderr, other code."""
    assert _states(rows, learner, TASKS) == {"passed"}
    assert _points(rows, learner) == 20


def test_the_untouched_starter_earns_nothing(rows):
    assert _states(rows, "006", TASKS) == {"not attempted"}
    assert _points(rows, "006") == 0


def test_half_the_tasks_earn_their_points(rows):
    assert _states(rows, "002", ["sigmoid", "sigmoid_derivative", "relu", "leaky_relu", "quiz_1"]) == {"passed"}
    assert _states(rows, "002", ["mse", *REST]) == {"not attempted"}
    assert _points(rows, "002") == 6


@pytest.mark.parametrize(
    ("learner", "task", "hint"),
    [
        ("003", "softmax", "exp(1000) overflows"),
        ("004", "sigmoid_derivative", "if x were already the sigmoid's output"),
        ("004", "mse", "a mean is wanted, not a sum"),
        ("004", "cross_entropy", "np.log2 counts in bits"),
        ("004", "cross_entropy_gradient", "The sign is flipped"),
        ("005", "quiz_1", "With weight 1 one layer multiplies by the slope"),
        ("005", "softmax", "Each column sums to 1"),
    ],
)
def test_a_misconception_gets_its_own_hint(rows, learner, task, hint):
    assert rows[learner, task]["verdict"] == "failed"
    assert hint in rows[learner, task]["message"]


@pytest.mark.parametrize("learner", ["019", "022", "025", "029", "032", "036", "040", "045", "055", "060", "051"])
def test_the_other_labs_are_graded_beside_the_first(rows, learner):
    own = _own(rows, learner)
    assert {row["verdict"] for row in own.values()} == {"passed"}
    assert all(row["points"] == row["max_points"] for row in own.values())


@pytest.mark.parametrize(("learner", "answered"), HALF_WAY.items())
def test_half_of_another_lab_earns_its_points_by_whichever_right_answers(rows, learner, answered):
    assert _states(rows, learner, answered) == {"passed"}
    assert _states(rows, learner, _own(rows, learner).keys() - set(answered)) == {"not attempted"}


@pytest.mark.parametrize(
    ("learner", "task", "hint"),
    [
        ("024", "double", "writes into the caller's array"),
        ("024", "matmul_flops", "Half of the work is missing"),
        ("024", "tensor_bytes", "4 bytes are right for float32 only"),
        ("024", "arithmetic_intensity", "The result must be written to memory"),
        ("024", "least_time", "if the arithmetic waited for all bytes"),
        ("024", "quiz_3", "A higher peak would stand idle"),
        ("021", "gradient_descent", "The gradient is stale"),
        ("021", "minibatches", "Each batch is drawn by itself"),
        ("021", "momentum_step", "The learning rate is applied twice"),
        ("021", "adam_step", "The bias correction is missing"),
        ("021", "quiz_2", "The noise falls with the root of the size"),
        ("027", "dense_backward", "the two factors are exchanged"),
        ("027", "relu_backward", "The sign of dy decides here"),
        ("027", "numerical_gradient", "That is a forward difference"),
        ("027", "network_gradients", "Blame passes through ReLU where z was negative"),
        ("027", "he_normal", "rng.normal wants the standard deviation"),
        ("027", "quiz_4", "One way back passes every layer"),
        ("028", "network", "It has begun to learn. More steps"),
        ("031", "standardise", "scaled by its own mean and deviation"),
        ("031", "k_fold", "The folds are blocks of neighbours"),
        ("031", "confusion_matrix", "Rows and columns are exchanged"),
        ("031", "r_squared", "The square of the correlation forgives"),
        ("031", "dropout", "not divided by 1 - rate"),
        ("031", "should_stop", "It stops one epoch late"),
        ("031", "quiz_5", "The best of eleven scores"),
        ("033", "split", "dealt without regard to their class"),
        ("033", "quiz_1", "Both are painted in the same way"),
        ("037", "pipeline", "Images and labels are shuffled apart"),
        ("037", "network", "a softmax over one unit is 1"),
        ("037", "quiz_5", "such a network learns slowly"),
        ("038", "network", "it was trained on the validation part"),
        ("042", "convolve2d", "The kernel is flipped"),
        ("042", "count_parameters", "The biases are missing"),
        ("042", "residual_block", "so the block can only add"),
        ("042", "separable_block", "The pointwise convolution is missing"),
        ("042", "cnn", "the softmax of one number is always 1"),
        ("043", "cnn", "In the middle it is right, elsewhere it is lost"),
        ("044", "cnn", "The softmax is taken twice"),
        ("047", "features", "The images are preprocessed twice"),
        ("047", "classifier", "VGG16's own head, with far more weights"),
        ("047", "unfreeze", "backbone.trainable = True frees every layer"),
        ("047", "predict_file", "The result still has the axis of the batch"),
        ("048", "unfreeze", "another model was unfrozen"),
        ("048", "fine_tune", "nothing was unfrozen in this model"),
        ("048", "tuned", "The head alone moved: the blocks are as they were shipped"),
        ("049", "train_head", "from_logits=True says that softmax is still to come"),
        ("049", "fine_tune", "Compile again after unfreezing"),
        ("062", "attention", "The scores are not divided by the square root of d"),
        ("062", "causal_mask", "The present is hidden, too"),
        ("062", "split_heads", "A reshape alone cuts the rows in pieces"),
        ("062", "positional_encoding", "All sines stand in the first half"),
        ("062", "layer_norm", "Mean and variance are taken over the words"),
        ("062", "transformer_block", "the first residual connection is missing"),
        ("062", "perplexity", "Pads are counted among the words"),
        ("062", "quiz_3", "Validation sentences hold their answers"),
        ("063", "language_model", "What comes later changes what the model expects before"),
        ("064", "transformer_block", "that is post-norm, the paper of 2017"),
        ("050", "vgg_block", "The kernels begin as Glorot's"),
        ("050", "build_vgg16", "The last layer ends in a softmax"),
        ("050", "augmenter", "Arrows that pointed up now point down"),
        ("050", "pipeline", "It divides by 255 as well"),
        ("050", "network", "The network ends in a softmax"),
        ("050", "quiz_4", "it counts entries of the one-hot rows"),
        ("057", "tokenise", "Each Chinese character became a token"),
        ("057", "vocabulary", "There are more than `size` numbers"),
        ("057", "words", "It holds words that no training text has"),
        ("057", "encode", "An unknown word gets 0, like padding"),
        ("057", "rnn_step", "The state term is added behind tanh"),
        ("057", "lstm_step", "Forget and input gate are exchanged"),
        ("057", "next_word_pairs", "Padding counts as a next word"),
        ("057", "sample", "It always takes the likeliest word"),
        ("057", "quiz_5", "A loss close to 0 means that hardly a word surprises it"),
        ("058", "classifier", "Appended pads move the predictions"),
        ("052", "words", "they come from the validation or test part"),
        ("052", "perplexity", "compared with the word that stands there"),
        ("052", "writer_file", "It expects the very word that it reads"),
        ("052", "quiz_1", "Labels are not all that leaks"),
        ("053", "encode", "The start and the end are missing"),
        ("053", "quiz_2", "A vocabulary without any word has a perplexity near 1"),
    ],
)
def test_a_misconception_in_another_lab_gets_its_own_hint(rows, learner, task, hint):
    assert rows[learner, task]["verdict"] == "failed"
    assert hint in rows[learner, task]["message"]


def test_a_network_that_was_trained_too_little_costs_its_own_task_only(rows):
    failed = {task for task, row in _own(rows, "028").items() if row["verdict"] != "passed"}
    assert failed == {"network"}


def test_a_syntax_error_costs_its_own_task_only(rows):
    assert rows["009", "relu"]["points"] == "0"
    assert "`relu` is not defined" in rows["009", "relu"]["message"]
    assert _points(rows, "009") == 19


@pytest.mark.parametrize(("learner", "reason"), [("011", "exit status 0"), ("017", "took longer than 12 s")])
def test_work_before_the_end_keeps_its_points(rows, learner, reason):
    assert _states(rows, learner, BEFORE_THE_HALF) == {"passed"}
    assert _states(rows, learner, REST) == {"could not be graded"}
    assert _points(rows, learner) == 8
    assert reason in rows[learner, "softmax"]["message"]


def test_looking_for_the_reference_finds_nothing(graded, rows):
    assert _states(rows, "014", TASKS[1:]) == {"not attempted"}
    assert _points(rows, "014") == 2
    page = _page(graded, "014")
    assert f"{UNIT}.py FileNotFoundError" in page or f"{UNIT}.py PermissionError" in page
    assert "could be read: True" not in page


def test_a_file_that_is_no_notebook_is_told_apart_from_a_wrong_one(rows):
    assert _states(rows, "015", TASKS) == {"could not be graded"}
    assert "This is no notebook but a text that begins `Dear instructor" in rows["015", "sigmoid"]["message"]


def test_feedback_shows_no_reference_to_who_did_not_write_it(graded):
    unit = load_unit(ROOT / "solutions" / f"{UNIT}.py")
    page = _page(graded, "006")
    for task in FUNCTIONS:
        answer = [line for line in unit.solution(task).split("\n") if "return" in line][-1].strip()
        assert answer not in page or task == "relu"  # `return x` is a part of relu's broken starter


def test_a_second_grade_of_the_same_bytes_grades_nothing(graded):
    _, folder = graded
    again = _grader("grade", str(CLASS), "--gradebook", str(folder / "grades.db"))
    assert f"0 of {SUBMISSIONS} submissions graded now; {SUBMISSIONS} had been graded before." in again.stdout
    assert again.returncode == 1


def test_a_model_beside_its_notebook_earns_what_its_answers_deserve(rows):
    assert {row["verdict"] for row in _own(rows, "032").values()} == {"passed"}
    assert rows["033", "model_input"]["verdict"] == "passed"
    assert 1 < float(rows["033", "model_file"]["points"]) < 10
    assert "are right; 92% are needed. Least often right: " in rows["033", "model_file"]["message"]


def test_a_model_that_was_left_at_home_is_asked_for(rows):
    for task in ("model_input", "model_file"):
        assert rows["034", task]["verdict"] == "not attempted"
        assert "There is no file `fresh_or_rotten.keras` beside this notebook" in rows["034", task]["message"]
    assert rows["034", "split"]["verdict"] == "passed"


def test_a_model_that_brings_code_is_not_opened(rows):
    assert rows["035", "model_input"]["points"] == "0"
    assert "The file holds a Lambda layer. That is code" in rows["035", "model_input"]["message"]
    assert rows["035", "model_file"]["points"] == "0"


def test_a_reader_and_a_writer_each_earn_what_their_outputs_deserve(rows):
    assert rows["052", "reader_file"]["verdict"] == "passed"
    assert rows["052", "encode"]["verdict"] == "passed"
    assert 1 < float(rows["053", "reader_file"]["points"]) < 5
    assert "are right; " in rows["053", "reader_file"]["message"]
    assert 1 < float(rows["053", "writer_file"]["points"]) < 5
    assert "The perplexity is " in rows["053", "writer_file"]["message"]


def test_one_model_of_two_that_is_missing_or_no_model_is_told(rows):
    assert rows["054", "reader_file"]["verdict"] == "not attempted"
    assert "There is no file `reader.keras` beside this notebook" in rows["054", "reader_file"]["message"]
    assert rows["054", "writer_file"]["points"] == "0"
    assert "Keras cannot open the writer's file" in rows["054", "writer_file"]["message"]
    assert {rows["054", task]["verdict"] for task in ("words", "encode", "perplexity")} == {"passed"}


def test_who_passed_the_assessment_can_have_a_certificate(graded, tmp_path):
    _, folder = graded
    key, page = tmp_path / "certificate.key", tmp_path / "032.html"
    book = str(folder / "grades.db")
    given = _grader("certificate", "032", "--gradebook", book, "--key", str(key), "--output", str(page))
    assert (given.returncode, page.is_file()) == (0, True)
    proved = _grader("verify-certificate", str(page), "--public-key", str(key.with_suffix(".pub")))
    assert (proved.returncode, "032.html: valid." in proved.stdout) == (0, True)
    refused = _grader("certificate", "033", "--gradebook", book, "--key", str(key))
    assert refused.returncode == 1
    assert "learner '033' has not passed assessment_1_fresh_or_rotten (model_file: " in refused.stderr


def test_a_certificate_of_the_second_assessment_needs_both_models(graded, tmp_path):
    book, key = str(graded[1] / "grades.db"), str(tmp_path / "certificate.key")
    given = _grader("certificate", "051", "--gradebook", book, "--key", key, "--output", str(tmp_path / "051.html"))
    assert given.returncode == 0
    refused = _grader("certificate", "053", "--gradebook", book, "--key", key)
    assert refused.returncode == 1
    assert "learner '053' has not passed assessment_2_text (reader_file: " in refused.stderr


def test_scores_as_csv_are_the_rows_of_the_report(graded):
    _, folder = graded
    answer = _grader("scores", "--csv", "--gradebook", str(folder / "grades.db"))
    assert answer.stdout == (folder / "report" / "scores.csv").read_text(encoding="utf-8")
