"""The report on a machine: of this one, and of machines that are not here."""

import dataclasses

import pytest

from labkit.machine import backend, device
from labkit.machine.device import Found, Gpu

LAPTOP = Found(
    processor="Core i5",
    cores=4,
    features=frozenset({"sse2", "avx", "avx2", "fma", "aes"}),
    memory=16_000_000_000,
    gpus=(),
    engine="TensorFlow 2.21.0",
    devices=("cpu:0",),
    cuda="12.5.1",
    cudnn="9",
)
WORKSTATION = dataclasses.replace(LAPTOP, gpus=(Gpu("Tesla T4", 15360 * 2**20, "550.54"),), devices=("cpu:0", "gpu:0"))


def lines(found):
    return {line[:16].strip(): line[16:].strip() for line in device.report(found).splitlines()}


def test_a_machine_without_a_gpu_is_told_what_waits_for_one():
    said = lines(LAPTOP)
    assert said["processor"] == "Core i5, 4 cores"
    assert said["one instruction"] == "handles 8 float32 numbers (avx, avx2, fma, sse2)"
    assert said["GPU"].startswith("none found")
    assert said["CUDA, cuDNN"].endswith("was built with CUDA 12.5.1 and cuDNN 9; they wait for an NVIDIA GPU")


def test_a_machine_with_a_gpu_is_told_its_name_and_its_memory():
    said = lines(WORKSTATION)
    assert said["GPU"] == "Tesla T4, 16 GB, driver 550.54"
    assert said["Keras"] == "with TensorFlow 2.21.0, on cpu:0, gpu:0"
    assert said["CUDA, cuDNN"].endswith("cuDNN 9")


def test_a_gpu_that_keras_does_not_see_is_told():
    assert "does not see the GPU" in lines(dataclasses.replace(WORKSTATION, devices=("cpu:0",)))["Keras"]


def test_a_system_that_tells_little_gets_a_report_too():
    said = lines(dataclasses.replace(LAPTOP, cores=1, features=frozenset(), cuda="", cudnn="", engine="JAX 0.10"))
    assert said["processor"] == "Core i5, 1 core"
    assert said["one instruction"] == "this system does not tell what it can do"
    assert said["CUDA, cuDNN"] == "JAX 0.10 names no version of them"


@pytest.mark.parametrize(
    ("features", "numbers"),
    [({"sse2"}, 4), ({"avx", "sse2"}, 8), ({"avx512f", "avx2"}, 16), ({"asimd"}, 4), ({"x87"}, 1)],
)
def test_the_widest_feature_counts(features, numbers):
    assert device.width(frozenset(features)) == numbers


def test_what_nvidia_smi_prints_is_read_line_by_line():
    text = "Tesla T4, 15360 MiB, 550.54\nNVIDIA A100, 80GB PCIe, 81920 MiB, 550.54\n"
    assert [gpu.name for gpu in device.parse_gpus(text)] == ["Tesla T4", "NVIDIA A100, 80GB PCIe"]


@pytest.mark.parametrize("text", ["", "No devices were found\n", "NVIDIA GB10, [N/A], 580.1\n"])
def test_what_nvidia_smi_says_without_a_gpu_or_its_memory_is_no_gpu(text):
    assert device.parse_gpus(text) == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [("model name\t: EPYC\nflags\t\t: fpu asimd\n\nmodel name\t: other\n", "EPYC"), ("Features : fp asimd\n", "")],
)
def test_cpuinfo_of_both_families_of_processors_is_read(text, name):
    found, features = device.parse_cpuinfo(text)
    assert found == name
    assert "asimd" in features


def test_a_command_that_is_not_there_prints_nothing():
    assert device._output("no-such-command-here") == ""
    assert device._output("false") == ""


@pytest.mark.slow
def test_this_machine_is_found():
    found = device.find()
    assert found.cores >= 1
    assert found.memory > 10**9
    assert found.devices[0] == "cpu:0"
    assert found.engine.split()[0] in ("TensorFlow", "JAX", "PyTorch")
    assert len(device.report(found).splitlines()) == 6


@pytest.mark.slow
def test_the_library_is_taken_as_it_is_called_whatever_words_are_in_its_name(monkeypatch):
    engine = backend.Engine("3.15.1", "PyTorch 2.9 with ROCm on Linux", "1 GPU(s)")
    monkeypatch.setattr(backend, "start", lambda: engine)
    assert device.find().engine == "PyTorch 2.9 with ROCm on Linux"
