"""nbval without the labs' own experiments."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
@pytest.mark.parametrize(("plugin", "status"), [([], 1), (["-p", "tests.without_asides"], 0)])
def test_an_aside_is_run_unless_it_is_left_out_and_all_else_is_run(tmp_path, plugin, status):
    cells = [v4.new_code_cell("x = 1"), v4.new_code_cell("x / 0", metadata={"tags": ["aside"]})]
    cells.append(v4.new_code_cell("assert x == 1"))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "lab.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider", *plugin, str(tmp_path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)

    assert said.returncode == status, said.stdout
    assert ("2 passed, 1 deselected" if plugin else "1 failed") in said.stdout
