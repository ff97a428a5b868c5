"""Names of files for learners: one for each, wherever the report is written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.learner_names import MOST_BYTES, file_names, is_plain, is_portable, marked, spelled

# What some system does with a name: it takes some letters for others, and drops what stands at the end.
text = st.text(max_size=6) | st.text("aA.~ é\u0301con1/\\:\u200b\udcff", max_size=6)


def as_some_disk_reads_it(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).rstrip(". ")


@given(st.sets(text, max_size=8))
def test_no_disk_takes_two_names_for_one_another(texts):
    names = file_names(texts)
    assert names.keys() == texts
    assert len({as_some_disk_reads_it(name) for name in names.values()}) == len(texts)


@given(text)
def test_every_name_can_be_written_anywhere(one):
    (name,) = file_names({one}).values()
    assert name.isprintable() and name == unicodedata.normalize("NFC", name)
    assert 0 < len(name.encode()) <= MOST_BYTES
    assert not name.startswith((".", " ")) and not name.endswith((".", " "))
    assert not set(name) & set('<>:"/\\|?*')


@pytest.mark.parametrize(
    "one", ["001", "Anna", "Zoë", "李 明", "a.b", "a b", "-rf", "console", "auxiliary.x", "~", "com10"]
)
def test_an_ordinary_text_is_its_own_name(one):
    assert file_names({one}) == {one: one}


@pytest.mark.parametrize(
    "one",
    ["", ".", "..", ".a", "a.", " a", "a ", "con", "CON", "aux.txt", "com1.x", "LPT9", "nul .x", "a/b", "a:b", "a\n",
     "e\u0301", "a\u200b", "\udcff", "x" * 121, marked("a")],
)  # fmt: skip
def test_what_some_system_does_not_take_gets_a_mark(one):
    assert not is_portable(one)
    assert file_names({one}) == {one: marked(one)}


def test_names_that_differ_in_case_alone_get_marks_and_no_other_does():
    names = file_names({"Anna", "anna", "ANNA", "Bert"})
    assert names["Bert"] == "Bert"
    assert sorted(name.split("~")[0] for name in names.values()) == ["Bert", "_ANNA", "_Anna", "_anna"]


@pytest.mark.parametrize(
    "one", ["001", "Zoë Müller", "李 明", "山田 カナ", "김민준", "Иван", "O'Neill, A.", "हिन्दी", "Nguyễn"]
)
def test_letters_of_one_writing_are_what_they_look_like(one):
    assert is_plain(one)


@pytest.mark.parametrize(
    "one",
    ["v\u0456ctim", "victim\u200b", "e\u0301", "a  b", " a", "a ", "O\u2019Neill", "x\u202ey", "\ufb01", "\uff21",
     "a\u0430", "victim\u00a0", "\udcff", "a\n", "\U0001d41a"],
)  # fmt: skip
def test_what_may_look_like_something_else_is_not(one):
    assert not is_plain(one)


@given(text, text)
def test_no_two_texts_are_spelled_alike(one, other):
    assert (spelled(one) == spelled(other)) == (one == other)
    assert spelled(one).isascii() and spelled(one).isprintable()
    assert spelled(one) == " ".join(spelled(one).split())  # as a page shows it


def test_what_is_spelled_in_ascii_already_stays_as_it_is():
    assert [spelled(one) for one in ("001", "a b", "O'Neill")] == ["001", "a b", "O'Neill"]
