"""Lab 03, back-propagation."""

from learner import Cells, Story, answer, answer_right, deserves, earns, full_marks

from grader.units.unit import Unit

NAME = "03_backpropagation"


@earns("quiz_1", "dense_forward", "dense_backward", "relu_backward", "quiz_2", "quiz_3")
def half_way(unit: Unit, cells: Cells) -> None:
    """Stopped before whole networks; the ways back are written otherwise than in the reference."""
    answer_right(unit, cells, "quiz_1", "dense_forward", "quiz_2", "quiz_3")
    answer(
        unit, cells,
        dense_backward="""
def dense_backward(x, w, dy):
    dw = np.zeros(w.shape)
    for i in range(len(x)):
        dw += np.outer(x[i], dy[i])
    return np.dot(dy, np.transpose(w)), dw, np.ones(len(dy)) @ dy
""",
        relu_backward="""
def relu_backward(x, dy):
    return dy * np.heaviside(x, 0.0)
""",
    )  # fmt: skip


@deserves(
    dense_backward="weights_transposed", relu_backward="by_the_sign_of_blame", numerical_gradient="one_sided",
    network_gradients="relu_forgotten", he_normal="variance_as_spread", quiz_4="choice_c",
)  # fmt: skip
def misconceptions(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    answer(
        unit, cells,
        dense_backward="""
def dense_backward(x, w, dy):
    dx = dy @ w.T
    dw = dy.T @ x
    db = dy.sum(axis=0)
    return dx, dw, db
""",
        relu_backward="""
def relu_backward(x, dy):
    return dy * (dy > 0)
""",
        numerical_gradient="""
def numerical_gradient(f, x):
    h = 1e-5
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        moved = x.astype(float)
        moved[place] += h
        gradient[place] = (f(moved) - f(x)) / h
    return gradient
""",
        network_gradients="""
def network_gradients(x, y, parameters):
    h = np.maximum(x @ parameters["w1"] + parameters["b1"], 0)
    dlogits = losses.cross_entropy_gradient(y, h @ parameters["w2"] + parameters["b2"])
    dh = dlogits @ parameters["w2"].T
    return {"w1": x.T @ dh, "b1": dh.sum(axis=0), "w2": h.T @ dlogits, "b2": dlogits.sum(axis=0)}
""",
        he_normal="""
def he_normal(fan_in, fan_out, rng):
    return rng.normal(0, 2 / fan_in, size=(fan_in, fan_out))
""",
        quiz_4='lab.answer("quiz_4", "c")',
    )  # fmt: skip


@deserves(network="too_few_steps")
def trained_too_little(unit: Unit, cells: Cells) -> None:
    """All functions are right; the network took 20 steps where 400 are enough."""
    answer_right(unit, cells, *(task for task in unit.tasks if task != "network"))
    answer(unit, cells, network=unit.solution("network").replace("400", "20"))


STORIES: dict[str, Story] = {"025": full_marks, "026": half_way, "027": misconceptions, "028": trained_too_little}
