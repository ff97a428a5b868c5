"""Starting Keras without TensorFlow's remarks."""

import logging
import os
import platform
import subprocess
import sys

import pytest

from labkit.machine import backend


def test_remarks_about_a_missing_gpu_are_left_out_and_the_rest_is_passed_on(capsys):
    with backend._without_remarks():
        os.write(2, b"I0000 cudart_stub.cc:31] Could not find cuda drivers\n")
        os.write(2, b"I0000 port.cc:153] oneDNN custom operations are on. You may see slightly different\n")
        os.write(2, b"something is really wrong\n")

    assert capsys.readouterr().err == "something is really wrong\n"


def test_stderr_is_given_back_after_an_error(capfd):
    with pytest.raises(ValueError), backend._without_remarks():
        raise ValueError

    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


_FAULTS = """
import resource, sys
import numpy as np
from labkit.machine import backend
if sys.argv[1] == "kept":
    assert backend.keep_freed_memory()
def steps():
    for _ in range(20):
        np.ones(2_000_000)  # 16 MB, 3,900 pages
steps()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
steps()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_freed_memory_is_kept_for_the_next_step_and_is_not_taken_from_the_kernel_anew():
    if platform.libc_ver()[0] != "glibc":
        assert backend.keep_freed_memory() is False
        return
    environment = os.environ | {"MALLOC_MMAP_THRESHOLD_": "131072"}  # fixed: it would grow with what is freed
    kept, given_back = (
        int(
            subprocess.run(
                [sys.executable, "-c", _FAULTS, how], capture_output=True, check=True, env=environment
            ).stdout
        )
        for how in ("kept", "given back")
    )

    assert given_back > 20 * 100  # the kernel may give 2 MB at a time
    assert kept < 100


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_where_there_is_no_glibc_nothing_is_asked_of_it(monkeypatch, system):
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("ctypes.CDLL", lambda name: pytest.fail("a library was opened"))
    assert backend.keep_freed_memory() is False


@pytest.mark.slow
def test_starting_keras_says_versions_and_is_quiet():
    code = "from labkit.machine import backend; print(backend.start())"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.startswith("Keras 3.")
    assert answer.stderr == ""


def test_an_engine_is_a_line_on_versions_and_devices():
    engine = backend.Engine("3.15.1", "JAX 0.10.2", "2 processor cores")
    assert str(engine) == "Keras 3.15.1 with JAX 0.10.2 on 2 processor cores"


@pytest.mark.slow
def test_the_engine_names_the_library_by_name_and_version():
    code = (
        "from labkit.machine import backend; import tensorflow; print(backend.start().library, tensorflow.__version__)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    name, version, expected = answer.stdout.split()

    assert (name, version) == ("TensorFlow", expected)


_COLLECTED = """
import gc
from labkit.machine import backend
backend.start()
print(gc.get_freeze_count(), sum(map(len, (gc.get_objects(generation) for generation in range(3)))))
"""


@pytest.mark.slow
def test_the_collector_passes_over_what_keras_brought():
    answer = subprocess.run([sys.executable, "-c", _COLLECTED], capture_output=True, text=True, check=True)
    passed_over, looked_at = map(int, answer.stdout.split())

    assert passed_over > 100_000
    assert looked_at < passed_over / 50


@pytest.mark.slow
def test_the_processor_is_the_first_device():
    code = "from labkit.machine import backend; backend.start(); print(backend.devices()[0])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout == "cpu:0\n"


def test_of_tensorflows_warnings_those_about_retracing_are_left_out():
    def record(text):
        return logging.LogRecord("tensorflow", logging.WARNING, "", 0, text, None, None)

    assert not backend._is_no_retracing(record("5 out of the last 5 calls to f triggered tf.function retracing."))
    assert backend._is_no_retracing(record("Layers in a model must have unique names."))
