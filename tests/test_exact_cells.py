"""nbval with teeth: an output that is exact and not what the notebook has is a failure; a trained figure is none."""

import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

from tests.exact_cells import exact_cells
from tests.stories import ROOT

UNITS = sorted(path.stem for path in (ROOT / "solutions").glob("*.ipynb"))
CARD = "from IPython.display import HTML\n\n\nclass Card(HTML):\n    def __repr__(self):\n        return self.data"
ENGINE = "Keras 3.0 with TensorFlow 2.1"
TRAINED = "class Model:\n    def fit(self):\n        self.loss = 0.25\n        return self\n\n\nmodel = Model()"


def _printed(source, text):
    return v4.new_code_cell(source, execution_count=1, outputs=[v4.new_output("stream", text=text)])


def _shown(source, text, html):
    data = {"text/plain": text, "text/html": html}
    return v4.new_code_cell(
        source, execution_count=1, outputs=[v4.new_output("execute_result", data=data, execution_count=1)]
    )


CELLS = {
    "a print": (True, lambda wrong: [_printed("print(1 + 1)", "3\n" if wrong else "2\n")]),
    "a card": (True, lambda wrong: [_code(CARD), _shown("Card('✓')", "✗" if wrong else "✓", "<b>✗</b>")]),
    "a missing output": (True, lambda wrong: [_printed("two = 2" if wrong else "print(2)", "2\n")]),
    "a picture's text": (False, lambda wrong: [_code(CARD), _shown("Card('✓')", "✓", f"<b>{wrong}</b>")]),
    "the engine": (False, lambda wrong: [_printed("print('Keras 3.1 with JAX on 2 cores')", f"{ENGINE} on {wrong}\n")]),
    "rounding": (False, lambda wrong: [_printed("print('off by 4.3e-14')", f"off by {1 + wrong}e-13\n")]),
    "a trained figure": (False, lambda wrong: [_code(TRAINED), _printed("print(model.fit().loss)", f"{wrong}\n")]),
    "what training left": (
        False, lambda wrong: [_code(TRAINED), _code("run = model.fit()"), _printed("print(run.loss)", f"{wrong}\n")],
    ),
}  # fmt: skip


def _code(source):
    return v4.new_code_cell(source, execution_count=1)


@pytest.mark.slow
def test_what_is_exact_is_compared_and_nothing_else(tmp_path):
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    for name, (_, make) in CELLS.items():
        for wrong in (False, True):
            path = tmp_path / f"{name.replace(' ', '_')}_{'wrong' if wrong else 'right'}.ipynb"
            nbformat.write(v4.new_notebook(cells=make(wrong), metadata=kernel), path)
    plugins = ["-p", "no:cacheprovider", "-p", "tests.without_asides", "-p", "tests.exact_cells"]
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-q", *plugins, str(tmp_path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False).stdout

    failed = {line.split("::")[0].rsplit("/", 1)[-1] for line in said.splitlines() if line.startswith("FAILED ")}
    wanted = {f"{name.replace(' ', '_')}_wrong.ipynb" for name, (has_teeth, _) in CELLS.items() if has_teeth}
    assert failed == wanted, said


@pytest.mark.parametrize("unit", UNITS)
def test_many_outputs_of_a_unit_are_compared_and_all_its_cards_are_among_them(unit):
    notebook = nbformat.read(ROOT / "solutions" / f"{unit}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cards = {n for n, cell in enumerate(code) if cell.source.startswith(("lab.check(", "lab.answer("))}
    compared = exact_cells(notebook)
    assert len(cards) >= 7
    assert compared >= cards
    assert len(compared) > len(cards)
