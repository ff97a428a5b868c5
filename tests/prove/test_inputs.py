"""The digest of a unit's inputs: the same for the same content, another for every change that a proof may depend on."""

import os

import grimp
import pytest

from tests.prove.conftest import UNITS
from tests.prove.inputs import Inputs, whole
from tests.prove.library import Library
from tests.stories import ROOT


def _digests(root):
    inputs = Inputs(root)
    return {unit: whole(inputs.groups(unit)) for unit in inputs.units}


def _changed(root, place, text):
    """The units whose digest is another one after a file was changed."""
    before = _digests(root)
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    after = _digests(root)
    return {unit for unit in after if after[unit] != before[unit]}


def test_the_same_content_has_the_same_digest_wherever_and_whenever_it_was_written(plant):
    one, other = plant("here"), plant("a/far/away", backwards=True)
    for path in other.rglob("*.py"):
        os.utime(path, (1, 1))
    (other / "labkit" / "__pycache__").mkdir()
    (other / "labkit" / "__pycache__" / "waves.pyc").write_bytes(b"x")
    (other / "solutions" / ".progress").mkdir()
    (other / "solutions" / ".progress" / "00_waves.json").write_text("{}")
    assert _digests(one) == _digests(other)


EVERY = {*UNITS}
CHANGES = {
    "the pins": ("constraints.txt", "numpy==2.5\n", EVERY),
    "what the package does when it is imported": ("labkit/__init__.py", "import os\nos.nice(1)\n", EVERY),
    "the judge": ("grader/judging/judges.py", "CLOSE = 1e-9\n", EVERY),
    "a room that decides nothing": ("grader/report/page.py", "TITLE = 'Pages'\n", set()),
    "a module": ("labkit/waves.py", "def sine(x):\n    return -x\n", {"00_waves"}),
    "what a module imports in a function": ("labkit/figures.py", "STYLE = 2\n", {"00_waves"}),
    "what a name's module imports": ("labkit/data/paint.py", "def one():\n    return 2\n", {"01_fruits"}),
    "what is imported by a name in a table": ("labkit/waves_explorer.py", "def waves():\n    return 3\n", {"00_waves"}),
    "another name of the table": ("labkit/roof_explorer.py", "def roof():\n    return 3\n", set()),
    "what nobody imports": ("labkit/alone.py", "X = 2\n", set()),
    "data that a module reads": ("labkit/data/words.txt", "three\n", {"assessment_1_words"}),
    "a source": ("solutions/00_waves.py", "# %%\n", {"00_waves"}),
    "an executed reference": ("solutions/00_waves.ipynb", "{} \n", {"00_waves"}),
    "a learner's notebook": ("labs/00_waves.ipynb", "{} \n", {"00_waves"}),
    "what a unit hands in": ("solutions/handed_in/assessment_1_words/a.keras", "1", {"assessment_1_words"}),
    "a file that a source names": ("solutions/kept_aside/kept.json", "[2]\n", {"assessment_1_words"}),
    "the stories": ("tests/sample_class/stories_00.py", "NAME = '00_waves'\nX = 1\n", {"00_waves"}),
    "what a learner handed in": ("tests/sample_class/001/00_waves.ipynb", "{} \n", {"00_waves"}),
    "what was handed in beside it": ("tests/sample_class/001/wave.npy", "2\n", {"00_waves"}),
    "a page": ("README.md", "Labs\n", set()),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_one_for_the_units_that_depend_on_it_and_for_no_other(course, what):
    place, text, units = CHANGES[what]
    assert _changed(course, place, text) == units


def test_a_name_more_in_a_face_or_a_table_is_no_change_for_those_who_use_others(course):
    face = (course / "labkit/data/__init__.py").read_text()
    more = face.replace("from labkit.data.words", "from labkit.data.paint import one\nfrom labkit.data.words")
    assert _changed(course, "labkit/data/__init__.py", more) == set()
    table = (course / "labkit/explore.py").read_text()
    assert _changed(course, "labkit/explore.py", table.replace("{'waves'", "{'one': 'labkit.alone', 'waves'")) == set()


def test_a_name_that_comes_from_another_module_now_is_a_change(course):
    face = (course / "labkit/data/__init__.py").read_text()
    assert _changed(course, "labkit/data/__init__.py", face.replace("data.fruits import", "data.words import")) == {
        "01_fruits"
    }


IN_DOUBT = {
    "a module that is handed on": "from labkit import data\nprint(data)\n",
    "a star": "from labkit.data import *\n",
    "a module that is never named": "import labkit.data\n",
    "a name that is worked out": "from labkit import data\ngetattr(data, 'fru' + 'its')()\n",
}


@pytest.mark.parametrize("how", IN_DOUBT)
def test_in_doubt_all_that_a_module_passes_on_counts(course, how):
    found = Library(course, "labkit").content(IN_DOUBT[how])
    assert {"labkit/data/fruits.py", "labkit/data/paint.py", "labkit/data/words.py", "labkit/data/words.txt"} <= {
        *found
    }
    assert "labkit/waves.py" not in found


def test_where_a_module_imports_what_cannot_be_seen_its_whole_sub_package_counts(course):
    (course / "labkit/data/__init__.py").write_text(
        "from importlib import import_module\ndef __getattr__(name):\n    return import_module(f'labkit.data.{name}')\n"
    )
    found = Library(course, "labkit").content("from labkit import data\ndata.shapes.words()\n")
    assert {"labkit/data/fruits.py", "labkit/data/words.py", "labkit/data/words.txt"} <= found.keys()
    assert "labkit/waves.py" not in found


def test_a_stub_says_where_lazy_names_come_from(course):
    (course / "labkit/data/__init__.py").write_text(
        "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)\n"
    )
    (course / "labkit/data/__init__.pyi").write_text(
        "from .fruits import fruits as fruits\nfrom .words import words as words\n"
    )
    found = Library(course, "labkit").content("from labkit import data\ndata.fruits()\n")
    assert {"labkit/data/fruits.py", "labkit/data/paint.py"} <= found.keys()
    assert "labkit/data/words.py" not in found


def test_what_is_imported_for_its_effects_counts_for_all_who_use_the_package(course):
    face = course / "labkit/data/__init__.py"
    face.write_text(f"import labkit.alone\n{face.read_text()}")
    assert "labkit/alone.py" in Library(course, "labkit").content("from labkit.data import words\n")


def test_a_parameter_that_is_called_like_a_module_is_none(course):
    found = Library(course, "labkit").content(
        "from labkit import data\ndata.words()\ndef f(data):\n    return [data]\n"
    )
    assert "labkit/data/words.py" in found and "labkit/data/fruits.py" not in found


@pytest.fixture(scope="module")
def library():
    """The modules of the labs that there are, however they are arranged."""
    return Library(ROOT, "labkit")


def test_no_unit_depends_on_all_modules_and_each_on_some(library):
    every = {path.relative_to(ROOT).as_posix() for path in (ROOT / "labkit").rglob("*.py")}
    for path in sorted((ROOT / "solutions").glob("*.py")):
        found = library.content(path.read_text(encoding="utf-8")).keys() & every
        assert 1 < len(found) < len(every) / 2, path.stem


def test_what_a_module_imports_is_what_another_reader_of_imports_finds(library):
    graph = grimp.build_graph("labkit")
    for module in sorted(graph.modules):
        if (ROOT / f"{module.replace('.', '/')}.py").is_file():
            found = library.content(f"import {module} as it\nprint(it)\n")
            places = {place.partition(":")[0] for place in found}
            for other in graph.find_modules_directly_imported_by(module):
                files = {f"{other.replace('.', '/')}.py", f"{other.replace('.', '/')}/__init__.py"}
                inner = f"{other.replace('.', '/')}/"  # of a face only what it passes on may count
                assert files & places or any(place.startswith(inner) for place in places), (module, other)


def test_every_file_of_data_that_ships_is_an_input_of_some_module(library):
    found = library.content("".join(f"import {name} as m\nprint(m)\n" for name in library.modules))
    data = [p for p in (ROOT / "labkit").rglob("*") if p.suffix in (".npz", ".json", ".txt", ".csv")]
    kept = [p.relative_to(ROOT).as_posix() for p in data if "__pycache__" not in p.parts]
    assert kept and {*kept} <= found.keys()
