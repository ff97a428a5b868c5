"""Lab 00, getting started."""

from learner import Cells, Story, answer, answer_right, deserves, earns, full_marks

from grader.units.unit import Unit

NAME = "00_getting_started"


@earns("double", "quiz_1", "matmul_flops", "quiz_2", "tensor_bytes")
def half_way(unit: Unit, cells: Cells) -> None:
    """Stopped before the roofline; the answers that are there are others than the reference's."""
    answer_right(unit, cells, "quiz_1", "quiz_2")
    answer(
        unit, cells,
        double="""
def double(x):
    return np.add(x, x)
""",
        matmul_flops="""
def matmul_flops(m, n, k):
    multiplications = additions = m * n * k
    return multiplications + additions
""",
        tensor_bytes="""
def tensor_bytes(shape, dtype):
    return np.zeros(shape, dtype=dtype).nbytes
""",
    )  # fmt: skip


@deserves(
    double="in_place", matmul_flops="multiplications_only", tensor_bytes="always_four",
    arithmetic_intensity="without_the_result", least_time="one_after_the_other", quiz_3="choice_a",
)  # fmt: skip
def misconceptions(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)
    answer(
        unit, cells,
        double="""
def double(x):
    x *= 2
    return x
""",
        matmul_flops="""
def matmul_flops(m, n, k):
    return m * n * k
""",
        tensor_bytes="""
def tensor_bytes(shape, dtype):
    count = 1
    for size in shape:
        count *= size
    return 4 * count
""",
        arithmetic_intensity="""
def arithmetic_intensity(m, n, k, itemsize):
    return 2 * m * n * k / ((m * k + k * n) * itemsize)
""",
        least_time="""
def least_time(m, n, k, itemsize, peak, bandwidth):
    flops = 2 * m * n * k
    moved = (m * k + k * n + m * n) * itemsize
    return flops / peak + moved / bandwidth
""",
        quiz_3='lab.answer("quiz_3", "a")',
    )  # fmt: skip


STORIES: dict[str, Story] = {"022": full_marks, "023": half_way, "024": misconceptions}
