"""Searching for hyperparameters: on a grid, at random, and by a model of what was seen so far."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labkit.arrays import Array

Parameters = dict[str, float]
Objective = Callable[[Parameters], float]  # a score: more is better
Space = Mapping[str, tuple[float, float, str]]  # name: (low, high, "linear" or "log")

CANDIDATES = 500  # points at which the Bayesian search asks its model
LENGTH, NOISE = 0.3, 0.01  # of the model: how far a score reaches, in axes, and what share of its variance is chance


@dataclass(frozen=True)
class Trial:
    """Parameters that were tried, and their score."""

    parameters: Parameters
    score: float


def place(space: Space, unit: Sequence[float] | Array) -> Parameters:
    """The parameters at a point of the unit cube; 0 is the low end of an axis and 1 its high end."""
    parameters = {}
    for (name, (low, high, scale)), u in zip(space.items(), unit, strict=True):
        ends = np.log([low, high]) if scale == "log" else (low, high)
        value = ends[0] + float(u) * (ends[1] - ends[0])
        parameters[name] = float(np.exp(value) if scale == "log" else value)
    return parameters


def grid_search(objective: Objective, space: Space, per_axis: int) -> list[Trial]:
    """Every combination of `per_axis` values an axis, evenly spaced, each in the middle of its share of the axis."""
    values = (np.arange(per_axis) + 0.5) / per_axis
    return [_try(objective, space, unit) for unit in itertools.product(values, repeat=len(space))]


def random_search(objective: Objective, space: Space, budget: int, rng: np.random.Generator) -> list[Trial]:
    """`budget` points, uniform on every axis."""
    return [_try(objective, space, rng.random(len(space))) for _ in range(budget)]


def bayesian_search(
    objective: Objective, space: Space, budget: int, rng: np.random.Generator, start: int = 5
) -> list[Trial]:
    """`start` points at random; then each next point is the one where a Gaussian process expects the most gain."""
    units = [rng.random(len(space)) for _ in range(min(start, budget))]
    trials = [_try(objective, space, unit) for unit in units]
    while len(trials) < budget:
        candidates = rng.random((CANDIDATES, len(space)))
        gain = expected_improvement(np.array(units), [trial.score for trial in trials], candidates)
        units.append(candidates[gain.argmax()])
        trials.append(_try(objective, space, units[-1]))
    return trials


def expected_improvement(seen: Array, scores: Sequence[float], candidates: Array) -> Array:
    """How far above the best score each candidate is expected to come, where falling short counts as 0."""
    from scipy.stats import norm
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import Matern, WhiteKernel

    # Length and noise are fixed: fitting them takes most of the time, and could end elsewhere on another machine.
    kernel = Matern(length_scale=LENGTH, nu=2.5) + WhiteKernel(NOISE)
    model = GaussianProcessRegressor(kernel, optimizer=None, normalize_y=True).fit(seen, scores)
    mean, deviation = model.predict(candidates, return_std=True)
    deviation = np.maximum(deviation, 1e-9)
    z = (mean - max(scores)) / deviation
    gain: Array = deviation * (z * norm.cdf(z) + norm.pdf(z))
    return gain


def winners(objective: Objective, space: Space, per_axis: int, seed: int) -> dict[str, Trial]:
    """The best trial of each kind of search, all with the budget of the grid."""
    budget = per_axis ** len(space)
    searches = {
        "grid": grid_search(objective, space, per_axis),
        "random": random_search(objective, space, budget, np.random.default_rng(seed)),
        "Bayesian": bayesian_search(objective, space, budget, np.random.default_rng(seed)),
    }
    return {kind: best(trials) for kind, trials in searches.items()}


def best(trials: Sequence[Trial]) -> Trial:
    """The trial with the highest score; of equals the first."""
    return max(trials, key=lambda trial: trial.score)


def _try(objective: Objective, space: Space, unit: Sequence[float] | Array) -> Trial:
    parameters = place(space, unit)
    return Trial(parameters, float(objective(parameters)))
