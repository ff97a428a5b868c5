"""The file of proofs: one form for one content, unit by unit, and nothing lost that others wrote."""

import json

import pytest

from tests.prove.record import Proofs, Proved, Record

INPUTS = {"source": "1", "labkit": "2"}


def _record(seconds=3):
    return Record.now(INPUTS, {"verify": Proved(seconds, "2 tasks"), "class": Proved(4, "3 submissions")})


@pytest.fixture
def proofs(tmp_path):
    return Proofs(tmp_path / "proofs.json", ["a", "b", "c"])


def test_what_is_written_is_read_and_the_order_of_writing_leaves_no_trace(proofs, tmp_path):
    one, other = _record(), _record(9)
    proofs.put("b", one)
    proofs.put("a", other)
    assert proofs.read() == {"a": other, "b": one}
    again = Proofs(tmp_path / "other.json", ["a", "b", "c"])
    again.put("a", other)
    again.put("b", one)
    assert again.path.read_bytes() == proofs.path.read_bytes()


def test_a_units_lines_stand_together_and_another_unit_changes_none_of_them(proofs):
    proofs.put("b", _record())
    before = proofs.path.read_text().splitlines()
    proofs.put("a", _record())
    after = proofs.path.read_text().splitlines()
    assert "\n".join(before[1:]) in "\n".join(after)
    assert json.loads(proofs.path.read_text())["b"]["proofs"]["class"] == {"seconds": 4, "what": "3 submissions"}


def test_what_another_command_wrote_meanwhile_stays(proofs):
    beside = Proofs(proofs.path, proofs.units)
    proofs.put("a", _record())
    beside.put("b", _record())
    proofs.put("c", _record())
    assert {*proofs.read()} == {"a", "b", "c"}


def test_a_removed_record_is_gone_and_so_is_that_of_a_unit_that_is_no_more(proofs):
    for unit in "ab":
        proofs.put(unit, _record())
    proofs.remove("a")
    proofs.remove("c")
    assert {*proofs.read()} == {"b"}
    Proofs(proofs.path, ["a", "c"]).put("c", _record())
    assert {*proofs.read()} == {"c"}


@pytest.mark.parametrize("text", ["", "<<<<<<< ours\n{}", "[]", '{"a": 3, "b": {"digest": "x"}}'])
def test_what_is_no_record_is_none(proofs, text):
    proofs.path.write_text(text)
    assert proofs.read() == {}
    proofs.put("a", _record())
    assert {*proofs.read()} == {"a"}
