"""Windows and macOS: the labs and their checks work there; what needs Linux says so in a sentence."""

import ast
import io
import json
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import grader
import grader.cli.main
import labkit
from tests.systems import NO_MODULES

ROOT = Path(grader.__file__).parents[1]
SOURCES = sorted(path for package in (grader, labkit) for path in Path(package.__file__).parent.rglob("*.py"))
FIRST_LAB = "00_getting_started"
SYSTEMS = pytest.mark.parametrize("system", ["Windows", "Darwin"])


def run(system: str, code: str, *words: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Code in a process of another system's, in which no module of this project is imported yet."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    there = f"from tests.systems import pretend; pretend({system!r})\n{code}"
    whole = [sys.executable, "-P", "-c", there, *map(str, words)]
    return subprocess.run(
        whole, capture_output=True, encoding="utf-8", env=environment, cwd=cwd, timeout=120, check=False
    )


def command(system: str, *words: object) -> subprocess.CompletedProcess[str]:
    """The command line on another system."""
    return run(system, "from grader.cli.main import main\nmain()", *words)


def labkits_modules() -> list[str]:
    """What labs import at their start. Those that begin with Keras are left out, which cannot pretend."""
    names = [name for _, name, _ in pkgutil.walk_packages(labkit.__path__, "labkit.")]
    return [name for name in names if not re.search(r"\.preprocessing\b", name)]


def imported(source: str) -> set[str]:
    """The modules that a source names in an import anywhere."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def text_without_encoding(source: str) -> list[int]:
    """The lines that read or write text and leave its encoding to the system."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if _is_text(call) and "encoding" not in {word.arg for word in call.keywords}]


def _is_text(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in ("read_text", "write_text"):
        return not call.args or name == "write_text"
    if name in ("run", "Popen"):  # what a command says
        return any(word.arg in ("text", "universal_newlines") for word in call.keywords)
    owner = getattr(getattr(call.func, "value", None), "id", "")
    words = [*call.args, *(word.value for word in call.keywords if word.arg == "mode")]
    binary = any(isinstance(word, ast.Constant) and "b" in str(word.value) for word in words)
    return name in ("open", "fdopen") and owner not in ("os", "Image", "archive") and not binary


def test_no_text_is_read_or_written_in_the_systems_own_encoding():
    found = {path: text_without_encoding(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert {str(path): lines for path, lines in found.items() if lines} == {}


def test_text_without_an_encoding_is_found_and_bytes_are_left_alone():
    lines = [
        "path.read_text()",
        "open(x)",
        "run(x, text=True)",
        "path.open('rb')",
        "path.write_text(t, encoding='utf-8')",
        "os.open(x, 0)",
    ]
    assert text_without_encoding("\n".join(lines)) == [1, 2, 3]


def test_modules_that_unix_alone_has_are_imported_in_the_sandbox_alone():
    users = [path for path in SOURCES if imported(path.read_text(encoding="utf-8")) & set(NO_MODULES)]
    assert {path.relative_to(ROOT).parts[:2] for path in users} == {("grader", "sandbox")}


@SYSTEMS
def test_what_a_lab_imports_can_be_imported(system):
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\nfrom grader import Lab"
    said = run(system, code, *labkits_modules())
    assert (said.stderr, said.returncode) == ("", 0)


@SYSTEMS
def test_a_lab_checks_and_keeps_its_progress(system, tmp_path):
    checks = tmp_path / "labs" / ".checks" / f"{FIRST_LAB}.json"
    checks.parent.mkdir(parents=True)
    checks.write_bytes((ROOT / "labs" / ".checks" / checks.name).read_bytes())
    code = f"from grader import Lab\nlab = Lab('{FIRST_LAB}')\ndouble = lambda x: 2 * x\nlab.check('double')"
    said = run(system, code, cwd=checks.parents[1])
    kept = json.loads((checks.parents[1] / ".progress" / checks.name).read_text(encoding="utf-8"))
    assert (said.stderr, kept["states"]) == ("", {"double": "passed"})


@SYSTEMS
def test_keras_starts_without_what_the_c_library_of_linux_has(system):
    assert run(system, "from labkit.machine import backend; print(backend.keep_freed_memory())").stdout == "False\n"


@pytest.mark.parametrize(
    ("system", "words"),
    [
        ("Windows", ("grade", ".")),
        ("Windows", ("grade", "--no-sandbox", ".")),
        ("Windows", ("build",)),
        ("Darwin", ("grade", "--no-sandbox", ".")),
        ("Darwin", ("verify",)),
    ],
)
def test_what_runs_notebooks_in_the_sandbox_says_in_a_sentence_that_it_needs_linux(system, words):
    said = command(system, *words)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == (
        f"grader: notebooks run in a sandbox that Linux alone has, with walls or without; this is {system}. Grade, "
        "build and verify in a Linux container or virtual machine; the labs and their checks work here.\n"
    )


@SYSTEMS
def test_the_doctor_says_so_too(system):
    said = command(system, "doctor")
    first, *_, last = said.stdout.splitlines()
    assert (said.returncode, said.stderr) == (1, "")
    assert first == f"✗ all walls: they need Linux; this is {system}"
    assert last == (
        "Grade, build and verify in a Linux container or virtual machine; the labs and their checks work here."
    )


def test_a_missing_gradebook_and_an_unknown_certificate_are_told_as_on_linux(tmp_path):
    said = command("Windows", "scores", "--gradebook", tmp_path / "none.db")
    assert (said.returncode, said.stderr.startswith("grader: there is no gradebook ")) == (2, True)
    said = command("Windows", "verify-certificate", "none.html", "--public-key", "none.pub")
    assert (said.returncode, said.stderr) == (2, "grader: none.html cannot be read (No such file or directory).\n")


def test_a_key_is_used_on_windows_which_has_no_modes_that_could_keep_others_from_it(tmp_path):
    code = "from pathlib import Path\nfrom grader.certificates.keys import new_key, private_key\n"
    code += "key = Path('a.key')\nnew_key(key)\n"
    said = run("Windows", f"{code}key.chmod(0o666); print(type(private_key(key)).__name__)", cwd=tmp_path)
    assert (said.stdout, said.stderr) == ("Ed25519PrivateKey\n", "")


def test_output_into_a_file_is_utf_8_whatever_the_systems_encoding_is(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="cp1252"))
    grader.cli.main._write_utf_8()
    print("✓ Łukasz", flush=True)
    assert written.getvalue().decode("utf-8").strip() == "✓ Łukasz"
