"""What the machine is: `find` looks, `report` says what was found. Nothing here needs a GPU."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# How many float32 numbers one instruction handles, by the name that the processor gives the feature.
WIDTHS = {"avx512f": 16, "avx2": 8, "avx": 8, "sse2": 4, "asimd": 4, "neon": 4}
FUSED = ("fma", "asimd", "neon")  # with one of these, one instruction multiplies and adds
GB, MIB = 1e9, 2**20


@dataclass(frozen=True)
class Gpu:
    """A graphics processor, as its driver names it. Memory in bytes."""

    name: str
    memory: int
    driver: str


@dataclass(frozen=True)
class Found:
    """What there is. `devices` are those that Keras can use, such as "cpu:0"; versions are empty where none is told."""

    processor: str
    cores: int
    features: frozenset[str]
    memory: int
    gpus: tuple[Gpu, ...]
    engine: str
    devices: tuple[str, ...]
    cuda: str = ""
    cudnn: str = ""


def report(found: Found) -> str:
    """What was found, a line for each part."""
    lines = {
        "processor": f"{found.processor}, {found.cores} {'core' if found.cores == 1 else 'cores'}",
        "one instruction": _instruction(found.features),
        "memory": f"{found.memory / GB:.0f} GB",
        "GPU": "; ".join(_gpu(gpu) for gpu in found.gpus) or "none found; every lab runs without one",
        "Keras": f"with {found.engine}, on {', '.join(found.devices)}{_unused(found)}",
        "CUDA, cuDNN": _libraries(found),
    }
    return "\n".join(f"{name:16} {text}" for name, text in lines.items())


def width(features: frozenset[str]) -> int:
    """How many float32 numbers one instruction handles; 1 where no feature tells."""
    return max((numbers for name, numbers in WIDTHS.items() if name in features), default=1)


def find() -> Found:
    """Look at this machine. The first call starts Keras."""
    import psutil

    from labkit.machine import backend

    engine = backend.start()
    cuda, cudnn = _built_for()
    return Found(
        processor=_processor(),
        cores=_cores(),
        features=_features(),
        memory=psutil.virtual_memory().total,
        gpus=parse_gpus(_output("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")),
        engine=engine.library,
        devices=tuple(backend.devices()),
        cuda=cuda,
        cudnn=cudnn,
    )


def parse_gpus(text: str) -> tuple[Gpu, ...]:
    """The graphics processors in what nvidia-smi prints: a line for each, such as "Tesla T4, 15360 MiB, 550.54.15"."""
    rows = [[part.strip() for part in line.rsplit(",", 2)] for line in text.splitlines()]
    return tuple(
        Gpu(name, int(memory.split()[0]) * MIB, driver)
        for name, memory, driver in (row for row in rows if len(row) == 3)
        if re.fullmatch(r"\d+ MiB", memory)
    )


def parse_cpuinfo(text: str) -> tuple[str, frozenset[str]]:
    """The processor's name and features in Linux's /proc/cpuinfo; the name is empty where it is not told."""
    fields = [line.partition(":") for line in text.splitlines()]
    values = {name.strip().lower(): value.strip() for name, _, value in reversed(fields)}  # the first core's stay
    return values.get("model name", ""), frozenset((values.get("flags") or values.get("features", "")).split())


def _instruction(features: frozenset[str]) -> str:
    if not features:
        return "this system does not tell what it can do"
    numbers, names = width(features), ", ".join(sorted(features & {*WIDTHS, *FUSED})) or "none of those asked for"
    return f"handles {numbers} float32 {'number' if numbers == 1 else 'numbers'} ({names})"


def _gpu(gpu: Gpu) -> str:
    return f"{gpu.name}, {gpu.memory / GB:.0f} GB, driver {gpu.driver}"


def _unused(found: Found) -> str:
    if not found.gpus or any(name != "cpu:0" for name in found.devices):
        return ""
    return ": it does not see the GPU (is its build made for one?)"


def _libraries(found: Found) -> str:
    if not found.cuda:
        return f"{found.engine} names no version of them"
    idle = "" if found.gpus else "; they wait for an NVIDIA GPU"
    return f"{found.engine} was built with CUDA {found.cuda} and cuDNN {found.cudnn}{idle}"


def _built_for() -> tuple[str, str]:
    """The versions of CUDA and cuDNN that the engine was built with."""
    if "tensorflow" in sys.modules:
        import tensorflow

        build = tensorflow.sysconfig.get_build_info()
        return str(build.get("cuda_version", "")), str(build.get("cudnn_version", ""))
    if "torch" in sys.modules:
        import torch

        return str(torch.version.cuda or ""), str(torch.backends.cudnn.version() or "")
    return "", ""


def _processor() -> str:
    name = parse_cpuinfo(_cpuinfo())[0]
    if sys.platform == "darwin":
        name = _output("sysctl", "-n", "machdep.cpu.brand_string").strip()
    return name or platform.processor() or platform.machine() or "unknown"


def _features() -> frozenset[str]:
    if platform.machine().lower() in ("arm64", "aarch64"):
        return parse_cpuinfo(_cpuinfo())[1] or frozenset({"neon"})  # every 64-bit ARM processor has it
    if sys.platform == "darwin":
        keys = ("machdep.cpu.features", "machdep.cpu.leaf7_features")
        return frozenset(
            " ".join(_output("sysctl", "-n", key) for key in keys).lower().replace("avx1.0", "avx").split()
        )
    return parse_cpuinfo(_cpuinfo())[1]


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpuinfo() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _output(*command: str) -> str:
    """What a command prints; nothing where it does not exist or fails."""
    try:
        answer = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout
