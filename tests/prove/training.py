"""The tests that train for minutes and show that what ships learns: one unit more for `make prove`."""

from __future__ import annotations

from pathlib import Path

UNIT = "labkit"  # as it is called among the units
FOLDERS = (Path("tests") / "labkit", Path("tests") / "pretraining")
# By the name of the file, wherever in the folders it is; of some only the tests that begin with such words.
FILES: dict[str, tuple[str, ...]] = {
    "test_evaluate.py": ("test_",),
    "test_fruits_learning.py": ("test_",),
    "test_weight_map.py": ("test_",),
    "test_training.py": ("test_training_learns_on_a_few",),
    "test_transfer.py": ("test_the_backbone_that_ships_beats",),
    "test_transformers.py": ("test_a_classifier_learns", "test_a_course_", "test_a_model_learns"),
}


def trains(file: str, test: str) -> bool:
    """Whether a test of a file trains for minutes."""
    return file in FILES and test.startswith(FILES[file])


def paths(root: Path) -> list[Path]:
    """The files below a course's folder."""
    there = (path for folder in FOLDERS for path in (root / folder).rglob("test_*.py"))
    return sorted(path for path in there if path.name in FILES)


def makers(root: Path) -> list[Path]:
    """The code that makes what ships, which these tests run too."""
    return sorted((root / "pretraining").rglob("*.py"))
