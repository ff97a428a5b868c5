"""Writes the sample class: numbered learners who hand in a lab, each with a story.

Run `python tests/sample_class/make.py` after a lab's source has changed; a test says when that was forgotten.
"""

import json

import stories_00
import stories_01
import stories_02
import stories_03
import stories_04
import stories_05
import stories_06
import stories_07
import stories_08
import stories_09
import stories_assessment_1
import stories_assessment_2
from learner import EVERYTHING, HERE, IN_PART, Cells, Files, Story

from grader.authoring.build import learner_text
from grader.units.source import load_unit
from grader.units.unit import Unit

__all__ = ["CLASS", "EVERYTHING", "IN_PART", "LABS", "files", "submissions"]
SOLUTIONS = HERE.parents[1] / "solutions"
LABS = (
    stories_00,
    stories_01,
    stories_02,
    stories_03,
    stories_04,
    stories_05,
    stories_06,
    stories_07,
    stories_08,
    stories_09,
    stories_assessment_1,
    stories_assessment_2,
)
CLASS = {lab.NAME: lab.STORIES for lab in LABS}
NO_NOTEBOOK = {f"015/{stories_01.NAME}.ipynb": "Dear instructor, my notebook is in the other folder.\n"}


def main() -> None:
    """Write every submission."""
    for place, text in submissions().items():
        path = HERE / place
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for place, data in files().items():
        (HERE / place).write_bytes(data)


def files() -> Files:
    """The bytes of what is handed in beside notebooks, by its place in the class."""
    assessments = (stories_assessment_1, stories_assessment_2)
    made = [assessment.files(load_unit(SOLUTIONS / f"{assessment.NAME}.py")) for assessment in assessments]
    return {place: data for found in made for place, data in found.items()}


def submissions() -> dict[str, str]:
    """The text of each file, by its place in the class."""
    made = dict(NO_NOTEBOOK)
    for name, stories in CLASS.items():
        unit = load_unit(SOLUTIONS / f"{name}.py")
        made |= {f"{learner}/{name}.ipynb": _notebook(unit, story) for learner, story in stories.items()}
    return made


def _notebook(unit: Unit, story: Story) -> str:
    notebook = json.loads(learner_text(unit))
    cells: Cells = [{**cell, "source": "".join(cell["source"])} for cell in notebook["cells"]]
    story(unit, cells)
    for cell in cells:
        cell["source"] = cell["source"].splitlines(keepends=True)
    return json.dumps({**notebook, "cells": cells}, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
