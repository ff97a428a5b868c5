"""A model's layers and shapes without its weights: the full VGG16 would take half a gigabyte to count."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def drawn(build: Callable[[], keras.Model]) -> keras.Model:
    """The model that `build` makes, with the shapes of its weights but no numbers in them.

    Its `count_params()`, `layers` and `output_shape` answer as ever; it cannot be called or trained. What `build`
    raises is raised here.
    """
    # Keras remembers weights that wait for their numbers, by thread, and would draw them with the next model.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_without_numbers, build).result()


def parameters(build: Callable[[], keras.Model]) -> int:
    """How many weights the model that `build` makes would have."""
    count: int = drawn(build).count_params()
    return count


def _without_numbers(build: Callable[[], keras.Model]) -> keras.Model:
    import keras

    with keras.StatelessScope(initialize_variables=False):
        return build()
