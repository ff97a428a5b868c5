"""Every message is a typed structure; what is none is refused in a line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.errors import ValuesError
from grader.sandbox import protocol
from grader.sandbox.protocol import (
    Begin,
    Cell,
    End,
    Exited,
    Fault,
    FilePiece,
    Fork,
    Job,
    ObservedValues,
    Preload,
    Probes,
    Reached,
    Refused,
    Started,
    form_of,
    from_submission,
    line_of,
    statuses,
    to_server,
    to_submission,
)  # fmt: skip

FROM = [Begin(3), Cell(0, [{"output_type": "stream"}], 0.5, "cell seconds", [("x", "KeyError", "x")]),
        Reached("task", 2), ObservedValues("task", {"seen": {"value": 1}}, "starter/starter"),
        Fault("Traceback"), End(True)]  # fmt: skip
TO = [FilePiece("a.npy", "AAAA"), Job([{"cell_type": "code", "source": "1"}], ["task"]), Probes([{}], 2.0, {"a": "b"})]


@pytest.mark.parametrize("message", FROM, ids=lambda message: type(message).__name__)
def test_what_a_submission_sends_comes_back_as_it_was(message):
    assert from_submission(json.loads(json.dumps(form_of(message)))) == message


@pytest.mark.parametrize("message", TO, ids=lambda message: type(message).__name__)
def test_what_a_submission_is_sent_comes_back_as_it_was(message):
    assert to_submission(json.loads(json.dumps(form_of(message)))) == message


def test_the_fork_server_and_the_grader_speak_in_lines():
    fork = Fork("/work", {"seconds": 5.5, "memory": 2**31}, True, [0, 1])
    assert to_server(line_of(fork)) == fork and isinstance(to_server(line_of(fork)).limits["memory"], int)
    assert to_server(line_of(Preload(["numpy"], [], []))) == Preload(["numpy"], [], [])
    told = [Started(7), Exited(-9), Refused("no wall")]
    assert statuses(b"".join(map(line_of, told))) == told


@pytest.mark.parametrize("message", FROM, ids=lambda message: type(message).__name__)
def test_a_field_too_many_or_of_another_type_is_refused(message):
    form = form_of(message)
    for broken in ({**form, "more": 1}, *({**form, name: [1]} for name in form), {**form, "kind": "job"}):
        with pytest.raises(ValuesError, match="^no message: "):
            from_submission(broken)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
FIELDS = st.sampled_from(["kind", "cell", "task", "outputs", "seconds", "bound", "failed", "observations", "variant",
                          "late", "traceback"])  # fmt: skip
KINDS = st.sampled_from(["begin", "cell", "reached", "observed", "fault", "end", "\ud800", "no such"])


@given(ANYTHING | st.builds(dict, st.dictionaries(FIELDS, ANYTHING, max_size=5), kind=KINDS))
def test_whatever_else_is_sent_is_a_message_or_an_error_of_one_line(form):
    try:
        message = from_submission(form)
    except ValuesError as error:
        assert "\n" not in str(error)
        str(error).encode()
    else:
        assert isinstance(message, protocol.FromSubmission)


def test_a_path_that_is_no_utf_8_comes_through():
    fork = Fork("/t\udcff/work", {"seconds": 5}, True, [0])
    assert to_server(line_of(fork)) == fork
    assert statuses(line_of(Refused("no /t\udcff"))) == [Refused("no /t\udcff")]
