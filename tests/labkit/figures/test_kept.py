"""A kept figure shows each state as a new one would."""

import importlib
from dataclasses import replace

import pytest

from labkit import explore
from labkit.figures.controls import Choice, Scale, Slider, Text

KEPT = {
    name: module
    for name in explore.__all__
    if hasattr(module := importlib.import_module(getattr(explore, name).__module__), "CANVAS")
}


def _ends(control):
    """Some other values of a control."""
    match control:
        case Slider():
            return [control.low, control.high]
        case Choice() | Scale():
            return [control.options[0], control.options[-1]]
        case Text():
            return ["computes the sum", control.value + " along the given axis"]


def _states(explorer):
    return [{}, *({name: end} for name, control in explorer.controls.items() for end in _ends(control)), {}]


@pytest.mark.parametrize("name", KEPT)
def test_what_was_drawn_before_leaves_nothing(name, monkeypatch):
    explorer, module = getattr(explore, name)(), KEPT[name]
    states = _states(explorer)
    shown = [explorer.view(**state) for state in states]
    for state, view in zip(states, shown, strict=True):
        monkeypatch.setattr(module, "CANVAS", replace(module.CANVAS))
        assert explorer.view(**state) == view, state
    assert len({view.picture.png for view in shown}) > 2
