"""Finds what learners handed in: for each learner and unit one submission, and a sentence for all that is none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.bundles.bundle import MAX_FILES_BYTES
from grader.collecting.candidates import Candidate, Finder, Found
from grader.collecting.content import Content, HandedIn, digest, read_bundle_file
from grader.collecting.layout import Layout, Share
from grader.collecting.learner_ids import look_alikes
from grader.collecting.leftovers import leftovers
from grader.collecting.problems import Kind, Problem, named, of_kind, told
from grader.core.errors import SubmissionError
from grader.core.text import one_line
from grader.units.course import Course

__all__ = ["MAX_FILES_BYTES", "Content", "HandedIn", "collect", "digest", "find_submissions", "read_bundle_file"]


@dataclass
class Collected:
    """All that was found: submissions, what is refused or should be looked at, and files that were left."""

    submissions: list[HandedIn]
    problems: list[str]
    left: list[str]


def find_submissions(
    paths: Sequence[Path], course: Course, known: Collection[str] = ()
) -> tuple[list[HandedIn], list[str]]:
    """All submissions beneath the paths, and a Problem for each that is refused, or that should be looked at."""
    found = collect(paths, course, known)
    return found.submissions, found.problems


def collect(paths: Sequence[Path], course: Course, known: Collection[str] = ()) -> Collected:
    """All that lies at the paths and beneath them.

    `known` are learners of the gradebook: a folder that is called like one is that learner's own.
    """
    layout = Layout(course.sources, known, course.root)
    layout.add(paths)
    problems = list(layout.problems)
    looked = [(share, Finder(share, course.sources, course.unknown).look()) for share in layout.shares]
    chosen: dict[tuple[str, str], HandedIn] = {}
    for (learner, unit), candidates in _grouped(looked).items():
        with told(candidates[0][0].at, learner, problems):
            chosen[learner, unit] = _choose(candidates, problems)
    mine: dict[str, list[HandedIn]] = {}
    for handed_in in chosen.values():
        mine.setdefault(handed_in.learner, []).append(handed_in)
    for share, found in looked:
        problems += found.problems
        with told(share.at, share.learner, problems):
            problems += leftovers(share, found, mine.get(share.learner, []), course)
    problems += _of_look_alikes({share.learner for share, _ in looked}, set(known))
    unique = list(dict.fromkeys(problems))
    told_of = of_kind(unique, Kind.REFUSED, Kind.CHOICE)
    return Collected(list(chosen.values()), told_of, of_kind(unique, Kind.LEFT))


def _grouped(looked: Sequence[tuple[Share, Found]]) -> dict[tuple[str, str], list[tuple[Share, Candidate]]]:
    """The candidates by learner and unit, each file once."""
    groups: dict[tuple[str, str], list[tuple[Share, Candidate]]] = {}
    seen = set()
    for share, found in looked:
        for candidate in found.candidates:
            handed_in = candidate.handed_in
            where = handed_in.path.resolve(), handed_in.entry
            if where not in seen:
                seen.add(where)
                groups.setdefault((handed_in.learner, handed_in.unit), []).append((share, candidate))
    return groups


def _choose(candidates: list[tuple[Share, Candidate]], problems: list[str]) -> HandedIn:
    """The one of a learner's for a unit that is graded; the others are told, unless they hold the same.

    Raises SubmissionError where they lie in folders that may be different learners'.
    """
    shares = [share for share, _ in candidates]
    ranked = sorted(candidates, key=lambda pair: (_index(shares, pair[0]), pair[1].folder, pair[1].order))
    graded = next((c for _, c in ranked if len(ranked) == 1 or _can_be_read(c.handed_in)), ranked[0][1])
    mine = graded.handed_in
    own = next(share for share, c in ranked if c is graded)
    rivals = {_folder(c) for share, c in ranked if share is own and c.folder == graded.folder}
    if len(rivals) > 1:
        folders = ", ".join(sorted(one_line(str(folder), 100) for folder in rivals)[:3])
        unpack = "unpack the zip file and " if mine.entry else ""
        raise SubmissionError(
            f"learner '{mine.learner}' has {mine.unit!r} in several folders ({folders}). If these are different "
            f"learners', {unpack}give the folder that holds them; else leave one of them."
        )
    problems += [Problem(f"{c.handed_in}: {c.doubt}", mine.learner, Kind.CHOICE) for _, c in ranked if c.doubt]
    rest = [c for _, c in ranked if c is not graded and (not c.is_put_aside or graded.is_put_aside)]
    others = [c.handed_in for c in rest if not _alike(mine, c.handed_in)]
    if others:
        problems.append(_twice(mine, others))
    return mine


def _index(shares: Sequence[Share], share: Share) -> int:
    return next(number for number, other in enumerate(shares) if other is share)


def _folder(candidate: Candidate) -> Path:
    handed_in = candidate.handed_in
    return (handed_in.path / handed_in.entry if handed_in.entry else handed_in.path).parent


def _twice(graded: HandedIn, others: Sequence[HandedIn]) -> Problem:
    """That several of a learner's are for one unit, and which is graded."""
    times = "twice" if len(others) == 1 else f"{len(others) + 1} times"
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    text = f"learner '{graded.learner}' handed in {graded.unit!r} {times}; {graded} is graded."
    every = ", ".join(map(str, others))
    return Problem(f"{others[0]}{more}: {text}", graded.learner, Kind.CHOICE, f"{every}: {text}")


def _can_be_read(handed_in: HandedIn) -> bool:
    try:
        return bool(handed_in.read().cells())
    except (OSError, SubmissionError):
        return False


def _alike(one: HandedIn, other: HandedIn) -> bool:
    """Whether two hold the same code and the same files: what their cells show, and how they were packed, counts for
    nothing."""
    try:
        bundles = [read_bundle_file(h.path) for h in (one, other) if h.path.suffix.lower() == ".zip" and not h.entry]
        names = sorted({name for b in bundles for name in b.files if name != b.manifest.notebook})
        first, second = one.read(names), other.read(names)
        return first.cells() == second.cells() and first.files == second.files
    except (OSError, SubmissionError):
        return False


def _of_look_alikes(learners: set[str], known: set[str]) -> list[str]:
    return [
        Problem(f"learners {named(group)} look alike: are they different ones?", group[0], Kind.CHOICE)
        for group in look_alikes(learners | known)
        if learners & set(group)
    ]
