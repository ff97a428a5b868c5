"""Lab 04, generalisation."""

from learner import Cells, Story, answer, answer_right, deserves, earns, full_marks

from grader.units.unit import Unit

NAME = "04_generalisation"


@earns("quiz_1", "standardise", "quiz_2", "k_fold", "confusion_matrix", "precision_recall_f1", "quiz_3", "r_squared")
def half_way(unit: Unit, cells: Cells) -> None:
    """Stopped after the measures; the answers that are there are others than the reference's."""
    answer_right(unit, cells, "quiz_1", "quiz_2", "precision_recall_f1", "quiz_3", "r_squared")
    answer(
        unit, cells,
        standardise="""
def standardise(train, test):
    mu = np.mean(train, axis=0)
    sigma = np.sqrt(np.mean((train - mu) ** 2, axis=0))
    sigma[sigma == 0] = 1
    return [(part - mu) / sigma for part in (train, test)]
""",
        k_fold="""
def k_fold(n, k, rng):
    rows = np.arange(n)
    rng.shuffle(rows)
    return [(np.delete(rows, np.s_[i::k]), rows[i::k]) for i in range(k)]
""",
        confusion_matrix="""
def confusion_matrix(y_true, y_pred, classes):
    return np.array([[np.sum((y_true == i) & (y_pred == j)) for j in range(classes)] for i in range(classes)])
""",
    )  # fmt: skip


@deserves(
    standardise="each_by_its_own", k_fold="not_shuffled", confusion_matrix="exchanged",
    r_squared="correlation_squared", dropout="not_scaled", should_stop="one_epoch_late", quiz_5="choice_a",
)  # fmt: skip
def misconceptions(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    answer(
        unit, cells,
        standardise="""
def standardise(train, test):
    def scale(part):
        sigma = part.std(axis=0)
        return (part - part.mean(axis=0)) / np.where(sigma == 0, 1, sigma)
    return scale(train), scale(test)
""",
        k_fold="""
def k_fold(n, k, rng):
    folds = np.array_split(np.arange(n), k)
    return [(np.concatenate(folds[:i] + folds[i + 1:]), folds[i]) for i in range(k)]
""",
        confusion_matrix="""
def confusion_matrix(y_true, y_pred, classes):
    matrix = np.zeros((classes, classes), dtype=int)
    for t, p in zip(y_true, y_pred):
        matrix[p, t] += 1
    return matrix
""",
        r_squared="""
def r_squared(y_true, y_pred):
    if np.std(y_pred) == 0:
        return 0.0
    return np.corrcoef(y_true, y_pred)[0, 1] ** 2
""",
        dropout="""
def dropout(x, rate, training, rng):
    if not training:
        return x
    return x * (rng.random(x.shape) >= rate)
""",
        should_stop="""
def should_stop(losses, patience):
    if not losses:
        return False
    return len(losses) - 1 - int(np.argmin(losses)) > patience
""",
        quiz_5='lab.answer("quiz_5", "a")',
    )  # fmt: skip


STORIES: dict[str, Story] = {"029": full_marks, "030": half_way, "031": misconceptions}
