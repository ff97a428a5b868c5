"""Cards, explorers and reports, read by axe-core: nothing serious is found."""

import subprocess
import sys
from importlib.resources import files

import pytest

from tests.browser.jupyter import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.browser]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
GRAVE = {"serious", "critical"}


def _found(page, inside="document"):
    """What axe-core finds of weight inside the elements of a selector, or in the whole document."""
    page.evaluate(AXE)
    results = page.evaluate(f"async () => await axe.run({inside})")
    assert results["passes"]
    return [
        f"{violation['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for violation in results["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_a_labs_cards_and_explorers(open_notebook, theme):
    notebook = open_notebook("labs/01_activation_and_loss.ipynb")
    notebook.theme(theme)
    for text in ("lab = Lab(", "explore.activations()", "def relu(x)", 'lab.check("relu")'):
        notebook.run(notebook.number(text))

    assert _found(notebook.page, "{include: [['.jp-OutputArea-output']]}") == []


def test_a_report_and_its_feedback_pages(browser, tmp_path):
    report = tmp_path / "report"
    command = ["grade", str(ROOT / "tests/sample_class/001"), str(ROOT / "tests/sample_class/004")]
    options = ["--gradebook", str(tmp_path / "grades.db"), "--report", str(report), "--timeout", "12"]
    subprocess.run([sys.executable, "-m", "grader", *command, *options], cwd=ROOT, check=False, capture_output=True)
    pages = [report / "index.html", *sorted(report.glob("feedback/*/*.html"))]
    assert len(pages) > 2
    page = browser.new_page()

    found = {}
    for path in pages:
        page.goto(path.as_uri())
        if problems := _found(page):
            found[path.name] = problems
    page.close()
    assert found == {}
