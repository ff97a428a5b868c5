"""Sizes that suit the device: small on a processor, larger on a GPU.

One setting overrides what is found: the environment variable LABKIT_SCALE, "cpu" or "gpu".
"""

from __future__ import annotations

import os
from typing import TypeVar

SETTING = "LABKIT_SCALE"
T = TypeVar("T")


def scaled(*, cpu: T, gpu: T) -> T:
    """The value for the device at hand: `epochs = scaled(cpu=8, gpu=40)`."""
    return gpu if device() == "gpu" else cpu


def device() -> str:
    """What sizes are chosen for, "cpu" or "gpu": the setting, or else what Keras can use. The first call starts Keras.

    Raises ValueError where the setting is anything else.
    """
    setting = os.environ.get(SETTING, "").strip().lower()
    if setting in ("cpu", "gpu"):
        return setting
    if setting:
        raise ValueError(f'{SETTING} is {setting!r}; expected "cpu" or "gpu", or nothing to go by the device at hand.')
    from labkit.machine import backend

    return "cpu" if backend.devices() == ["cpu:0"] else "gpu"
