"""Whatever a submission's process sends instead of frames and values: each task gets a verdict all the same."""

import base64
import json
import struct
import time

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from grader.core.errors import ValuesError
from grader.core.limits import Limits
from grader.core.values import MAX_BYTES, encode
from grader.judging.observe import Observation, observation_from_json
from grader.judging.run_record import RunJob
from grader.judging.verdict import decide
from grader.learner.card import verdict_card
from grader.units.run_plan import plans
from tests.grader.hostile import (
    Way,
    assert_harmless,
    assert_one_line,
    assert_sane_message,
    follow,
    framed,
    hostile,
    mutate,
    nested,
    odd,
    texts,
)
from tests.grader.said import words
from tests.grader.toy import RIGHT, notebook

NOTEBOOK = notebook(*RIGHT).encode()
LIMITS = Limits(seconds=60.0)

DESCRIPTIONS = [
    "<f8", "<f8", "<f8", "<i8", "<f4", "<c16", "|b1", "|u1", ">f8", ">U2", "<U2", "<f2", "<f16", "<c32",
    "<U900000000", "|O",
    "O", "|V8", "<M8[s]", "|S3", "<f3", "<i99", "x", "<b8", "|U0", "[('a', '<f8')]", "<f8', 'x': '",
]  # fmt: skip
SHAPES = [
    "(2,)", "(2,)", "(2, 2)", "(4, 2)", "(4,)", "(3, 4)", "()", "(0,)", "(4, 0)", "(0, 4)", "(1, 1, 1)", "(-1,)",
    "(2, -1)",
    "(1000000000000, 0)", "(9999999999999999999999, 0)", "(0, 4611686018427387904)", "(1000000, 1000000)", "(2)", "[2]",
    "(2.0,)", "(True,)", "('a',)", "(" + "1, " * 40 + ")", "(" + "1, " * 900 + ")", "(0" + "9" * 600 + ",)",
    "(1, 2 3,)",
    "(01,)", "__import__('os')",
]  # fmt: skip
PAYLOADS = [
    b"", b"\0" * 8, np.array([2.0, 5.0]).tobytes(), np.array([np.nan, np.inf]).tobytes(), np.zeros(4).tobytes(),
    np.full(8, 1e308).tobytes(), np.full(4, -(2**63)).tobytes(), b"\xff" * 16, b"\xff" * 32, b"\x01\x02" * 8,
    b"\0\xd8\0\0" * 4,
    np.array([[-1.0, 1.0]] * 4).tobytes(), b"\xff\xff\x10\0" * 4, bytes(range(64)), b"\x80" * 128, b"\0" * 96,
]  # fmt: skip


@st.composite
def arrays(draw) -> object:
    """An array's bytes whose header may say anything."""
    header = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (  # noqa: UP031  braces stand in it
        draw(st.sampled_from(DESCRIPTIONS)), draw(st.sampled_from(["False", "False", "True", "1"])),
        draw(st.sampled_from(SHAPES)),
    )  # fmt: skip
    head = header.encode() + b" " * draw(st.sampled_from([1, 20, 3_000])) + b"\n"
    magic = draw(st.sampled_from([b"\x93NUMPY\x01\x00"] * 9 + [b"\x93NUMPY\x02\x00", b"\x80\x04", b"PK\x03\x04"]))
    length = len(head) + draw(st.sampled_from([0] * 9 + [1, -1]))
    data = magic + struct.pack("<H", length) + head + draw(st.sampled_from(PAYLOADS))
    text = base64.b64encode(data).decode()
    return {"npy": draw(st.sampled_from([text] * 9 + [text[:-1], text + "\n", "=" + text, "\ud800", "", 7]))}


plain = st.sampled_from(
    [
        2.0, -1, True, None, "b", "a", ["ab", "c"], ("ab", "c"), {"rows": 3, "names": ("a", "b"), "mean": [0.5, 3.0]},
        [[1.0], [1.0, 2.0]], ["a", 1], [1, None], [], {}, [[]], [2.0, 5.0], np.array([2.0, 5.0]), np.array([[2, 5]]),
        np.array([["a", "bc"]] * 2), np.array(["x"]), np.array([1j, 2j]), np.array([-2.0, -5.0]), np.array([np.nan,
        5.0]),
        np.array([True, False]), np.zeros((4, 2)), np.zeros((4, 0)), np.arange(12.0).reshape(3, 4), [np.zeros(2), 1.0],
        [np.zeros(0), [1.0]], [np.array(["x"]), 1], ["x" * 5_000, *[0] * 50], np.array([2**63], np.uint64), [2**64, -1],
        np.array([1e308, -1e308]), np.zeros((2, 3, 4, 5)), np.float16([2, 5]), [True, 2.0], (np.zeros(2),
        {"a": np.zeros(2)}),
    ]
).map(encode)  # fmt: skip
value_forms = plain | plain | arrays() | st.tuples(plain, st.data()).map(lambda pair: mutate(pair[1].draw, pair[0]))
names = st.sampled_from(["x", "n", "x", "nothing"]) | texts
kinds = (
    st.sampled_from(["missing", "time", "not plain", "ValueError", "NotImplementedError", "NameError", "double"])
    | texts
)
said = st.sampled_from(["name 'np' is not defined", "name 'total' is not defined", "np"]) | texts
observations = (
    st.fixed_dictionaries({"value": value_forms}, optional={"changed": st.lists(names | odd, max_size=3)})
    | st.fixed_dictionaries(
        {"failure": st.tuples(kinds, said, st.just("line 2: np.sum(total)") | texts).map(list)},
        optional={"changed": odd},
    )
    | st.fixed_dictionaries({"failure": odd})
    | odd
)


