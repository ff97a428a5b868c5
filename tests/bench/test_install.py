"""The pins of the other graders' environments."""

from pathlib import Path

from tests.bench.install import ROOT, merged

PEERS = Path(__file__).parent / "peers.txt"


def test_the_second_pins_count_where_both_name_a_package():
    text = merged("# all\nnumpy==2.4\nwrapt==2.5\nastunparse==1\n", "wrapt==1.17\nfica==0.4\n")

    assert text == "astunparse==1\nfica==0.4\nnumpy==2.4\nwrapt==1.17\n"


def test_a_name_may_be_spelt_with_a_dash_or_an_underline():
    assert merged("ml_dtypes==0.6\n", "ml-dtypes==0.7\n") == "ml-dtypes==0.7\n"


def test_the_graders_that_are_compared_are_pinned_and_no_address_stands_beside_them():
    text = PEERS.read_text(encoding="utf-8")

    assert {"nbgrader==0.9.6", "otter-grader==7.0.0"} <= set(text.splitlines())
    assert "://" not in text
    assert "tensorflow==" in merged((ROOT / "constraints.txt").read_text(encoding="utf-8"), text)
