"""Breaks a reference in every small way: the wrong answers that nobody thought of. Pure; code in, code out.

The operators are those that mutation testing has had since Mothra (King and Offutt, 1991), with what learners of this
subject confuse: axes, means and sums, copies, dtypes, draws that should not depend on each other.
"""

import ast
import copy
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

N = TypeVar("N", bound=ast.AST)
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.MatMult: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv,
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}  # fmt: skip
_CALLS = {
    "max": ("mean", "min", "sum"), "mean": ("max", "sum"), "sum": ("mean", "max"), "min": ("max", "mean"),
    "std": ("var",), "var": ("std",), "argmax": ("argmin",), "argmin": ("argmax",), "maximum": ("minimum",),
    "minimum": ("maximum",), "floor": ("ceil",), "ceil": ("floor",), "zeros": ("ones",), "ones": ("zeros",),
    "zeros_like": ("ones_like",), "ones_like": ("zeros_like",), "any": ("all",), "all": ("any",),
    "append": ("insert",), "log": ("log2",), "cumsum": ("cumprod",), "sorted": ("list",),
}  # fmt: skip
_COPIES = ("copy", "array", "asarray", "list", "dict", "tuple", "set", "deepcopy")
_DRAWS = (
    "normal", "uniform", "random", "integers", "choice", "permutation", "standard_normal", "binomial", "shuffle",
    "permuted", "exponential", "multinomial",
)  # fmt: skip
_SYMMETRIC = (
    "maximum", "minimum", "add", "multiply", "logical_and", "logical_or", "isclose", "allclose", "array_equal", "equal",
    "isdisjoint", "max", "min",
)  # fmt: skip
_PARTS = (ast.Constant, ast.UnaryOp, ast.Name, ast.keyword, ast.Slice, ast.Tuple)  # too small to be told alone
# Statements that are never left out.
_KEPT = (ast.Return, ast.Pass, ast.Raise, ast.Assert, ast.FunctionDef, ast.Import, ast.ImportFrom)
_SAME_ROWS = "(lambda drawn: np.broadcast_to(drawn[:1], np.shape(drawn)).copy())"
_NO_SEED = "np.random.default_rng(0)"


@dataclass(frozen=True)
class Mutant:
    """A reference, broken in one place: `line` of the exercise's cell, counted from 1, what was there and what is."""

    line: int
    old: str
    new: str
    code: str

    @property
    def place(self) -> str:
        """The change in words.

        >>> Mutant(3, "a + b", "a - b", "").place
        'line 3: a + b -> a - b'
        """
        return f"line {self.line}: {self.old} -> {self.new}"


def mutants(code: str, lines: Container[int]) -> list[Mutant]:
    """Every small way to break what is on these lines of the code, each once, in the order of the lines.

    Left as they are: docstrings, annotations, imports, and what is raised or asserted.

    >>> [mutant.place for mutant in mutants("def double(x):\\n    return x + x", [2])]
    ['line 2: x + x -> x - x']
    """
    tree = ast.parse(code)
    whole = ast.unparse(tree)
    around = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found: dict[str, Mutant] = {}
    for node in _within(tree):
        for replaced, new in _changes(node):
            line = getattr(replaced, "lineno", 0)
            if line in lines:
                text = ast.unparse(_with(tree, replaced, new))
                found.setdefault(text, Mutant(line, *_in_words(replaced, new, around), text))
    found.pop(whole, None)
    return sorted(found.values(), key=lambda mutant: mutant.line)


def _in_words(replaced: ast.AST, new: ast.AST | None, around: Mapping[ast.AST, ast.AST]) -> tuple[str, str]:
    """What was there and what is, in the first line of each: of a number, what it is a part of."""
    shown = replaced
    while new is not None and isinstance(shown, _PARTS) and shown in around:
        shown = around[shown]
    changed = _with(shown, replaced, new) if new is not None else None
    return ast.unparse(shown).split("\n")[0], ast.unparse(changed).split("\n")[0] if changed else ""


