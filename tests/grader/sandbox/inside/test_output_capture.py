import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.inside.output_capture import OutputLimit, Outputs, Stream
from tests.grader.toy import text, value


def outputs(left: int = 10_000, most_text: int = 1_000) -> Outputs:
    made = Outputs()
    made.left = left
    made.begin(most_text)
    return made


def seen_in_a_terminal(text: str) -> str:
    """What stands there at the end, by moving a cursor: an oracle that knows no regular expression."""
    lines, start_over = [""], False
    for character in text:
        if character == "\r":
            start_over = True
        elif character == "\n":
            lines.append("")
            start_over = False
        else:
            lines[-1] = character if start_over else lines[-1] + character
            start_over = False
    return "\n".join(lines)


def test_stdout_and_stderr_stay_in_the_order_in_which_they_were_written():
    made = outputs()
    for name, written in [("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", "d"), ("stdout", "")]:
        made.stream(name, written)
    assert [(item["name"], item["text"]) for item in made.items] == [("stdout", "ab"), ("stderr", "c"), ("stdout", "d")]


@given(st.lists(st.text(alphabet="ab\r\n", max_size=8), max_size=6))
def test_a_line_that_a_carriage_return_overwrites_is_not_kept(pieces):
    made = outputs()
    for piece in pieces:
        made.stream("stdout", piece)
    kept = made.items[0]["text"] if made.items else ""
    shown = seen_in_a_terminal("".join(pieces))
    assert [line.rstrip("\r") for line in kept.split("\n")] == shown.split("\n")


def test_a_progress_bar_costs_what_its_last_line_costs():
    made = outputs(left=1_000, most_text=100)
    for step in range(5_000):
        made.stream("stderr", f"\rstep {step} of 5000")
    assert made.items == [{"output_type": "stream", "name": "stderr", "text": "step 4999 of 5000"}]


def test_a_cell_that_prints_too_much_is_stopped_and_the_next_one_may_print_again():
    made = outputs(most_text=10)
    with pytest.raises(OutputLimit, match="printed more than it may"):
        made.stream("stdout", "x" * 11)
    made.begin(10)
    made.stream("stdout", "y" * 10)
    assert made.items[0]["text"] == "y" * 10


@pytest.mark.parametrize(
    "output", [lambda o: o.rich("display_data", {}, {}), lambda o: o.stream(str(len(o.items)), "x")]
)
def test_tiny_outputs_without_end_come_to_an_end(output):
    made = outputs(left=10_000, most_text=10_000)
    with pytest.raises(OutputLimit):
        for _ in range(1_000):
            output(made)
    assert len(made.items) <= 100


def test_all_cells_together_have_a_limit():
    made = outputs(left=1_000)
    made.rich("display_data", {"text/html": "x" * 800}, {})
    made.begin(1_000)
    with pytest.raises(OutputLimit):
        made.rich("display_data", {"text/html": "x" * 800}, {})
    assert made.items == []


def test_tracebacks_cost_what_they_hold_and_end_in_short_lines():
    made = outputs(left=1_000)
    made.error("E", "e", ["x" * 800, "y" * 800, "z" * 800])
    assert [len(line) for line in made.items[0]["traceback"]] == [800, 200, 200]
    with pytest.raises(OutputLimit):
        made.stream("stdout", "more")


def test_only_types_that_a_page_can_show_are_kept():
    made = outputs()
    bundle = {"text/plain": "1", "application/javascript": "alert(1)", "image/png": b"bytes", "text/html": None}
    made.rich("execute_result", bundle, {"text/plain": {"a": 1}, "image/png": {"b": 2}}, 3)
    assert made.items == [
        {"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {"text/plain": {"a": 1}},
         "execution_count": 3}
    ]  # fmt: skip


def test_an_update_stands_in_place_of_what_was_displayed_and_costs_an_item():
    out = outputs()
    out.rich("display_data", {"text/plain": "a" * 1000}, {}, display_id="plot")
    left = out.left
    out.update({"text/plain": "b" * 1200}, {}, "plot")
    out.update({"text/plain": "c"}, {}, "another")
    assert [item["data"]["text/plain"] for item in out.items] == ["b" * 1200]
    assert left - out.left == 200 + 100
    out.begin(1000)
    out.update({"text/plain": "of an earlier cell"}, {}, "plot")
    assert out.items == []


def test_updates_without_end_come_to_an_end():
    out = outputs(left=5_000)
    out.rich("display_data", {"text/plain": "a"}, {}, display_id="plot")
    with pytest.raises(OutputLimit):
        for _ in range(100):
            out.update({"text/plain": "b"}, {}, "plot")


def test_nothing_is_kept_while_a_probe_runs():
    made = outputs()
    made.rich("display_data", {"text/plain": "mine"}, {}, display_id="plot")
    items, left = [*made.items], made.left
    with made.dropped():
        made.stream("stdout", "x" * 9_999)
        made.rich("display_data", {"text/plain": "x" * 9_999}, {})
        made.update({"text/plain": "x" * 9_999}, {}, "plot")
        made.error("ValueError", "no", [])
        made.clear()
    assert (made.items, made.left) == (items, left)
    made.clear()
    assert made.items == []


def test_a_long_traceback_is_cut():
    made = outputs()
    made.error("ValueError", "x" * 5_000, ["y" * 30_000] * 300)
    (item,) = made.items
    assert (len(item["evalue"]), len(item["traceback"]), len(item["traceback"][0])) == (2_000, 200, 10_000)


def test_a_stream_takes_text_alone_and_never_half_a_surrogate_pair():
    made = outputs()
    stream = Stream(made, "stdout")
    assert stream.write("a\ud800") == 2
    assert (made.items[0]["text"], stream.isatty(), stream.writable()) == ("a?", False, True)
    with pytest.raises(TypeError, match="must be str, not bytes"):
        stream.write(b"a")


def test_a_cell_leaves_its_text_its_result_and_its_error(run):
    ran = run("""
        import sys
        print("out"); print("err", file=sys.stderr)
        6 * 7""", "print('before'); 1 / 0", "def task(): return 1")  # fmt: skip
    kinds = [output["output_type"] for output in ran.cells[0].outputs]
    assert kinds == ["stream", "stream", "execute_result"]
    assert ran.cells[0].outputs[2]["data"] == {"text/plain": "42"}
    assert text(ran, 1) == "before\nZeroDivisionError: division by zero"
    assert value(ran) == 1


def test_display_and_clear_output_do_what_they_do_in_jupyter(run):
    ran = run("""
        from IPython.display import HTML, clear_output, display
        print("gone"); display("gone")
        clear_output()
        display(HTML("<b>kept</b>"));""")  # fmt: skip
    (shown,) = ran.cells[0].outputs
    assert (shown["output_type"], shown["data"]["text/html"]) == ("display_data", "<b>kept</b>")


def test_what_a_cell_updates_stands_once(run):
    ran = run("handle = display('a', display_id=True)\nhandle.update('b')\nhandle.update('c')", "handle.update('d')")
    texts = [[output["data"]["text/plain"] for output in ran.cells[number].outputs] for number in (0, 1)]
    assert texts == [["'c'"], []]


def test_a_child_process_writes_to_nowhere_or_to_who_started_it(run):
    ran = run("""
        import os, subprocess
        os.write(1, b"gone"); os.system("echo gone")
        print(subprocess.run(["echo", "kept"], capture_output=True, text=True).stdout)""")  # fmt: skip
    assert text(ran) == "kept\n\n"
