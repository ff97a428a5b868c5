import contextlib
import socket
import struct
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.messages import message
from grader.core.values import ARRAY_ITEMS, MAX_ITEMS, dumps
from grader.judging.observe import PlannedProbe
from grader.judging.run_record import RunJob
from grader.sandbox import FailedStatement, Limits, Run, TaskPlan
from grader.sandbox.channel import Channel
from grader.sandbox.guard import Ward
from grader.sandbox.inside.server import CHANNEL_FD
from grader.sandbox.watch import ENDED, MAX_FRAMES, MAX_TIMES_OBSERVED, Watch
from tests.grader.said import codes, says
from tests.grader.toy import text, value

TASKS = {"task": TaskPlan([PlannedProbe("seen", "def seen(task): return task\n", {})], 1.0, {"two": "task = 2\n"})}
REACHED = {"kind": "reached", "task": "task", "cell": 3}


def observed(value: object, **more: object) -> dict:
    return {"kind": "observed", "task": "task", "observations": {"seen": {"value": value}}, **more}


def follow(*frames: object, **limits: float) -> Run:
    """What a watch makes of these frames; bytes are sent as they are."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=send, args=[theirs, frames])
        sender.start()
        run = Watch(Channel(ours), RunJob((), TASKS, {}, Limits(**{"seconds": 2.0, **limits}))).follow()
        ours.close()
        sender.join()
    return run


def send(end: socket.socket, frames) -> None:
    with contextlib.suppress(OSError):  # the watch may have heard enough
        for frame in frames:
            data = frame if isinstance(frame, bytes) else dumps(frame)
            end.sendall(data if isinstance(frame, bytes) else struct.pack(">I", len(data)) + data)
        end.shutdown(socket.SHUT_WR)


def test_frames_become_a_run():
    cell = {"kind": "cell", "cell": 3, "outputs": [{"a": 1}], "seconds": 0.5}
    run = follow({"kind": "begin", "cell": 3}, cell, REACHED, observed(7), observed(2, variant="two"), {"kind": "end"})
    assert (says(run), run.current_cell, run.cells[3].outputs, run.cells[3].seconds) == ([], 3, [{"a": 1}], 0.5)
    assert value(run) == 7 and run.observed["task"].cell == 3
    assert run.variants["task", "two"]["seen"].value == 2
    assert run.earlier == {}


@pytest.mark.parametrize(
    "frame",
    [
        [], 7, "end", {}, {"kind": "no such"}, {"kind": "end", "more": 1}, {"kind": "job", "cells": [], "tasks": []},
        {"kind": "cell", "cell": 0, "outputs": [], "seconds": "long"}, {"kind": ["end"]}, {"kind": "begin"},
        {"kind": "begin", "cell": -1},
        {"kind": "begin", "cell": 10**9}, {"kind": "begin", "cell": 1.5}, {"kind": "cell", "cell": 0, "outputs": "no"},
        {"kind": "cell", "cell": 0, "outputs": [1]}, {"kind": "reached", "task": "other", "cell": 0},
        {"kind": "reached", "task": ["task"], "cell": 0}, {"kind": "reached", "task": "task"}, b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x01{",
    ],
)  # fmt: skip
def test_what_is_no_frame_ends_the_run_and_keeps_what_stood(frame):
    run = follow(REACHED, observed(7), frame, REACHED, observed(8), {"kind": "end"})
    assert codes(run) == ["end.no_value"]
    assert value(run) == 7


def test_a_forged_sender_is_kept_no_longer_than_it_may_print():
    cell = {"kind": "cell", "outputs": [{"text": "x" * 2**19}]}
    run = follow(*({**cell, "cell": number} for number in range(20)), {"kind": "end"}, output_bytes=2**20)
    assert (says(run), len(run.cells)) == ([message("end.no_value", problem="all outputs together are too long")], 9)


@pytest.mark.parametrize(
    "frame",
    [
        {"kind": "observed", "task": "task"},
        {"kind": "observed", "task": "task", "observations": {"other": {"value": 1}}},
        {"kind": "observed", "task": "task", "observations": {"seen": {"value": {"npy": "AAAA"}}}},
        {"kind": "observed", "task": "task", "observations": {"seen": {"value": {"py/object": "os.system"}}}},
        observed(1, variant="three"), observed(1, variant=["two"]), observed(1, variant={"a": 1}),
    ],
)  # fmt: skip
def test_observations_that_were_not_asked_for_end_the_run(frame):
    run = follow(REACHED, observed(7), frame, {"kind": "end"})
    assert codes(run) == ["end.no_value"]
    assert (value(run), run.variants) == (7, {})


def test_observations_before_the_check_was_reached_end_the_run():
    run = follow(observed(7), {"kind": "end"})
    assert (says(run), run.observed) == (
        [message("end.no_value", problem="observations came that nobody asked for")],
        {},
    )


@pytest.mark.parametrize("depth", [9, 100, 900, 950, 970, 985])
def test_outputs_that_are_nested_without_end_are_no_outputs(depth):
    nested = b'{"kind":"cell","cell":0,"outputs":[' + b'{"a":' * depth + b"1" + b"}" * depth + b"]}"
    run = follow(struct.pack(">I", len(nested)) + nested, {"kind": "end"})
    assert codes(run) == ["end.no_value"] and run.cells == {}


def test_outputs_as_jupyter_writes_them_are_outputs():
    output = {"output_type": "display_data", "data": {"text/html": ["a", "b"]}, "metadata": {"image/png": {"width": 3}}}
    run = follow({"kind": "cell", "cell": 0, "outputs": [output]}, {"kind": "end"})
    assert (says(run), run.cells[0].outputs, run.cells[0].seconds) == ([], [output], 0.0)


FAILED = ["import x", "ImportError", "no x"]


def test_statements_that_failed_are_kept_clipped_and_clean():
    cell = {
        "kind": "cell",
        "cell": 0,
        "outputs": [],
        "seconds": 0.1,
        "failed": [FAILED, ["x" * 9_999, "\x1b[2J", "\ud800"]],
    }
    first, second = follow(cell, {"kind": "end"}).cells[0].failed
    assert first == FailedStatement(*FAILED)
    assert (len(second.statement), second.kind, second.message) == (2_000, "\ufffd[2J", "?")


@pytest.mark.parametrize(
    "failed", [FAILED, "import x", {}, 7, [7], [[*FAILED, ""]], [FAILED[:2]], [[1, 2, 3]], [FAILED] * 21]
)
def test_what_is_no_list_of_failed_statements_ends_the_run(failed):
    run = follow({"kind": "cell", "cell": 0, "outputs": [], "failed": failed}, {"kind": "end"})
    assert codes(run) == ["end.no_value"] and run.cells == {}


def test_failed_statements_count_among_what_a_forger_sends():
    cell = {"kind": "cell", "outputs": [], "failed": [["x" * 2_000] * 3] * 20}
    run = follow(*({**cell, "cell": number} for number in range(99)), {"kind": "end"}, output_bytes=2**20)
    assert says(run) == [message("end.no_value", problem="all outputs together are too long")]


def test_an_end_that_came_too_early_and_one_that_came_late_are_told_apart():
    assert follow().stopped == ENDED
    assert says(follow({"kind": "end", "late": True})) == [message("limit.seconds", seconds=2)]
    assert says(follow({"kind": "end", "late": False})) == []


def test_who_asks_for_probes_and_never_reads_them_does_not_hold_the_watch_up(monkeypatch):
    monkeypatch.setattr("grader.sandbox.watch.REPLY_SECONDS", 0.2)
    started = time.monotonic()
    run = follow(*[REACHED] * 50_000, seconds=60.0)
    assert run.stopped == ENDED
    assert time.monotonic() - started < 10


leaves = st.none() | st.integers() | st.lists(st.text(max_size=2), max_size=3)
frames = st.fixed_dictionaries(
    {"kind": st.sampled_from(["begin", "cell", "reached", "observed", "end", "x"])},
    optional={
        "cell": st.integers(-1, 5) | st.text(max_size=2), "task": st.sampled_from(["task", "other", 1, None]),
        "outputs": st.lists(st.dictionaries(st.text(max_size=2), st.integers(), max_size=1), max_size=2) | st.none(),
        "observations": st.dictionaries(
            st.sampled_from(["seen", "x"]),
            st.dictionaries(st.sampled_from(["value", "failure", "changed", "x"]), leaves, max_size=2),
            max_size=2,
        ),
        "variant": st.sampled_from(["", "two", "x", 3, None]), "late": st.booleans() | st.none(),
        "failed": leaves | st.lists(st.lists(st.text(max_size=2), max_size=4), max_size=2),
    },
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(frames, max_size=6))
def test_whatever_frames_come_a_run_comes_out(made):
    run = follow(*made)
    assert says(run) in ([], [ENDED], [message("limit.seconds", seconds=2)]) or codes(run) == ["end.no_value"]
    assert run.observed.keys() <= {"task"} and run.variants.keys() <= {("task", "two")}


FORGE = f"""
import json, os, struct
def frame(form):
    data = json.dumps(form).encode()
    os.write({CHANNEL_FD}, struct.pack(">I", len(data)) + data)
