"""Opens a course in the cloud: copies of its notebooks for Colab, and a page of links to them and to Binder.

Colab opens a notebook alone. Its copy therefore begins with a cell that installs the course's package, in which the
public checks are, and nothing else: Colab has the libraries, and warns against another tornado, which JupyterLab would
bring. Binder opens the whole repository and reads environment.yml: there nothing is added.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from grader.core.errors import UsageError
from grader.units.course import Course

FOLDER = "cloud"
_COLAB, _BINDER, _GITHUB = "https://colab.research.google.com", "https://mybinder.org", "https://github.com"
_BESIDE = re.compile(r"\]\((?![a-z]+:|#)([^)\s]+)\)")  # a link to a file beside the notebook
_FIRST_CELL = """\
# Run this first. On Colab it installs the course's own package, with the checks; the libraries are there already.
try:
    import grader
except ModuleNotFoundError:
    %pip install -q --no-deps {project}=={version}"""
_PAGE = """\
# In the cloud

[![Open on Binder]({badge})]({binder})

Binder opens all labs, without an account. It forgets what you write when you leave: download your notebooks before.

Colab opens one notebook. Run its first cell with code and wait until it has installed the package. It forgets what
it installed and how far you are when you leave; what you write stays if you first save a copy in Drive.

| unit | |
|---|---|
{rows}
"""


def first_cell(course: Course) -> str:
    """The cell that installs the course's package where it is missing. Raises UsageError where the course is none."""
    project, _, version = course.version.partition(" ")
    if not version:
        raise UsageError(
            f"{course.root} holds no pyproject.toml with a name and a version: Colab installs a course by these"
        )
    return _FIRST_CELL.format(project=project, version=version)


def write_cloud(course: Course, repository: str, branch: str) -> Path:
    """Write the folder `cloud/` of a course that stands on GitHub as OWNER/NAME. Returns the page's path."""
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise UsageError(f"the repository must be OWNER/NAME as on GitHub, not {repository!r}")
    cell, on_github = first_cell(course), f"{repository}/blob/{quote(branch)}"
    paths = {name: course.learner_notebook(name) for name in course.sources}
    read = {name: _read(path) for name, path in paths.items() if path.is_file()}
    if not read:
        raise UsageError(f"{course.root} has no learner's notebook: `grader build` makes them")
    page = _page(course, read, repository, branch)
    folder = course.root / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        for name, notebook in read.items():
            copy = for_colab(notebook, cell, f"{_GITHUB}/{on_github}/{paths[name].parent.name}")
            text = json.dumps(copy, indent=1, ensure_ascii=False, sort_keys=True)
            (folder / f"{name}.ipynb").write_text(text + "\n", encoding="utf-8")
        (folder / "README.md").write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error
    return folder / "README.md"


def for_colab(notebook: dict[str, Any], first: str, room: str) -> dict[str, Any]:
    """The notebook with one code cell more before its first, and links that lead to its room's address."""
    cells = [_linked(cell, room) for cell in notebook["cells"]]
    at = next((number for number, cell in enumerate(cells) if cell["cell_type"] == "code"), len(cells))
    made: dict[str, Any] = {
        "cell_type": "code", "execution_count": None, "id": "install", "metadata": {}, "outputs": [],
        "source": first.splitlines(keepends=True),
    }  # fmt: skip
    return {**notebook, "cells": [*cells[:at], made, *cells[at:]]}


def _linked(cell: dict[str, Any], room: str) -> dict[str, Any]:
    """A cell of text with links to files beside it made whole."""
    if cell["cell_type"] != "markdown":
        return cell
    return {**cell, "source": [_BESIDE.sub(rf"]({room}/\1)", line) for line in cell["source"]]}


def _read(path: Path) -> dict[str, Any]:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"][0]["source"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UsageError(f"{path} is no notebook: run `grader build` again") from error
    return dict(notebook)


def _page(course: Course, notebooks: dict[str, dict[str, Any]], repository: str, branch: str) -> str:
    badge, there = f"{_COLAB}/assets/colab-badge.svg", f"{_COLAB}/github/{repository}/blob/{quote(branch)}/{FOLDER}"
    rows = [
        f"| {_title(name, notebook)} | [![Open in Colab]({badge})]({there}/{quote(name)}.ipynb) |"
        for name, notebook in notebooks.items()
    ]
    binder = f"{_BINDER}/v2/gh/{repository}/{quote(branch, safe='')}?urlpath=lab/tree/labs"
    return _PAGE.format(badge=f"{_BINDER}/badge_logo.svg", binder=binder, rows="\n".join(rows))


def _title(name: str, notebook: dict[str, Any]) -> str:
    """A notebook's first heading, after its number."""
    heading = re.match(r"#\s+(.+)", "".join(notebook["cells"][0]["source"]))
    number = re.match(r"\d*", name)
    return f"{number[0] if number else ''} {heading[1].strip() if heading else name}".strip()
