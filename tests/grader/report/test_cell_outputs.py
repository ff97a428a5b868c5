import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from grader.report.cell_outputs import MOST_OUTPUTS, shown
from grader.report.markup import MOST_TEXT, Parser

keys = st.sampled_from(
    ["output_type", "name", "text", "data", "metadata", "traceback", "ename", "evalue", "alt", "text/plain",
     "text/html", "text/markdown", "image/png", "image/jpeg", "stream", "error", "display_data"]
)  # fmt: skip
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), keys, st.binary())
anything = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5))
outputs = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result"]) | anything},
    optional={"text": anything, "data": anything, "metadata": anything, "traceback": anything, "ename": anything},
)


def show(*items, judged=()):
    return shown(list(items), judged, Parser())


def result(**data):
    kinds = {"plain": "text/plain", "html": "text/html", "png": "image/png", "markdown": "text/markdown"}
    return {"output_type": "execute_result", "metadata": {}, "data": {kinds[kind]: text for kind, text in data.items()}}


def png():
    out = io.BytesIO()
    Image.new("L", (2, 2)).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


@given(st.lists(outputs | anything, max_size=4) | anything)
def test_outputs_of_any_form_are_shown_or_noted_and_never_raise(items):
    for one in shown(items, ["mse"], Parser()):
        assert one.kind in ("text", "stderr", "error", "html", "prose", "picture", "note")
        assert one.address == "" or one.kind == "picture"


def test_printed_text_comes_without_terminal_codes():
    (out, err) = show(
        {"output_type": "stream", "name": "stdout", "text": ["\x1b[31mred\x1b[0m", " text\x00"]},
        {"output_type": "stream", "name": "stderr", "text": "\x1b]8;;http://a\x07link\x1b]8;;\x07"},
    )

    assert (out.kind, out.text) == ("text", "red text")
    assert (err.kind, err.text) == ("stderr", "link")


def test_html_gives_way_to_the_text_beside_it():
    (one,) = show(result(html="<b>4</b>", plain="4"))

    assert (one.kind, one.text) == ("text", "4")


def test_html_that_has_no_text_beside_it_is_shown_as_its_source():
    alone, displayed = show(
        result(html="<b>4</b>"), result(html="<i>5</i>", plain="<IPython.core.display.HTML object>")
    )

    assert (alone.kind, alone.text) == ("html", "&lt;b&gt;4&lt;/b&gt;")
    assert (displayed.kind, displayed.text) == ("html", "&lt;i&gt;5&lt;/i&gt;")


def test_a_picture_s_words_come_from_its_metadata_then_from_its_text():
    described = {"output_type": "display_data", "data": {"image/png": png(), "text/plain": "<Figure>"}}
    named, unnamed = show({**described, "metadata": {"image/png": {"alt": "The sigmoid"}}}, described)

    assert (named.kind, named.text) == ("picture", "The sigmoid")
    assert unnamed.text == "<Figure>"


def test_a_picture_that_is_none_becomes_a_note():
    (one,) = show(result(png="bm90IGEgcGljdHVyZQ=="))

    assert (one.kind, one.address) == ("note", "")


def test_a_placeholder_is_left_out_only_where_its_verdict_stands():
    placeholder = result(plain="mse: handed in\nThe grader judges this answer.")

    assert show(placeholder, judged=["mse"]) == []
    assert len(show(placeholder, judged=["relu"])) == 1


def test_of_a_very_long_text_the_middle_is_left_out():
    (one,) = show({"output_type": "stream", "name": "stdout", "text": "a" * 10**7 + "end"})

    assert len(one.text) < 2 * MOST_TEXT
    assert "left out" in one.text
    assert one.text.endswith("end")


def test_of_very_many_outputs_the_last_are_counted():
    items = show(*[result(plain="1")] * (MOST_OUTPUTS + 5))

    assert len(items) == MOST_OUTPUTS + 1
    assert items[-1].text == "5 more outputs are left out."


@pytest.mark.parametrize("traceback", [None, [], [1], "text"])
def test_an_error_without_a_traceback_shows_its_name(traceback):
    (one,) = show({"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": traceback})

    assert (one.kind, one.text) == ("error", "ValueError: bad")
