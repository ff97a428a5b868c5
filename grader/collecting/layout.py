"""Whose is what lies at the paths that are given: each learner's files, found by how the folders are laid out.

A folder that is given is a class's or a learner's own. In a class folder the learner is the folder directly beneath it,
however deep a notebook lies, or stands in the name of a file. docs/grading.md says how the two are told apart.
"""

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.collecting.file_names import folder_learner, is_no_learner, read_name
from grader.collecting.folder_walk import KINDS, MAX_LEFT, File, Tree, tree, why_odd
from grader.collecting.learner_ids import learner_id
from grader.collecting.problems import Kind, Left, Problem, told
from grader.core.text import one_line
from grader.units.course import is_folder

_MOST_SHELVES = 3  # in each other
_RECEIPT = ".txt"  # what Blackboard adds for each learner is called as the learner's files, with no name of its own


@dataclass
class Share:
    """What one learner has in one folder, or flat among others' files (`loose`). `more` files were only counted."""

    learner: str
    at: Path
    files: list[File] = field(default_factory=list)
    more: int = 0
    loose: bool = False


@dataclass
class Layout:
    """Finds shares. `known` are learners of the gradebook: a folder with such a name is that learner's own. The
    course's folder, at `root`, is nobody's."""

    units: Collection[str]
    known: Collection[str] = ()
    root: Path | None = None
    shares: list[Share] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, paths: Sequence[Path]) -> None:
        """Find whose the files at these paths and beneath them are."""
        trees: dict[Path, Tree] = {}
        for path in paths:
            with told(path, "", self.problems):
                trees |= {path: tree(path, self.units)} if is_folder(path) else {}
        alone = len(trees) == len(paths) == 1
        # Who gives several folders beside each other, of which one is a learner's own, gives learners: a shell's `*`.
        own = set() if alone else {_parent(path) for path, its in trees.items() if self._is_own(its, alone=False)}
        for path in paths:
            with told(path, "", self.problems):
                if path not in trees:
                    self._add_file(path)
                elif _parent(path) in own:
                    self._add_own(trees[path])
                else:
                    self._add_folder(trees[path], alone=alone)

    def _add_folder(self, its: Tree, *, alone: bool) -> None:
        unread = [file for file in its.files if not file.name]
        if unread:
            self._refuse(its.path, unread[0].odd)
        elif self._is_course(its):
            self._refuse(its.path, "it is the course itself: give the folder with what learners handed in.")
        elif not its.candidates:
            self._refuse(its.path, f"no notebooks in this folder. Lay it out as <learner>/<unit>.ipynb.{_others(its)}")
        elif self._is_own(its, alone=alone):
            self._add_own(its)
        elif alone and self._is_either(its):
            self._refuse(
                its.path, "is it a learner's folder or a class's? It holds a notebook, and so does the only folder in "
                "it. Give the folder around it, or remove one of the two."
            )  # fmt: skip
        elif self._is_shelf(its):
            for child in its.children.values():
                if child.candidates:
                    self._add_folder(child, alone=False)
                else:
                    self._leave(child)
            self._add_direct(its, {})
        else:
            self._add_class(its)
            self._add_direct(its, _learners_in_names(its.direct) if alone else {})

    def _is_own(self, its: Tree, *, alone: bool, depth: int = 0) -> bool:
        """Whether a folder is one learner's."""
        holding = {name for name, child in its.children.items() if child.candidates}
        if any(self._is_known(name) for name in holding):
            return False
        if self._is_known(its.path.resolve().name):
            return True
        if any(not self._is_no_learner(name) for name in holding):
            return False
        direct = [file for file in its.direct if file.is_candidate and not file.odd]
        if not direct:
            return bool(holding) and not self._is_shelf(its, depth)
        if alone and any(file.said.platform for file in direct):
            return False
        named = {learner for learner, _ in _learners_in_names(direct).values()} if alone else set()
        return not named or (len(named) == 1 and any(not file.said.learner for file in direct))

    def _is_either(self, its: Tree) -> bool:
        """Whether it could be a learner's folder with one more folder in it, or a class's with one learner."""
        holding = [name for name, child in its.children.items() if child.candidates and not self._is_no_learner(name)]
        plain = [file for file in its.direct if file.is_candidate and not file.odd and not file.said.learner]
        return len(holding) == 1 and bool(plain) and not self._is_known(holding[0])

    def _is_shelf(self, its: Tree, depth: int = 0) -> bool:
        """Whether a folder holds class folders, one for each unit, attempt or week; perhaps shelves of these."""
        if depth >= _MOST_SHELVES:
            return False
        holding = [child for child in its.children.values() if child.candidates]
        return bool(holding) and all(self._is_no_learner(child.path.name) for child in holding) and any(
            not self._is_own(child, alone=False, depth=depth + 1) for child in holding
        )  # fmt: skip

    def _is_course(self, its: Tree) -> bool:
        return self.root is not None and its.path.resolve() == self.root.resolve()

    def _is_known(self, folder: str) -> bool:
        return learner_id(folder_learner(folder)) in self.known

    def _is_no_learner(self, folder: str) -> bool:
        return not self._is_known(folder) and is_no_learner(folder, self.units)

    def _add_own(self, its: Tree) -> None:
        name = its.path.resolve().name
        if not name or self._is_no_learner(name):
            self._refuse(
                its.path, f"it contains notebooks, and {name!r} is not a learner's name. Give the learner's folder, or "
                "the folder of the class with the learners' folders in it."
            )  # fmt: skip
            return
        if not its.files:
            self._refuse(its.path, "no notebooks in this folder.", learner_id(folder_learner(name)))
        files = [file for file in its.files if not (file.name.startswith(".") and "/" in file.name)]
        self.shares.append(Share(learner_id(folder_learner(name)), its.path, files, its.more))

    def _add_class(self, its: Tree) -> None:
        by_learner: dict[str, list[Tree]] = {}
        for name, child in its.children.items():
            if self._is_course(child):
                continue
            if not self._is_no_learner(name):
                by_learner.setdefault(learner_id(folder_learner(name)), []).append(child)
            elif child.candidates:
                self._refuse(child.path, "its name is not a learner's: its contents were not graded.")
            else:
                self._leave(child)
        for learner, folders in by_learner.items():
            names = [folder.path.name for folder in folders]
            if len(folders) > 1 and any(folder_learner(name) == name for name in names):
                told = " and ".join(one_line(ascii(name), 100) for name in names)
                self._refuse(its.path, f"the folders {told} would belong to the same learner: rename one.", learner)
                continue
            self.shares += [Share(learner, folder.path, folder.files, folder.more) for folder in folders]

    def _add_direct(self, its: Tree, named: dict[File, tuple[str, str]]) -> None:
        """What lies in the class folder itself."""
        loose: dict[str, Share] = {}
        receipts = [file for file, (_, name) in named.items() if name == _RECEIPT]
        for file in sorted(named, key=receipts.__contains__):
            learner, name = named[file]
            if file not in receipts or learner not in loose:
                share = loose.setdefault(learner, Share(learner, its.path, loose=True))
                share.files.append(replace(file, name=name))
        self.shares += loose.values()
        self._tell_loose(list(loose.values()))
        unnamed = [file for file in its.direct if file not in named]
        for file in unnamed:
            if file.is_candidate:
                what = "its name contains no learner, and it is in no learner's folder. Put it into one, or name it "
                self._refuse(file.path, file.odd or f"{what}<learner>_<unit>.ipynb.", _linked(file))
        left = [file.name for file in unnamed if not file.is_candidate]
        if left:
            self.problems.append(Left(its.path, "", left, max(its.beside[""] - MAX_LEFT, 0)))

    def _tell_loose(self, loose: Sequence[Share]) -> None:
        """That names of files say whose they are is said once: a learner could have chosen the name."""
        if loose:
            first = f"'{loose[0].files[0].path.name}' counts for learner '{loose[0].learner}'"
            text = f"{loose[0].at}: learners are taken from file names ({len(loose):,}): {first}."
            self.problems.append(Problem(one_line(text, 500), "", Kind.CHOICE))

    def _add_file(self, path: Path) -> None:
        """A file that was given itself: its learner is the folder that it lies in."""
        file = File(path, path.name, read_name(path.name, self.units), why_odd(path), True)
        if file.odd or not (file.said.units or path.name.strip().lower().endswith((*KINDS, ".json", ".txt"))):
            what = "it is no notebook: its name must be <unit>.ipynb, or of a bundle <unit>.zip."
            self._refuse(path, file.odd or what)
            return
        folder = path.resolve().parent.name
        if file.said.learner and not self._is_known(folder):
            what = "its name and its folder may name a learner: give the folder, or name it after its unit."
            self._refuse(path, what)
        elif not folder or self._is_no_learner(folder):
            self._refuse(path, f"it is in {folder!r}, which is not a learner's name: give the learner's folder.")
        else:
            self.shares.append(Share(learner_id(folder_learner(folder)), path, [file]))

    def _leave(self, its: Tree) -> None:
        self.problems.append(Left(its.path, "", [file.name for file in its.files], its.more))

    def _refuse(self, path: Path, why: str, learner: str = "") -> None:
        self.problems.append(Problem(f"{one_line(str(path))}: {one_line(why, 500)}", learner))


