"""Which content of a package some code depends on, through all that it imports: file by file, as digests.

A module counts as a whole, with the data that it reads. What only passes names on, such as a package's `__init__`,
counts by the names that are used of it. Where a name's origin cannot be seen, the whole sub-package counts.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from tests.prove.uses import ALL, Binding, Use, bindings, is_dynamic, texts, uses

_CODE = (".py", ".pyi", ".pyc")
_PASSED_BY = ("__pycache__", ".ipynb_checkpoints")
_OPENS_BESIDE = {"__file__", "files", "resources"}


def digest_of(content: bytes | str) -> str:
    """The digest of some content."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


class Module:
    """One module of a package: its text, its tree, what it binds and reads."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path, self.is_package = name, path, path.name == "__init__.py"
        text = path.read_text(encoding="utf-8")
        self.lines, self.tree = text.splitlines(), ast.parse(text)
        stub = path.with_suffix(".pyi")
        self.trees = [self.tree, *([ast.parse(stub.read_bytes())] if stub.is_file() else [])]
        self.stub = stub if stub.is_file() else None

    @cached_property
    def texts(self) -> set[str]:
        """All texts in it that are written out."""
        return texts(self.tree)

    @cached_property
    def is_face(self) -> bool:
        """Whether it defines nothing but how names are passed on."""
        defined = [s for s in self.tree.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
        imports = [s for s in ast.walk(self.tree) if isinstance(s, ast.Import | ast.ImportFrom)]
        return bool(imports) and all(s.name in ("__getattr__", "__dir__") for s in defined)

    @cached_property
    def residue(self) -> str:
        """What of a face is neither its text for readers nor a table of names nor the passing on of one."""
        kept = [s for s in self.tree.body if not (_is_text(s) or _is_all(s) or _tables([s]) or _is_import(s))]
        return "\n".join(line for s in kept for line in self.lines[s.lineno - 1 : s.end_lineno])

    @cached_property
    def imported_for_its_effects(self) -> list[str]:
        """What it imports in full, without giving it a name, for what that does by being imported."""
        plain = [alias for s in self.tree.body if isinstance(s, ast.Import) for alias in s.names]
        return [alias.name for alias in plain if not alias.asname]

    @cached_property
    def tables(self) -> dict[str, list[str]]:
        """From each name in a table of texts to its texts, as modules that import by name have one."""
        return _tables(self.tree.body)


class Library:
    """All modules of a package below a folder, and what depends on what."""

    def __init__(self, root: Path, package: str) -> None:
        self.root, self.package = root, package
        self._paths = dict(_modules(root, package))
        self._read: dict[str, Module] = {}
        self._added: dict[Use, tuple[dict[str, str], list[Use]]] = {}
        folder = root / package
        self._data = sorted(path for path in folder.rglob("*") if path.is_file() and _is_data(path, folder))

    @property
    def modules(self) -> list[str]:
        """The names of all modules."""
        return [*self._paths]

    def is_module(self, name: str) -> bool:
        """Whether the package has a module of this name."""
        return name in self._paths

    def content(self, code: str, name: str = "__main__") -> dict[str, str]:
        """The digests of everything that code depends on, by place: a file, or a name that a file passes on."""
        found: dict[str, str] = {}
        done: set[Use] = set()
        waiting = [*uses(ast.parse(code), name, False, self.is_module)]
        while waiting:
            use = waiting.pop()
            if use not in done:
                done.add(use)
                if use not in self._added:
                    self._added[use] = self._of(use)
                places, more = self._added[use]
                found |= places
                waiting += more
        return found

    def _of(self, use: Use) -> tuple[dict[str, str], list[Use]]:
        """What one use adds, and what it uses in turn."""
        module = self._module(use.module)
        places, effects = self._on_import(module)
        if use.name == ALL or not module.is_face:
            return places | self._whole(module), [*effects, *self._uses_of(module)]
        passed_on = [
            binding
            for tree in module.trees
            for binding in bindings(tree, module.name, module.is_package, self.is_module)
            if binding.alias in (use.name, ALL) or binding.name == ALL
        ]
        if passed_on:
            said = sorted({f"{b.module} {b.name} {b.alias}" for b in passed_on})
            places[f"{self._place(module.path)}:{use.name}"] = digest_of("\n".join(said))
            return places, [*effects, *(_target(binding, use.name) for binding in passed_on)]
        if use.name in module.tables:
            said = module.tables[use.name]
            places[f"{self._place(module.path)}:{use.name}"] = digest_of("\n".join(said))
            meant = [Use(target, ALL) for target in self._meant(module, said)]
            return places, [*effects, *(meant or self._in_doubt(module))]
        if self.is_module(f"{module.name}.{use.name}"):
            return places, effects  # it is used by itself
        if _assigns(module.tree, use.name) or is_dynamic(module.tree, self.is_module):
            return places | self._whole(module), [*effects, *self._uses_of(module)]
        return places, effects  # no such name: the code means a variable of its own

    def _module(self, name: str) -> Module:
        if name not in self._read:
            self._read[name] = Module(name, self._paths[name])
        return self._read[name]

    def _uses_of(self, module: Module) -> list[Use]:
        """What a whole module uses: all around it, if it may import what it does not name."""
        found: set[Use] = set()
        for tree in module.trees:
            found |= uses(tree, module.name, module.is_package, self.is_module)
        return [*found, *(self._in_doubt(module) if is_dynamic(module.tree, self.is_module) else [])]

    def _in_doubt(self, module: Module) -> list[Use]:
        """The sub-package of a module, as a whole."""
        inside = module.name if module.is_package else module.name.rpartition(".")[0]
        return [Use(name, ALL) for name in self._paths if name == inside or name.startswith(f"{inside}.")]

    def _meant(self, module: Module, said: Iterable[str]) -> list[str]:
        """The modules that texts of a table name, written in full or from the module's own package on."""
        inside = module.name if module.is_package else module.name.rpartition(".")[0]
        names = [name for text in said for name in (text, f"{inside}.{text.lstrip('.')}", text.replace(":", "."))]
        parents = [name.rpartition(".")[0] for name in names]
        return sorted({name for name in [*names, *parents] if self.is_module(name) and name != self.package})

    def _on_import(self, module: Module) -> tuple[dict[str, str], list[Use]]:
        """What a module that passes names on, and the packages around it, do when they are imported."""
        parts = module.name.split(".")
        names = [".".join(parts[:end]) for end in range(1, len(parts))]
        around = [self._module(name) for name in names if self.is_module(name)]
        if module.is_face:
            around.append(module)
        places = {f"{self._place(one.path)}:": digest_of(one.residue) for one in around if one.residue}
        effects = [name for one in around for name in one.imported_for_its_effects if self.is_module(name)]
        return places, [Use(name, ALL) for name in effects if name != self.package]

    def _whole(self, module: Module) -> dict[str, str]:
        paths = [module.path, *([module.stub] if module.stub else []), *self._data_of(module)]
        return {self._place(path): digest_of(path.read_bytes()) for path in paths}

    def _data_of(self, module: Module) -> list[Path]:
        """The files that a module names; all beside it and below that nobody names, if it opens any there."""
        named = [path for path in self._data if _names(path, module.texts)]
        words = {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(module.tree)}
        if words & _OPENS_BESIDE:
            named += [path for path in self._nobodys if path.is_relative_to(module.path.parent)]
        return named

    @cached_property
    def _nobodys(self) -> list[Path]:
        said = {text for name in self._paths for text in self._module(name).texts}
        return [path for path in self._data if not _names(path, said)]

    def _place(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def _modules(root: Path, package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if not set(parts) & set(_PASSED_BY):
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _is_data(path: Path, folder: Path) -> bool:
    inside = path.relative_to(folder).parts
    return path.suffix not in _CODE and path.name != "py.typed" and not set(inside) & set(_PASSED_BY)


def _names(path: Path, said: set[str]) -> bool:
    """Whether a file is named by one of some texts, as a path or by its name, whole or without its ending."""
    return path.stem in said or any(text == path.name or text.endswith(f"/{path.name}") for text in said)


def _target(binding: Binding, name: str) -> Use:
    return Use(binding.module, name if binding.name == ALL else binding.name or ALL)


def _tables(statements: Iterable[ast.stmt]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for statement in statements:
        value = getattr(statement, "value", None)
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(value, ast.Dict) and value.keys:
            keys = [key.value for key in value.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
            plain = all(
                isinstance(node, ast.Constant | ast.Tuple | ast.List | ast.Load)
                for part in value.values
                for node in ast.walk(part)
            )
            if plain and len(keys) == len(value.keys):
                found |= {key: sorted(texts(part)) for key, part in zip(keys, value.values, strict=True)}
    return found


def _assigns(tree: ast.Module, name: str) -> bool:
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return any(node.id == name for node in made)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_all(statement: ast.stmt) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def _is_import(statement: ast.stmt) -> bool:
    """An import, or a block of nothing else, such as one for type checkers."""
    if isinstance(statement, ast.If):
        return all(map(_is_import, [*statement.body, *statement.orelse]))
    return isinstance(statement, ast.ImportFrom)
