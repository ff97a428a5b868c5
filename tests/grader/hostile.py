"""What hostile input is made of, the whole way that it goes, and what must hold at the end of it."""

import copy
import csv
import io
import os
import re
import socket
import struct
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from grader.authoring.reference import observe_reference
from grader.classroom.grade_submission import JudgedUnit, grade_one
from grader.collecting.collect import Content, digest
from grader.core.messages import message
from grader.core.values import dumps
from grader.gradebook.gradebook import Gradebook
from grader.judging.run_record import RunJob
from grader.judging.verdict import State
from grader.report import class_html, feedback_html, scores_csv
from grader.report.formulas import ELEMENTS
from grader.report.report_folder import _feedback
from grader.sandbox import Run, Sandbox
from grader.sandbox.channel import Channel
from grader.sandbox.watch import ENDED, Watch
from grader.units.course import Course
from tests.grader.said import words
from tests.grader.toy import TOY, write_source

MORE = """
# %%
### BEGIN SOLUTION
def words(n):
    return ["ab", "c"][:n]


def table(n):
    return {"rows": n, "names": ("a", "b"), "mean": [0.5, float(n)]}


def stack(x):
    return np.stack([x, 2 * x])


def letters(n):
    return np.array([["a", "bc"]] * n)


def turned(x):
    return x * 1j


def predict(x):
    return np.stack([-x, x], axis=1)


def fill(x):
    x[:] = 0.0


def refuse(n):
    if n < 0:
        raise ValueError("n must not be negative")
    return n
### END SOLUTION

# %% tags=["task"]
from grader import accuracy, equal

words_task = Task("words")


@words_task.probe(n=2, judge=equal())
def two_words(words, n):
    return words(n)


table_task = Task("table")


@table_task.probe(n=3)
def a_table(table, n):
    return table(n)


stack_task = Task("stack")


@stack_task.probe(x=array([1.0, 2.0, 4.0]))
def a_stack(stack, x):
    return stack(x)


letters_task = Task("letters")


@letters_task.probe(n=2)
def two_rows(letters, n):
    return letters(n)


turned_task = Task("turned")


@turned_task.probe(x=array([1.0, 2.0]))
def by_a_quarter(turned, x):
    return turned(x)


predict_task = Task("predict")


@predict_task.probe(x=array([-1.0, 1.0, 2.0, -3.0]), judge=accuracy([0, 1, 1, 0], at_least=0.9, zero_at=0.4))
def predictions(predict, x):
    return predict(x)


fill_task = Task("fill")


@fill_task.probe(x=array([1.0, 2.0]))
def in_place(fill, x):
    return fill(x)


refuse_task = Task("refuse")


@refuse_task.probe(n=-1)
def below_zero(refuse, n):
    return refuse(n)


@refuse_task.probe(n=1)
def above_zero(refuse, n):
    return refuse(n)


# %%
lab.check("words")
lab.check("table")
lab.check("stack")
lab.check("letters")
lab.check("turned")
lab.check("predict")
lab.check("fill")
lab.check("refuse")
"""
HOSTILE = TOY + MORE
LEARNER = "001"

EXAMPLES = {
    "files read": 3_000, "files graded": 400,
    "values judged": 4_750, "runs followed": 1_200, "runs graded": 200,
    "trees searched": 400, "trees graded": 60, "trees given to the command": 24,
}  # fmt: skip
# `make prove` tries them all when the grader changed; `make test` a quarter of them, drawn anew each time.
WHOLE = os.environ.get("HOSTILE") == "all"
USED: set[str] = set()

