"""A training while it runs: what is watched, how long it takes, one picture that is drawn anew."""

import io

import numpy as np
import pytest
from PIL import Image

from labkit.figures.live import Course, draw_course

RISING = [
    {"loss": 1.0, "accuracy": 0.4, "val_loss": 1.1, "val_accuracy": 0.35},
    {"loss": 0.6, "accuracy": 0.7, "val_loss": 0.8, "val_accuracy": 0.72},
    {"loss": 0.4, "accuracy": 0.9, "val_loss": 0.9, "val_accuracy": 0.70},
]


def course(**how) -> Course:
    return Course(**{"total": 10, "metric": "accuracy", "logs": list(RISING), "seconds": 6.0, **how})


def test_the_best_epoch_is_the_one_with_the_highest_metric_of_the_validation():
    assert (course().watched, course().best) == ("val_accuracy", 2)


def test_the_best_epoch_is_the_one_with_the_lowest_loss_where_there_is_no_metric():
    assert (course(metric="").watched, course(metric="").best) == ("val_loss", 2)


def test_without_a_validation_the_training_itself_is_watched():
    alone = course(logs=[{"loss": 0.5, "accuracy": 0.5}, {"loss": 0.7, "accuracy": 0.5}], metric="")
    assert (alone.watched, alone.best) == ("loss", 1)


def test_an_error_that_is_a_metric_falls():
    logs = [{"loss": 1.0, "mean_absolute_error": 3.0}, {"loss": 0.5, "mean_absolute_error": 2.0}]
    assert course(metric="mean_absolute_error", logs=logs).best == 2


def test_the_time_left_is_what_the_other_epochs_take_at_the_rate_so_far():
    assert course().left == pytest.approx(14.0)
    assert (course(over=True).left, course(logs=[]).left) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("how", "title"),
    [
        ({"logs": []}, "Epoch 1 of 10 is running"),
        ({}, "Epoch 3 of 10, 0:14 left; best val_accuracy 0.72 in epoch 2"),
        ({"over": True}, "3 of 10 epochs in 6.0 s; best val_accuracy 0.72 in epoch 2"),
        ({"over": True, "total": 3, "seconds": 65.2}, "3 epochs in 1:05; best val_accuracy 0.72 in epoch 2"),
    ],
)
def test_the_title_says_where_the_training_is(how, title):
    assert course(**how).title() == title


def test_the_picture_says_in_words_what_it_shows():
    drawn = draw_course(course())
    assert drawn.alt.startswith("Training curves. Epoch 3 of 10")
    assert drawn.alt.endswith("Last epoch: loss 0.4, accuracy 0.9, val_loss 0.9, val_accuracy 0.7.")


def test_a_metric_takes_a_panel_of_its_own():
    both, alone = (Image.open(io.BytesIO(draw_course(course(metric=name)).png)) for name in ("accuracy", ""))
    assert both.width > 1.8 * alone.width


def test_a_course_without_an_epoch_is_drawn_empty():
    assert draw_course(course(logs=[])).alt == "Training curves. Epoch 1 of 10 is running."


@pytest.mark.slow
def test_a_training_shows_one_picture_and_draws_it_anew(monkeypatch):
    import IPython
    import keras

    from labkit.figures import live

    class Handle:
        updates: list = []

        def update(self, drawn) -> None:
            self.updates.append(drawn)

    shown = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: object())
    monkeypatch.setattr("IPython.display.display", lambda drawn, display_id: shown.append(drawn) or Handle())
    monkeypatch.setattr(live, "SECONDS_BETWEEN", 0.0)
    x, y = np.random.default_rng(0).normal(size=(64, 4)), np.arange(64) % 2
    model = keras.Sequential([keras.layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    plot = live.live_plot("accuracy")
    model.fit(x, y, validation_split=0.25, epochs=3, verbose=0, callbacks=[plot])
    assert (len(shown), len(Handle.updates)) == (1, 4)  # once for each epoch, and when it is over
    assert len(plot.course.logs) == 3 and plot.course.over
    assert Handle.updates[-1].alt.startswith("Training curves. 3 epochs in")


def test_where_there_is_no_notebook_a_line_is_printed_in_the_end(monkeypatch, capsys):
    import IPython

    from labkit.figures.live import _Screen

    monkeypatch.setattr(IPython, "get_ipython", lambda: None)
    screen = _Screen()
    screen.show(course())
    screen.show(course(over=True))
    assert capsys.readouterr().out == "3 of 10 epochs in 6.0 s; best val_accuracy 0.72 in epoch 2\n"
