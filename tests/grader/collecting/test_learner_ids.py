"""Ids of learners: never one for two names, always as every table and file shows them; and alike ones are found."""

import os
import unicodedata

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from grader.cli.progress_meter import printable
from grader.collecting.learner_ids import MAX_LEARNER, learner_id, look_alikes
from grader.core.text import one_line
from grader.gradebook.scores import ScoreRow, scores_csv
from grader.judging.verdict import State

TWINS = ["victim", " victim", "victim ", "victim\xa0", "Victim", "vіctim", "victim\u200b", "vic\u00adtim", "victim\n"]
AWKWARD = [
    *TWINS, "a\u202eb", "a\\u202eb", "a\\\\u202eb", "\\", "\\\\", "\\n", "\n", "\x85", "\udc85", "\\x85", ".", "..",
    "\\x2e", "=1+1", "'=1+1", "\\x3d1+1", "-x", "+1", "@s", "a;=1", "a\\x3b=1", "a|  @x", "a  b", "a b", "a\xa0b", "é",
    "\u0301e", "e" + "\u0301" * 9, "字" * 70, "x" * 201, "\ud800", "~" + "0" * 32,
]  # fmt: skip
names = st.sampled_from(AWKWARD) | st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=12)


def test_what_people_are_called_stays_as_it_is():
    for name in ["001", "Zoë Müller", "O'Neil", "jane_doe", "Doe, Jane", "李小龙", "Ольга", "محمد", "a-b.c", ".x", "~"]:
        assert learner_id(name) == name


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (" victim", "\\x20victim"),
        ("victim\xa0", "victim\\u00a0"),
        ("a\u202eb", "a\\u202eb"),
        ("a\\u202eb", "a\\\\u202eb"),
        ("\udcff", "\\xff"),
        ("a\nb", "a\\nb"),
        ("=1+1", "\\x3d1+1"),
        ("a;=1", "a\\x3b=1"),
        ("..", "\\x2e\\x2e"),
        ("Zoe\u0308", "Zoë"),
        ("", ""),
    ],
)
def test_what_does_not_show_or_acts_is_written_out(name, written):
    assert learner_id(name) == written


@settings(max_examples=500, deadline=None)
@example("\x85", "\udc85")
@example("a" * 250, learner_id("a" * 250))
@example("\u0301", "\\u0301")
@given(names, names)
def test_two_names_never_become_one_id(one, other):
    assume(unicodedata.normalize("NFC", one) != unicodedata.normalize("NFC", other))
    assert learner_id(one) != learner_id(other)


@example(",=")
@example('a,"=1+1')
@example('"=1+1')
@example("a|' @b")
@settings(max_examples=500, deadline=None)
@given(names | names.map(lambda name: name * 40))
def test_an_id_is_one_plain_line_that_nothing_which_prints_it_changes(name):
    written = learner_id(name)
    assert 0 < len(written.encode()) <= MAX_LEARNER
    assert written == one_line(written, 1_000) == printable(written) == written.strip() == " ".join(written.split())
    assert "/" not in written and written not in (".", "..")
    row = ScoreRow(written, "toy", "double", 0.0, 1.0, State.FAILED, ())
    assert scores_csv([row]).splitlines()[1].startswith((f"{written},", f'"{written.replace(chr(34), chr(34) * 2)}",'))


def test_every_name_that_a_folder_can_have_has_an_id_of_its_own():
    ids = {learner_id(os.fsdecode(bytes([byte]))) for byte in range(1, 256) if byte != ord("/")}
    assert len(ids) == 254


def test_ids_that_look_alike_are_found_together():
    ids = [learner_id(name) for name in TWINS]
    assert len(set(ids)) == len(TWINS)
    assert look_alikes([*ids, "other", "Zoe", "Zoë"]) == [sorted(ids)]
    assert look_alikes(["001", "002", "a b", "a_b"]) == []


@given(st.lists(names, max_size=6))
def test_groups_of_look_alikes_share_nobody(some):
    groups = look_alikes(map(learner_id, some))
    assert len({one for group in groups for one in group}) == sum(map(len, groups))
    assert all(len(group) > 1 for group in groups)
