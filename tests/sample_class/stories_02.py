"""Lab 02, gradient descent."""

from learner import Cells, Story, answer, answer_right, deserves, earns, full_marks

from grader.units.unit import Unit

NAME = "02_gradient_descent"


@earns("gradient", "gradient_descent", "quiz_1", "minibatches", "momentum_step")
def half_way(unit: Unit, cells: Cells) -> None:
    """Answered the first half; its momentum is written in another of the three ways."""
    answer_right(unit, cells, "gradient", "gradient_descent", "quiz_1", "minibatches")
    answer(unit, cells, momentum_step="""
def momentum_step(w, g, v, learning_rate, momentum):
    v_new = momentum * v - learning_rate * g
    return w + v_new, v_new
""")  # fmt: skip


@deserves(
    gradient_descent="stale_gradient", minibatches="with_replacement", momentum_step="rate_twice",
    adam_step="no_correction", quiz_2="choice_a",
)  # fmt: skip
def misconceptions(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    answer(
        unit, cells,
        gradient_descent="""
def gradient_descent(X, y, w, learning_rate, steps):
    g = gradient(X, y, w)
    path = [w]
    for step in range(steps):
        path.append(path[-1] - learning_rate * g)
    return np.stack(path)
""",
        minibatches="""
def minibatches(n, batch_size, rng):
    batches = []
    for start in range(0, n, batch_size):
        batches.append(rng.choice(n, size=min(batch_size, n - start)))
    return batches
""",
        momentum_step="""
def momentum_step(w, g, v, learning_rate, momentum):
    v = momentum * v + learning_rate * g
    w = w - learning_rate * v
    return w, v
""",
        adam_step="""
def adam_step(w, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g * g
    w = w - learning_rate * m / (np.sqrt(v) + epsilon)
    return w, m, v
""",
        quiz_2='lab.answer("quiz_2", "a")',
    )  # fmt: skip


STORIES: dict[str, Story] = {"019": full_marks, "020": half_way, "021": misconceptions}
