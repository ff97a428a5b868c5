"""Makes the sentences that only the grader has: `python tests/solutions/gather_assessment_2.py FOLDER`.

They are first lines of the same five libraries' documentation, from older releases: what those said and no installed
package says any more. FOLDER keeps the releases, which pip fetches, some 300 MB; nothing of them is run. A minute. The
result is kept, for it is the same only as long as the installed packages are.
"""

import argparse
import ast
import json
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from labkit.data import docstrings, documentation  # noqa: E402
from labkit.data.docstrings import Line  # noqa: E402

KEPT = ROOT / "solutions" / "kept_aside" / "assessment_2_text.json"
# Of each library the release, the Python and the platform of a wheel that pip still finds.
RELEASES = [
    ("numpy", "1.26.4", "39", "manylinux_2_17_x86_64"),
    ("numpy", "1.21.6", "37", "manylinux_2_12_x86_64"),
    ("numpy", "1.16.6", "37", "manylinux1_x86_64"),
    ("numpy", "1.13.3", "36", "manylinux1_x86_64"),
    ("numpy", "1.11.3", "35", "manylinux1_x86_64"),
    ("scipy", "1.11.4", "39", "manylinux_2_17_x86_64"),
    ("scipy", "1.7.3", "37", "manylinux_2_12_x86_64"),
    ("scipy", "1.2.3", "37", "manylinux1_x86_64"),
    ("scipy", "0.19.1", "36", "manylinux1_x86_64"),
    ("scikit-learn", "1.3.2", "39", "manylinux_2_17_x86_64"),
    ("scikit-learn", "1.0.2", "37", "manylinux_2_17_x86_64"),
    ("scikit-learn", "0.20.4", "37", "manylinux1_x86_64"),
    ("scikit-learn", "0.18.2", "36", "manylinux1_x86_64"),
    ("keras", "3.3.3", "39", "any"),
    ("keras", "2.15.0", "39", "any"),
    ("keras", "2.11.0", "37", "any"),
    ("matplotlib", "3.3.4", "37", "manylinux1_x86_64"),
    ("matplotlib", "2.2.5", "37", "manylinux1_x86_64"),
]


def main() -> None:
    """Fetch what is not there, read, leave out what is installed, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    packages = {pip_name: package for _, pip_name, package in documentation.LIBRARIES.values()}
    old: list[Line] = []
    for name, release, python, platform in RELEASES:
        old += _first_lines(packages[name], _unpacked(folder, name, release, python, platform) / packages[name])
    shipped = documentation.without_twins(documentation._lines())
    new = documentation.without_twins([*shipped, *old])[len(shipped) :]
    new = _not_installed(new)
    names = {package: name for name, (_, _, package) in documentation.LIBRARIES.items()}
    releases = ", ".join(f"{name} {release}" for name, release, _, _ in RELEASES)
    content = {
        "source": f"First lines of the documentation of {releases}",
        "licence": "; ".join(f"{name} {licence}" for name, (licence, _, _) in documentation.LIBRARIES.items()),
        "sentences": sorted([names[line.library], line.text] for line in new),
    }  # fmt: skip
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")
    print(len(new), "sentences:", Counter(name for name, _ in content["sentences"]))


def _unpacked(folder: Path, name: str, release: str, python: str, platform: str) -> Path:
    """The folder of a release's Python files."""
    place = folder / f"{name}-{release}"
    if not place.is_dir():
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(folder)]
        subprocess.run([*command, "--python-version", python, "--platform", platform, f"{name}=={release}"], check=True)
        (wheel,) = folder.glob(f"{name.replace('-', '_')}-{release}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(place, [member for member in archive.namelist() if member.endswith(".py")])
    return place


def _first_lines(package: str, root: Path) -> Iterator[Line]:
    """As labkit reads them of what is installed."""
    for path in root.rglob("*.py"):
        try:
            ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError):  # for a Python before 3
            path.unlink()
    docstrings.find_spec = lambda library: SimpleNamespace(origin=str(root / "__init__.py"))  # type: ignore[assignment]
    return docstrings.first_lines(package)


def _not_installed(lines: list[Line]) -> list[Line]:
    """The lines whose words stand in no Python file that is installed here, where a submission could look them up."""
    by_words = {_words(line.text): line for line in lines}
    lengths: dict[tuple[str, ...], set[int]] = {}
    for words in by_words:
        lengths.setdefault(words[:4], set()).add(len(words))
    found: set[tuple[str, ...]] = set()
    for path in Path(sysconfig.get_paths()["purelib"]).rglob("*.py"):
        words = _words(path.read_text(encoding="utf-8", errors="replace"))
        for place, first in enumerate(zip(words, words[1:], words[2:], words[3:], strict=False)):
            for length in lengths.get(first, ()):
                found |= by_words.keys() & {words[place : place + length]}
    return [line for words, line in by_words.items() if words not in found]


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z0-9]+", text.lower()))


if __name__ == "__main__":
    main()