@pytest.fixture(scope="module")
def way(tmp_path_factory) -> Way:
    return Way(tmp_path_factory.mktemp("course"))


TASKS = {
    "double": ["on_fixed", "on_drawn", "on_hidden"], "total": ["of_matrix", "of_row"], "quiz": ["choice"],
    "words": ["two_words"],
    "table": ["a_table"], "stack": ["a_stack"], "letters": ["two_rows"], "turned": ["by_a_quarter"],
    "predict": ["predictions"],
    "fill": ["in_place"], "refuse": ["below_zero", "above_zero"],
}  # fmt: skip


def test_the_tasks_are_the_units(way):
    assert {name: [probe.name for probe in task.probes] for name, task in way.judged.tasks.items()} == TASKS


@hostile("values judged")
@given(st.sampled_from(sorted(TASKS)), st.lists(observations, min_size=1, max_size=3))
def test_what_is_sent_as_an_observation_is_judged_or_an_error_of_one_line(way, task, forms):
    seen: dict[str, Observation] = {}
    for probe, form in zip(TASKS[task], forms, strict=False):
        try:
            seen[probe] = observation_from_json(form)
        except ValuesError as error:
            event("refused")
            assert_one_line(str(error))
            return
    verdict = decide(way.judged.tasks[task], seen)
    event(verdict.state)
    assert 0 <= verdict.points <= verdict.max_points
    assert_sane_message(verdict.state, words(verdict))
    assert max(map(len, (verdict.call, verdict.came_back, verdict.expected))) < 12_000
    assert verdict_card(verdict, public=False)._repr_html_()


