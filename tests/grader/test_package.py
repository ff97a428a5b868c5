"""What `import grader` gives, and what it does not bring with it."""

import subprocess
import sys
from pathlib import Path

import grader

ROOT = Path(grader.__file__).parent


def test_the_public_words_are_these():
    assert sorted(grader.__all__) == [
        "Course", "Lab", "Limits", "Quiz", "Task", "accuracy", "array", "by", "close", "drawn", "equal", "integers",
        "labelled", "normal", "one_hot", "perplexity", "probabilities", "uniform",
    ]  # fmt: skip
    assert all(hasattr(grader, name) for name in grader.__all__)


def test_the_grader_is_imported_without_anything_heavy():
    code = "import sys; from grader import *; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT.parent, capture_output=True, text=True, check=True)
    heavy = {"tensorflow", "keras", "matplotlib", "scipy", "sklearn", "sqlalchemy", "typer", "rich", "jinja2"}
    heavy |= {"IPython", "jupytext", "nbformat", "nbconvert", "nbclient", "psutil", "labkit"}
    assert "numpy" in loaded.stdout.split()
    assert not heavy & set(loaded.stdout.split())
