"""An author's marks in a cell: what a learner gets in place of the solution, and the choices of a question. Pure."""

import hashlib
import re

BEGIN = "### BEGIN SOLUTION"
STARTER = "### STARTER"
END = "### END SOLUTION"
_CHOICE = re.compile(r"^[-*] \((\w)\) (.*(?:\n {2,}\S.*)*)", re.MULTILINE)


def choices_in(text: str) -> dict[str, str]:
    """The choices of a question's text, by letter: the items of its list that begin `- (a)`.

    None where a letter stands twice: then the text holds several questions.
    """
    found = [(letter.lower(), " ".join(words.split())) for letter, words in _CHOICE.findall(text)]
    choices = dict(found)
    return choices if len(choices) == len(found) else {}


def without_solution(source: str) -> str:
    """A code cell as a learner gets it: each solution region gone, its starter in its place.

    A region in a function leaves `raise NotImplementedError`; a region at the top level leaves a comment.
    """
    kept: list[str] = []
    region: list[str] | None = None
    for line in source.split("\n"):
        mark = line.strip()
        if mark == BEGIN:
            region = [line]
        elif mark == END and region:
            kept.extend(_starter(region))
            region = None
        elif region:
            region.append(line)
        else:
            kept.append(line)
    return "\n".join(kept)


def without_marks(source: str) -> str:
    """A code cell as the reference shows it: the solution without its marks, the starter gone."""
    return "\n".join(line for _, line in numbered_without_marks(source))


def numbered_without_marks(source: str) -> list[tuple[int, str]]:
    """The lines of `without_marks`, each with the number that it has in the source."""
    kept: list[tuple[int, str]] = []
    skipping = False
    for number, line in enumerate(source.split("\n"), 1):
        mark = line.strip()
        if mark in (STARTER, END):
            skipping = mark == STARTER
        elif mark != BEGIN and not skipping:
            kept.append((number, line))
    return kept


def solution_lines(source: str) -> list[int]:
    """The lines of `without_marks` that are the solution's, counted from 1."""
    inside, numbers = False, set()
    for number, line in enumerate(source.split("\n"), 1):
        mark = line.strip()
        inside = (inside or mark == BEGIN) and mark not in (STARTER, END)
        if inside:
            numbers.add(number)
    return [line for line, (number, _) in enumerate(numbered_without_marks(source), 1) if number in numbers]


def cell_ids(sources: list[str]) -> list[str]:
    """Ids that depend on the cells' text alone, so that a build gives the same bytes each time."""
    seen: dict[str, int] = {}
    ids = []
    for source in sources:
        digest = hashlib.sha256(source.encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        ids.append(digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")
    return ids


def _starter(region: list[str]) -> list[str]:
    indent = region[0][: len(region[0]) - len(region[0].lstrip())]
    marks = [number for number, line in enumerate(region) if line.strip() == STARTER]
    if marks:
        lines = (line.strip() for line in region[marks[0] + 1 :])
        return [
            _uncommented(line, original, indent) for line, original in zip(lines, region[marks[0] + 1 :], strict=True)
        ]
    if indent:
        return [f"{indent}# Your code here.", f"{indent}raise NotImplementedError"]
    return [f"{indent}# Your code here."]


def _uncommented(line: str, original: str, indent: str) -> str:
    """`# code` as `code`; what stands between the mark's indent and the # is kept before it."""
    before = original[: len(original) - len(original.lstrip())]
    text = line.removeprefix("#")
    return (before or indent) + text.removeprefix(" ") if text.strip() else ""
