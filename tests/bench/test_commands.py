"""Commands and their lines."""

import os
import sys

import pytest

from tests.bench.commands import CommandError, run


def test_lines_come_with_their_seconds(tmp_path):
    heard = []
    ran = run([sys.executable, "-c", "print('one'); print('two')"], tmp_path, os.environ, heard.append)

    assert [text for _, text in ran.lines] == ["one", "two"]
    assert 0 < ran.lines[0][0] <= ran.lines[1][0] <= ran.seconds
    assert heard == ["one\n", "two\n"]


def test_a_command_that_fails_is_told_with_its_last_lines(tmp_path):
    with pytest.raises(CommandError, match="ended with 3:\nno such luck"):
        run([sys.executable, "-c", "print('no such luck'); raise SystemExit(3)"], tmp_path, os.environ)
