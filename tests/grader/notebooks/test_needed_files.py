"""Which files some code needs, by its text alone."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.notebooks.needed_files import needs_of


def texts(source: str, **constants: str) -> set[str]:
    return set(needs_of(source, dict(constants)).texts)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ('open("data.csv")', "data.csv"),
        ('np.load("./x.npy")', "x.npy"),
        ("pd.read_csv('data/x.csv', sep=';')", "data/x.csv"),
        ('with open("a b.txt") as f: pass', "a b.txt"),
        ('Path("data") / "x.csv"', "data/x.csv"),
        ('Path("data", "raw", "x.csv")', "data/raw/x.csv"),
        ('Path("data").joinpath("x.csv")', "data/x.csv"),
        ('os.path.join("data", "x.csv")', "data/x.csv"),
        ('DATA = Path("data")\nread(DATA / "x.csv")', "data/x.csv"),
        ('def read():\n    return open(FILE)\nFILE = "x" + ".csv"', "x.csv"),
        ('name = "x"\nopen(f"data/{name}.csv")', "data/x.csv"),
        ('[np.load(f"part_{i}.npy") for i in range(3)]', "part_*.npy"),
        ('glob("*.csv")', "*.csv"),
        ("!head data.csv", "data.csv"),
        ("lines = !cat 'data.csv'", "data.csv"),
        ("%run helper.py", "helper.py"),
        ("%%bash\nhead data.csv", "data.csv"),
        ('%matplotlib inline\nopen("data.csv")', "data.csv"),
        ('if True:\n    !ls\n    open("data.csv")', "data.csv"),
        ('open("data.csv"', "data.csv"),
        ('x = 5 % 3\nopen("data.csv")', "data.csv"),
    ],
)
def test_the_name_of_a_file_is_found(source, name):
    assert name in texts(source)


def test_a_text_that_an_earlier_cell_gave_a_name_to_is_known():
    constants: dict[str, str] = {}
    needs_of('folder = "data"', constants)
    assert "data/x.csv" in needs_of('open(folder + "/x.csv")', constants).texts


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("import helper", {"helper"}),
        ("import helper as h, pkg.inner", {"helper", "pkg.inner"}),
        ("from helper import stable", {"helper", "helper.stable"}),
        ("from . import x", {".", ".x"}),
        ("from ..a import *", {"..a"}),
        ("def f():\n    import helper", {"helper"}),
        ('importlib.import_module("helper")', {"helper"}),
        ("%load_ext x\nimport helper", {"helper"}),
        ("import helper\nx = (", {"helper"}),
        ("%run helper", {"helper"}),
    ],
)
def test_modules_are_found(source, modules):
    assert set(needs_of(source, {}).modules) == modules


def test_folders_that_are_listed_and_folders_of_modules_are_found():
    needs = needs_of(
        'os.listdir("images")\nPath("more").iterdir()\nsys.path.append("lib")\nsys.path.insert(0, "src")', {}
    )
    assert (set(needs.folders), set(needs.roots)) == ({"images", "more"}, {"lib", "src"})


@pytest.mark.parametrize(
    "source",
    [
        'np.save("x.npy", a)',
        'open("x.npy", "w")',
        'open("x.npy", mode="wb")',
        'model.save("x.npy")',
        "%%writefile x.npy\n1",
    ],
)
def test_what_code_makes_itself_is_not_needed(source):
    needs = needs_of(source, {})
    assert needs.written == {"x.npy"} and "x.npy" not in needs.texts


def test_what_it_makes_and_reads_is():
    assert "x.npy" in texts('np.save("x.npy", a)\nnp.load("x.npy")')


@given(st.text(max_size=80) | st.text("import from.x=\"'/%!\n\t()+*{}", max_size=80))
def test_any_text_has_needs(source):
    needs_of(source, {})


@pytest.mark.parametrize(
    "source",
    [
        "x = " + " + ".join(['"a"'] * 900),
        "a = 'x'\n" + "a = a + a\n" * 5_000,
        "x = " + " + ".join(["b", *['"a"'] * 900]) + "\n",
        "\n" * 200_000 + "%x",
        '"' * 200_001,
        "import a\n" * 20_000 + "(",
        "open('" * 50_000,
    ],
    ids=["a sum", "a text that doubles", "an unknown sum", "blank lines", "quotes", "imports", "openings"],
)
def test_what_is_long_is_read_in_seconds(source):
    started = time.process_time()
    needs_of(source, {})
    assert time.process_time() - started < 5
