"""One picture of a training while it runs: losses, metric, best epoch, time left. In place of Keras's progress text."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labkit.figures import BLUE, GREY, RED, Picture, new, picture, styled

if TYPE_CHECKING:
    import keras
    from matplotlib.axes import Axes

SECONDS_BETWEEN = 1.0  # a redraw takes a tenth of a second from the training
LIVE_DPI = 100
_FALLING = ("loss", "error", "perplexity")


@dataclass
class Course:
    """What each epoch of a training gave, by the names that Keras logs; those of the validation begin with `val_`."""

    total: int  # epochs that were asked for
    metric: str = ""
    logs: list[Mapping[str, float]] = field(default_factory=list)
    seconds: float = 0.0  # since the training began
    over: bool = False

    @property
    def watched(self) -> str:
        """What the best epoch is judged by: the metric, or the loss, of the validation where there is one."""
        name = self.metric or "loss"
        return f"val_{name}" if self.logs and f"val_{name}" in self.logs[0] else name

    @property
    def best(self) -> int:
        """The epoch with the best watched value, from 1; 0 before the first. Of equals the first."""
        if not self.logs:
            return 0
        values = [float(log[self.watched]) for log in self.logs]
        falls = any(word in self.watched for word in _FALLING)
        return values.index(min(values) if falls else max(values)) + 1

    @property
    def left(self) -> float:
        """Seconds that the remaining epochs will take at the rate so far; 0 when the training is over."""
        done = len(self.logs)
        return 0.0 if self.over or not done else self.seconds / done * (self.total - done)

    def title(self) -> str:
        """Where the training is, as a line."""
        done, best = len(self.logs), self.best
        if not best:
            return f"Epoch 1 of {self.total} is running"
        found = f"best {self.watched} {self.logs[best - 1][self.watched]:.3g} in epoch {best}"
        if self.over:
            stopped = "" if done == self.total else f" of {self.total}"
            return f"{done}{stopped} epochs in {_clock(self.seconds)}; {found}"
        return f"Epoch {done} of {self.total}, {_clock(self.left)} left; {found}"

    def curve(self, name: str) -> list[float]:
        """One logged value by epoch; empty where nothing of that name is logged."""
        return [float(log[name]) for log in self.logs if name in log]

    def alt(self) -> str:
        """The picture in words."""
        last = self.logs[-1] if self.logs else {}
        values = ", ".join(f"{name} {float(value):.3g}" for name, value in last.items() if self._is_shown(name))
        return f"Training curves. {self.title()}." + (f" Last epoch: {values}." if values else "")

    def _is_shown(self, name: str) -> bool:
        return name.removeprefix("val_") in {"loss", self.metric}


@styled
def draw_course(course: Course, dpi: int = LIVE_DPI) -> Picture:
    """Loss on the left, the metric on the right where there is one, by epoch; a line stands at the best epoch."""
    names = ["loss", *([course.metric] if course.metric else [])]
    figure, axes = new(columns=len(names), width=4.1 * len(names) + 0.4, height=2.9)
    for axis, name in zip(axes, names, strict=True):
        _draw_curves(axis, course, name)
    figure.suptitle(course.title(), x=0.01, y=0.985, ha="left", fontsize=10.5, fontweight="bold")
    return picture(figure, course.alt(), dpi)


def _draw_curves(axis: Axes, course: Course, name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for log, label, colour, dash, marker in (
        (name, "training", BLUE, "-", "o"),
        (f"val_{name}", "validation", RED, "--", "s"),
    ):
        values = course.curve(log)
        if values:
            axis.plot(range(1, len(values) + 1), values, color=colour, linestyle=dash, marker=marker, label=label,
                      markersize=4 if course.total <= 30 else 0)  # fmt: skip
    if course.best:
        axis.axvline(course.best, color=GREY, linewidth=1.2, linestyle=":", label="best epoch")
        axis.legend(fontsize=9)
    axis.set(xlabel="epoch", ylabel=name, xlim=(0.5, max(course.total, 2) + 0.5))
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))


def live_plot(metric: str = "") -> keras.callbacks.Callback:
    """A callback for `model.fit(…, verbose=0, callbacks=[live_plot("accuracy")])`: one picture, drawn anew as it runs.

    `metric` is a name that the model was compiled with; without one there is the loss alone. Its `course` keeps what
    was drawn. Where no notebook shows pictures, a line is printed in the end.
    """
    import keras

    class LivePlot(keras.callbacks.Callback):
        def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
            self.course = Course(int(self.params["epochs"]), metric)
            self._screen = _Screen()
            self._begun = self._drawn = time.monotonic()
            self._screen.show(self.course)

        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            now = time.monotonic()
            self.course.logs.append(dict(logs or {}))
            self.course.seconds = now - self._begun
            if now - self._drawn >= SECONDS_BETWEEN:
                self._screen.show(self.course)
                self._drawn = time.monotonic()

        def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
            self.course.over = True
            self._screen.show(self.course)

    return LivePlot()


class _Screen:
    """Where the course is shown: one output of the cell, or a line of text where there is no notebook."""

    def __init__(self) -> None:
        import sys

        # Who has not loaded IPython runs no notebook.
        ipython = sys.modules.get("IPython")
        self._shell = ipython.get_ipython() if ipython else None
        self._handle: Any = None

    def show(self, course: Course) -> None:
        """Draw the course in place of what was drawn before."""
        if self._shell is None:
            if course.over:
                print(course.title())
            return
        from IPython.display import display

        drawn = draw_course(course)
        if self._handle is None:
            self._handle = display(drawn, display_id=True)
        else:
            self._handle.update(drawn)


def _clock(seconds: float) -> str:
    """Minutes and seconds, as 1:05; tenths where it is less than ten seconds."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
