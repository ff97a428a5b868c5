"""What a learner has reached, from one kernel to the next."""

import json

import pytest

from grader.judging.verdict import State
from grader.learner.progress import progress_of


@pytest.mark.parametrize("state", State)
def test_a_state_is_kept_by_its_code(tmp_path, state):
    progress_of(tmp_path, "toy").record("double", State.PASSED)
    progress_of(tmp_path, "toy").record("double", state)
    assert json.loads((tmp_path / ".progress" / "toy.json").read_text())["states"] == {"double": state.value}
    assert progress_of(tmp_path, "toy").state("double") is state


def test_what_an_earlier_version_kept_in_words_is_read(tmp_path):
    words = {"a": "passed", "b": "failed", "c": "not attempted", "d": "could not be graded"}
    (tmp_path / ".progress").mkdir()
    (tmp_path / ".progress" / "toy.json").write_text(json.dumps({"states": words, "hints": {"a": 2}}))
    kept = progress_of(tmp_path, "toy")
    assert [kept.state(task) for task in words] == [State.PASSED, State.FAILED, State.NOT_ATTEMPTED, State.UNGRADED]
    assert kept.next_hint("a", 9) == 3


@pytest.mark.parametrize("text", ["", "[]", '{"states": {"a": "nearly"}, "hints": {}}', '{"states": {"a": []}}'])
def test_a_damaged_file_is_begun_anew(tmp_path, text):
    (tmp_path / ".progress").mkdir()
    (tmp_path / ".progress" / "toy.json").write_text(text)
    assert progress_of(tmp_path, "toy").state("a") is State.NOT_ATTEMPTED
