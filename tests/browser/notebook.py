"""A notebook that is open in JupyterLab: what a learner does there, and what she sees."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.jupyter import Jupyter

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


class Notebook:
    """One notebook in one page."""

    def __init__(self, page: Page, jupyter: Jupyter, path: str) -> None:
        self.page = page
        self.width(1440)
        page.goto(jupyter.url(path))
        page.wait_for_function(_READY, timeout=90_000)

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

    def run_all(self, seconds: float) -> None:
        """Run all cells and wait for the last."""
        self.page.evaluate(_RUN_ALL, seconds)
        self.page.wait_for_function(_STILL, timeout=10_000)

    def run(self, number: int) -> None:
        """Run one cell and wait for it."""
        self.page.evaluate(_RUN, number)

    def restart(self) -> None:
        """Restart the kernel; its names are gone."""
        self.page.evaluate(_RESTART)
        self.page.wait_for_function(_STILL, timeout=30_000)

    def cells(self) -> list[dict[str, Any]]:
        """The notebook's cells in Jupyter's format, as they are now."""
        form = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.model.toJSON()")
        return list(form["cells"])

    def number(self, text: str) -> int:
        """The number of the one cell whose source holds this text."""
        (found,) = [number for number, cell in enumerate(self.cells()) if text in source_text(cell["source"])]
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