def _within(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.Assert) or _is_text(node):
        return
    yield node
    for field, value in () if _is_negative(node) else ast.iter_fields(node):
        if field in ("decorator_list", "annotation", "returns", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _within(child)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


Change = tuple[ast.AST, ast.AST | None]
"""What is replaced and by what; None for a statement that goes."""


def _changes(node: ast.AST) -> Iterator[Change]:
    for change in _KINDS:
        yield from change(node)


def _operators(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _OPERATORS:
        yield node, _changed(node, op=_OPERATORS[type(node.op)]())
    if isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield node, node.operand
    if isinstance(node, ast.BoolOp):
        yield node, _changed(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())


def _comparisons(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARISONS[type(node.ops[0])]:
            yield node, _changed(node, ops=[other()])
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield node.test, ast.UnaryOp(ast.Not(), node.test)


def _constants(node: ast.AST) -> Iterator[Change]:
    if _is_negative(node):
        assert isinstance(node, ast.UnaryOp)
        yield node, node.operand
        for _, new in _constants(node.operand):
            if isinstance(new, ast.Constant) and new.value:  # -0 is no other number than 0
                yield node, ast.UnaryOp(ast.USub(), new)
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield node, ast.Constant(not value)
    elif isinstance(value, int):
        yield node, ast.Constant(value + 1)
        if value > 0:
            yield node, ast.Constant(value - 1)
    elif isinstance(value, float):
        yield node, ast.Constant(1.0 if value == 0 else value * (10 if abs(value) < 0.001 else 2))


def _is_negative(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)


def _keywords(node: ast.AST) -> Iterator[Change]:
    """A keyword forgotten: an axis, `keepdims`, a dtype."""
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg:
                yield node, _changed(node, keywords=[other for other in node.keywords if other is not keyword])
            if keyword.arg == "axis" and isinstance(keyword.value, ast.UnaryOp):
                yield keyword.value, ast.Constant(0)


def _arguments(node: ast.AST) -> Iterator[Change]:
    """Two arguments exchanged, or the last one forgotten."""
    if isinstance(node, ast.Call) and len(node.args) > 1 and not any(isinstance(a, ast.Starred) for a in node.args):
        if _called(node) not in _SYMMETRIC:
            yield node, _changed(node, args=[node.args[1], node.args[0], *node.args[2:]])
        yield node, _changed(node, args=node.args[:-1])


def _calls(node: ast.AST) -> Iterator[Change]:
    """A call of another function of the family: the mean for the sum."""
    if isinstance(node, ast.Call):
        function = node.func
        for other in _CALLS.get(_called(node), ()):
            if isinstance(function, ast.Attribute):
                yield node, _changed(node, func=_changed(function, attr=other))
            elif isinstance(function, ast.Name) and other in ("max", "min", "sum", "any", "all", "list"):
                yield node, _changed(node, func=ast.Name(other, ast.Load()))


def _copies(node: ast.AST) -> Iterator[Change]:
    """A copy that is not made, a dtype that is not asked for."""
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("copy", "astype") and _is_value(node.func.value):
        yield node, node.func.value
    elif _called(node) in _COPIES and len(node.args) == 1:
        yield node, node.args[0]


def _called(call: ast.Call) -> str:
    """The last name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_value(node: ast.expr) -> bool:
    """Whether it is no module, as in `copy.copy(x)`."""
    return not (isinstance(node, ast.Name) and node.id in ("copy", "np", "numpy"))


def _draws(node: ast.AST) -> Iterator[Change]:
    """Independence dropped: the same draw in each row, or the same in each call."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _DRAWS:
        yield node, ast.Call(_expression(_SAME_ROWS), [node], [])
        yield node.func.value, _expression(_NO_SEED)


def _loops(node: ast.AST) -> Iterator[Change]:
    """A loop that is one step short, at its end or at its beginning."""
    if isinstance(node, ast.For | ast.comprehension):
        steps = ast.Call(ast.Name("list", ast.Load()), [node.iter], [])
        for short in ("[:-1]", "[1:]"):
            subscript = _expression(f"steps{short}")
            assert isinstance(subscript, ast.Subscript)
            yield node.iter, _changed(subscript, value=steps)


def _statements(node: ast.AST) -> Iterator[Change]:
    """A statement that is missing."""
    for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
        for statement in body if isinstance(body, list) else []:
            if not isinstance(statement, _KEPT) and not _is_text(statement):
                yield statement, None


_KINDS: tuple[Callable[[ast.AST], Iterator[Change]], ...] = (
    _operators, _comparisons, _constants, _keywords, _arguments, _calls, _copies, _draws, _loops, _statements,
)  # fmt: skip


def _changed(node: N, **fields: object) -> N:
    """A copy of a node with some of its fields replaced."""
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _with(tree: ast.AST, replaced: ast.AST, new: ast.AST | None) -> ast.AST:
    """A tree with one node replaced; the rest is shared."""

    class Replacing(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if node is replaced:
                return ast.Pass() if new is None else new
            made = copy.copy(node)
            for field, value in ast.iter_fields(node):
                if isinstance(value, list):
                    setattr(made, field, [self.visit(v) if isinstance(v, ast.AST) else v for v in value])
                elif isinstance(value, ast.AST):
                    setattr(made, field, self.visit(value))
            return made

    return ast.fix_missing_locations(Replacing().visit(tree))
