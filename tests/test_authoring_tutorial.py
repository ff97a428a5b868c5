"""The tutorial in docs/authoring.md, followed step by step in an empty folder."""

import re
import shlex
from pathlib import Path

import pytest

from tests.grader.conftest import grader  # noqa: F401  the command line as a fixture

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
TUTORIAL = PAGE.split("## Your first unit\n")[1].split("\n## ")[0]
BLOCKS = re.findall(r"^```(console|diff)\n(.*?)^```", TUTORIAL, re.DOTALL | re.MULTILINE)


def commands(block: str) -> list[tuple[str, list[str]]]:
    """Each command of a console block, with the lines that it is said to print."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        else:
            found[-1][1].append(line)
    return found


def edited(text: str, block: str) -> str:
    """A source after a diff block: what it takes away must be there once."""
    lines = block.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
    new = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
    assert text.count(old) == 1, old
    return text.replace(old, new)


def printed(line: str, output: str) -> bool:
    """Whether a line of the page was printed; `[…]` at its end stands for more."""
    if line.endswith(" […]"):
        return any(there.startswith(line.removesuffix("[…]")) for there in output.splitlines())
    return line in output.splitlines()


@pytest.mark.slow
def test_each_step_does_what_the_page_says(grader, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    source = tmp_path / "solutions" / "10_scales.py"
    assert len(BLOCKS) >= 10
    for kind, block in BLOCKS:
        if kind == "diff":
            source.write_text(edited(source.read_text(), block))
            continue
        for command, lines in commands(block):
            status, out, error = grader(*shlex.split(command)[1:])
            told = [line for line in lines if not printed(line, out)]
            assert not told, f"{command} (exit status {status}) printed\n{out}{error}"
    assert status == 0
    assert (tmp_path / "labs" / "10_scales.ipynb").is_file()


def test_the_list_of_places_names_what_is_there():
    table = PAGE.split("## Every place that a new lab touches\n")[1].split("\n## ")[0]
    unit = "09_attention"
    for place in re.findall(r"^\| `([^`]+)`", table, re.MULTILINE):
        there = place.replace("<unit>", unit).replace("<number>", unit[:2])
        assert (ROOT / there).exists(), there
