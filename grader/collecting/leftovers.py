"""What is said of a learner's files that are not graded: in one line where nothing of that learner is."""

from collections.abc import Collection, Sequence
from pathlib import Path

from grader.bundles.bundle import MANIFEST
from grader.collecting.candidates import Found
from grader.collecting.content import HandedIn
from grader.collecting.folder_walk import File
from grader.collecting.layout import Share
from grader.collecting.problems import Left, Problem, named
from grader.core.text import one_line
from grader.notebooks.file_kinds import kind_by_name
from grader.units.course import Course

_MANY = 5  # files; more are listed in a line of their own


def leftovers(share: Share, found: Found, graded: Collection[HandedIn], course: Course) -> list[str]:
    """What is to be said of files that are neither notebook nor bundle of a unit, and of copies that were put aside.

    `graded` is all of the same learner's that is graded. It is a refusal where a learner has nothing for the unit that
    a file's name says, or nothing at all.
    """
    rest = [file for file in found.rest if file.path.name != MANIFEST]  # that of a bundle which was unpacked
    mine = {handed_in.unit for handed_in in graded}
    if not mine and not found.problems and not found.candidates:
        return _nothing(share, rest, course) if rest or share.more else []
    missed = [file for file in rest if set(file.said.units) - mine]
    names = [*(_shown(share, file) for file in rest if file not in missed), *_copies(share, found, graded)]
    told: list[str] = [
        Problem(f"{one_line(str(file.path))}: it {_what(file, course)}. Hand in the notebook itself.", share.learner)
        for file in missed
    ]
    return told + ([Left(share.at, share.learner, sorted(names), share.more)] if names or share.more else [])


def _nothing(share: Share, rest: Sequence[File], course: Course) -> list[str]:
    """The line about a learner of whom nothing could be taken."""
    ranked = sorted(rest, key=lambda file: not file.said.units)
    first = f" `{one_line(_shown(share, ranked[0]), 80)}` {_what(ranked[0], course)}." if ranked else ""
    others = [_shown(share, file) for file in ranked[1:]]
    more = f" Beside it: {named(others, share.more)}." if others or share.more else ""
    text = f"learner '{share.learner}' handed in nothing that can be graded.{first}{more} Hand in the notebook itself."
    told: list[str] = [Problem(f"{one_line(str(share.at))}: {text}", share.learner)]
    return told + ([Left(share.at, share.learner, others, share.more)] if len(others) + share.more > _MANY else [])


def _copies(share: Share, found: Found, graded: Collection[HandedIn]) -> list[str]:
    """The names of backups, and of what lies among solutions, where something else is graded."""
    taken = {(handed_in.path, handed_in.entry) for handed_in in graded}
    aside = [candidate.handed_in for candidate in found.candidates if candidate.is_put_aside]
    paths = [h.path / h.entry if h.entry else h.path for h in aside if (h.path, h.entry) not in taken]
    return [path.name if path == share.at else _below(path, share.at) for path in paths]


def _below(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name


def _what(file: File, course: Course) -> str:
    """What a file is, in words that follow its name."""
    name = file.path.name.strip()
    if name.lower().endswith(".ipynb"):
        return f"is a notebook of no unit ({course.unknown(one_line(name[: -len('.ipynb')], 60)).rstrip('.')})"
    if name.lower().endswith(".zip"):
        return "is a zip file without a notebook of a unit in it"
    return f"is {kind_by_name(name) or 'no notebook'}"


def _shown(share: Share, file: File) -> str:
    return file.path.name if share.loose else file.name
