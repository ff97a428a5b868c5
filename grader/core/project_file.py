"""The file that says which project a folder is, and of which version: pyproject.toml."""

import tomllib
from pathlib import Path


def project_version(folder: Path) -> str:
    """Name and version of the project that a folder is; "" if it holds no pyproject.toml that says them."""
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return f"{project['name']} {project['version']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
