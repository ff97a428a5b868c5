"""Every lab runs to its end on JAX, too, and all its answers pass there. What takes more than two minutes is told.

On two cores XLA trains networks of convolutions slowly: the experiments of lab 07 alone take it more than two minutes.
From lab 05 on the labs' own experiments are left out, and with them the assessment, which is one long training; their
time on JAX is for a GPU.
"""

import importlib.util
import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.pace import pace, timed

# Where the Makefile puts it, aside from what other tests import; or among all other packages.
ASIDE = Path(sys.prefix) / "jax"
SOLUTIONS = Path(__file__).resolve().parents[1] / "solutions"
LABS = sorted(path.stem for path in SOLUTIONS.glob("[0-9]*.py"))
SECONDS, STUCK = 120, 900
FIRST_OF_CONVOLUTIONS = "05"

pytestmark = [pytest.mark.slow, pytest.mark.jax, pytest.mark.proof]


@pytest.mark.parametrize("lab", LABS)
def test_a_lab_runs_on_jax_and_its_answers_pass(lab, tmp_path, record_property):
    assert ASIDE.is_dir() or importlib.util.find_spec("jax"), "`make` installs JAX; without it, choose -m 'not jax'"
    notebook = nbformat.read(SOLUTIONS / f"{lab}.ipynb", as_version=4)
    if lab >= FIRST_OF_CONVOLUTIONS:
        notebook.cells = [cell for cell in notebook.cells if "aside" not in cell.metadata.get("tags", [])]
    path = os.pathsep.join(filter(None, [str(ASIDE), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": path, "IPYTHONDIR": str(tmp_path)}
    client = NotebookClient(notebook, timeout=int(STUCK * pace()), resources={"metadata": {"path": str(SOLUTIONS)}})
    with timed() as run:
        client.execute(env=environment)
    if run.seconds > SECONDS * run.pace:
        record_property("remark", f"it took {run.seconds:.0f} s; {SECONDS} are meant, at a pace of {run.pace:.1f}")
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    texts = ["".join(output.get("text", "")) or output.get("data", {}).get("text/plain", "") for output in outputs]
    assert any("Keras" in text and "JAX" in text for text in texts)
    cards = [text for text in texts if "✓" in text or "✗" in text]
    assert cards and not [card for card in cards if "✗" in card]
    record_property("proved", f"{len(cards)} cards passed")
