"""What a learner wrote, as markup that cannot act: text, code and Markdown.

All of it takes hostile text of any size. What is too much for a page, or cannot be parsed, is shown as text.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

MOST_TEXT = 20_000
# Parsers are slow on text made to be slow: a cell, and a page, get no more than honest ones need.
MOST_PARSED = 10_000
MOST_PARSED_ON_PAGE = 150_000

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Pygments' time grows with the square of such runs.
_COSTLY = re.compile(r"%[-#0 +]{40}|[ \t\f]{400}|(?:\n[ \t\f]*){60}")
_SAFE_LINK = re.compile(r"(?:https?://|#)", re.IGNORECASE)


def plain(text: str) -> str:
    """Text without terminal colours and control characters; the middle of a very long one is left out."""
    if len(text) > 2 * MOST_TEXT:  # two bounds: what is removed below must not cost more than what is kept
        text = text[:MOST_TEXT] + _left_out(len(text) - 2 * MOST_TEXT) + text[-MOST_TEXT:]
    text = _CONTROLS.sub("", _ESCAPES.sub("", text))
    if len(text) <= MOST_TEXT:
        return text
    head, tail = MOST_TEXT * 3 // 4, MOST_TEXT // 4
    return text[:head] + _left_out(len(text) - head - tail) + text[-tail:]


class Parser:
    """Parses what a learner wrote, as long as one page's allowance lasts."""

    def __init__(self) -> None:
        self._left = MOST_PARSED_ON_PAGE

    def code(self, source: str) -> Markup:
        """Python, highlighted."""
        if not self._affords(source) or _COSTLY.search(source):
            return escape(plain(source))
        from pygments import highlight

        lexer, formatter = _highlighter()
        return Markup(highlight(_CONTROLS.sub("", source), lexer, formatter).rstrip("\n"))

    def prose(self, source: str) -> Markup:
        """Markdown without HTML and pictures; links lead to the web or into the page. Formulas stay as written."""
        as_text = Markup("<pre>{}</pre>").format(plain(source))
        if not self._affords(source):
            return as_text
        try:
            return Markup(_markdown().render(_CONTROLS.sub("", source)))
        except Exception:  # whatever a learner finds to break the parser must not keep the page from being written
            return as_text

    def _affords(self, source: str) -> bool:
        if len(source) > min(MOST_PARSED, self._left):
            return False
        self._left -= len(source)
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

    def shown_formula(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        # The plugin's own <div> would end the paragraph that it stands in.
        return f'<span class="math block">{formula(tokens[index].content, None)}</span>'

    def formula(content: str, _: Any) -> str:
        return escapeHtml(content.strip()).replace("\n", "<br>")

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.use(
        dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True,
        renderer=formula,
    )  # fmt: skip
    parser.add_render_rule("image", picture)
    parser.add_render_rule("math_inline_double", shown_formula)
    parser.core.ruler.push("tame", _tame)
    return parser


def _tame(state: Any) -> None:
    """Links only to http(s) and into the page; headings one level below the page's own."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
        for child in token.children or ():
            if child.type != "link_open":
                continue
            child.attrs = {name: value for name, value in child.attrs.items() if name != "href" or _leads_out(value)}
            child.attrs["rel"] = "noopener noreferrer nofollow"


def _leads_out(address: object) -> bool:
    return isinstance(address, str) and _SAFE_LINK.match(address) is not None
