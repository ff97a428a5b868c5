"""The container's promises, read from its files: exact versions, the course's constraints, no root, no addresses."""

import json
import re
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".devcontainer"
KNOWN = {
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN",
    "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}  # fmt: skip


def instructions(text: str) -> list[tuple[str, str]]:
    """Each instruction of a Dockerfile and its words, on one line."""
    whole = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", whole).splitlines()
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in lines if line.strip()]


@pytest.fixture
def text():
    return (FOLDER / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture
def parts(text):
    return instructions(text)


@pytest.fixture
def container():
    return json.loads((FOLDER / "devcontainer.json").read_text(encoding="utf-8"))


def words(parts, name):
    return [value for instruction, value in parts if instruction == name]


def variables(parts):
    return dict(pair.split("=", 1) for value in words(parts, "ENV") for pair in value.split())


def test_instructions_are_read_over_lines_and_comments():
    text = "# a\nFROM x:1\nRUN a \\\n # b\n && c\n"
    assert instructions(text) == [("FROM", "x:1"), ("RUN", "a && c")]


def test_every_instruction_is_one_of_docker(parts):
    assert {name for name, _ in parts} <= KNOWN
    assert parts[0][0] == "FROM" and len(words(parts, "CMD")) == 1


def test_the_base_image_has_an_exact_version_and_no_host(parts):
    (image,) = words(parts, "FROM")
    name, _, tag = image.partition(":")
    assert "." not in name.split("/")[0]
    assert re.match(r"\d+\.\d+\.\d+-cudnn-runtime-ubuntu\d\d\.\d\d$", tag)


def test_cuda_is_of_a_version_that_the_pinned_tensorflow_asks_for(parts):
    asked = [Requirement(line) for line in requires("tensorflow") or [] if "and-cuda" in line]
    (runtime,) = (one for one in asked if one.name.startswith("nvidia-cuda-runtime"))
    major, minor, _ = words(parts, "FROM")[0].partition(":")[2].partition("-")[0].split(".")
    assert f"{major}.{minor}.999" in runtime.specifier  # the packages count their patches otherwise
    assert f"cuda-nvcc-{major}-{minor} " in " ".join(words(parts, "RUN"))


def test_python_is_one_that_the_project_runs_on(text):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = set(re.findall(r"python(3\.\d+)", text))
    assert len(named) == 1
    assert named.pop() in Requirement(f"x{project['requires-python']}").specifier


def test_what_is_copied_exists(parts):
    for value in words(parts, "COPY"):
        *sources, _ = [word for word in value.split() if not word.startswith("--")]
        assert sources and all((ROOT / source).exists() for source in sources)


def test_pip_installs_under_the_courses_constraints_which_are_there_by_then(parts):
    order = [name for name, value in parts if name == "COPY" or "pip install" in value]
    assert order[0] == "COPY" and "RUN" in order
    assert variables(parts)["PIP_CONSTRAINT"] == f"{words(parts, 'WORKDIR')[0]}/constraints.txt"
    assert (ROOT / "constraints.txt").is_file()


def test_it_ends_as_a_user_of_its_own_who_is_not_root(parts):
    user = words(parts, "USER")[-1]
    assert user not in ("root", "0") and re.search(rf"useradd .*\b{user}\b", " ".join(words(parts, "RUN")))
    assert all(f"--chown={user}:{user}" in value for value in words(parts, "COPY"))


def test_lists_of_packages_are_not_kept(parts):
    fetched = [value for value in words(parts, "RUN") if "apt-get" in value]
    assert all("--no-install-recommends" in value and "rm -rf /var/lib/apt/lists" in value for value in fetched)


def test_the_editors_container_is_the_same_image_with_the_same_user(parts, container):
    assert (FOLDER / container["build"]["dockerfile"]).is_file()
    assert (FOLDER / container["build"]["context"]).resolve() == ROOT
    assert container["remoteUser"] == words(parts, "USER")[-1]
    assert container["hostRequirements"] == {"gpu": "optional"}


def test_the_editor_uses_the_python_that_everything_is_installed_in(parts, container):
    interpreter = Path(container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"])
    assert variables(parts)["PATH"].split(":")[0] == str(interpreter.parent)
    assert f"-m venv {interpreter.parents[1]}" in " ".join(words(parts, "RUN"))
    assert interpreter.is_relative_to(f"/home/{container['remoteUser']}")  # where the editor's user may write


@pytest.mark.parametrize("name", [".devcontainer/Dockerfile", ".dockerignore", ".devcontainer/devcontainer.json"])
def test_no_address_stands_in_it(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"://|index[-_]url|\b[\w-]+\.(com|org|io|net)\b", text, re.IGNORECASE)


def test_binder_finds_the_environment_and_no_dockerfile_which_it_would_take_instead():
    assert (ROOT / "environment.yml").is_file()
    assert [name for name in ("Dockerfile", "binder", ".binder") if (ROOT / name).exists()] == []


def test_what_a_learner_did_and_the_history_stay_out_of_the_image():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", "build", "**/.progress", "**/gradebook.db*"} <= set(ignored)
