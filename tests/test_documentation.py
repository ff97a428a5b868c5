"""What the documentation shows exists and works: targets, commands, links, the example of a unit."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer

from grader.authoring.proof.verify import verify
from grader.cli.main import app
from grader.sandbox import Sandbox
from grader.units.source import load_unit
from tests.prove import kinds
from tests.prove.inputs import JUDGE

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md")])
COMMAND = re.compile(r"^(?:\.venv/bin/)?grader (?P<words>[a-z].*?)(?:\s{3,}.*)?$", re.MULTILINE)


def _text(page):
    return page.read_text(encoding="utf-8")


def _blocks(page, language=""):
    return re.findall(rf"^```{language}\n(.*?)^```$", _text(page), re.MULTILINE | re.DOTALL)


def _shown_commands():
    return [
        pytest.param(
            match["words"].replace("…", "").replace("[", "").replace("]", ""), id=f"{page.name}-{match['words']}"
        )
        for page in PAGES
        for block in _blocks(page)
        for match in COMMAND.finditer(block)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    links = [link for link in re.findall(r"\]\(([^)#]+)", _text(page)) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_make_target_on_the_first_screen_exists_with_that_purpose():
    shown = dict(re.findall(r"^make ([a-z-]+) +(.+)$", _text(ROOT / "README.md"), re.MULTILINE))
    targets = dict(re.findall(r"^([a-z-]+):.*?## (.+)$", _text(ROOT / "Makefile"), re.MULTILINE))
    assert set(shown) == {"demo", "lab", "test", "prove"} <= set(targets)
    listed = subprocess.run(["make", "-n", *shown], cwd=ROOT, capture_output=True, text=True, check=False)
    assert listed.returncode == 0, listed.stderr


def test_every_make_target_that_a_page_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", _text(ROOT / "Makefile"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", _text(page))}
    assert named and named <= targets


def test_the_page_on_tests_names_every_kind_of_proof_and_every_room_that_a_proof_depends_on():
    page = _text(ROOT / "docs" / "tests.md")
    assert re.findall(r"^\| ([a-z]+) \| (?:every unit|labs) \|", page, re.MULTILINE) == [
        kinds.VERIFY, kinds.TEETH, kinds.OUTPUTS, kinds.CLASS, kinds.JAX, kinds.BROWSER,
    ]  # fmt: skip
    assert all(f"`{room}`" in page and (ROOT / "grader" / room).is_dir() for room in JUDGE)


@pytest.mark.parametrize("words", _shown_commands())
def test_every_command_and_option_that_is_shown_exists(words):
    name, *rest = shlex.split(words)
    command = typer.main.get_command(app).commands[name]
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= options


def test_no_page_names_a_gradebook_that_a_command_without_the_option_would_not_find():
    commands = typer.main.get_command(app).commands
    gradebooks = [
        p for name in ("grade", "scores", "certificate") for p in commands[name].params if p.name == "gradebook"
    ]
    (default,) = {parameter.default for parameter in gradebooks}
    named = {name for page in PAGES for name in re.findall(r"--gradebook[ =]([\w./:+-]+)", _text(page))}
    assert named <= {default, "URL"}


def test_commands_are_found_on_the_pages():
    assert {parameter.values[0].split()[0] for parameter in _shown_commands()} == {
        "cloud",
        "grade",
        "scores",
        "forget",
        "build",
        "new",
        "mutants",
        "measure",
        "verify",
        "submit",
        "receipt",
        "certificate",
        "verify-certificate",
        "key",
    }


def test_the_example_of_a_unit_is_a_unit_that_holds(tmp_path):
    (example,) = _blocks(ROOT / "docs" / "authoring.md", "python")
    source = tmp_path / "solutions" / "01_activation_and_loss.py"
    source.parent.mkdir()
    source.write_text(f"# %% [markdown]\n# # Softmax\n\n{example}", encoding="utf-8")
    unit = load_unit(source)
    with Sandbox(["scipy.special"]) as sandbox:
        assert verify(unit, "seed", sandbox).findings == []
    softmax = unit.tasks["softmax"]
    assert (len(softmax.probes), list(softmax.misconceptions), len(softmax.hints)) == (2, ["no_maximum", "columns"], 1)
    assert list(unit.tasks) == ["softmax", "quiz_1"]
