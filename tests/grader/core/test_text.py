import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.text import MOST_STORED, one_line, printable, storable


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain, é, 字, 👩\u200d💻", "plain, é, 字, 👩\u200d💻"),
        ("a\nb\r\tc\0", r"a\nb\r\tc\x00"),
        ("\x1b[2J\x9b2J\x7f", r"\x1b[2J\x9b2J\x7f"),
        ("gpj.\u202egnp", r"gpj.\u202egnp"),
        ("\udcff\udce9", r"\xff\xe9"),  # bytes of a file's name
        ("\ud800", r"\ud800"),
    ],
)
def test_what_would_act_is_written_out_and_the_rest_is_left(text, line):
    assert one_line(text) == line


def test_a_long_text_keeps_its_beginning_and_its_end():
    line = one_line("a" * 5_000 + "z" * 5_000, 11)
    assert line == "aaaaa…zzzzz"


@given(st.text(st.characters()), st.integers(10, 50))
def test_any_text_is_one_line_that_can_be_written_and_is_no_longer_than_asked(text, most):
    line = one_line(text, most)
    assert len(line) <= most
    assert line.encode().decode().splitlines() in ([], [line])


def test_what_is_stored_is_cut_and_holds_no_controls():
    assert storable("a\x00b\n\t\x9f\ud800" + "z" * MOST_STORED) == "a\ufffdb\n\t\ufffd?" + "z" * (MOST_STORED - 7)


def test_what_is_printed_on_a_page_has_neither_controls_nor_colours():
    coloured = "\x1b[31mred\x1b[0m \x1b]0;title\x07\x00done\n"
    assert printable(coloured, escapes=True) == "red done\n"
    assert printable("a\x00b\x7f") == "ab"


@given(st.text(st.characters()))
def test_whatever_is_stored_can_be_written(text):
    storable(text).encode()
    assert "\x00" not in storable(text) + printable(text, escapes=True)