# What a browser, a spreadsheet, a terminal, a template or a parser might act upon.
ATTACKS = [
    "<script>alert(1)</script>", "</pre></div><script>alert(1)</script>", '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)", "</title></style><svg onload=alert(1)>", "[x](javascript:alert(1))",
    "<javascript:alert(1)> [x](java\tscript:alert(1)) [x]: data:text/html,<script>", "![x](x onerror=alert(1))",
    "```<script>\nx\n```<script>", "$</span><script>$ $$\n<b>\n$$", "{{ 7 * 7 }}{% raw %}", "<!-- ]]>",
    "&#60;script&#62;",
    "=cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "\t=1", "+1", "\uff1d1", '"\n=1', "\x1b[2J\x1b]0;owned\x07", "\x9b31m",
    "a\nb", "\r\n! forged line", "\x00", "\u202egnp", "\ud800<script>", "\ufffe\ufdd0", "x" * 3_000, "`",
    "| a |\n|---|",
]  # fmt: skip
NUMBERS = [0, -1, 1, True, 2**31, 2**63, -(2**64), 10**400, 1e308, -0.0, 5e-324, 1.5]
ACTING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_CELL_ACTING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")

texts = st.sampled_from([*ATTACKS, "", "x", "code", "double"]) | st.text(st.characters(), max_size=8)
leaves = st.none() | st.sampled_from(NUMBERS) | texts
odd = leaves | st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text/html", "npy", "x", ""]), inner, max_size=3)
    ),
    max_leaves=5,
)


def hostile(what: str) -> settings:
    """The settings of a test, by which its examples are counted."""
    USED.add(what)
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    examples = EXAMPLES[what] if WHOLE else EXAMPLES[what] // 4
    return settings(max_examples=examples, deadline=None, suppress_health_check=slow)


def nested(depth: int) -> Any:
    """A list in a list in a list …"""
    form: Any = 1
    for _ in range(depth):
        form = [form]
    return form


def places(form: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all that lies in a JSON form."""
    items = form.items() if isinstance(form, dict) else enumerate(form) if isinstance(form, list) else ()
    return [place for key, inner in items for place in ((*path, key), *places(inner, (*path, key)))]


def mutate(draw: Any, form: Any, values: st.SearchStrategy[Any] = odd, most: int = 3) -> Any:
    """A JSON form changed in a few places: something odd in place of what stood there, nothing, or the same twice."""
    form = copy.deepcopy(form)
    for _ in range(draw(st.integers(1, most))):
        there = places(form)
        if not there:
            return form
        *path, key = draw(st.sampled_from(there))
        parent = form
        for step in path:
            parent = parent[step]
        act = draw(st.sampled_from(["replace", "replace", "remove", "wrap", "twice"]))
        if act == "remove":
            del parent[key]
        elif act == "wrap":
            parent[key] = [parent[key]]
        elif act == "twice" and isinstance(parent, list):
            parent.insert(key, parent[key])
        else:
            parent[key] = draw(values)
    return form


class Way:
    """The way of a submission from its bytes to the pages, with frames in the place of a process."""

    def __init__(self, root: Path, source: str = HOSTILE) -> None:
        self.course: Course = write_source(root, source)
        self.unit = self.course.unit("toy")
        self.book = Gradebook("sqlite://")
        with Sandbox(["numpy"]) as sandbox:
            expectations = observe_reference(self.unit, self.book.seed, sandbox)
        tasks = {
            name: self.unit.judged(task, self.book.seed, expectations[name]) for name, task in self.unit.tasks.items()
        }
        self.judged = JudgedUnit(self.unit, self.book.seed, tasks, False)
        self._count = 0

    def grade(self, data: bytes, frames: Sequence[Any] = (), learner: str = LEARNER) -> None:
        """Grade a notebook whose process sends these frames; bytes among them are sent as they are."""
        self._count += 1
        run = self.book.hand_in(learner, "toy", self.unit.digest, f"{digest(data)[:40]}{self._count}").run
        self.book.begin(run, True)
        grade_one(Content(data), run, self.judged, self.book, _Frames(frames), {})  # type: ignore[arg-type]

    def check(self, problems: Sequence[str] = ()) -> None:
        """The verdicts, the pages and the table of the only learner are as they must be."""
        outcome = self.book.outcome(LEARNER, "toy")
        assert [verdict.task for _, verdict in outcome.verdicts] == list(self.judged.tasks)
        for _, verdict in outcome.verdicts:
            assert 0 <= verdict.points <= verdict.max_points
            assert_sane_message(verdict.state, words(verdict))
        rows = self.book.score_rows()
        assert_harmless(feedback_html(_feedback(outcome, "A toy")))
        links = {(LEARNER, "toy"): "feedback/001/toy.html"}
        assert_harmless(class_html(rows, {"toy": "A toy"}, {}, problems, True, links))
        assert_sane_table(scores_csv(rows), len(self.judged.tasks))


class _Frames:
    """A sandbox in which frames were already made."""

    walled = True

    def __init__(self, frames: Sequence[Any]) -> None:
        self._frames = frames

    def run_submission(self, job: RunJob) -> Run:
        return follow(self._frames, job)


def follow(frames: Sequence[Any], job: RunJob) -> Run:
    """What the watch makes of these frames."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sides = [threading.Thread(target=_send, args=[theirs, frames]), threading.Thread(target=_drain, args=[theirs])]
        for side in sides:
            side.start()
        try:
            run = Watch(Channel(ours), job).follow()
        finally:
            ours.close()
            for side in sides:
                side.join()
    if run.stopped == ENDED:
        run.stopped = message("end.process")
    return run


def framed(form: Any) -> bytes:
    """A frame's bytes."""
    data = form if isinstance(form, bytes) else dumps(form)
    return struct.pack(">I", len(data)) + data


def _send(end: socket.socket, frames: Iterable[Any]) -> None:
    with suppress(OSError):  # the watch may have heard enough
        end.sendall(b"".join(frame if isinstance(frame, bytes) else framed(frame) for frame in frames))
        end.shutdown(socket.SHUT_WR)


def _drain(end: socket.socket) -> None:
    with suppress(OSError):
        while end.recv(1 << 18):
            pass


def assert_one_line(text: str, most: int = 1_200) -> None:
    """A sentence for a person, which a terminal shows and does not obey."""
    assert 0 < len(text) <= most
    assert not ACTING.search(text), text


def assert_sane_message(state: State, message: str) -> None:
    """What a verdict says. Why there is none is one line; a learner's own words may be several."""
    if state is State.UNGRADED:
        assert_one_line(message)
    assert len(message) < 10_000
    message.encode()
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", message), message  # PostgreSQL keeps no NUL


def assert_sane_table(text: str, rows: int) -> None:
    """The CSV has as many rows as verdicts, and nothing in it that a spreadsheet or a terminal would act upon."""
    lines = list(csv.reader(io.StringIO(text)))
    assert [len(line) for line in lines] == [7] * (rows + 1)
    for cell in (cell for line in lines for cell in line):
        assert not cell.startswith(_FORMULA) and not _CELL_ACTING.search(cell), cell
    assert len(text.splitlines()) == rows + 1


_TAGS = (
    "html head meta title style body main header h1 h2 h3 h4 h5 h6 p strong em s bdi div nav ul ol li a span section "
    "pre code img table thead tbody tr th td details summary br hr blockquote svg defs pattern rect circle path line "
    "text g figure figcaption dl dt dd wbr"
)
_VOID = "meta img br hr wbr"
_BLOCKS = "p div pre ul ol table h1 h2 h3 h4 h5 h6 blockquote section figure hr details nav dl"


class _Strict(HTMLParser):
    """A page in which every tag is closed where it must be, and none can act."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, attrs)
        if tag not in _VOID.split():
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag

    def _look(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in (ELEMENTS if "math" in self.open else {*_TAGS.split(), "math"}), tag
        assert not ("p" in self.open and tag in _BLOCKS.split()), (self.open, tag)
        assert len({name for name, _ in attrs}) == len(attrs), attrs
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("srcdoc", "action", "formaction", "xlink:href"), name
            if name == "href":
                assert value and value.lower().startswith(("#", "http://", "https://", "feedback/")), value
                self.links.append(value)
            elif name == "src":
                assert value and value.startswith("data:image/"), value
            elif name == "id":
                assert value not in self.ids, value
                self.ids.add(str(value))


def assert_harmless(html: str) -> _Strict:
    """The page is well-formed, and nothing in it can act."""
    page = _Strict()
    page.feed(html)
    page.close()
    assert not page.open, page.open
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]", html)
    html.encode()
    return page
