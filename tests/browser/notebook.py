"""A notebook that is open in JupyterLab: what a learner does there, and what she sees."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.jupyter import Jupyter

_SHOWN = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return panel?.content?.model && document.querySelectorAll('.jp-Notebook .jp-Cell').length > 0;
}"""
_READY = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return panel?.content?.model && panel.sessionContext?.session?.kernel?.status === 'idle'
    && document.querySelectorAll('.jp-Notebook .jp-Cell').length === panel.content.widgets.length;
}"""
_RUN_ALL = """async (seconds) => {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error('the cells take too long')), seconds * 1000);
  });
  await Promise.race([window.jupyterapp.commands.execute('notebook:run-all-cells'), late]);
}"""
_RUN = """async (number) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = number;
  notebook.deselectAll();
  await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
_RESTART = """async () => {
  await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart();
}"""
_STILL = """() => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel;
  return kernel?.status === 'idle' && kernel.connectionStatus === 'connected';
}"""


_ADD = """(source) => {
  const model = window.jupyterapp.shell.currentWidget.content.model.sharedModel;
  model.addCell({cell_type: 'code', source, metadata: {}});
  return model.cells.length - 1;
}"""
_SAYS = """async (code) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const asked = kernel.requestExecute({code, store_history: false});
  let said = '';
  asked.onIOPub = message => { if (message.header.msg_type === 'stream') said += message.content.text; };
  await asked.done;
  return said;
}"""


class Notebook:
    """One notebook in one page; `seconds` is how long it took until it was shown, and then until it had a kernel."""

    def __init__(self, page: Page, jupyter: Jupyter, path: str) -> None:
        self.page = page
        self.width(1440)
        began = time.monotonic()
        page.goto(jupyter.url(path))
        page.wait_for_function(_SHOWN, timeout=90_000)
        shown = time.monotonic()
        page.wait_for_function(_READY, timeout=90_000)
        self.seconds = {"page": shown - began, "kernel": time.monotonic() - shown}

    def theme(self, name: str) -> None:
        """Change JupyterLab's theme: Light or Dark."""
        self.page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", f"JupyterLab {name}"
        )
        light = "true" if name == "Light" else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")

    def width(self, pixels: int) -> None:
        """Make the window so wide."""
        self.page.set_viewport_size({"width": pixels, "height": 900})

    def keep(self, place: Locator | Page, folder: Path, name: str) -> None:
        """Keep pictures of what stands there, in both themes and both widths."""
        for theme in ("Light", "Dark"):
            self.theme(theme)
            for width in (1440, 900):
                self.width(width)
                place.screenshot(path=folder / f"{name}_{theme.lower()}_{width}.png")
        self.theme("Light")
        self.width(1440)

    def run_all(self, seconds: float) -> None:
        """Run all cells and wait for the last."""
        self.page.evaluate(_RUN_ALL, seconds)
        self.page.wait_for_function(_STILL, timeout=10_000)

    def run(self, number: int) -> None:
        """Run one cell and wait for it."""
        self.page.evaluate(_RUN, number)

    def says(self, code: str) -> str:
        """What the kernel prints for code that stands in no cell."""
        return str(self.page.evaluate(_SAYS, code)).strip()

    def add(self, source: str) -> int:
        """Add a code cell at the end; its number."""
        return int(self.page.evaluate(_ADD, source))

    def save(self) -> None:
        """Save the notebook."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def restart(self) -> None:
        """Restart the kernel; its names are gone."""
        self.page.evaluate(_RESTART)
        self.page.wait_for_function(_STILL, timeout=30_000)

    def cells(self) -> list[dict[str, Any]]:
        """The notebook's cells in Jupyter's format, as they are now."""
        form = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.model.toJSON()")
        return list(form["cells"])

    def number(self, text: str) -> int:
        """The number of the one cell of code that holds this text."""
        (found,) = [
            number
            for number, cell in enumerate(self.cells())
            if cell["cell_type"] == "code" and text in source_text(cell["source"])
        ]
        return found

    def cell(self, number: int) -> Locator:
        """The cell as it stands in the page."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def type_into(self, number: int, text: str) -> None:
        """Click into a cell, take its text out, and type another."""
        editor = self.cell(number).locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def card(self, number: int) -> Locator:
        """The first card under a cell."""
        return self.cell(number).locator(".dll-card").first

    def errors(self) -> list[str]:
        """What Python raised, cell by cell."""
        return [
            f"cell {number}: {output['ename']}: {output['evalue']}"
            for number, cell in enumerate(self.cells())
            for output in cell.get("outputs", [])
            if output["output_type"] == "error"
        ]


def source_text(source: str | list[str]) -> str:
    """A cell's source as one text: the format has it in either form."""
    return source if isinstance(source, str) else "".join(source)
