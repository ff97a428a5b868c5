import pytest

from labkit.machine.roofline import MACHINES, Machine, Product

SMALL = Machine("small", {"float32": 100.0, "float16": 400.0}, 10.0)


def test_a_product_is_counted_as_on_paper():
    product = Product(m=2, n=3, k=5)
    assert product.flops == 60  # 6 places, 5 terms each, 2 FLOP a term
    assert product.bytes == 4 * (10 + 15 + 6)
    assert product.intensity == pytest.approx(60 / 124)
    assert Product(2, 3, 5, "float16").bytes == 2 * 31


def test_below_the_balance_memory_is_the_limit_and_above_it_arithmetic():
    assert SMALL.balance() == 10
    assert [SMALL.speed(intensity) for intensity in (1, 10, 1000)] == [10, 100, 100]
    assert SMALL.balance("float16") == 40


@pytest.mark.parametrize("sizes", [(1, 1, 1), (6, 6, 6), (512, 512, 512), (1, 4096, 4096)])
@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)
def test_the_limit_is_the_work_by_the_longer_of_both_times(machine, sizes):
    product = Product(*sizes)
    assert product.limit(machine) == pytest.approx(product.flops / max(product.seconds(machine)))
