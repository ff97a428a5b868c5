"""What an author wrote shorter than as a function: a probe that only calls the answer, an answer as a text. Pure."""

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Called:
    """A probe that returns what an expression or statements give; without a text, what the answer gives for its inputs.

    `definition` is None until the reference is known, whose parameters say in which order the inputs are given.
    """

    name: str
    line: int
    text: str = ""
    strict: bool = False  # whether a warning of floating-point numbers is an error
    definition: ast.FunctionDef | None = None


@dataclass(frozen=True)
class Written:
    """An answer as a text: edits of the reference, "old -> new" each, or a whole body under its signature.

    `line` is that of the call that gave it. `definition` is None until the reference is known.
    """

    name: str
    text: str | tuple[str, ...]
    line: int
    definition: ast.FunctionDef | None = None
