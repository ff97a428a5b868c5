"""Formulas that a learner wrote in LaTeX, as MathML that cannot act.

latex2mathml gives elements. Their text may hold anything, and so may attributes such as `href` and `style`: of both
only what a formula needs is written out again, escaped.
"""

import html
import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_LATEX = 2_000  # characters of one formula
MOST_BRACES = 60  # nested; an honest formula has a tenth of that
MOST_MATHML = 40_000
# What defines a macro, of which a few letters may stand for gigabytes; and environments that would become one line.
_KEPT_AS_WRITTEN = re.compile(
    r"\\(?:[a-z]?def|let(?![a-z])|(?:re)?new|provide|DeclareMath)"
    r"|\\begin\{(?:aligned|gather|gathered|multline|eqnarray|subarray)\*?\}",
    re.IGNORECASE,
)
_FUNCTIONS = frozenset((
    "arg", "cos", "cosh", "cot", "det", "dim", "exp", "lim", "ln", "log", "max", "min", "sin", "sinh", "tan", "tanh",
))  # fmt: skip
_WIDTHS = {"negativethinmathspace": "-0.1667em"}
_SIGNS, _CLOSING = frozenset("-−+±"), frozenset(")]}|!′")
_NOTHING = Markup()
_THIN = Markup('<mspace width="0.1667em"></mspace>')
ELEMENTS = frozenset((
    "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder",
    "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom", "menclose", "mmultiscripts",
    "mprescripts", "none",
))  # fmt: skip
_ATTRIBUTES = re.compile(
    "accent|accentunder|columnalign|columnlines|displaystyle|fence|form|linethickness|lspace|mathvariant|maxsize|"
    "minsize|movablelimits|notation|rspace|scriptlevel|separator|stretchy|symmetric|width"
)
_HARMLESS = re.compile(r"[\w .+-]{1,40}")
_WIDE = re.compile(r"-?\d{0,1}(?:\.\d+)?(?:em|ex|pt)?")  # less than 10 of any unit


def formula(latex: str, *, block: bool = False) -> Markup:
    """A formula as a `<math>` element; as it was written, in a `<span>`, if it is too large or no formula.

    >>> formula("x^2")
    Markup('<math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>')
    """
    kind = "block" if block else "inline"
    written = _mathml(latex.strip(), kind)
    if written is None:
        shown = Markup("<br>").join(escape(line) for line in latex.strip().split("\n"))
        return Markup('<span class="math {}">{}</span>').format(kind, shown)
    return Markup('<math display="{}">{}</math>').format(kind, written)


def _mathml(latex: str, display: str) -> Markup | None:
    if not latex or len(latex) > MOST_LATEX or _depth(latex) > MOST_BRACES or _KEPT_AS_WRITTEN.search(latex):
        return None
    from latex2mathml.converter import convert_to_element

    try:
        root = convert_to_element(latex, display=display)
        written = _children(root)
    except Exception:  # it has an error for each way in which LaTeX can be wrong, and others for what it did not expect
        return None
    # What it does not know it shows as an identifier.
    return written if len(written) <= MOST_MATHML and "\\" not in written else None


def _depth(latex: str) -> int:
    depth = deepest = 0
    for sign in re.findall(r"[{}]|\\left\b|\\right\b|\\begin\b|\\end\b", latex):
        depth += 1 if sign in ("{", r"\left", r"\begin") else -1
        deepest = max(deepest, depth)
    return deepest


def _children(element: "Element") -> Markup:
    """What is within an element, with the spaces that LaTeX puts behind a function and before a sign."""
    children = list(element)
    written = Markup()
    for number, child in enumerate(children):
        before = children[number - 1] if number else None
        leads = _text(child) in _SIGNS and (before is None or (before.tag == "mo" and _text(before) not in _CLOSING))
        written += _written(child, Markup(' form="prefix"') if child.tag == "mo" and leads else Markup())
        if child.tag == "mi" and _text(child) in _FUNCTIONS and number + 1 < len(children):
            written += _THIN if children[number + 1].tag != "mo" else Markup()
    return written


def _text(element: "Element") -> str:
    return html.unescape(element.text or "")


def _written(element: "Element", more: Markup = _NOTHING) -> Markup:
    """An element with its own text and children; of one that no formula needs, the children alone."""
    inside = escape(_text(element)) + _children(element)
    if element.tag not in ELEMENTS:
        return inside
    values = {name: _WIDTHS.get(value, value) for name, value in element.attrib.items()}
    kept = [Markup(' {}="{}"').format(name, value) for name, value in values.items() if _kept(name, value)]
    start = Markup("<{}{}{}>").format(element.tag, Markup("").join(kept), more if "form" not in values else _NOTHING)
    return start + inside + Markup("</{}>").format(element.tag)


def _kept(name: str, value: str) -> bool:
    if not _ATTRIBUTES.fullmatch(name) or not _HARMLESS.fullmatch(value):
        return False
    return name not in ("width", "lspace", "rspace", "linethickness", "minsize", "maxsize") or bool(
        _WIDE.fullmatch(value)
    )
