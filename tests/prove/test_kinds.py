"""What is proved of a unit, and what pytest's report says was proved. A proof that was skipped is none."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from tests.prove import __main__ as command
from tests.prove import blows, training
from tests.prove.kinds import Commands, Outcome, chains, kinds, read_report
from tests.prove.progress import Meter
from tests.stories import ROOT


def _report(path, *cases):
    path.write_text(
        f"<testsuites><testsuite>{''.join(f'<testcase>{case}</testcase>' for case in cases)}</testsuite></testsuites>"
    )
    return path


def _property(name, value):
    return f'<properties><property name="{name}" value="{value}"/></properties>'


def test_a_lab_has_more_proofs_than_an_assessment_and_what_trains_has_one_of_its_own():
    assert {*kinds("assessment_2_text")} == {"verify", "class", "outputs", "teeth"}
    assert {*kinds("04_generalisation")} == {"verify", "class", "outputs", "teeth", "jax", "browser"}
    assert chains(training.UNIT) == [("training",)]
    assert chains(blows.UNIT) == [("blows",)]


def test_all_files_with_hostile_examples_or_blows_are_tried_whole():
    """What asks for fewer examples in `make test` is tried in full by the proof."""
    asking = {
        p for p in (ROOT / "tests").rglob("test_*.py") if "import WHOLE" in (t := p.read_text()) or "@hostile(" in t
    }
    assert asking - {Path(__file__)} == set(blows.paths(ROOT))


def test_equal_words_of_several_tests_are_counted_and_remarks_are_told(tmp_path):
    cells = [_property("proved", "cells only run"), *[_property("proved", "outputs compared")] * 2]
    path = _report(tmp_path / "r.xml", *cells, _property("remark", "it took long"))
    assert read_report(path) == ("cells only run, 2 outputs compared", ["it took long"])
    assert read_report(_report(tmp_path / "r.xml", "", "")) == ("2 passed", [])


def test_what_was_skipped_or_left_no_report_is_not_proved(tmp_path):
    assert read_report(_report(tmp_path / "r.xml", _property("proved", "x"), "<skipped/>"))[0] == ""
    assert read_report(_report(tmp_path / "r.xml"))[0] == ""
    assert read_report(tmp_path / "none.xml")[0] == ""
    (tmp_path / "r.xml").write_text("<testsuites>")
    assert read_report(tmp_path / "r.xml")[0] == ""


def test_a_command_that_runs_no_test_does_not_hold_and_its_log_is_named(tmp_path):
    (tmp_path / "solutions").mkdir()
    outcome = Commands(tmp_path, tmp_path / "kept")("none", "outputs")
    assert not outcome.holds
    assert "kept/none/outputs.log" in outcome.what and (tmp_path / "kept/none/outputs.log").is_file()


def test_what_was_stopped_begins_nothing_more(tmp_path):
    commands = Commands(tmp_path, tmp_path / "kept")
    commands.stop()
    assert not commands("none", "outputs").holds
    assert (tmp_path / "kept/none/outputs.log").read_bytes() == b""


def test_the_meter_tells_each_proof_and_the_time_that_is_left():
    out = io.StringIO()
    meter = Meter({("a", "jax"): 100.0, ("a", "class"): 100.0, ("b", "jax"): None}, Console(file=out, width=200))
    with meter:
        meter.begins("a", "jax")
        meter.ended("a", "jax", Outcome(True, 200.0, "14 cards", ["it took long"]))
    assert "a, jax: 200 s, 14 cards" in out.getvalue() and "it took long" in out.getvalue()
    assert meter.rate().endswith(" a minute, 3:20 left")  # twice as slow: 200 s beside 120 s on the other core


@pytest.mark.parametrize("words", [["04"], ["04_generalisation", "none"]])
def test_a_unit_that_there_is_not_is_wrong_use(words, capsys):
    assert command.main(words) == 2
    assert "04_generalisation" in capsys.readouterr().err


def test_the_tests_that_train_are_there():
    found = {path.name: path.read_text(encoding="utf-8") for path in training.paths(ROOT)}
    assert found.keys() == training.FILES.keys()
    assert all(f"def {words}" in found[name] for name, several in training.FILES.items() for words in several)
