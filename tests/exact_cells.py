"""A pytest plugin: nbval compares the outputs that are the same on every machine. `pytest -p tests.exact_cells …`.

Compared is what a cell shows as text: cards, what an explorer says of its first state, data sets, tables, prints. Three
kinds of cell are only run: one that trains, or goes on from what training left, as the grader itself reads notebooks;
one that asks a trained model; and one that asks the clock. Of what is compared, the name of the engine with its cores,
and numbers that are nothing but rounding, are taken out first.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import Any

import nbformat

from grader.notebooks.cells import statements
from grader.notebooks.training_cells import without_training

# What of a model that was trained, or of the machine, comes out differently elsewhere, whoever calls it.
INEXACT = {"fit", "predict", "evaluate", "load_model", "perf_counter", "time", "measure"}
TAKEN_OUT = {
    r"Keras \S+ with .+ on .+": "THE ENGINE",
    r"\b\d(\.\d+)?e-(09|[1-9]\d)\b": "ROUNDING",
}
# Pictures are drawn anew by every version of a font; beside each is its text, which is compared.
NO_TEXT = ("text/html", "image/png", "image/svg+xml")
_LEFT_OUT = {"aside", "task"}


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Mark the cells whose outputs are compared, and say of each cell what it proves."""
    by_notebook: dict[Any, list[Any]] = defaultdict(list)
    for item in items:
        if hasattr(item, "cell"):
            by_notebook[item.parent].append(item)
    for notebook, cells in by_notebook.items():
        notebook.skip_compare += NO_TEXT
        notebook.sanitize_patterns.update(TAKEN_OUT)
        # A learner's progress, left by who ran the reference before, would show in its first card.
        (notebook.path.parent / ".progress" / f"{notebook.path.stem}.json").unlink(missing_ok=True)
        compared = exact_cells(nbformat.read(notebook.path, as_version=4))
        for item in cells:
            item.options["check"] = item.cell_num in compared
            word = "outputs compared" if item.cell_num in compared else "cells only run"
            item.user_properties.append(("proved", word))


def exact_cells(notebook: Any) -> set[int]:
    """The numbers, among the cells of code, of those whose outputs are the same on every machine."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    own = [number for number, cell in enumerate(code) if not _LEFT_OUT & set(cell.metadata.get("tags", []))]
    trained = {own[place] for place in without_training([code[number].source for number in own])}
    return {number for number in own if code[number].outputs and number not in trained and _is_exact(code[number])}


def _is_exact(cell: Any) -> bool:
    nodes = [node for statement in statements(cell.source) for node in ast.walk(statement)]
    called = {getattr(node.func, "attr", getattr(node.func, "id", "")) for node in nodes if isinstance(node, ast.Call)}
    return not called & INEXACT
