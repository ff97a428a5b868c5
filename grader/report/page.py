"""Pages: the templates, and the policy that lets a page load nothing and run nothing. All values are escaped."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from grader.core.messages import render
from grader.judging.verdict import state_words
from grader.learner.card import COLOURS, MARKS, points_text
from grader.report.markup import inline

if TYPE_CHECKING:
    from jinja2 import Environment

# The second line of defence: were markup to slip through, a browser would still fetch and run nothing.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def page(template: str, **values: Any) -> str:
    """A template filled with values, as one self-contained page that can be written as UTF-8."""
    text = _environment().get_template(template).render(policy=POLICY, **values)
    # A learner can make characters that HTML forbids, and lone surrogates, which no file can hold.
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-8", "replace").decode()


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("grader.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"points": points_text, "inline": inline, "words": render, "state": state_words}
    environment.globals |= {"marks": MARKS, "colours": COLOURS}
    return environment
