"""Files beside a notebook that travel with it: those that it needs, within bounds, wherever they lie."""

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.bundles.archive import Inside, open_archive
from grader.bundles.files_beside import MAX_FILES, gather, may_need
from grader.bundles.places import MAX_DEPTH, Folder, Loose, Unpacked, is_plain

FILES = {
    "helper.py": b"import deeper\nfrom pkg import inner\nopen('of_helper.txt')",
    "deeper.py": b"X = 1",
    "pkg/__init__.py": b"from . import other\nfrom .sub.deep import *",
    "pkg/inner.py": b"from .. import no",
    "pkg/other.py": b"",
    "pkg/sub/deep.py": b"from ..last import x",
    "pkg/last.py": b"",
    "pkg/unused.py": b"",
    "of_helper.txt": b"text",
    "data/x.csv": b"1,2",
    "data/y.csv": b"3,4",
    "unused.csv": b"5",
    "lib/tool.py": b"",
    "more.ipynb": b"{}",
    ".hidden.txt": b"secret",
    "tmp/x.txt": b"",
}


def code(*sources: str) -> list[dict]:
    return [{"cell_type": "code", "source": source} for source in sources]


def in_folder(path: Path, files=FILES) -> Folder:
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return Folder(path)


@pytest.fixture(params=["folder", "archive", "memory"])
def place(request, tmp_path):
    """FILES in a folder, in a folder of a zip file, and in memory."""
    if request.param == "folder":
        yield in_folder(tmp_path)
    elif request.param == "memory":
        yield Unpacked(FILES)
    else:
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            for name, data in FILES.items():
                archive.writestr(f"mine\\{name}".replace("/", "\\"), data)
        with open_archive(tmp_path / "x.zip") as archive:
            yield Inside(archive, "mine")


def taken(place, *sources: str, left: int = 1_000) -> set[str]:
    return set(gather(code(*sources), place, [], left)[0])


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import deeper", {"deeper.py"}),
        ("from deeper import X", {"deeper.py"}),
        ("open('data/x.csv')", {"data/x.csv"}),
        ("import os\nos.listdir('data')", {"data/x.csv", "data/y.csv"}),
        ("[open(f'data/{n}.csv') for n in 'xy']", {"data/x.csv", "data/y.csv"}),
        ("import sys\nsys.path.append('lib')\nimport tool", {"lib/tool.py"}),
        ("import numpy, tool, nothing\nopen('nothing.csv')", set()),
        ("%run deeper.py", {"deeper.py"}),
    ],
)
def test_what_the_code_needs_is_taken_and_no_more(place, source, names):
    assert taken(place, source) == names


def test_a_module_brings_what_it_imports_and_reads_itself(place):
    needed = {"helper.py", "deeper.py", "of_helper.txt", "pkg/__init__.py", "pkg/inner.py", "pkg/other.py",
              "pkg/sub/deep.py", "pkg/last.py"}  # fmt: skip
    files, refused = gather(code("import helper"), place, [], 1_000)
    assert (set(files), refused) == (needed, {})
    assert files == {name: FILES[name] for name in needed}


@pytest.mark.parametrize(
    ("source", "name", "why"),
    [
        ("%run more.ipynb", "more.ipynb", "it is a notebook"),
        ("open('.hidden.txt')", ".hidden.txt", "its name is hidden"),
        ("open('tmp/x.txt')", "tmp/x.txt", "its name is hidden, reserved"),
        ("open('data/x.csv')", "data/x.csv", "it is too large: 64 MiB are taken"),
    ],
)
def test_what_is_needed_and_not_taken_has_a_reason(place, source, name, why):
    files, refused = gather(code(source), place, [], 2)
    assert (files, list(refused)) == ({}, [name])
    assert refused[name].startswith(why)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../x", "data/../../x", "~/x", "", ".", "..", "data", "a\0b", "x" * 400]
)
def test_what_leads_elsewhere_is_not_looked_at(place, name):
    assert gather(code(f"open({name!r})"), place, [], 1_000) == ({}, {})


def test_what_is_taken_already_does_not_come_again(place):
    assert gather(code("import deeper"), place, ["deeper.py"], 1_000) == ({}, {})


