"""Sizes by device: what is found, and the one setting that overrides it."""

import pytest

from labkit.machine import backend, scale


@pytest.mark.parametrize(("found", "value"), [(["cpu:0"], 8), (["cpu:0", "gpu:0"], 40)])
def test_the_value_is_that_of_the_device_at_hand(monkeypatch, found, value):
    monkeypatch.delenv("LABKIT_SCALE", raising=False)
    monkeypatch.setattr(backend, "devices", lambda: found)
    assert scale.scaled(cpu=8, gpu=40) == value


@pytest.mark.parametrize(("setting", "value"), [("cpu", "small"), ("gpu", "large"), (" GPU ", "large")])
def test_the_setting_overrides_what_is_found_and_does_not_look(monkeypatch, setting, value):
    monkeypatch.setenv("LABKIT_SCALE", setting)
    monkeypatch.setattr(backend, "devices", lambda: pytest.fail("looked for devices"))
    assert scale.scaled(cpu="small", gpu="large") == value


def test_an_empty_setting_is_none(monkeypatch):
    monkeypatch.setenv("LABKIT_SCALE", "")
    monkeypatch.setattr(backend, "devices", lambda: ["cpu:0"])
    assert scale.device() == "cpu"


def test_a_setting_that_names_no_device_is_told_with_what_is_expected(monkeypatch):
    monkeypatch.setenv("LABKIT_SCALE", "tpu")
    with pytest.raises(ValueError, match=r"""LABKIT_SCALE is 'tpu'; expected "cpu" or "gpu\""""):
        scale.scaled(cpu=1, gpu=2)
