"""A small course to prove: two labs and an assessment, and a package with a face, a lazy one, and data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

FILES = {
    "constraints.txt": "numpy==2.4\n",
    "labkit/__init__.py": "import os\nos.environ.setdefault('QUIET', '1')\n",
    "labkit/waves.py": "def sine(x):\n    return x\n",
    "labkit/figures.py": "STYLE = 1\n",
    "labkit/alone.py": "X = 1\n",
    "labkit/data/__init__.py": "from labkit.data.fruits import fruits\nfrom labkit.data.words import words\n"
    "__all__ = ['fruits', 'words']\n",
    "labkit/data/fruits.py": "from labkit.data import paint\ndef fruits():\n    return paint.one()\n",
    "labkit/data/paint.py": "def one():\n    return 1\n",
    "labkit/data/words.py": "from pathlib import Path\nTEXT = Path(__file__).with_name('words.txt')\ndef words():\n"
    "    return TEXT.read_text()\n",
    "labkit/data/words.txt": "one two\n",
    "labkit/explore.py": "from importlib import import_module\nWHERE = {'waves': 'labkit.waves_explorer', "
    "'roof': 'labkit.roof_explorer'}\ndef __getattr__(name):\n    return getattr(import_module(WHERE[name]), name)\n",
    "labkit/waves_explorer.py": "def waves():\n    from labkit.figures import STYLE\n    return STYLE\n",
    "labkit/roof_explorer.py": "def roof():\n    return 2\n",
    "grader/judging/judges.py": "CLOSE = 1e-6\n",
    "grader/report/page.py": "TITLE = 'Report'\n",
    "solutions/00_waves.py": "# %%\nfrom labkit import explore, waves\n\nexplore.waves()\n"
    "def task(data):\n    return waves.sine(data.x)\n",
    "solutions/00_waves.ipynb": "{}\n",
    "labs/00_waves.ipynb": "{}\n",
    "solutions/01_fruits.py": "# %%\nfrom labkit import data\n\nfruits = data.fruits()\n",
    "solutions/assessment_1_words.py": "# %%\nimport labkit.data\n\nlabkit.data.words()\nopen('kept.json')\n",
    "solutions/kept_aside/kept.json": "[1]\n",
    "tests/sample_class/stories_00.py": "NAME = '00_waves'\n",
    "tests/sample_class/001/00_waves.ipynb": "{}\n",
    "tests/sample_class/001/wave.npy": "1\n",
}
UNITS = ["00_waves", "01_fruits", "assessment_1_words"]


@pytest.fixture
def plant(tmp_path) -> Callable[..., Path]:
    """Writes the course into a folder, in the order of its files or backwards; returns the folder."""

    def write(folder: str = "course", backwards: bool = False) -> Path:
        items = [*FILES.items()]
        for place, text in items[::-1] if backwards else items:
            path = tmp_path / folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / folder

    return write


@pytest.fixture
def course(plant) -> Path:
    """The course."""
    return plant()