def test_links_are_refused_whatever_part_of_the_path_is_one(tmp_path):
    place = in_folder(tmp_path / "mine", {"a.csv": b""})
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x.csv").write_bytes(b"secret")
    (tmp_path / "mine" / "x.csv").symlink_to(tmp_path / "secret" / "x.csv")
    (tmp_path / "mine" / "data").symlink_to(tmp_path / "secret")
    (tmp_path / "mine" / "helper.py").symlink_to("/etc/passwd")
    files, refused = gather(code("import helper\nopen('x.csv'), open('data/x.csv')"), place, [], 1_000)
    assert files == {} and set(refused) == {"x.csv", "data/x.csv", "helper.py"}
    assert all(why.startswith("it is a link; a link is not followed") for why in refused.values())


def test_where_a_system_has_no_descriptors_of_folders_the_same_is_taken(tmp_path, monkeypatch):
    """As on Windows, where a learner makes a bundle."""
    monkeypatch.setattr("grader.bundles.places._WITH_DESCRIPTORS", False)
    place = in_folder(tmp_path / "mine", {"data/x.csv": b"1", "helper.py": b""})
    (tmp_path / "mine" / "more").symlink_to(tmp_path / "mine" / "data")
    files, refused = gather(code("import helper\nopen('data/x.csv'), open('more/x.csv')"), place, [], 99)
    assert (set(files), set(refused)) == ({"helper.py", "data/x.csv"}, {"more/x.csv"})
    assert refused["more/x.csv"].startswith("it is a link")


def test_pipes_and_closed_files_hold_nobody_up(tmp_path):
    place = in_folder(tmp_path, {"a.csv": b"1"})
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    assert taken(place, "open('pipe.csv'), open('folder.csv'), open('a.csv')") == {"a.csv"}


def test_their_number_is_bounded(tmp_path):
    place = in_folder(tmp_path, {f"data/{number:03}.csv": b"" for number in range(MAX_FILES + 5)})
    files, refused = gather(code("import os\nos.listdir('data')"), place, [], 1_000)
    assert len(files) == MAX_FILES and len(refused) == 5
    assert set(refused.values()) == {f"{MAX_FILES} files are taken beside a notebook, no more."}


def test_two_files_of_which_one_would_be_the_others_folder_do_not_both_come():
    files, refused = gather(code("open('a'), open('a/b')"), Unpacked({"a": b"1", "a/b": b"2"}), [], 99)
    assert (set(files), set(refused)) == ({"a"}, {"a/b"})
    files, refused = gather(code("open('a/b')"), Unpacked({"a": b"1", "a/b": b"2"}), ["a"], 99)
    assert (set(files), set(refused)) == (set(), {"a/b"})


def test_flat_files_are_found_under_the_names_that_they_had(tmp_path):
    in_folder(tmp_path, {"anna_1_2_x.csv": b"hers", "bob_3_4_x.csv": b"his"})
    place = Loose({"x.csv": tmp_path / "anna_1_2_x.csv"})
    assert gather(code("open('x.csv'), open('bob_3_4_x.csv')"), place, [], 99) == ({"x.csv": b"hers"}, {})


@pytest.mark.parametrize(
    ("names", "source", "needed"),
    [
        (["helper.py"], "import helper", True),
        (["data_0.csv", "data_1.csv"], "open(f'data_{i}.csv')", True),
        (["data_0.csv"], "import data", False),
        (["größe.csv"], "1", True),
        (["other.ipynb", ".hidden"], "other hidden", False),
        (["data"], "open('data/x.csv')", True),
        ([], "import helper", False),
    ],
)
def test_most_notebooks_need_not_be_parsed(names, source, needed):
    assert may_need(source.encode(), names) is needed


@pytest.mark.parametrize(
    "name",
    ["a", "a.csv", "data/a b.csv", "Daten für Übung.csv", "a.b.c", "a-b_c", "字.npy", "(1).csv", "_x", "tmp2", "a/tmp"],
)
def test_ordinary_names_are_plain(name):
    assert is_plain(name)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/..", "../a", "/a", "a/", "a//b", ".a", "a/.b", "a.ipynb", "A.IPYNB", "tmp", "TMP/x", "tmp/x"]
    + ["a\\b", "a:b", "a*", "a\n", "a ", " a", "a.", "\udcff", "a\u202eb", "x" * 201, "a/" * MAX_DEPTH + "a"]
    + [".checks/x", ".handed_in/x"],
)
def test_names_that_lead_elsewhere_or_are_the_graders_are_not(name):
    assert not is_plain(name)


@given(st.text(max_size=30) | st.text("ab/.\\ :*tmp\n", max_size=20))
def test_a_plain_name_stays_in_its_folder(name):
    if is_plain(name):
        path = Path("/work") / name
        assert os.path.normpath(path) == str(path) and path.is_relative_to("/work")
        assert not any(part.startswith(".") for part in path.parts[2:])
