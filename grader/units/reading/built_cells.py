"""What a source need not write out: the cell that answers a question or checks a task, the hints of a task."""

import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from grader.core.errors import SourceError
from grader.notebooks.bound_names import bound_names
from grader.notebooks.cells import statements
from grader.units.reading.lab_calls import asked_names, lab_name
from grader.units.reading.questions import Question, gives_away, read_question, split_hints
from grader.units.source_lines import place
from grader.units.task import FreeText, Quiz, Task
from grader.units.unit import SourceCell


def question_of(path: Path, cell: SourceCell) -> tuple[Question, Task]:
    """What a question's cell says, and the task that it makes. Raises SourceError with the cell's line."""
    at = f"{place(path, cell.line)}: question {cell.question!r}"
    if cell.kind != "markdown":
        raise SourceError(f"{at} is a cell of text: write # %% [markdown] question={cell.question!r}")
    try:
        question = read_question(cell.source)
    except SourceError as error:
        raise SourceError(f"{at}: {error}") from error
    if not question.text.strip():
        raise SourceError(f"{at} has no text that asks something")
    try:
        if not question.wrong:
            return question, FreeText(cell.question, points=cell.points, hints=question.hints)
        return question, Quiz(cell.question, wrong=question.wrong, points=cell.points, hints=question.hints)
    except SourceError as error:
        raise SourceError(f"{place(path, cell.line)}: {error}") from error


def check_marked(path: Path, cells: Iterable[SourceCell]) -> None:
    """Raise SourceError for a right choice that a learner would read, since its cell is no question's."""
    for cell in cells:
        if cell.kind == "markdown" and not cell.question and gives_away(cell.source):
            raise SourceError(
                f"{place(path, cell.line)}: the cell marks a right choice, which learners would read: "
                'begin it # %% [markdown] question="quiz_1", with the name of its task'
            )


def with_hints(
    path: Path, cells: Sequence[SourceCell], tasks: Iterable[Task], exercises: Mapping[str, str]
) -> tuple[SourceCell, ...]:  # fmt: skip
    """The cells, without the hints that are in the text right above an exercise: its task gets them.

    Raises SourceError, with the line, if the task has hints already.
    """
    found = list(cells)
    for number, (cell, below) in enumerate(zip(cells, cells[1:], strict=False)):
        text, hints = split_hints(cell.source) if cell.kind == "markdown" else ("", [])
        mine = [task for task in tasks if exercises[task.name] == below.source]
        if not hints or len(mine) != 1:
            continue
        if mine[0].hints:
            raise SourceError(
                f"{place(path, cell.line)}: task {mine[0].name!r} has hints here and in its cell: keep one"
            )
        mine[0].hints = hints
        found[number] = replace(cell, source=text)
    return tuple(found)


def with_built(
    path: Path, cells: Sequence[SourceCell], made: Mapping[int, Sequence[Task]]
) -> tuple[SourceCell, ...]:  # fmt: skip
    """The cells as they are run. `made` has the tasks that each task cell makes, by the cell's number.

    A question becomes its text and the cell that answers it. A task that no cell asks about is checked below its own.
    """
    lab, asked = lab_name(cells), asked_names(cells)
    code = [cell for cell in cells if cell.kind == "code" and not cell.is_task and not cell.is_exercise]
    taken = {name for cell in code for statement in statements(cell.source) for name in bound_names(statement)}
    for cell in cells:
        if cell.question in taken | set(dir(builtins)):
            raise SourceError(
                f"{place(path, cell.line)}: question {cell.question!r} has a name that is taken: the answer gets it"
            )

    def built() -> Iterator[SourceCell]:
        for number, cell in enumerate(cells):
            if cell.question:
                question, _ = question_of(path, cell)
                yield replace(cell, source=question.text)
                answer = question.answer_cell(cell.question, lab)
                yield SourceCell("code", answer, is_task=False, is_aside=False, line=cell.line)
                continue
            yield cell
            for task in made.get(number, ()) if None not in asked else ():
                if cell.is_task and not isinstance(task, Quiz | FreeText) and task.name not in asked:
                    yield SourceCell("code", f'{lab}.check("{task.name}")', is_task=False, line=cell.line)

    return tuple(built())
