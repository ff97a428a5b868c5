"""The page and the chart."""

from tests.bench.marks import Measured
from tests.bench.page import Machine, chart, marks_table, page, table
from tests.bench.timing import Timing

TIMINGS = [
    Timing("nbgrader", "arrays", 1, 44.0, [2.1] * 20, 1.2),
    Timing("otter", "arrays", 2, 42.0, [2.1] * 20),
    Timing("ours", "arrays", 2, 4.0, [0.1] * 20, 0.03),
]
MACHINE = Machine("a processor", 2, "8 GiB", "Linux 6", "3.11.7", "2026-01-01", 0.1)


def test_a_row_tells_seconds_start_up_pages_and_the_ratio_with_its_spread():
    rows = table(TIMINGS).splitlines()

    assert rows[2] == "| NumPy alone | nbgrader 0.9.6 | 2.20 | 0.10 | 2.100 | 1.20 |  |"
    assert rows[3].startswith("| NumPy alone | otter 7.0.0, 2 at a time | 2.10 | 0.00 | 2.100 |  | 1.0 times as long")
    assert rows[4].endswith("| 0.20 | 0.10 | 0.100 | 0.03 | 11.0 times as long (11.0 to 11.0) |")


def test_marks_that_are_missed_stand_out():
    text = marks_table(Measured(TIMINGS))

    assert "| arrays: times nbgrader | at least 15 | 11.0 times (11.0 to 11.0) | **missed** |" in text
    assert "| arrays: a feedback page | at most 0.2 s | 0.030 s | reached |" in text


def test_the_page_names_the_machine_the_count_and_the_note():
    text = page(Measured(TIMINGS), MACHINE, 20, "Where the time goes.\n")

    assert "on 2026-01-01: a processor, 2 cores, 8 GiB of memory" in text
    assert "20 submissions a lab" in text
    assert text.endswith("\n\nWhere the time goes.\n")


def test_the_chart_is_a_picture(tmp_path):
    chart(TIMINGS, tmp_path / "new" / "speed.png")

    assert (tmp_path / "new" / "speed.png").read_bytes().startswith(b"\x89PNG")
