"""The two labs of the bench, and the class that hands them in: the same code for every grader, no two files alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.units.course import Course
from grader.units.unit import Unit

COURSE = Course(Path(__file__).resolve().parent / "course")
Cell = dict[str, Any]
"""`cell_type` and `source`."""


@dataclass(frozen=True)
class BenchLab:
    """A lab, and what the other graders' tests assert of each task: case by case, as many as there are probes.

    A case's names are what it takes from the learner's notebook.
    """

    name: str
    title: str
    cases: Mapping[str, tuple[tuple[str, str], ...]]

    @cached_property
    def unit(self) -> Unit:
        """The lab's source as this grader reads it."""
        return COURSE.unit(self.name)

    @property
    def points(self) -> float:
        """Full marks."""
        return sum(task.points for task in self.unit.tasks.values())

    def handed_in(self, learner: int) -> list[Cell]:
        """A learner's cells: right answers, with a seed of their own."""
        cells = [dict(cell) for cell in self.unit.reference_cells]
        for cell in cells:
            cell["source"] = cell["source"].replace("\nSEED = 0", f"\nSEED = {learner}")
        return cells


def learner_name(number: int) -> str:
    """A learner's folder."""
    return f"{number:04}"


ARRAYS = BenchLab(
    "arrays",
    "NumPy alone",
    {
        "standardise": (
            (
                "standardise",
                "x = np.array([[1.0, 10.0], [2.0, 30.0], [3.0, 50.0]])\n"
                "half = np.sqrt(1.5)\n"
                "np.testing.assert_allclose(standardise(x), [[-half, -half], [0, 0], [half, half]], rtol=1e-5)",
            ),
            (
                "standardise",
                "x = np.random.default_rng(7).normal(scale=5, size=(20, 3))\n"
                "z = standardise(x)\n"
                "np.testing.assert_allclose(z.mean(axis=0), np.zeros(3), atol=1e-8)\n"
                "np.testing.assert_allclose(z.std(axis=0), np.ones(3), rtol=1e-5)",
            ),
        ),
        "moving_average": (
            (
                "moving_average",
                "x = np.array([1.0, 2.0, 3.0, 6.0])\n"
                "np.testing.assert_allclose(moving_average(x, 2), [1.5, 2.5, 4.5], rtol=1e-5)",
            ),
            (
                "moving_average",
                "x = np.random.default_rng(8).normal(size=50)\n"
                'expected = np.convolve(x, np.ones(7) / 7, "valid")\n'
                "np.testing.assert_allclose(moving_average(x, 7), expected, rtol=1e-5, atol=1e-8)",
            ),
        ),
        "one_hot": (
            (
                "one_hot",
                "np.testing.assert_array_equal(one_hot(np.array([0, 2, 1]), 3), np.eye(3)[[0, 2, 1]])",
            ),
            (
                "one_hot",
                "labels = np.random.default_rng(9).integers(0, 6, 30)\n"
                "np.testing.assert_array_equal(one_hot(labels, 6), np.eye(6)[labels])",
            ),
        ),
        "distances": (
            (
                "distances",
                "a, b = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0]])\n"
                "np.testing.assert_allclose(distances(a, b), [[0.0], [5.0]], rtol=1e-5)",
            ),
            (
                "distances",
                "rng = np.random.default_rng(10)\n"
                "a, b = rng.normal(size=(6, 3)), rng.normal(size=(5, 3))\n"
                "expected = [[np.linalg.norm(row - other) for other in b] for row in a]\n"
                "np.testing.assert_allclose(distances(a, b), expected, rtol=1e-5)",
            ),
        ),
    },
)
TRAINING = BenchLab(
    "training",
    "Training a Keras model",
    {
        "build": (("build", "assert build().count_params() == 1218"),),
        "classes": (
            (
                "classes, model",
                "rng = np.random.default_rng(12345)\n"
                "spiral = rng.integers(0, 2, 500)\n"
                "angle = rng.uniform(0.5, 2 * np.pi, 500)\n"
                "turned = angle + np.pi * spiral\n"
                "points = np.column_stack([angle * np.cos(turned), angle * np.sin(turned)])\n"
                'assert (classes(model, points.astype("float32")) == spiral).mean() >= 0.95',
            ),
        ),
    },
)
LABS = (TRAINING, ARRAYS)