"""
ONE = "def task():\n    return 1"


@pytest.mark.slow
def test_a_notebook_that_reads_no_answers_is_looked_after_all_the_same(run):
    hoard = """
import time
if os.fork() == 0:
    held = [bytearray(2**26) for _ in range(3)]
    for block in held: block[::4096] = b'x' * len(block[::4096])
    os.fork(); os.fork()
    for block in held: block[::4096] = b'y' * len(block[::4096])
    time.sleep(60)
while True: frame({'kind': 'reached', 'task': 'task', 'cell': 0})
"""
    ran = run(ONE, "x.check('task')", FORGE, hoard, seconds=30)
    assert (value(ran), says(ran)) == (1, [message("limit.resident", memory=2**28)])
    assert ran.seconds < 6


def test_garbage_in_the_channel_ends_its_own_run_and_keeps_what_stood(run):
    ran = run(ONE, "x.check('task')", FORGE, f"os.write({CHANNEL_FD}, b'garbage' * 99)", "print('never seen')")
    assert codes(ran) == ["end.no_value"]
    assert value(ran) == 1
    assert value(run(ONE)) == 1


def test_forged_observations_are_values_and_earn_what_they_deserve(run):
    forged = "frame({'kind': 'observed', 'task': 'task', 'observations': {'seen': {'value': 42}}})"
    ran = run(FORGE, "frame({'kind': 'reached', 'task': 'task', 'cell': 0})", forged, "frame({'kind': 'end'})")
    assert (value(ran), says(ran)) == (42, [])


def test_forged_outputs_stand_where_the_forger_put_them(run):
    ran = run("print('real')", FORGE, "frame({'kind': 'cell', 'cell': 0, 'outputs': []})\nframe({'kind': 'end'})")
    assert (ran.cells[0].outputs, says(ran)) == ([], [])


def test_an_endless_stream_into_the_channel_comes_to_an_end(run):
    flood = "while True: frame({'kind': 'begin', 'cell': 1})"
    ran = run(ONE, "x.check('task')", FORGE, flood, seconds=1)
    assert value(ran) == 1
    ends = [message("limit.seconds", seconds=1)], [message("limit.sent_messages", count=50_000)]
    assert says(ran) in ends or text(ran, 3).startswith("TimeUp")
    assert ran.seconds < 3


@pytest.mark.parametrize("kind", ["kind", "bound"])
def test_what_is_nested_to_the_end_of_the_stack_is_not_printed(kind):
    for depth in range(900, 1_000, 3):
        frame = '{"kind":"cell","cell":0,"outputs":[],"%s":%s1%s}' % (kind, "[" * depth, "]" * depth)  # noqa: UP031
        run = follow(struct.pack(">I", len(frame)) + frame.encode(), {"kind": "end"})
        assert says(run) == [] or codes(run) == ["end.no_value"]


def test_outputs_that_are_too_many_end_the_run_also_where_they_come_in_parts():
    cells = [{"kind": "cell", "cell": cell, "outputs": [{}] * 400_000, "seconds": 0.1} for cell in range(3)]
    run = follow(*cells, {"kind": "end"}, seconds=20.0)
    assert (says(run), sorted(run.cells)) == (
        [message("end.no_value", problem="all outputs together are too many")],
        [0, 1],
    )


def test_messages_without_end_end_the_run():
    run = follow(*[{"kind": "begin", "cell": 0}] * (MAX_FRAMES + 1), seconds=60)
    assert says(run) == [message("limit.sent_messages", count=MAX_FRAMES)]


def test_a_task_is_not_judged_without_end():
    run = follow(REACHED, *[observed(7)] * (MAX_TIMES_OBSERVED + 1), {"kind": "end"}, seconds=60)
    assert says(run) == [message("end.no_value", problem=f"a task was observed more than {MAX_TIMES_OBSERVED} times")]


@pytest.mark.parametrize("value", [[0.5] * (MAX_ITEMS + 1), [{"npy": "AA=="}] * (MAX_ITEMS // ARRAY_ITEMS + 1)])
def test_values_that_would_take_minutes_to_judge_are_refused(value):
    run = follow(REACHED, observed(value), {"kind": "end"}, seconds=60)
    assert codes(run) == ["end.no_value"] and run.observed == {}


def test_what_the_guard_ended_is_told_as_that_whatever_it_looks_like():
    ward = Ward(Limits())
    ward.end(message("limit.resident", memory=3 * 2**30))
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()
        run = Watch(Channel(ours), RunJob((), TASKS, {}, Limits()), ward).follow()
    assert says(run) == [message("limit.resident", memory=3 * 2**30)]


def test_a_run_that_met_a_limit_of_time_says_so():
    late = follow({"kind": "end", "late": True})
    slow = follow(
        REACHED,
        {"kind": "observed", "task": "task", "observations": {"seen": {"failure": ["time", "", ""]}}},
        {"kind": "end"},
    )
    cell = follow({"kind": "cell", "cell": 0, "outputs": [], "bound": "cell seconds"}, {"kind": "end"})
    well = follow(REACHED, observed(7), {"kind": "end"})
    assert [run.timed_out for run in (late, slow, cell, well)] == [True, True, True, False]
    assert not late.was_crowded
    late.waited = late.seconds
    well.waited = well.seconds
    assert late.was_crowded and not well.was_crowded


def test_a_fault_is_cut_before_it_is_read_and_written_on_plain_lines():
    lines = "\u0100\n" * 10**6
    run = follow({"kind": "fault", "traceback": f"{lines}\x1b[2J\u202e\rTypeError: x"})
    assert says(run) == [message("end.fault", error=r"\x1b[2J\u202e\rTypeError: x")]
    assert len(run.fault) < 10_000 and "\r" not in run.fault and "\u202e" not in run.fault


def test_a_fault_for_want_of_memory_is_the_notebooks():
    run = follow({"kind": "fault", "traceback": "Traceback\nMemoryError"}, memory=2**30)
    assert (says(run), run.fault) == ([message("limit.resident", memory=2**30)], "")
