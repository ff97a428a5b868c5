"""The labs and assessments as a row: the tables at a glance say what their sources say, the glossary has every term."""

import re
from pathlib import Path

import pytest

from grader.units.source import load_unit

ROOT = Path(__file__).resolve().parents[1]
LABS = ROOT / "labs"
ROW = re.compile(
    r"^\| \[(?P<number>\d\d) (?P<title>[^\]]+)\]\((?P<unit>\w+)\.ipynb\) \| (?P<question>[^|]+) \| (?P<tasks>\d+) \| "
    r"(?P<reading>\d+) minutes \| (?P<computing>\d+) seconds \|$",
    re.MULTILINE,
)
ASSESSMENT = re.compile(ROW.pattern.replace(r"(?P<number>\d\d) ", ""), re.MULTILINE)


def _rows(pattern, page):
    return [pytest.param(row.groupdict(), id=row["unit"]) for row in pattern.finditer(page.read_text(encoding="utf-8"))]


ROWS = _rows(ROW, LABS / "README.md")
ASSESSMENTS = _rows(ASSESSMENT, ROOT / "assessments" / "README.md")
BOLD = re.compile(r"\*\*([^*]+)\*\*")
# Bold that stresses a word or heads a paragraph; a heading ends in a mark.
STRESSED = {"bold", "input", "one", "Above the limit", "Below it"}


def _terms_of_the_glossary():
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| \d\d \|$", (LABS / "glossary.md").read_text(encoding="utf-8"), re.M)
    return {part.rstrip(")").casefold() for row in rows for part in row.split(" (")}


def _texts(unit):
    return [" ".join(cell.source.split()) for cell in unit.cells if cell.kind == "markdown"]


@pytest.fixture
def unit(row):
    return load_unit(ROOT / "solutions" / f"{row['unit']}.py")


def test_every_lab_stands_in_the_table_in_order():
    sources = sorted(path.stem for path in (ROOT / "solutions").glob("[0-9]*.py"))
    assert [row.id for row in ROWS] == sources != []


def test_every_assessment_stands_in_its_table():
    sources = {path.stem for path in (ROOT / "solutions").glob("assessment*.py")}
    assert {row.id for row in ASSESSMENTS} == sources != set()


@pytest.mark.parametrize("row", [*ROWS, *ASSESSMENTS])
def test_a_units_row_says_what_its_source_says(row, unit):
    first = " ".join(_texts(unit)[0].split())
    assert unit.title == row["title"]
    assert unit.name.startswith(row.get("number", "assessment_"))
    assert len(unit.tasks) == int(row["tasks"])
    assert f"**{row['question']}**" in first
    assert f"Reading and trying: {row['reading']} minutes. Computing: {row['computing']} seconds." in first


@pytest.mark.parametrize("row", ROWS)
def test_every_term_in_bold_stands_in_the_glossary(row, unit):
    found = {term for text in _texts(unit) for term in BOLD.findall(text) if term[-1] not in "?:."}
    terms = found - STRESSED - {"Predict first"}
    assert {term for term in terms if term.casefold() not in _terms_of_the_glossary()} == set()


@pytest.mark.parametrize("row", ROWS)
def test_a_lab_links_to_the_glossary(row, unit):
    assert "[glossary](glossary.md)" in _texts(unit)[-1]
