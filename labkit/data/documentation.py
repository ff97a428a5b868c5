"""Real sentences that need no network: first lines of the documentation of the libraries this course installs."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from labkit.data.docstrings import Line, first_lines
from labkit.data.textset import Texts

# The name of each library, its licence, what pip calls it and what Python does.
LIBRARIES = {
    "NumPy": ("BSD 3-Clause", "numpy", "numpy"),
    "SciPy": ("BSD 3-Clause", "scipy", "scipy"),
    "scikit-learn": ("BSD 3-Clause", "scikit-learn", "sklearn"),
    "Keras": ("Apache 2.0", "keras", "keras"),
    "matplotlib": ("matplotlib's own, a BSD-style one", "matplotlib", "matplotlib"),
}
TWINS = 0.6  # share of common words from which two sentences are twins
HELD_OUT = 0.2  # share of each library's sentences in the validation part, and in the test part


def sentences(seed: int = 0) -> Texts:
    """Some 4,800 sentences of 4 to 25 words, and the library that each comes from; some 60 / 20 / 20 percent.

    Of twins, which have 60 % of their words in common, only the first is kept, and all sentences of a module stand in
    one part. `seed` deals modules to training and validation; the test part is the same for every seed. Sources are
    read once, in some seconds, and kept for as long as no library changes.
    """
    lines = _lines()
    names = {package: number for number, (_, _, package) in enumerate(LIBRARIES.values())}
    parts = _dealt(lines, seed)
    texts = [[line.text for line in part] for part in parts]
    labels = [np.array([names[line.library] for line in part], "int64") for part in parts]
    versions = ", ".join(f"{name} {version(pip_name)}" for name, (_, pip_name, _) in LIBRARIES.items())
    licences = "; ".join(f"{name} {licence}" for name, (licence, _, _) in LIBRARIES.items())
    return Texts(
        "First lines of documentation",
        f"the source files of {versions}, as they are installed here",
        f"each library's own: {licences}",
        tuple(LIBRARIES),
        "a module stands in one part, and no sentence has a near-twin",
        *(texts[0], labels[0], texts[1], labels[1], texts[2], labels[2]),
    )


@cache
def _lines() -> tuple[Line, ...]:
    """All sentences: from the first cache that has them, else read and kept in the first that takes them."""
    key = _key()
    for folder in _folders():
        with contextlib.suppress(OSError, ValueError, TypeError):
            kept = json.loads((folder / f"sentences-{key}.json").read_text(encoding="utf-8"))
            return tuple(Line(*map(str, line)) for line in kept)
    found = without_twins([line for _, _, package in LIBRARIES.values() for line in first_lines(package)])
    for folder in _folders():
        with contextlib.suppress(OSError):
            _keep(folder, key, found)
            break
    return tuple(found)


def _key() -> str:
    """Changes with any library's version, and with the code that reads them."""
    versions = [version(pip_name) for _, pip_name, _ in LIBRARIES.values()]
    code = [
        Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("documentation.py", "docstrings.py")
    ]
    return hashlib.sha256("\n".join([*versions, *code]).encode()).hexdigest()[:16]


def _folders() -> list[Path]:
    """Where Python keeps this module's bytecode, or, where that may not be written, the user's cache."""
    user = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return [Path(__file__).parent / "__pycache__", Path(user) / "deep-learning-labs"]


def _keep(folder: Path, key: str, lines: Sequence[Line]) -> None:
    """Write the file under another name first: whoever reads at this moment finds all of it or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, suffix=".part", delete=False) as file:
        part = Path(file.name)
        try:
            json.dump(lines, file)
            file.flush()
        except OSError:  # the disk is full
            part.unlink(missing_ok=True)
            raise
    part.replace(folder / f"sentences-{key}.json")


def without_twins(lines: Iterable[Line]) -> list[Line]:
    """The lines without those that share 60 % of their words (of both together) with an earlier one.

    Two sets that alike share one of their rarest words (Chaudhuri, Ganti and Kaushik, 2006): only lines with such a
    word in common are compared.
    """
    lines = list(lines)
    words = [frozenset(re.findall(r"[a-z]+", line.text.lower())) for line in lines]
    counts = Counter(word for found in words for word in found)
    kept: list[Line] = []
    by_rare_word: dict[str, list[frozenset[str]]] = defaultdict(list)
    for line, mine in zip(lines, words, strict=True):
        rare = sorted(mine, key=lambda word: (counts[word], word))[: len(mine) - math.ceil(TWINS * len(mine)) + 1]
        others = {other for word in rare for other in by_rare_word[word]}
        if any(len(mine & other) >= TWINS * len(mine | other) for other in others):
            continue
        kept.append(line)
        for word in rare:
            by_rare_word[word].append(mine)
    return kept


def _dealt(lines: Sequence[Line], seed: int) -> tuple[list[Line], list[Line], list[Line]]:
    """Training, validation and test lines. Modules are dealt library by library, the test part before all others."""
    modules: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        modules[line.library, line.module].append(line)
    libraries = Counter(line.library for line in lines)
    test = _drawn(modules, libraries, np.random.default_rng(0))
    rest = {name: found for name, found in modules.items() if name not in test}
    validation = _drawn(rest, libraries, np.random.default_rng(seed))
    train = [name for name in rest if name not in validation]
    rng = np.random.default_rng(seed)
    parts = [[line for name in part for line in modules[name]] for part in (train, validation, test)]
    return tuple([part[i] for i in rng.permutation(len(part))] for part in parts)  # type: ignore[return-value]


def _drawn(
    modules: dict[tuple[str, str], list[Line]], libraries: Counter[str], rng: np.random.Generator
) -> list[tuple[str, str]]:
    """Modules at random, as many as fit into a fifth of their library's lines."""
    drawn, room = [], {library: HELD_OUT * count for library, count in libraries.items()}
    names = list(modules)
    for name in (names[i] for i in rng.permutation(len(names))):
        if len(modules[name]) <= room[name[0]]:
            drawn.append(name)
            room[name[0]] -= len(modules[name])
    return drawn
