"""What the bench says while it runs."""

from tests.bench.progress import Progress, line


def test_a_line_tells_the_rate_and_what_is_left():
    assert line("otter", 5, 20, 20.0) == "otter: 5 of 20, 4.00 s each, 1:00 left"


def test_the_last_submission_is_always_told(capsys):
    progress = Progress("otter", 2)
    progress.done()
    progress.done()

    assert capsys.readouterr().err.startswith("otter: 2 of 2, ")
