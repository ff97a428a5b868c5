"""What lab 02 gives as right is what Keras does: each optimiser and the schedule, in the reference's own code."""

from pathlib import Path

import numpy as np
import pytest

from grader.units.source import load_unit
from labkit.learning import optimisers

SOURCE = Path(__file__).resolve().parents[2] / "solutions" / "02_gradient_descent.py"
CURVATURE = np.array([1.0, 25.0])
# Keras reads its settings as float32, which holds these exactly.
BY = optimisers.Settings(rate=1 / 64, momentum=7 / 8, rho=7 / 8, beta_2=1023 / 1024)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture(scope="module")
def answers():
    """The reference's functions, by the task's name."""
    unit = load_unit(SOURCE)
    namespace = {"np": np}
    for task in ("momentum_step", "rmsprop_step", "adam_step", "cosine_schedule"):
        exec(unit.solution(task), namespace)
    return namespace


def walk(step, memories):
    """The path of 50 steps, where `step` takes t, w, g and the memories."""
    w, memory = np.array([-4.0, 1.0]), [np.zeros(2)] * memories
    path = [w]
    for t in range(1, 51):
        w, *memory = step(t, w, CURVATURE * w, *memory)
        path.append(w)
    return np.array(path)


@pytest.mark.parametrize("name", ["momentum", "RMSprop", "Adam"])
def test_the_reference_walks_as_keras_does_to_a_millionth_over_50_steps(answers, name):
    ours = {
        "momentum": lambda t, w, g, v: answers["momentum_step"](w, g, v, BY.rate, BY.momentum),
        "RMSprop": lambda t, w, g, s: answers["rmsprop_step"](w, g, s, BY.rate, BY.rho, BY.epsilon),
        "Adam": lambda t, w, g, m, v: answers["adam_step"](w, g, m, v, t, BY.rate, BY.momentum, BY.beta_2, BY.epsilon),
    }[name]
    theirs = optimisers.keras_path(optimisers.keras_twin(name, BY), lambda w: CURVATURE * w, [-4.0, 1.0], 50)
    np.testing.assert_allclose(walk(ours, 2 if name == "Adam" else 1), theirs, rtol=0, atol=1e-6)


def test_the_references_schedule_is_kerass(answers):
    import keras

    theirs = keras.optimizers.schedules.CosineDecay(0.0, 40, warmup_target=0.3, warmup_steps=10)
    ours = [answers["cosine_schedule"](step, 50, 10, 0.3) for step in range(61)]
    np.testing.assert_allclose(ours, [float(theirs(step)) for step in range(61)], atol=1e-7)
