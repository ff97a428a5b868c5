"""JupyterLab as `make lab` starts it, over a copy of the learners' folders; ended with everything it started."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("labs", "assessments")
TOKEN = "learner"  # noqa: S105
# All cells stand in the page, also those that are not on the screen.
SETTINGS = {"notebook-extension/tracker": {"windowingMode": "none"}}


class Jupyter:
    """A running JupyterLab; `seconds` is how long it took until it answered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for room in ROOMS:
            shutil.copytree(
                ROOT / room, folder / room, ignore=shutil.ignore_patterns(".progress", ".ipynb_checkpoints")
            )
        settings = folder / "settings" / "@jupyterlab"
        for name, values in SETTINGS.items():
            path = settings / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values), encoding="utf-8")
        self.port = _free_port()

    def __enter__(self) -> Jupyter:
        began = time.monotonic()
        self._log = (self.folder / "jupyter.log").open("wb")
        options = {
            "ServerApp.root_dir": self.folder, "ServerApp.ip": "127.0.0.1", "ServerApp.port": self.port,
            "ServerApp.port_retries": 0, "ServerApp.open_browser": False, "IdentityProvider.token": TOKEN,
            "LabApp.expose_app_in_browser": True, "LabServerApp.user_settings_dir": self.folder / "settings",
            "LabServerApp.workspaces_dir": self.folder / "workspaces",
        }  # fmt: skip
        environment = {
            **os.environ,
            **{f"JUPYTER_{what}_DIR": str(self.folder / what.lower()) for what in ("CONFIG", "RUNTIME")},
            "IPYTHONDIR": str(self.folder / "ipython"),
        }
        command = [
            "make", "lab", f"VENV={sys.prefix}", "--old-file", f"{sys.prefix}/.ready",
            "LAB_OPTIONS=" + " ".join(f"--{name}={value}" for name, value in options.items()),
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=self._log, stderr=self._log, start_new_session=True
        )
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() - began > 120:
                self.__exit__(None, None, None)
                raise RuntimeError(f"JupyterLab did not start:\n{(self.folder / 'jupyter.log').read_text()}")
            time.sleep(0.1)
        self.seconds = time.monotonic() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(15)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self._log.close()

    def url(self, path: str) -> str:
        """The address of a file in JupyterLab, in a workspace of its own."""
        return f"http://127.0.0.1:{self.port}/lab/workspaces/{Path(path).stem}/tree/{path}?reset&token={TOKEN}"

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api?token={TOKEN}", timeout=1):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
