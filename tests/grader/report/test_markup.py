import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.markup import MOST_PARSED, MOST_PARSED_ON_PAGE, Parser, inline, plain


def prose(source):
    return str(Parser().prose(source))


def code(source):
    return str(Parser().code(source))


def test_markdown_becomes_html_with_headings_below_the_pages_own():
    assert prose("# Title\n\n*word* `code`") == "<h3>Title</h3>\n<p><em>word</em> <code>code</code></p>\n"


def test_html_in_markdown_is_shown_not_used():
    assert "<b>" not in prose("<b>bold</b>\n\n<script>alert(1)</script>")
    assert "&lt;script&gt;" in prose("<script>alert(1)</script>")


def test_links_lead_to_the_web_or_into_the_page_and_nowhere_else():
    assert 'href="https://keras.io" rel="noopener noreferrer nofollow"' in prose("[Keras](https://keras.io)")
    assert 'href="#end"' in prose("[end](#end)")
    for address in (
        "javascript:alert(1)",
        "data:image/png;base64,AA",
        "file:///etc/passwd",
        "//a.b",
        "x.html",
        "mailto:a",
    ):
        assert "href" not in prose(f"[x]({address}) <{address}> [y][z]\n\n[z]: {address}")


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("[Sign in](https://evil.example:8080/login?a=b#c)", "evil.example"),
        ("[keras.io](https://Evil.Example)", "evil.example"),
        ("[https://good.example](https://evil.example)", "evil.example"),
        ("[*Sign* `in`](http://evil.example)", "evil.example"),
        ("![a](b) [**x**](http://[::1]/)", "[::1]"),
        ("[x](https://\u0435vil.example)", "xn--vil-qdd.example"),
        ("[x][y]\n\n[y]: https://evil.example", "evil.example"),
        ("- # [x](https://evil.example)", "evil.example"),
    ],
)
def test_the_host_of_a_link_stands_behind_it(written, host):
    html = prose(written)

    assert f'</a> <span class="host">({host})</span>' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_a_link_that_shows_its_whole_address_needs_no_host():
    assert prose("<https://keras.io/api>") == (
        '<p><a href="https://keras.io/api" rel="noopener noreferrer nofollow">https://keras.io/api</a></p>\n'
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://good.example@evil.example/", "https://good.example:x@evil.example", "https:///evil.example",
        "https://evil.example\\@good.example", "https:evil.example", "http://evil.example%2f@good.example", "https://",
        "https://a_b.example", "https://evil.example:999999/",
    ],
)  # fmt: skip
def test_an_address_whose_host_may_be_read_in_two_ways_is_no_link(address):
    assert "href" not in prose(f"[x]({address}) <{address}>")


def test_a_picture_in_markdown_loads_nothing():
    html = prose('![a "<b>" cat](http://a.b/cat.png)')

    assert "<img" not in html
    assert "a.b" not in html
    assert "cat" in html


def test_formulas_are_formulas():
    html = prose("The $\\sigma_i < 1$ is\n\n$$\na * b\n$$")

    assert '<math display="inline"><mrow><msub><mi>σ</mi><mi>i</mi></msub><mo>&lt;</mo><mn>1</mn></mrow></math>' in html
    assert '<math display="block"><mrow><mi>a</mi>' in html


def test_prices_are_no_formulas():
    assert "math" not in prose("It costs 5$ or 6$ a month.")


def test_a_shown_formula_within_a_paragraph_does_not_end_it():
    html = prose("a $$x < 1$$ b")
    assert html.startswith('<p>a <math display="block">')
    assert html.endswith("</math> b</p>\n")


def test_code_is_highlighted_and_escaped():
    html = code("def f(x):\n    return '<b>'")

    assert '<span class="k">def</span>' in html
    assert "&lt;b&gt;" in html


@given(st.text(alphabet="<>&\"'`$*_[]()!#\n\\ \x00\ud800abc:/|-=~", max_size=80))
def test_whatever_is_written_brings_no_tag_of_its_own(text):
    for html in (code(text), str(inline(text))):
        assert "<" not in html.replace("<span class=", "").replace("</span>", "").replace("<code>", "").replace(
            "</code>", ""
        )
    assert "<a<" not in prose(text)


@pytest.mark.parametrize("source", ["'%" + "0" * 9_000, " \n" * 4_500, "match" + " " * 9_000, "(" * 9_000, "@" * 9_000])
def test_code_made_to_be_slow_is_not(source):
    started = time.process_time()
    code(source)

    assert time.process_time() - started < 3


def test_a_cell_too_long_to_parse_is_shown_as_text():
    assert "<span" not in code("x = 1\n" * MOST_PARSED)
    assert prose("*a* " * MOST_PARSED).startswith("<pre>")


def test_a_page_has_one_allowance_for_parsing():
    parser = Parser()
    sources = ["x = 1\n" * 1_000] * (MOST_PARSED_ON_PAGE // 6_000 + 1)

    shown = [parser.code(source) for source in sources]

    assert "<span" in shown[0]
    assert "<span" not in shown[-1]


def test_inline_text_turns_backticks_into_code():
    assert inline("clip `p` <first>") == "clip <code>p</code> &lt;first&gt;"
    assert inline("a lone ` stays") == "a lone ` stays"


def test_plain_text_keeps_lines_and_tabs():
    assert plain("a\tb\nc\x07\x1b[1;32md") == "a\tb\ncd"