OUTPUTS = [
    {"output_type": "stream", "name": "stdout", "text": "<script>alert(1)</script>\x1b[2J"},
    {"output_type": "stream", "name": ["stderr"], "text": {"a": 1}},
    {"output_type": "display_data", "data": {"text/html": "<b onclick=x>", "text/plain": ["a", 1]}, "metadata": {}},
    {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo="}, "metadata": {"image/png": {"alt": "'>"}}},
    {"output_type": "display_data", "data": {"text/markdown": "[x](javascript:x) $$ y $$ <i>"}, "metadata": 7},
    {"output_type": "execute_result", "data": {"text/plain": "double: handed in"}, "execution_count": "1e999"},
    {"output_type": "error", "ename": "E", "evalue": "\x00", "traceback": ["\x1b[31mred", "\u202e"]},
    {"output_type": "error", "ename": ["E"], "evalue": {"a": 1}},
    {"output_type": {"a": []}},
    {},
]


failed = st.tuples(
    st.sampled_from(["import numpy as np", "lab = Lab('toy')", "x"]) | texts,
    st.sampled_from(["NameError", "ModuleNotFoundError"]) | texts,
    st.sampled_from(["name 'np' is not defined", "No module named 'numpy'"]) | texts,
).map(list)


@st.composite
def runs(draw) -> list:
    """The frames of a process that began honestly, some of them changed, lost, repeated, moved or forged."""
    cells = st.sampled_from([0, 1, 2, 5, 6, 99_999])
    frames: list = []
    for cell in range(draw(st.integers(0, 2))):
        outputs = draw(st.lists(st.sampled_from(OUTPUTS), max_size=3))
        frames += [{"kind": "begin", "cell": cell}, {"kind": "cell", "cell": cell, "outputs": outputs, "seconds": 0.5}]
        frames[-1] |= {"failed": draw(st.lists(failed, max_size=2))} if draw(st.booleans()) else {}
    for task in draw(st.lists(st.sampled_from([*TASKS, "nothing"]), max_size=4)):
        forms = {probe: draw(observations) for probe in TASKS.get(task, ["seen"])}
        if not draw(st.integers(0, 3)):
            forms[draw(st.sampled_from(["choice", "on_drawn", "seen", ""]))] = draw(observations)
        frames.append({"kind": "reached", "task": task, "cell": draw(cells)})
        frames.append({"kind": "observed", "task": task, "variant": "", "observations": forms})
    frames.append({"kind": "end", "late": draw(st.booleans())})
    if draw(st.booleans()):
        frames = mutate(draw, frames)
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        frames.insert(draw(st.integers(0, len(frames))), draw(strange))
    return [frame if isinstance(frame, bytes) else lenient(frame) for frame in frames]


def lenient(form: object) -> bytes:
    """A frame as a process can send it that does not keep to JSON's rules."""
    return framed(json.dumps(form).encode("utf-8", "surrogatepass"))


strange = st.sampled_from(
    [
        b"", b"\0\0\0\0", b"\0\0\0\x01", b"\0\0\0\x05[1", b"\xff\xff\xff\xff", struct.pack(">I", MAX_BYTES) + b"{}",
        struct.pack(">I", MAX_BYTES + 1), framed(b"\xff\xfe"), framed(b"NaN"), framed(b'{"kind":"end"'),
        framed(b"{}{}"),
        framed(b'{"kind":"cell","cell":0,"outputs":[{"a":NaN}]}'), framed(b'{"kind":"end","kind":"begin"}'),
        framed(b'{"kind":"begin","cell":' + b"9" * 5_000 + b"}"), framed(b'{"kind":"begin","cell":1e999}'),
        framed(b'{"kind":' + b"[" * 900 + b"]" * 900 + b"}"), framed(b"[" * 100_000),
        framed(b'{"kind":"\xed\xa0\x80"}'),
        framed({"kind": "\x1b[2J\n" * 50}), framed({"kind": "begin", "cell": -1}), framed({"kind": "begin",
        "cell": True}),
        framed({"kind": "cell", "cell": 0, "outputs": nested(900), "seconds": 0.1}),
        framed({"kind": "cell", "cell": 0, "outputs": [{}], "bound": nested(900)}),
        framed({"kind": "cell", "cell": 0, "outputs": [{}] * 3_000, "bound": "memory"}),
        framed({"kind": "reached", "task": "double", "cell": 0}) * 40,
        framed({"kind": "observed", "task": "double", "observations": {}}),
        framed({"kind": "observed", "task": "double", "observations": {"on_fixed": {"value": nested(900)}}}),
        framed({"kind": "observed", "task": "double", "variant": nested(900), "observations": {}}),
        framed({"kind": "observed", "task": "double", "variant": "starter/starter", "observations": {}}),
    ]
) | st.binary(max_size=20)  # fmt: skip


@hostile("runs followed")
@given(runs())
def test_whatever_is_sent_gives_a_run_that_says_in_one_line_why_it_stopped(way, frames):
    tasks = way.judged.tasks
    run = follow(frames, RunJob((), plans(way.unit, way.book.seed), {}, LIMITS))
    verdicts = [decide(tasks[seen.task], seen.observations, seen.stopped_cell) for seen in run.observed.values()]
    event(words(run)[:20] or "ended well")
    assert words(run) == "" or assert_one_line(words(run)) is None
    assert {verdict.task for verdict in verdicts} == set(run.observed) <= set(TASKS)
    assert run.current_cell is None or 0 <= run.current_cell <= 100_000
    assert run.seconds < LIMITS.seconds


@pytest.mark.slow
@hostile("runs graded")
@given(runs())
def test_whatever_is_sent_gives_verdicts_and_pages_that_do_nothing(way, frames):
    way.grade(NOTEBOOK, frames)
    way.check()


LARGE = {
    "outputs without end": framed(b'{"kind":"cell","cell":0,"outputs":[' + b"{}," * 20_000_000 + b"{}]}"),
    "one long output": framed({"kind": "cell", "cell": 0, "outputs": [{"output_type": "stream", "text": "<" * 10**7}]}),
    "lines": framed({"kind": "cell", "cell": 0, "outputs": [{"output_type": "stream", "text": ["\x1b[1m"] * 10**6}]}),
    "a long list": framed(
        b'{"kind":"observed","task":"total","observations":{"of_row":{"value":[' + b"1," * 30_000_000 + b"1]}}}"
    ),
    "texts and numbers": framed(
        {"kind": "observed", "task": "total", "observations": {"of_row": {"value": ["x" * 10**7, *[0] * 10**6]}}}
    ),
    "begins without end": framed({"kind": "begin", "cell": 0}) * 200_000,
    "begins of nothing": framed(b"{}") * 100_000,
    "bytes without frames": b"\0\0\0\x02{}" * 10 + b"\x03\xff\xff\xff" + b" " * 60_000_000,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_what_is_sent_in_masses_is_dealt_with_in_seconds(way, name):
    started = time.process_time()
    reached = framed({"kind": "reached", "task": "total", "cell": 0})
    way.grade(NOTEBOOK, [reached, LARGE[name], framed({"kind": "end"})])
    way.check()
    assert time.process_time() - started < 20


def test_a_card_of_hostile_words_is_well_formed(way):
    observation = observation_from_json({"failure": ["<b>", "`x` `<script>\x00\x1b[2J", "</pre>"]})
    verdict = decide(way.judged.tasks["total"], {"of_row": observation})
    assert_harmless(verdict_card(verdict, public=False)._repr_html_())
