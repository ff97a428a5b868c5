"""Formulas on pages: MathML for what people write, text for what is none, and nothing that acts."""

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.formulas import MOST_LATEX, MOST_MATHML, formula

ROOT = Path(__file__).resolve().parents[3]
TAG = re.compile(r"</?([a-z]+)((?: [a-z]+=\"[^\"<>]*\")*)>")
SIGNS = ["\\frac", "\\text", "\\href", "\\style", "\\class", "\\begin{matrix}", "\\end{matrix}", "\\left(", "\\right)",
         "\\hspace", "\\rule", "\\color", "\\sqrt", "\\sum", "{", "}", "_", "^", "&", "\\\\", "<", ">", "'", '"',
         "javascript:x", "<script>", "&lt;", "9999em", "x", "1", " "]  # fmt: skip


@pytest.mark.parametrize(
    ("latex", "mathml"),
    [
        (r"\frac{1}{n}", "<mfrac><mrow><mn>1</mn></mrow><mrow><mi>n</mi></mrow></mfrac>"),
        (r"x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        (r"\sum_{i=1}^n", "<mo>∑</mo>"),
        (r"a \cdot b", "<mo>·</mo>"),
        (r"\text{if } x > 0", "<mtext>if\u00a0</mtext>"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "<mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr>"),
    ],
)
def test_what_people_write_is_mathml(latex, mathml):
    assert mathml in formula(latex)


@pytest.mark.parametrize(
    ("latex", "mathml"),
    [
        (r"-y \ln p", '<mo form="prefix">−</mo><mi>y</mi><mi>ln</mi><mspace width="0.1667em"></mspace><mi>p</mi>'),
        (r"\ln(p)", "<mi>ln</mi><mo"),
        ("x = -4", '<mo>=</mo><mo form="prefix">−</mo><mn>4</mn>'),
        ("x - 4", "<mi>x</mi><mo>−</mo><mn>4</mn>"),
        (r"a\!b", '<mspace width="-0.1667em">'),
    ],
)
def test_spaces_are_those_of_latex(latex, mathml):
    assert mathml in formula(latex)


def test_a_sum_in_a_block_has_its_limits_above_and_below():
    assert "<munderover>" in formula(r"\sum_{i=1}^n x_i", block=True)
    assert "<msubsup>" in formula(r"\sum_{i=1}^n x_i")


BOMB = r"\def\aa{{\bb}{\bb}}\def\bb{{\cc}{\cc}}\def\cc{xx}\aa"
MACROS = [BOMB, r"\newcommand{\a}{b}\a", r"\renewcommand{\a}{b}", r"\newenvironment{e}{a}{b}", r"\gdef\a{b}",
          r"\DeclareMathOperator{\a}{b}", r"\providecommand{\a}{b}", r"\let\a=b"]  # fmt: skip


@pytest.mark.parametrize(
    "latex", [*MACROS, r"\begin{aligned} a &= b \\\\ &= c \end{aligned}", r"\begin{gather}a\\b\end{gather}"]
)
def test_macros_and_what_would_lose_its_lines_stay_as_they_were_written(latex):
    assert formula(latex).startswith("<span")


def test_every_formula_of_the_course_is_shown():
    shown = 0
    for path in [*ROOT.glob("labs/*.ipynb"), *ROOT.glob("assessments/*.ipynb")]:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            text = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
            for block, inline in re.findall(r"\$\$(.+?)\$\$|(?<!\$)\$([^$`]+?)\$(?!\$)", text, re.DOTALL):
                assert formula(block or inline, block=bool(block)).startswith("<math"), (path.name, block or inline)
                shown += 1
    assert shown > 150


def test_a_block_stands_by_itself():
    assert formula("x", block=True).startswith('<math display="block">')


@pytest.mark.parametrize("latex", ["x^2^3", r"\unknown{x}", r"\left( x", "", "x" * (MOST_LATEX + 1), "{" * 99])
def test_what_is_no_formula_or_too_large_stays_as_it_was_written(latex):
    assert formula(latex) == f'<span class="math inline">{latex}</span>'


@pytest.mark.parametrize(
    "latex",
    [r"\text{<script>alert(1)</script>}", r"\href{javascript:alert(1)}{x}", r"\style{background:url(x)}{a}",
     r"\class{note}{a}", r"\text{&lt;script&gt;}", r"\hspace{9999em} x", r"\rule{1em}{99em}", r"\color{url(x)}{a}"],
)  # fmt: skip
def test_nothing_acts(latex):
    shown = formula(latex)
    assert not re.search(
        '<script| href| style=|class="note|url|9999em|99em', TAG.sub(lambda tag: tag[0], shown).split("alert")[0]
    )


@given(st.lists(st.sampled_from(SIGNS), max_size=30).map("".join))
def test_whatever_is_written_gives_elements_of_mathml_alone(latex):
    shown = formula(latex)
    tags = TAG.findall(shown)
    assert {name for name, _ in tags} <= {"math", "span", "br"} | {
        name for name, _ in tags if name.startswith("m") or name == "none"
    }
    attributes = {name for _, texts in tags for name in re.findall(r" ([a-z]+)=", texts)}
    assert not attributes & {"href", "style", "id", "mathbackground", "mathcolor", "onclick"}
    rest = TAG.sub("", shown)
    assert "<" not in rest and ">" not in rest


LONG = ["&" * 2000, "x_" * 1000, r"\sqrt" * 400, "'" * 2000, r"\text{" + "a" * 1990 + "}", r"\\" * 1000,
        r"\begin{matrix}" + "&" * 1900 + r"\end{matrix}", r"\sum" * 500]  # fmt: skip


@pytest.mark.parametrize("latex", LONG)
def test_a_long_formula_takes_no_time_and_little_room(latex):
    start = time.process_time()
    shown = formula(latex)
    assert time.process_time() - start < 2
    assert len(shown) < MOST_MATHML + 100
