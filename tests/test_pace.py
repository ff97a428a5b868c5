"""Limits that stretch with the machine's pace: what is slow beside others ends, and what is stuck is stopped."""

import subprocess
import sys

import pytest

from tests import pace

PRINTS_AND_WAITS = "import sys, time; print('out', flush=True); time.sleep({}); print('end'); sys.exit('err')"


def test_a_command_that_others_slow_down_ends_and_its_output_is_whole(monkeypatch, tmp_path):
    monkeypatch.setattr(pace, "pace", lambda: 1_000.0)
    done = pace.finished([sys.executable, "-c", PRINTS_AND_WAITS.format(0.5)], 0.1, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "out\nend\n", "err\n")


def test_a_command_that_is_stuck_is_stopped(monkeypatch, tmp_path):
    monkeypatch.setattr(pace, "pace", lambda: 2.0)
    with pytest.raises(subprocess.TimeoutExpired):
        pace.finished([sys.executable, "-c", PRINTS_AND_WAITS.format(3_600)], 0.1, tmp_path)
