"""Starts Keras and says what it runs on."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# What TensorFlow's libraries write on some processors without a GPU, before anything can tell them to be quiet.
_REMARKS = re.compile(
    r"absl::InitializeLog|cudart_stub|cuda_platform|cpu_feature_guard|^To enable the following|oneDNN custom operations"
)


@dataclass(frozen=True)
class Engine:
    """What Keras runs on; as text, a line on versions and devices."""

    keras: str  # its version
    library: str  # name and version of what computes, such as "TensorFlow 2.21.0"
    place: str  # such as "4 processor cores"

    def __str__(self) -> str:
        return f"Keras {self.keras} with {self.library} on {self.place}"


def start() -> Engine:
    """Import Keras, run its first operation, and say what it runs on.

    TensorFlow's remarks about a missing GPU are left out, and its warnings that it traces a function again, as it must
    for each new model; anything else on stderr is passed on.
    """
    keep_freed_memory()
    logging.getLogger("tensorflow").addFilter(_is_no_retracing)
    with _without_remarks():
        import keras

        keras.ops.convert_to_numpy(keras.ops.zeros(1) + 1)
        engine = Engine(keras.version(), *_library_and_place(keras.backend.backend()))
    _spare_the_collector()
    return engine


def keep_freed_memory() -> bool:
    """Keep what a training step frees for the next step, where the C library is glibc; say whether it is.

    By default glibc gives each large block back to the kernel, and takes it again, page by page, a step later. On two
    cores `fit` of a small convolutional network took twice as long for it.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return False
    no_blocks_of_their_own, never_trim = (-4, 0), (-1, 2**31 - 1)  # M_MMAP_MAX, M_TRIM_THRESHOLD of malloc.h
    return all([mallopt(*no_blocks_of_their_own), mallopt(*never_trim)])


def devices() -> list[str]:
    """The devices that Keras can use, by the names that `keras.device` takes; "cpu:0" is always the first."""
    import keras

    if keras.backend.backend() == "torch":
        import torch

        return ["cpu:0", *(f"gpu:{i}" for i in range(torch.cuda.device_count()))]
    # Where there is a GPU, Keras does not list the processor.
    return ["cpu:0", *(name for name in keras.distribution.list_devices() if not name.startswith("cpu"))]


@contextmanager
def float64() -> Iterator[None]:
    """Let Keras compute in float64 where it is asked to: JAX makes it float32 unless it is told otherwise."""
    import keras

    if keras.backend.backend() != "jax":
        yield
        return
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)


def _spare_the_collector() -> None:
    """Let Python's collector pass over what is loaded by now, which lives as long as the process.

    TensorFlow makes half a million objects. A full collection goes through them all, which takes a third of a second,
    and comes when it likes: in the middle of an explorer's redraw.
    """
    gc.collect()
    gc.freeze()


def _library_and_place(name: str) -> tuple[str, str]:
    cores = f"{os.cpu_count()} processor cores"
    if name == "tensorflow":
        import tensorflow

        gpus = len(tensorflow.config.list_physical_devices("GPU"))
        return f"TensorFlow {tensorflow.__version__}", f"{gpus} GPU(s)" if gpus else cores
    if name == "jax":
        import jax

        place = cores if jax.default_backend() == "cpu" else f"{jax.device_count()} {jax.default_backend()} device(s)"
        return f"JAX {jax.__version__}", place
    import torch

    gpus = torch.cuda.device_count()
    return f"PyTorch {torch.__version__}", f"{gpus} GPU(s)" if gpus else cores


def _is_no_retracing(record: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in record.getMessage()


@contextmanager
def _without_remarks() -> Iterator[None]:
    """Hold the process's stderr back, then pass on what is no remark. C++ writes there past Python's own."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        kept = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            for line in held.read().decode(errors="replace").splitlines():
                if not _REMARKS.search(line):
                    print(line, file=sys.stderr)
