import pytest

from labkit import explore
from labkit.machine import roofline_explorer
from labkit.machine.roofline import ITEMSIZE, MACHINES, Machine, Product

H100 = MACHINES["NVIDIA H100"]


def test_32_rows_of_a_layer_take_as_long_as_one_on_the_h100():
    one, many = (max(Product(m, 4096, 4096).seconds(H100)) for m in (1, 32))
    assert many / one == pytest.approx(1.0, abs=0.02)
    assert roofline_explorer.bound(Product(32, 4096, 4096), H100) == "memory"
    assert roofline_explorer.bound(Product(512, 4096, 4096), H100) == "arithmetic"


def test_the_explorer_says_what_the_product_costs():
    view = explore.roofline().view(machine="NVIDIA H100", m=1, n=4096, k=4096)
    assert view.numbers["intensity, FLOP/byte"] == "0.5"
    assert view.numbers["time at least"] == "20 µs"
    assert "limited by memory" in view.picture.alt


def test_a_machine_that_was_measured_can_be_put_in():
    mine = Machine("cpu:0", {"float32": 1e11, "float16": 1e11}, 2e10)
    assert explore.roofline({"cpu:0": mine}).view().numbers["balance of the machine"] == "5"


@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)
@pytest.mark.parametrize("dtype", ITEMSIZE)
@pytest.mark.parametrize("size", [roofline_explorer.SIZES[0], roofline_explorer.SIZES[-1]])
def test_every_corner_of_the_controls_can_be_drawn(machine, dtype, size):
    assert roofline_explorer.draw(machine, dtype, size, size, size).picture.png.startswith(b"\x89PNG")
