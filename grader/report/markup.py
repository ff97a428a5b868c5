"""What a learner wrote, as markup that cannot act: text, code and Markdown.

All of it takes hostile text of any size. What is too much for a page, or cannot be parsed, is shown as text.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from grader.core.text import printable
from grader.report.formulas import formula

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

MOST_TEXT = 20_000
# Parsers are slow on text made to be slow: a cell, and a page, get no more than honest ones need.
MOST_PARSED = 10_000
MOST_PARSED_ON_PAGE = 150_000
# What they give may be far larger than what they got: characters of HTML of a cell and of a page, cells of tables.
MOST_SHOWN = 400_000
MOST_SHOWN_ON_PAGE = 4_000_000
MOST_CELLS_ON_PAGE = 10_000
MOST_OUTPUTS_ON_PAGE = 2_000
_LEFT_OUT = "… left out: this page is full …"

# Pygments' time grows with the square of such runs.
_COSTLY = re.compile(r"%[-#0 +]{40}|[ \t\f]{400}|(?:\n[ \t\f]*){60}")
# A browser and we must agree on the host: an address of another form, which they might read in two ways, is no link.
_HOST = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:[/?#]|\Z)", re.IGNORECASE)


def plain(text: str) -> str:
    """Text without terminal colours and control characters; the middle of a very long one is left out."""
    if len(text) > 2 * MOST_TEXT:  # two bounds: what is removed below must not cost more than what is kept
        text = text[:MOST_TEXT] + _left_out(len(text) - 2 * MOST_TEXT) + text[-MOST_TEXT:]
    text = printable(text, escapes=True)
    if len(text) <= MOST_TEXT:
        return text
    head, tail = MOST_TEXT * 3 // 4, MOST_TEXT // 4
    return text[:head] + _left_out(len(text) - head - tail) + text[-tail:]


class Parser:
    """Shows what a learner wrote, as long as one page's allowance lasts."""

    def __init__(self) -> None:
        self._left = MOST_PARSED_ON_PAGE
        self._room = MOST_SHOWN_ON_PAGE
        self._cells = MOST_CELLS_ON_PAGE
        self._outputs = MOST_OUTPUTS_ON_PAGE

    def takes(self, outputs: int) -> int:
        """How many of so many outputs the page still takes."""
        taken = min(outputs, self._outputs)
        self._outputs -= taken
        return taken

    def text(self, source: str) -> Markup:
        """Text as it is."""
        shown = escape(plain(source))
        return shown if self._fits(shown) else escape(_LEFT_OUT)

    def code(self, source: str) -> Markup:
        """Python, highlighted."""
        if not self._affords(source) or _COSTLY.search(source):
            return self.text(source)
        from pygments import highlight

        lexer, formatter = _highlighter()
        shown = Markup(highlight(printable(source), lexer, formatter).rstrip("\n"))
        return shown if self._fits(shown) else self.text(source)

    def prose(self, source: str) -> Markup:
        """Markdown without HTML and pictures; links lead to the web or into the page."""
        as_text = Markup("<pre>{}</pre>")
        if not self._affords(source):
            return as_text.format(self.text(source))
        allowance = {"cells": self._cells, "blank": 0}
        try:
            shown = Markup(_markdown().render(printable(source), allowance))
        except Exception:  # whatever a learner finds to break the parser must not keep the page from being written
            return as_text.format(self.text(source))
        self._cells = allowance["cells"]
        return shown if self._fits(shown) else as_text.format(self.text(source))

    def _affords(self, source: str) -> bool:
        if len(source) > min(MOST_PARSED, self._left):
            return False
        self._left -= len(source)
        return True

    def _fits(self, shown: str) -> bool:
        if len(shown) > min(MOST_SHOWN, self._room):
            return False
        self._room -= len(shown)
        return True


def inline(text: str) -> Markup:
    """Escaped text; what stands between backticks becomes code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a lone backtick is only a backtick
        parts[-2:] = ["`".join(parts[-2:])]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def _left_out(count: int) -> str:
    return f"\n… {count:,} characters are left out …\n"


@cache
def _highlighter() -> "tuple[PythonLexer, HtmlFormatter[str]]":
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)


@cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt
    from markdown_it.common.utils import escapeHtml
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    def picture(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        alt = self.renderInlineAsText(tokens[index].children, options, env)
        return f'<span class="note">[a picture: {escapeHtml(alt)}]</span>'

    def written(block: bool) -> Any:
        def render(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
            return formula(tokens[index].content, block=block)

        return render

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)

    def host(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        return f' <span class="host">({escapeHtml(tokens[index].content)})</span>'

    parser.add_render_rule("image", picture)
    parser.add_render_rule("host", host)
    # The plugin's own <div> would end the paragraph that a formula is in.
    for rule, block in (("math_inline", False), ("math_inline_double", True), ("math_block", True)):
        parser.add_render_rule(rule, written(block))
    parser.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
    parser.core.ruler.push("tame", _tame)
    return parser


def _bounded_table(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """A table, unless its cells, which may all be empty, are more than the page has left: then it stays text."""
    from markdown_it.rules_block import table

    if not table(state, start, end, True):
        return False
    columns = state.getLines(start + 1, start + 2, 0, False).count("|") + 1
    if not start + 2 <= state.env["blank"] <= end:  # found once: each line of a text may look like a table's first
        state.env["blank"] = next((line for line in range(start + 2, end) if state.isEmpty(line)), end)
    rows = state.env["blank"] - start
    if columns * rows > state.env["cells"]:
        return False
    if not silent:
        state.env["cells"] -= columns * rows
    return silent or table(state, start, end, False)


def _tame(state: "StateCore") -> None:
    """Links only to http(s), with the host behind them, and into the page; headings below all of the page's own."""
    from markdown_it.token import Token

    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        children: list[Token] = []
        address = words = ""
        for child in token.children or ():
            children.append(child)
            if child.type == "link_open":
                address, words = str(child.attrs.get("href", "")), ""
                child.attrs = _tamed(child.attrs)
            elif child.type == "link_close" and words != address and (host := _host(address)):
                children.append(Token("host", "", 0, content=host))
            words += child.content
        if token.children:
            token.children = children


def _tamed(attributes: Mapping[str, str | int | float]) -> dict[str, str | int | float]:
    address = str(attributes.get("href", ""))
    kept = {"href": address} if _host(address) or address.startswith("#") else {}
    title = {"title": attributes["title"]} if "title" in attributes else {}
    return {**kept, **title, "rel": "noopener noreferrer nofollow"}


def _host(address: str) -> str:
    """The host that an address leads to; "" for any that does not plainly name one."""
    found = _HOST.match(address)
    return found[1].lower() if found else ""
