"""`pip install` of the wheel alone gives a learner all that the labs import, and their checks: on Colab, for one."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from grader.authoring.cloud import first_cell
from grader.units.course import Course

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(path for room in ("labs", "assessments") for path in (ROOT / room).glob("*.ipynb"))
CHECKS = sorted(path for room in ("labs", "assessments") for path in (ROOT / room / ".checks").glob("*.json"))
FIRST = "00_getting_started"
# Of the libraries that Colab lists as its own, those that the labs use; the first cell installs none.
COLAB_HAS = {
    "IPython", "PIL", "ipywidgets", "jax", "jieba", "keras", "lazy_loader", "matplotlib", "numpy",
    "psutil", "scipy", "sklearn", "tensorflow", "threadpoolctl", "torch", "traitlets",
}  # fmt: skip
# No checkout on the path: an editable install would be one.
ALONE = """
import sys
from pathlib import Path
sys.path[:] = [path for path in sys.path if not (Path(path) / "grader/__main__.py").is_file() or path == sys.argv[1]]
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built without a network."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def files(wheel) -> set[str]:
    """What is in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="session")
def unpacked(wheel, tmp_path_factory) -> Path:
    """The wheel as pip lays it out."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(code: str, installed: Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Code in a process that has this project from `installed` and nowhere else."""
    environment = {**os.environ, "PYTHONPATH": str(installed), **variables}
    command = [sys.executable, "-P", "-c", ALONE + code, str(installed)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", env=environment, cwd=cwd, timeout=120, check=False
    )


def code_of(notebook: Path) -> str:
    """A notebook's code as Python."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return re.sub(r"^(\s*)[%!].*$", r"\1pass", code, flags=re.MULTILINE)


def imported(code: str) -> set[str]:
    """The modules that code imports; of `from a import b` also a.b, which may be one."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def of_others(names: set[str]) -> set[str]:
    """What is neither Python's own nor of this project, by the first part of its name."""
    return {name.split(".")[0] for name in names} - {"grader", "labkit"} - sys.stdlib_module_names


def dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {re.sub(r"[-_.]+", "-", name).lower() for name in project["dependencies"]}


def file_of(module: str) -> str:
    """The file of a module of this project's; "" where it is none."""
    path = ROOT / module.replace(".", "/")
    found = [file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()]
    return found[0].relative_to(ROOT).as_posix() if found else ""


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_a_notebook_imports_is_in_the_wheel_or_declared(notebook, files):
    names, given = imported(code_of(notebook)), packages_distributions()
    others = of_others(names)
    providers = {name: {re.sub(r"[-_.]+", "-", dist).lower() for dist in given.get(name, [])} for name in others}
    assert [name for name in sorted(others) if not providers[name] & dependencies()] == []
    assert {file_of(name) for name in names} - {""} - files == set()
    assert {file_of(name) for name in names} >= {"grader/__init__.py"}


def test_every_file_of_both_packages_is_in_the_wheel_and_every_units_public_checks(files):
    sources = {path for room in ("grader", "labkit") for path in (ROOT / room).rglob("*") if path.is_file()}
    own = {path.relative_to(ROOT).as_posix() for path in sources if "__pycache__" not in path.parts}
    checks = {f"grader/public/{path.name}" for path in CHECKS}
    assert {name for name in files if ".dist-info/" not in name} == own | checks
    assert {"labkit/models/course_vgg16.npz", "labkit/py.typed", "grader/report/templates/page.html"} <= files
    assert len(checks) >= 5


def test_colab_has_what_the_labs_import():
    code = [code_of(path) for path in NOTEBOOKS]
    code += [path.read_text(encoding="utf-8") for path in (ROOT / "labkit").rglob("*.py")]
    assert set().union(*(of_others(imported(text)) for text in code)) - COLAB_HAS == set()


def test_colab_has_what_a_check_imports(unpacked, tmp_path):
    code = f"from grader import Lab; double = lambda x: 2 * x; Lab({FIRST!r}).check('double')\n"
    code += "print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    said = run(f"before = set(sys.modules)\n{code}", unpacked, tmp_path)
    loaded = of_others(set(said.stdout.split())) & set(packages_distributions())  # Cython makes modules of no package
    assert (loaded - COLAB_HAS, "numpy" in loaded, said.stderr) == (set(), True, "")


def test_an_editable_install_has_no_copies_of_the_checks():
    assert not (ROOT / "grader" / "public").exists()


@pytest.mark.slow
def test_colabs_first_cell_installs_the_wheel_and_the_lab_finds_its_checks(wheel, tmp_path):
    installed, here = tmp_path / "installed", tmp_path / "content"
    installed.mkdir()
    here.mkdir()
    code = f"""
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell({first_cell(Course(ROOT))!r}).raise_error()
shell.run_cell("from grader import Lab; double = lambda x: x + x; lab = Lab({FIRST!r})").raise_error()
shell.run_cell("import grader; print('FROM', grader.__file__); print(lab.check('double')); print(lab)")
"""
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheel.parent), "PIP_CONFIG_FILE": os.devnull}
    said = run(code, installed, here, PIP_TARGET=str(installed), IPYTHONDIR=str(tmp_path), **offline)
    assert (said.stderr, f"FROM {installed / 'grader' / '__init__.py'}" in said.stdout) == ("", True)
    assert f"{FIRST}: public checks passed for 1 of " in said.stdout


@pytest.mark.slow
def test_where_the_package_is_there_the_first_cell_installs_nothing(unpacked, tmp_path):
    code = "from IPython.core.interactiveshell import InteractiveShell\n"
    code += f"InteractiveShell.instance().run_cell({first_cell(Course(ROOT))!r}).raise_error()"
    said = run(code, unpacked, tmp_path, PIP_NO_INDEX="1", IPYTHONDIR=str(tmp_path))
    assert (said.stdout, said.stderr) == ("", "")


def test_a_course_folder_comes_before_what_the_wheel_carries(unpacked, tmp_path):
    near = tmp_path / "labs" / ".checks" / f"{FIRST}.json"
    near.parent.mkdir(parents=True)
    near.write_text("damaged", encoding="utf-8")
    said = run(f"from grader import Lab; print(repr(Lab({FIRST!r})))", unpacked, tmp_path)
    assert said.stdout.startswith(f"{near} is damaged")


@pytest.mark.slow
def test_a_submission_cannot_read_the_checks_of_the_wheel_that_grades_it(unpacked, tmp_path):
    code = f"""
sys.path.append({str(ROOT)!r})
from grader.sandbox import Sandbox
from tests.grader.toy import runner, text
import grader
with Sandbox(["numpy"]) as sandbox:
    seen = runner(sandbox)(
        "import grader, os\\nimport grader.learner.checks as c\\nprint(os.listdir(c.PUBLIC), grader.__file__)"
    )
    print(text(seen))
"""
    said = run(code, unpacked, tmp_path)
    assert (said.stdout.strip(), said.stderr) == (f"[] {unpacked / 'grader' / '__init__.py'}", "")
