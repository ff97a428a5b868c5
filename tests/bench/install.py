"""Sets up a virtual environment for each other grader under `build/bench/`, once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.bench.progress import say

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "bench"
PEERS = {"nbgrader": "nbgrader", "otter": "otter-grader"}
"""A folder's name, and the package that is installed into it."""
# A learner's kernel needs these beside the grader; the labs import nothing else.
BESIDE = ("ipykernel", "keras", "numpy", "tensorflow")


def merged(constraints: str, peers: str) -> str:
    """One set of pins from two: where both name a package, the second counts."""
    pins = {}
    for line in [*constraints.splitlines(), *peers.splitlines()]:
        if line and not line.startswith("#"):
            pins[line.split("==")[0].lower().replace("_", "-")] = line
    return "\n".join(sorted(pins.values(), key=str.lower)) + "\n"


def install(peer: str) -> None:
    """Install a grader with TensorFlow and Keras beside it, and compile all of it, unless that is done."""
    wanted = merged(
        (ROOT / "constraints.txt").read_text(encoding="utf-8"),
        (Path(__file__).parent / "peers.txt").read_text(encoding="utf-8"),
    )
    place = BUILD / peer
    ready = place / "ready.txt"
    if ready.is_file() and ready.read_text(encoding="utf-8") == wanted:
        return
    say(f"Installing {PEERS[peer]} with TensorFlow into {place.relative_to(ROOT)}: a few minutes, once.")
    shutil.rmtree(place, ignore_errors=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    pins = BUILD / f"{peer}-pins.txt"
    pins.write_text(wanted, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    python = str(program(peer, "python"))
    packages = [PEERS[peer], *BESIDE]
    environment = {**os.environ, "PIP_CONSTRAINT": str(pins), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-compile", *packages], check=True, env=environment)
    # Not all of TensorFlow's files compile, and none of those is imported.
    subprocess.run([python, "-m", "compileall", "-q", "-j", "0", str(place / "lib")], stdout=subprocess.DEVNULL)
    ready.write_text(wanted, encoding="utf-8")


def program(peer: str, name: str) -> Path:
    """A program of a grader's own environment."""
    return BUILD / peer / "bin" / name


def environment(peer: str) -> dict[str, str]:
    """The environment of a grader's commands: its own programs first, a home of its own, quiet libraries."""
    home = BUILD / "home" / peer
    home.mkdir(parents=True, exist_ok=True)
    path = f"{BUILD / peer / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "PATH": path, "HOME": str(home), "PYTHONUTF8": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
