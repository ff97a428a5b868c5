"""One step of each recurrent cell in NumPy, with Keras's gates in Keras's order; whole sequences, with masks.

`parameters` holds "wx" (inputs, gates * units), "wh" (units, gates * units) and "b", with 1 gate for the simple cell,
4 for LSTM (input, forget, candidate, output) and 3 for GRU (update, reset, candidate; "b" has two rows, the second for
the state). A state is a tuple of arrays (n, units): (h,), for LSTM (h, c).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.learning.activations import sigmoid

Array = NDArray[np.float64]
Parameters = Mapping[str, Array]
State = tuple[Array, ...]


@dataclass(frozen=True)
class Cell:
    """A kind of cell: its step, how many gates' weights stand side by side, and how many arrays its state has."""

    step: Callable[[Array, State, Parameters], State]
    gates: int
    arrays: int


def rnn_step(x: Array, state: State, parameters: Parameters) -> State:
    """tanh(x Wx + h Wh + b) (Elman, 1990)."""
    (h,) = state
    return (np.tanh(x @ parameters["wx"] + h @ parameters["wh"] + parameters["b"]),)


def lstm_step(x: Array, state: State, parameters: Parameters) -> State:
    """The new (h, c) of a long short-term memory (Hochreiter and Schmidhuber, 1997; forget gate: Gers et al., 2000)."""
    h, c = state
    z = x @ parameters["wx"] + h @ parameters["wh"] + parameters["b"]  # (n, 4 * units)
    i, f, g, o = np.split(z, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def gru_step(x: Array, state: State, parameters: Parameters) -> State:
    """The new (h,) of a gated recurrent unit (Cho et al., 2014), with the reset after the product, as in Keras."""
    (h,) = state
    from_x = np.split(x @ parameters["wx"] + parameters["b"][0], 3, axis=-1)
    from_h = np.split(h @ parameters["wh"] + parameters["b"][1], 3, axis=-1)
    update, reset = sigmoid(from_x[0] + from_h[0]), sigmoid(from_x[1] + from_h[1])
    candidate = np.tanh(from_x[2] + reset * from_h[2])
    return (update * h + (1 - update) * candidate,)


CELLS = {"RNN": Cell(rnn_step, 1, 1), "LSTM": Cell(lstm_step, 4, 2), "GRU": Cell(gru_step, 3, 1)}


def draw(cell: str, inputs: int, units: int, rng: np.random.Generator, strength: float = 1.0) -> dict[str, Array]:
    """Fresh parameters as Keras draws them: inputs' weights by Glorot, orthogonal weights of the state, here times
    `strength`, and biases of 0, but 1 for the forget gate (Jozefowicz, Zaremba and Sutskever, 2015)."""
    gates = CELLS[cell].gates
    limit = np.sqrt(6 / (inputs + units))
    orthogonal = [np.linalg.qr(rng.normal(size=(units, units)))[0] for _ in range(gates)]
    b = np.zeros((2, gates * units) if cell == "GRU" else gates * units)
    if cell == "LSTM":
        b[units : 2 * units] = 1.0
    return {
        "wx": rng.uniform(-limit, limit, (inputs, gates * units)),
        "wh": strength * np.concatenate(orthogonal, axis=1),
        "b": b,
    }


def unroll(cell: str, x: Array, parameters: Parameters, mask: NDArray[Any] | None = None,
           start: State | None = None) -> list[State]:  # fmt: skip
    """The state after each step of x (n, steps, inputs). Where the mask (n, steps) is 0, a state stays as it was."""
    kind = CELLS[cell]
    units = parameters["wh"].shape[0]
    state = start or tuple(np.zeros((len(x), units)) for _ in range(kind.arrays))
    states = []
    for t in range(x.shape[1]):
        new = kind.step(x[:, t], state, parameters)
        if mask is not None:
            new = tuple(np.where(mask[:, t, None], fresh, kept) for fresh, kept in zip(new, state, strict=True))
        state = new
        states.append(state)
    return states


def slopes_of_the_end(cell: str, x: Array, parameters: Parameters, mask: NDArray[Any]) -> Array:
    """Norm of the Jacobian of the last h for the state after each step, (steps,), by central differences.

    x has shape (1, steps, inputs). It is what is left of a blame that travels back from the end to that step.
    """
    states = unroll(cell, x, parameters, mask)
    units, steps, nudge = parameters["wh"].shape[0], x.shape[1], 1e-5
    arrays = CELLS[cell].arrays
    norms = np.zeros(steps)
    nudges = np.concatenate([np.eye(arrays * units), -np.eye(arrays * units)]) * nudge
    for t in range(steps):
        moved = np.concatenate(states[t], axis=1) + nudges  # one row for each number of the state, up and down
        begun = tuple(np.split(moved, arrays, axis=1))
        rest, their_mask = (np.repeat(part[:, t + 1 :], len(moved), axis=0) for part in (x, mask))
        ends = [begun, *unroll(cell, rest, parameters, their_mask, begun)][-1][0]
        up, down = np.split(ends, 2)
        norms[t] = np.linalg.norm((up - down) / (2 * nudge))
    return norms
