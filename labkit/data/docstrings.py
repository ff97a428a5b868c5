"""First lines of documentation, read from a library's source files without importing it."""

from __future__ import annotations

import ast
import gc
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

# Tests, internals and what only some versions of Python have.
_LEFT_OUT = re.compile(
    r"(^|/)(_?(tests?|testing|testutils|examples|externals?|distutils|f2py|utils?|api|backends?|legacy|build_utils"
    r"|pyinstaller|typing|precompute)|_lib)(/|$)|_test\.py$|_?test_?utils?\.py$|conftest\.py$"
)
# What names a library would answer the question by itself.
_NAMES = re.compile(
    r"numpy|scipy|scikit|sklearn|keras|matplotlib|pyplot|tensorflow|pytorch|\b(np|tf|plt|mpl|jax|torch)\b",
    re.IGNORECASE,
)
_ROLE = re.compile(r":[a-z:]+:`~?([^`<]*?)(?:\s*<[^`]*>)?`")  # :meth:`bytes.decode`
_MARKS = re.compile(r"[`*]|\B[~.](?=[A-Za-z])|\\s\b")
_SENTENCE = re.compile(r"(.+?)(?:[.!?:;]\s|[.!?:;]?$)")
_SIGNATURE = re.compile(r"\w+\(.*\)$", re.DOTALL)
_ODD = re.compile(r">>>|--|==|https?:|[{}|\\$]|deprecat|alias|\bTODO\b|^\w+\(", re.IGNORECASE)
LEAST_WORDS, MOST_WORDS = 4, 25


class Line(NamedTuple):
    """A sentence and where it comes from: the library, and the module's path within it."""

    library: str
    module: str
    text: str


def first_lines(library: str) -> Iterator[Line]:
    """The first sentence of every public class, function and method, in the order of the files.

    Raises ModuleNotFoundError where the library is not installed.
    """
    spec = find_spec(library)  # of a top-level package: nothing is imported
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"The library {library!r} is not installed.")
    root = Path(spec.origin).parent
    with _fast_and_quiet():
        for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
            module = path.relative_to(root).as_posix()
            if _LEFT_OUT.search(module):
                continue
            for text in _docstrings(ast.parse(path.read_text(encoding="utf-8")).body):
                sentence = cleaned(text)
                if is_sentence(sentence):
                    yield Line(library, module, sentence)


def cleaned(docstring: str) -> str:
    """The first sentence of a docstring, without markup and without its full stop."""
    paragraphs = docstring.strip().split("\n\n")
    if _SIGNATURE.match(paragraphs[0]):
        paragraphs = paragraphs[1:] or [""]
    paragraph = paragraphs[0]
    plain = _MARKS.sub("", _ROLE.sub(r"\1", " ".join(paragraph.split())))
    found = _SENTENCE.match(plain)
    return found[1].strip() if found else ""


def is_sentence(text: str) -> bool:
    """Whether it is plain English of 4 to 25 words that names none of the libraries."""
    return (
        LEAST_WORDS <= len(text.split()) <= MOST_WORDS
        and text.isascii()
        and text[0].isalpha()
        and not _ODD.search(text)
        and not _NAMES.search(text)
    )


def _docstrings(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            yield first.value.value
        if isinstance(node, ast.ClassDef):
            yield from _docstrings(node.body)


@contextmanager
def _fast_and_quiet() -> Iterator[None]:
    """No warnings for the libraries' own escapes; no collector, which looks in vain at every node of every tree."""
    collects = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        if collects:
            gc.enable()