def _parent(path: Path) -> Path:
    return Path(os.path.abspath(path)).parent  # noqa: PTH100  a link that was given stays where it lies


def _others(its: Tree) -> str:
    count = len(its.files) + its.more
    return f" It holds {count:,} other file{'' if count == 1 else 's'}." if count else ""


def _linked(file: File) -> str:
    """Whose a link to a folder would be, in a class folder."""
    return learner_id(file.name) if file.odd and not file.said.units else ""


def _learners_in_names(files: Iterable[File]) -> dict[File, tuple[str, str]]:
    """Whose each file is by its name, and its name without that; files whose names say nobody are left out."""
    files = list(files)
    assignment = _assignment([file.said.learner for file in files if file.said.platform == "Blackboard"])
    found: dict[File, tuple[str, str]] = {}
    before: dict[str, str] = {}
    for file in files:
        learner = file.said.learner
        if file.said.platform == "Blackboard":
            learner = learner.removeprefix(assignment) if learner.startswith(assignment) else ""
        if learner:
            found[file] = learner_id(learner), file.said.rest or file.name
            if not file.said.platform:
                before[file.name.removesuffix(file.said.rest)] = learner_id(learner)
    for file in files:
        start = max((lead for lead in before if file.name.startswith(lead)), key=len, default="")
        if start and file not in found and not file.is_candidate:
            found[file] = before[start], file.name.removeprefix(start)
    return found


def _assignment(names: Sequence[str]) -> str:
    """What Blackboard writes before each user name: the shortest text before a last `_`, since these may hold one."""
    return min((f"{name.rpartition('_')[0]}_" for name in names), key=len, default="")
