import subprocess
import sys

import grader.report


def test_the_room_offers_these_names():
    assert grader.report.__all__ == [
        "COLUMNS", "Feedback", "FeedbackCell", "ScoreRow", "class_html", "feedback_html", "scores_csv",
    ]  # fmt: skip


def test_importing_the_room_imports_no_renderer():
    heavy = ("jinja2", "markdown_it", "mdit_py_plugins", "pygments.lexers.python")
    before = "import sys, grader; before = set(sys.modules); import grader.report"
    check = f"{before}; print([m for m in {heavy!r} if m in sys.modules and m not in before])"

    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
