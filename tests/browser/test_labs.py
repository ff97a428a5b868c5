"""Every lab, opened and run from top to bottom as a learner finds it."""

import json

import pytest

from tests.browser.jupyter import ROOT
from tests.browser.notebook import _joined

pytestmark = [pytest.mark.slow, pytest.mark.browser]
LABS = sorted(path.stem for path in (ROOT / "labs").glob("[0-9]*.ipynb"))
SECONDS = 150
MOST_MS = 300


def _checked(cells):
    """The tasks that the lab's cells check."""
    return [
        _joined(cell["source"]).split('"')[1]
        for cell in cells
        if cell["cell_type"] == "code" and _joined(cell["source"]).startswith("lab.check(")
    ]


@pytest.mark.parametrize("lab", LABS)
def test_a_lab_runs_to_its_end_before_anything_is_answered(lab, open_notebook, pictures):
    notebook = open_notebook(f"labs/{lab}.ipynb")
    for theme in ("Light", "Dark"):
        notebook.theme(theme)
        for width in (1440, 900):
            notebook.page.set_viewport_size({"width": width, "height": 900})
            notebook.page.screenshot(path=pictures / f"{lab}_{theme.lower()}_{width}.png")
    notebook.theme("Light")
    notebook.page.set_viewport_size({"width": 1440, "height": 900})

    notebook.run_all(SECONDS)

    assert notebook.errors() == []
    cells = notebook.cells()
    titles = notebook.page.locator(".dll-card strong").all_inner_texts()
    missing = [task for task in _checked(cells) if f"○ {task}: not attempted" not in titles]
    assert _checked(cells)
    assert missing == []
    _slide_everything(notebook, lab, pictures)


def _slide_everything(notebook, lab, pictures):
    """Move every slider of every explorer by its keys, and see each figure follow in time."""
    stages = notebook.page.locator(".jp-OutputArea-output .widget-vbox:has(img)")
    times = []
    for stage_number in range(stages.count()):
        stage = stages.nth(stage_number)
        stage.scroll_into_view_if_needed()
        stage.screenshot(path=pictures / f"{lab}_explorer_{stage_number + 1}.png")
        handles = stage.locator(".noUi-handle")
        for handle_number in range(handles.count()):
            handle = handles.nth(handle_number)
            label = handle.locator("xpath=ancestor::*[contains(@class, 'widget-inline-hbox')][1]").inner_text()
            times.append((_moved(notebook.page, stage, handle), f"{lab}, explorer {stage_number + 1}: {label!r}"))
        if handles.count():
            stage.screenshot(path=pictures / f"{lab}_explorer_{stage_number + 1}_moved.png")
    (pictures / f"{lab}_sliders.json").write_text(json.dumps(times, indent=1), encoding="utf-8")
    assert [(round(ms), label) for ms, label in times if ms > MOST_MS] == []


def _moved(page, stage, handle):
    """Milliseconds from a key on the slider to the new picture, the median of three moves; infinite without one."""
    return sorted(_once(page, stage, handle) for _ in range(3))[1]


def _once(page, stage, handle):
    picture = stage.locator("img").first
    picture.evaluate(
        """image => {
          const stage = image.closest('.widget-vbox');
          const before = image.src;
          window.changed = new Promise(resolve => {
            const began = performance.now();
            const look = () => {
              const now = stage.querySelector('img');
              if (now && now.src !== before && now.complete) resolve(performance.now() - began);
              else if (performance.now() - began > 3000) resolve(1e9);
              else requestAnimationFrame(look);
            };
            look();
          });
        }"""
    )
    low, now, high = (float(handle.get_attribute(name)) for name in ("aria-valuemin", "aria-valuenow", "aria-valuemax"))
    handle.press("ArrowLeft" if now >= (low + high) / 2 else "ArrowRight")
    return float(page.evaluate("() => window.changed"))
