"""What a file of Python uses of a package, read from its syntax tree: modules, and which of their names."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

ALL = "*"
# What imports something that no statement names.
_BY_NAME, _LAZY, _CODE = {"import_module", "__import__"}, {"attach", "attach_stub"}, {"exec", "eval"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Use(NamedTuple):
    """One name of one module, or ALL of it."""

    module: str
    name: str


class Binding(NamedTuple):
    """What an import statement calls a name of a module; of a module itself where `name` is empty."""

    alias: str
    module: str
    name: str


def uses(tree: ast.AST, module: str, is_package: bool, is_module: Callable[[str], bool]) -> set[Use]:
    """All that code uses of the modules for which `is_module` is true, wherever in it an import stands.

    `from p import m` and `m.f()` use the name `f` of `p.m`. A module that is used otherwise, handed on for example, or
    that is imported and never named again, is used as a whole.
    """
    found: set[Use] = set()
    modules: dict[str, set[str]] = {}
    for binding in bindings(tree, module, is_package, is_module):
        if binding.name:
            found.add(Use(binding.module, binding.name))
        else:
            modules.setdefault(binding.alias, set()).add(binding.module)
    reader = _Reader(modules, is_module)
    reader.visit(tree)
    never_named = {target for alias, targets in modules.items() if alias not in reader.named for target in targets}
    plain = [alias for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    never_named |= {one.name for one in plain if one.name.split(".")[0] in never_named}
    return found | reader.found | {Use(target, ALL) for target in never_named if is_module(target)}


def bindings(
    tree: ast.AST, module: str, is_package: bool, is_module: Callable[[str], bool]
) -> Iterator[Binding]:  # fmt: skip
    """What import statements bind of those modules. `import p.q` binds `p`, and `p.q` where that is used."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if is_module(alias.name):
                    bound = alias.asname or alias.name.split(".")[0]
                    yield Binding(bound, alias.name if alias.asname else bound, "")
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(node, module, is_package)
            if not is_module(source):
                continue
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                target = Use(inner, "") if is_module(inner) else Use(source, alias.name)
                yield Binding(alias.asname or alias.name, target.module, target.name)


def is_dynamic(tree: ast.AST, is_module: Callable[[str], bool]) -> bool:
    """Whether code may import, or give, one of those modules or names that no statement of it names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "__getattr__":
            return True
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "")
            called = name or getattr(node.func, "attr", "")
            if called in _LAZY or name in _CODE or (called in _BY_NAME and not _elsewhere(node, is_module)):
                return True
    return False


def texts(tree: ast.AST) -> set[str]:
    """All texts in code that are written out."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _absolute(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    above = parts[: len(parts) - node.level + is_package]
    return ".".join([*above, *([node.module] if node.module else [])])


def _elsewhere(node: ast.Call, is_module: Callable[[str], bool]) -> bool:
    """Whether the module that is imported by name is another package's: the beginning of its name is written out."""
    first = node.args[0] if node.args else None
    if isinstance(first, ast.JoinedStr) and first.values:
        first = first.values[0]
    text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    package, dot, _ = text.partition(".")
    return bool(package and (dot or isinstance(node.args[0], ast.Constant)) and not is_module(package))


class _Reader(ast.NodeVisitor):
    """Follows names that mean modules: `named` are those that were met, `found` what is used."""

    def __init__(self, modules: dict[str, set[str]], is_module: Callable[[str], bool]) -> None:
        self.found: set[Use] = set()
        self.named: set[str] = set()
        self._modules, self._is_module = modules, is_module
        self._hidden: list[set[str]] = []

    def visit_Attribute(self, node: ast.Attribute) -> None:  # noqa: N802
        attributes: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            attributes.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            self._use(inner.id, attributes[::-1])
        else:
            self.visit(inner)

    def visit_Name(self, node: ast.Name) -> None:  # noqa: N802
        self._use(node.id, [])

    def generic_visit(self, node: ast.AST) -> None:
        if not isinstance(node, _FUNCTIONS):
            super().generic_visit(node)
            return
        self._hidden.append(_local(node))
        super().generic_visit(node)
        self._hidden.pop()

    def _use(self, name: str, attributes: Sequence[str]) -> None:
        if name not in self._modules or any(name in hidden for hidden in self._hidden):
            return
        self.named.add(name)
        for module in self._modules[name]:
            self._walk(module, attributes)

    def _walk(self, module: str, attributes: Sequence[str]) -> None:
        for number, attribute in enumerate(attributes):
            inner = f"{module}.{attribute}"
            if not self._is_module(inner):
                self.found.add(Use(module, attribute))
                return
            self.found.add(Use(module, attribute))  # a package may give its module's name to a function of it
            module = inner
            if number == len(attributes) - 1:
                break
        self.found.add(Use(module, ALL))


def _local(function: ast.AST) -> set[str]:
    """The names that a function binds as its own, other than by import."""
    arguments: ast.arguments = function.args  # type: ignore[attr-defined]
    own = {one.arg for one in ast.walk(arguments) if isinstance(one, ast.arg)}
    outer: set[str] = set()
    body = function.body if isinstance(function.body, list) else []  # type: ignore[attr-defined]
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            outer |= set(node.names)
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)
    return own - outer
