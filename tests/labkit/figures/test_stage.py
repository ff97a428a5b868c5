import gc
import subprocess
import sys

import pytest

from labkit import explore
from labkit.figures import Picture, stage
from labkit.figures.controls import Slider, Text


def test_without_a_kernel_an_explorer_is_a_picture_and_loads_no_widgets():
    code = (
        "import sys; from labkit import explore; data, _ = explore.losses()._repr_mimebundle_();"
        "print(sorted(data), 'ipywidgets' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "['image/png', 'text/html', 'text/plain'] False"


def test_with_a_kernel_the_bundle_holds_the_widget_and_the_picture(monkeypatch):
    monkeypatch.setattr(stage, "_kernel_answers", lambda: True)
    data, metadata = explore.activations()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "image/png" in data
    assert metadata["image/png"]["alt"] in data["text/plain"]


def test_moving_a_control_redraws_at_once():
    widget = explore.activations().widget()
    controls, screen, _ = widget.children
    before = screen.value
    controls.children[1].value = 3.0  # the input x
    assert screen.value != before
    assert "At x = 3.0" not in before
    assert "at x = 3.0 the value is 0.953" in screen.value


def test_numbers_stand_beside_the_picture():
    html = explore.losses().view().html()
    assert "probability p of class 1" in html
    assert "0.0067" in html
    assert "<img alt=" in html


def test_a_scale_moves_from_value_to_value():
    widget = explore.roofline().widget()
    controls, screen, _ = widget.children
    controls.children[2].index = 0  # one row
    assert controls.children[2].value == 1
    assert "at m = 1." in screen.value


def test_a_slider_is_as_wide_as_its_label_needs():
    short, long = (Slider(label, 0, 10, 1, 5).widget() for label in ("Steps", "Momentum, of the heavy ball"))
    assert int(short.layout.width[:-2]) >= 250
    assert int(long.layout.width[:-2]) >= int(short.layout.width[:-2]) + 150


def test_each_letter_that_is_written_redraws():
    widget = stage.Explorer(
        lambda sentence: stage.View(Picture(b"", 1, sentence), {"words": str(len(sentence.split()))}),
        {"sentence": Text("Your sentence", "two words")},
    ).widget()
    controls, screen, _ = widget.children
    assert "two words" in screen.value
    controls.children[0].value = "now three words"
    assert "now three words" in screen.value


def test_a_redraw_never_waits_for_a_full_collection_and_leaves_nothing_to_collect():
    widget = explore.activations().widget()
    slider = widget.children[0].children[1]
    collected = []

    def note(phase, about):
        collected.append((phase, about["generation"]))

    gc.collect()
    gc.callbacks.append(note)
    try:
        for step in range(20):
            slider.value = step / 4
    finally:
        gc.callbacks.remove(note)
    starts = [generation for phase, generation in collected if phase == "start"]

    assert starts == [1] * len(starts)
    assert len(starts) >= 20
    assert gc.collect() < 1000  # a figure leaves some ten thousand


def test_the_collector_runs_again_after_a_redraw_that_failed_and_stays_off_where_it_was():
    with pytest.raises(ValueError), stage.collector_waiting():
        assert not gc.isenabled()
        raise ValueError
    assert gc.isenabled()
    gc.disable()
    try:
        with stage.collector_waiting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
