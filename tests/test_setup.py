"""The set-up's promises: one set of versions, everywhere the same, and no addresses."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]


def _pins():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {_canonical(name): pinned for name, pinned in pairs}


def _project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _conda():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = (entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    return environment, pip


def _canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def _needed():
    project = _project()
    extras = project["optional-dependencies"]
    return {_canonical(name) for name in [*project["dependencies"], *extras["common"], *extras["test"]]}


def test_what_learners_commonly_import_is_there_where_make_and_conda_set_up():
    assert set(_project()["optional-dependencies"]["common"]) == {"pandas", "seaborn", "tqdm"}
    assert "-e '.[common,test]'" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_every_dependency_is_pinned():
    assert _needed() <= set(_pins())


def test_conda_gives_the_pinned_versions_of_every_dependency():
    named = dict(entry.split("==") for entry in _conda()[1] if "==" in entry)

    assert set(named) == _needed()
    assert named == {name: _pins()[name] for name in named}


def test_conda_installs_the_project_itself_under_the_same_constraints():
    environment, pip = _conda()

    assert {"-c constraints.txt", "-e ."} <= set(pip)
    assert "python=3.11" in environment["dependencies"]


@pytest.mark.slow
def test_pip_takes_what_conda_hands_it_as_a_set_that_holds_together(tmp_path):
    # Conda writes the list into a file and calls pip in the course's folder.
    lines = [line.replace("-c ", f"-c {ROOT.as_posix()}/") for line in _conda()[1] if line != "-e ."]
    (tmp_path / "list.txt").write_text("\n".join(lines), encoding="utf-8")
    ask = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "-r", str(tmp_path / "list.txt")]
    said = subprocess.run(ask, capture_output=True, encoding="utf-8", check=False)

    assert said.returncode == 0, said.stderr
    assert "Would install" not in said.stdout


def test_what_is_installed_is_what_is_pinned():
    installed = {name: version(name) for name in _needed()}

    assert installed == {name: _pins()[name] for name in installed}


def test_no_address_stands_beside_the_versions():
    for name in (
        "constraints.txt",
        "environment.yml",
        "Makefile",
        ".ci/run",
        ".devcontainer/Dockerfile",
        "hatch_build.py",
    ):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8"), name
