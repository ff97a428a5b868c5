"""One call for every set of texts: by its name, or files of the learner's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from labkit.data.chinese_sentences import chinese
from labkit.data.documentation import sentences
from labkit.data.named import Named, fetched, or_stand_in, warn_of_folder
from labkit.data.splits import dealt
from labkit.data.textset import Texts

NAMES = ("sentences", "chinese", "imdb")
IMDB = Named(
    "IMDB, reviews of films",
    "Maas, Daly, Pham, Huang, Ng and Potts (2011), by Keras's loader",
    "none stated by its authors",
    ("negative", "positive"),
)
IMDB_WORDS = 20_000  # the most frequent ones; the rest reads as "[unknown]"


def texts(what: str | os.PathLike[str], *, seed: int = 0, fallback: bool = False) -> Texts:
    """Texts by name, or from a folder of .txt files: one file a class with a text in each line, or one sub-folder a
    class with a text in each file.

    "sentences" and "chinese" need no network; "imdb" comes from Keras's loader, which fetches it once. If that fails,
    ConnectionError says what to do. The sentences have other classes, so they stand in only with `fallback=True`; a
    warning says so, and so does the title.
    """
    name = os.fspath(what)
    if name in NAMES:
        warn_of_folder(name)
    if name == "sentences":
        return sentences(seed)
    if name == "chinese":
        return chinese(seed)
    if name == "imdb":
        call = 'data.texts("imdb", fallback=True)'
        return or_stand_in(IMDB, call, lambda: _imdb(seed), lambda: sentences(seed), fallback)
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(f"There are no texts and no folder {name!r}. By name there are: {', '.join(NAMES)}.")
    return _own(folder, seed)


def _imdb(seed: int) -> Texts:
    from keras.datasets import imdb

    (x, y), (x_test, y_test) = fetched(IMDB, lambda: imdb.load_data(num_words=IMDB_WORDS, start_char=None, oov_char=2))
    words = {number + 3: word for word, number in fetched(IMDB, imdb.get_word_index).items()}
    words[2] = "[unknown]"

    def told(rows: Any) -> list[str]:
        return [" ".join(words.get(int(number), "[unknown]") for number in row) for row in rows]

    order = np.random.default_rng(seed).permutation(len(x))
    validation, train = np.split(order, [len(x) // 5])
    return Texts(
        IMDB.title,
        IMDB.source,
        IMDB.licence,
        IMDB.classes,
        "no film stands in both training and test; a fifth of the training reviews validates",
        *(told(x[train]), y[train], told(x[validation]), y[validation], told(x_test), y_test),
    )


def _own(folder: Path, seed: int) -> Texts:
    """A fifth of each class validates, a fifth tests; a text that is there twice counts once."""
    found = {name: list(dict.fromkeys(lines)) for name, lines in _classes(folder).items()}
    few = [name for name, lines in found.items() if len(lines) < 3]
    if len(found) < 2 or few:
        raise ValueError(
            f"{str(folder)!r} needs two classes or more with three texts each, as .txt files with a text in each line "
            f"or as sub-folders of .txt files; found {', '.join(f'{n}: {len(t)}' for n, t in found.items()) or 'none'}."
        )
    texts = [line for lines in found.values() for line in lines]
    labels = np.repeat(np.arange(len(found), dtype="int64"), [len(lines) for lines in found.values()])
    columns: list[Any] = []
    for rows in dealt(labels, np.random.default_rng(seed)):
        columns += [[texts[row] for row in rows], labels[rows]]
    return Texts(
        f"Texts in {folder.name}",
        str(folder),
        "whatever holds for your texts",
        tuple(found),
        "the same class shares in each",
        *columns,
    )


def _classes(folder: Path) -> dict[str, list[str]]:
    classes: dict[str, list[str]] = {}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            texts = [" ".join(_read(file).split()) for file in sorted(entry.glob("*.txt"))]
            classes[entry.name] = [text for text in texts if text]
        elif entry.suffix == ".txt":
            classes[entry.stem] = [line.strip() for line in _read(entry).splitlines() if line.strip()]
    return {name: found for name, found in classes.items() if found}


def _read(file: Path) -> str:
    """UTF-8 with or without a byte order mark, else GB 18030, in which many Chinese files are written."""
    content = file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")
