"""Every lab, opened and run from top to bottom as a learner finds it: one in `make test`, all in `make prove`."""

import json
from dataclasses import asdict

import pytest

from tests.browser.jupyter import ROOT
from tests.browser.notebook import source_text
from tests.pace import pace, timed

pytestmark = [pytest.mark.slow, pytest.mark.browser]
LABS = sorted((path.stem for path in (ROOT / "labs").glob("[0-9]*.ipynb")), reverse=True)  # the longest first
ALWAYS = "01_activation_and_loss"
FIRST_OF_LANGUAGE = "08"
SECONDS_BEFORE, SECONDS = 120, 150  # on two quiet cores, also where two labs share them
STUCK = 900


def _checked(cells):
    """The tasks that the lab's cells check."""
    return [
        source_text(cell["source"]).split('"')[1]
        for cell in cells
        if cell["cell_type"] == "code" and source_text(cell["source"]).startswith("lab.check(")
    ]


@pytest.mark.parametrize("lab", [pytest.param(lab, marks=() if lab == ALWAYS else pytest.mark.proof) for lab in LABS])
def test_a_lab_runs_to_its_end_before_anything_is_answered(lab, open_notebook, pictures, record_property):
    notebook = open_notebook(f"labs/{lab}.ipynb")
    notebook.keep(notebook.page, pictures, lab)

    with timed() as run:
        notebook.run_all(STUCK * pace())
    (pictures / f"{lab}_s.json").write_text(json.dumps(asdict(run)), encoding="utf-8")

    meant = SECONDS if lab >= FIRST_OF_LANGUAGE else SECONDS_BEFORE
    if run.seconds > meant * run.pace:
        record_property("remark", f"it took {run.seconds:.0f} s; {meant} are meant, at a pace of {run.pace:.1f}")
    assert notebook.errors() == []
    cells = notebook.cells()
    titles = notebook.page.locator(".dll-card strong").all_inner_texts()
    missing = [task for task in _checked(cells) if f"○ {task}: not attempted" not in titles]
    assert _checked(cells)
    assert missing == []
    record_property("proved", f"{len(cells)} cells, {len(titles)} cards")
