"""The roofline model (Williams, Waterman and Patterson, 2009): what a machine's arithmetic and memory allow at best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ITEMSIZE = {"float32": 4, "float16": 2}


@dataclass(frozen=True)
class Machine:
    """Peak in FLOP/s for each dtype, and the bandwidth of its memory in bytes/s."""

    name: str
    peak: Mapping[str, float]
    bandwidth: float

    def balance(self, dtype: str = "float32") -> float:
        """The intensity, in FLOP/byte, from which on arithmetic is the limit."""
        return self.peak[dtype] / self.bandwidth

    def speed(self, intensity: float, dtype: str = "float32") -> float:
        """The most FLOP/s at this intensity."""
        return min(self.peak[dtype], intensity * self.bandwidth)


@dataclass(frozen=True)
class Product:
    """A matrix product (m, k) by (k, n), counted: each operand is read once, the result is written once."""

    m: int
    n: int
    k: int
    dtype: str = "float32"

    @property
    def flops(self) -> int:
        """A multiplication and an addition for each of the k terms of each of the m n sums."""
        return 2 * self.m * self.n * self.k

    @property
    def bytes(self) -> int:
        """Both operands and the result."""
        return ITEMSIZE[self.dtype] * (self.m * self.k + self.k * self.n + self.m * self.n)

    @property
    def intensity(self) -> float:
        """FLOP for each byte."""
        return self.flops / self.bytes

    def seconds(self, machine: Machine) -> tuple[float, float]:
        """How long the arithmetic takes at least, and how long the bytes."""
        return self.flops / machine.peak[self.dtype], self.bytes / machine.bandwidth

    def limit(self, machine: Machine) -> float:
        """The most FLOP/s that the machine allows this product."""
        return machine.speed(self.intensity, self.dtype)


# The first in round numbers; the others as their maker states them, without sparsity. float16 uses the tensor cores.
MACHINES = {
    machine.name: machine
    for machine in (
        Machine("two CPU cores", {"float32": 1e11, "float16": 1e11}, 1e10),
        Machine("NVIDIA T4", {"float32": 8.1e12, "float16": 65e12}, 320e9),
        Machine("NVIDIA H100", {"float32": 67e12, "float16": 989e12}, 3.35e12),
    )
}
