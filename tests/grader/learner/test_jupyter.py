"""What a lab knows in a real Jupyter kernel: who runs the cell, what ran, and what it may write into the cell."""

from pathlib import Path

import pytest
from jupyter_client import KernelManager

import grader
from grader.judging.verdict import State
from grader.learner import jupyter as kernel
from tests.grader.learner.test_lab import build
from tests.grader.learner.test_question import CELL, made
from tests.grader.said import check_title
from tests.grader.toy import notebook

pytestmark = [
    pytest.mark.slow,
    # jupyter_client's own sockets, where a kernel ends
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),
]
SETUP = "from grader import Lab\n\nlab = Lab('x')"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a cell in a kernel as a front end does, and returns its result's data and its reply.

    What else it shows is in `shown`.
    """
    made(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(grader.__file__).parents[1]))
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "mine.ipynb"))
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)

    def execute(code: str, cell_id: str = "c1") -> tuple[dict, dict]:
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = client.session.msg("execute_request", content, metadata={"cellId": cell_id} if cell_id else {})
        client.shell_channel.send(message)
        execute.shown, data, state = [], {}, ""
        while state != "idle":
            got = client.get_iopub_msg(timeout=60)
            if got["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                state = got["content"].get("execution_state", "")
                data |= got["content"].get("data", {}) if got["msg_type"] == "execute_result" else {}
                if got["msg_type"] in ("display_data", "update_display_data", "stream"):
                    execute.shown.append(got["content"].get("text", "a display"))
        while True:  # there may be late answers to whether the kernel is ready
            reply = client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return data, reply["content"]

    yield execute
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_front_end_gets_the_choices_and_the_line_when_the_cell_runs_again(run):
    run(SETUP, "setup")
    asked, _ = run(CELL)
    assert "application/vnd.jupyter.widget-view+json" in asked
    run(f"card = {CELL}\ncard.widget.children[0].value = 'b'")
    again, reply = run(CELL)
    assert [(part["source"], part["text"], part["replace"]) for part in reply["payload"]] == [
        ("set_next_input", 'lab.answer("quiz", "b")', True)
    ]
    assert again["text/plain"] == check_title("quiz", State.PASSED)


def test_a_program_that_runs_the_notebook_gets_cards_alone(run):
    run(SETUP, "")
    assert set(run(CELL, "")[0]) == {"text/plain", "text/html"}


def test_what_ran_and_was_not_saved_is_known_by_the_cells_ids(run, tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_text(notebook(SETUP, "x = 1"))
    run(SETUP, "setup")
    run("x = 0", "other")
    run("x = 2", "other")
    said, _ = run("lab.submit()", "last")
    assert said["text/plain"].startswith("Save the notebook first: press Ctrl+S")
    assert "x = 2" in said["text/plain"] and "x = 0" not in said["text/plain"]
    path.write_text(notebook(SETUP, "x = 2", "lab.submit()"))
    said, _ = run("lab.submit()", "last")
    assert "Hand in `x.zip`" in said["text/plain"]


def test_without_a_kernel_nothing_is_watched():
    kernel.watch()
    assert kernel._shell() is None and kernel.front_end() is False and kernel.lab_name("quiz") == ""
    kernel.write_cell("nothing to write into")


DRAWS = """
import matplotlib.pyplot as plt
import numpy as np
def relu(x):
    plt.figure(); plt.plot(x); plt.show(); plt.figure(); display("x"); print("called")
    return np.maximum(x, 0)
"""


def test_of_what_an_answer_does_in_a_check_only_the_print_is_seen(run, tmp_path):
    build(tmp_path)
    run(SETUP, "setup")
    run(DRAWS, "answer")
    card, _ = run("mine = plt.figure()\nlab.check('relu')", "check")
    assert (card["text/plain"], run.shown) == (check_title("relu", State.PASSED), ["called\n", "a display"])
    run("len(plt.get_fignums())", "next")
    assert run.shown == []
