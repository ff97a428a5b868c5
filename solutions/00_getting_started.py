# %% [markdown]
# # Getting started
#
# **What does the machine under this notebook do well?**
#
# After this lab you can
#
# - check an answer, take a hint, read a solution and answer a question;
# - count the operations of a matrix product and the bytes of a tensor;
# - tell whether arithmetic or memory limits a product, and how long it takes at least;
# - time an operation so that the figure can be trusted;
# - say where the speed of a library such as cuBLAS comes from.
#
# Reading and trying: 50 minutes. Computing: 20 seconds.
# You need Python functions and NumPy arrays (shape, dtype).

# %%
import math

import numpy as np

from grader import Lab
from labkit import explore
from labkit.figures import numbers
from labkit.machine import backend, device, roofline, speed_charts, timing

lab = Lab("00_getting_started")
lab

# %% [markdown]
# The card above is your progress. It is kept beside the notebook: after a restart, run the first cell and it is back.
#
# ## 1. How a lab works
#
# You read, you run cells with Shift+Enter, and you write where a cell says `raise NotImplementedError`. **Predict
# first** asks for a guess before a cell shows the answer: make one, for a wrong guess is what you will remember.
# A term in **bold** is explained where it first comes, and once more in the [glossary](glossary.md).
#
# ### Exercise: `double(x)`
#
# Return twice each number of `x`, an array of any shape. The result has the same shape; `x` itself stays as it was.
#
# `double(np.array([1.0, 3.0]))` gives `[2.0, 6.0]`.
#
# 1. Run the next two cells as they are. The card says that you have not tried yet.
# 2. Make a mistake: write `return x + 2` in place of `raise NotImplementedError` and run both cells again. The card
#    knows this mistake, and shows the call, what came back and what was expected.
# 3. Run the cell with the hint, twice: each call gives one hint more.
# 4. Mend your function and check again.
#
# Hint: What is twice 3, and what is 3 + 2?
# Hint: 2 * x doubles every number of an array and makes a new one. Return it.


# %%
def double(x):
    """Twice each number of x. Shape in = shape out; x stays as it was."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% tags=["task"]
import math  # noqa: F811

import numpy as np  # noqa: F811

from grader import Task, array, drawn, integers, normal

double_task = Task("double", points=1)
double_task.calls("the_example", x=array([1.0, 3.0]))
double_task.calls("two_axes", x=normal(3, 4))
double_task.calls("three_axes", x=normal(2, 3, 2), hidden=True)
double_task.misconceptions(
    plus_two=("x + 2", "2 is added. Twice a number is the number times 2."),
    squared=("x**2", "Each number is multiplied by itself: that is its square."),
    in_place=("x *= 2; return x", "`x *= 2` writes into the caller's array. Return a new array and leave x alone."),
    repeated=("np.concatenate([x, x])", "The row is there twice. Each number is to be doubled, and the shape to stay."),
    printed=("return 2 * x -> print(2 * x)",
             "A function hands over what stands after `return`. `print` shows it and hands over nothing."),
)  # fmt: skip
double_task.alternatives(added_to_itself="x + x", on_a_copy="y = x.copy(); y *= 2; return y")

# %%
lab.hint("double")

# %% [markdown]
# When no hint is left, the solution shows one way to write it. You may look at any time: it costs no points, only the
# pleasure of finding it.

# %%
lab.solution("double")

# %% [markdown] question="quiz_1"
# ### Question 1
#
# A question is answered with a letter in place of `...`: `lab.answer("quiz_1", "a")`. Try a wrong one too.
#
# `lab.check` says "public checks passed". What does that tell you about the grade for this exercise?
#
# - (a) Nothing: a grade is given by other rules.
#   > The rules are the same: what is right passes in both places.
# - (b) Full marks are certain: a grade runs the same checks.
#   > Then one could return the numbers of the public checks from memory. A grade draws other inputs.
# - (c) The grade runs the same checks on inputs that you have not seen, and some further ones.
#   > Right.
# - (d) Full marks are certain if you looked at no hint.
#   > Hints and solutions are there to be used: nobody counts them. What counts is the function.
#
# Hint: Would a function that returns `[2.0, 6.0]` for every x deserve the points?

# %% [markdown]
# ## 2. The machine
#
# A **CPU**, the processor, has a few cores, each good at anything. Its vector instructions handle several numbers at
# once; one called **FMA**, fused multiply-add, multiplies and adds them in one go. A **GPU**, a graphics processor, has
# thousands of simple units that do the same to many numbers, and a memory of its own. **CUDA** is the platform on which
# NVIDIA's GPUs are programmed.
#
# **Predict first:** how many float32 numbers does one instruction of your processor handle?

# %% tags=["aside"]
print(device.report(device.find()))

# %% [markdown]
# No lab needs a GPU. The devices in the line "Keras" will be measured below, one after another.
#
# ## 3. Counting
#
# A dense layer, a convolution, attention: nearly all the work of a network is products of matrices. Count one, and you
# know the least time that it can take, before you run anything.
#
# A **FLOP** is one floating-point operation: a multiplication or an addition. FLOP/s is a speed.
#
# ### Exercise: `matmul_flops(m, n, k)`
#
# The product of a matrix $A$ of shape $(m, k)$ and a matrix $B$ of shape $(k, n)$ has the shape $(m, n)$. Each of its
# places is a sum that starts at 0 and gets $k$ terms:
#
# $$C_{ij} = \sum_{l=1}^{k} A_{il} B_{lj}$$
#
# Return how many FLOP the whole product takes, as a number.
#
# `matmul_flops(1, 1, 3)` gives `6`.
#
# Hint: How many places has the result? How many terms has the sum at one place?
# Hint: A term costs one multiplication, and one addition to bring it into the sum.
# Hint: m times n places, k terms at each, 2 FLOP a term.


# %%
def matmul_flops(m, n, k):
    """FLOP of the product of an (m, k) and a (k, n) matrix. Whole numbers in, one number out."""
    ### BEGIN SOLUTION
    return 2 * m * n * k
    ### END SOLUTION


# %% tags=["task"]
matmul_flops_task = Task("matmul_flops", points=2)
matmul_flops_task.calls(
    "small", m=2, n=3, k=5,
    says="Here the result has 2 x 3 places, and each is a sum of 5 terms. How many multiplications and additions?",
)  # fmt: skip
matmul_flops_task.calls("one_image_through_a_layer", m=1, n=10, k=784)


@matmul_flops_task.probe(sizes=integers(3, low=2, high=40), hidden=True)
def drawn_sizes(matmul_flops, sizes):
    m, n, k = sizes.tolist()
    return matmul_flops(m, n, k)


@matmul_flops_task.probe(sizes=integers(3, low=2000, high=9000), hidden=True)
def large(matmul_flops, sizes):
    m, n, k = sizes.tolist()
    return matmul_flops(m, n, k)


matmul_flops_task.misconceptions(
    multiplications_only=("m * n * k",
                          "Half of the work is missing: each term is multiplied, and then added to the sum."),
    one_term=("2 * m * n", "Each place of the result is a sum of k terms; you count one term a place."),
    first_addition_saved=("m * n * (2 * k - 1)",
                          "You save the first addition of each sum. The sum starts at 0 here, so k terms take k "
                          "additions; that is how everybody counts, and one FMA instruction does both."),
    numbers_read=("m * k + k * n",
                  "Those are the numbers that are read. Each is used many times: count the operations."),
    sizes_of_both=("m * k * k * n",
                   "You multiply how many numbers A has with how many B has. Each place of the result needs a row "
                   "and a column."),
    cube=("2 * m**3", "That is right where all three sizes are equal. Here each has its own part."),
    n_twice=("2 * m * n * n", "The inner size is k, which does not show in the result; you took n twice."),
)  # fmt: skip
matmul_flops_task.alternatives(place_by_place="m * n * (k + k)", as_a_float="2.0 * math.prod((m, n, k))")

# %% [markdown] question="quiz_2"
# ### Question 2
#
# Two square matrices grow from $1024 \times 1024$ to $2048 \times 2048$. What happens to the FLOP of their product, and
# to the numbers that it reads and writes?
#
# - (a) Both double.
#   > The side doubles. A matrix has side times side numbers, and its product still more FLOP.
# - (b) Both become 4 times as many.
#   > Right for the numbers. The FLOP grow with m, with n and with k.
# - (c) FLOP: 4 times as many. Numbers: 8 times.
#   > The other way round: a matrix has two sides, its product counts three.
# - (d) FLOP: 8 times as many. Numbers: 4 times.
#   > Right.
#
# Hint: Try matmul_flops(2048, 2048, 2048) / matmul_flops(1024, 1024, 1024). How many numbers has each matrix?

# %% [markdown]
# ### Exercise: `tensor_bytes(shape, dtype)`
#
# A **tensor** is an array with any number of axes. Its `dtype` says how each number is stored; `float32` takes 32 bits,
# and 8 bits are a byte. `shape` is a tuple of whole numbers, `dtype` a name that NumPy knows. Return how many bytes the
# tensor's numbers take. A tensor of shape `()` is a single number.
#
# `tensor_bytes((2, 3), "float32")` gives `24`.
#
# Hint: How many numbers does the tensor hold? How many bytes does each take?
# Hint: math.prod multiplies the sizes of all axes; for () it gives 1.
# Hint: np.dtype(dtype).itemsize is the number of bytes of one number. Multiply the two.


# %%
def tensor_bytes(shape, dtype):
    """Bytes of a tensor's numbers. A tuple and a dtype's name in, one number out."""
    ### BEGIN SOLUTION
    return math.prod(shape) * np.dtype(dtype).itemsize
    ### END SOLUTION


# %% tags=["task"]
tensor_bytes_task = Task("tensor_bytes", points=2)
tensor_bytes_task.calls("three_axes_of_float64", "tensor_bytes(tuple(sizes.tolist()), dtype)",
    sizes=integers(3, low=2, high=9), dtype="float64")  # fmt: skip
tensor_bytes_task.calls("sixty_thousand_images", shape=(60000, 28, 28), dtype="uint8")
tensor_bytes_task.calls("a_single_number", shape=(), dtype="float32")
tensor_bytes_task.calls("a_mask", "tensor_bytes(tuple(sizes.tolist()), dtype)", sizes=integers(2, low=5, high=30),
    dtype="bool")  # fmt: skip
tensor_bytes_task.calls("drawn_shape", 'tensor_bytes(tuple(sizes.tolist()), "float16")',
    sizes=integers(4, low=2, high=9), hidden=True)  # fmt: skip


@tensor_bytes_task.probe(sizes=integers(2, low=3, high=20))
def no_rows_and_some(tensor_bytes, sizes):
    rows, columns = sizes.tolist()
    return [tensor_bytes((0, columns), "complex128"), tensor_bytes((rows, columns), "float32")]


tensor_bytes_task.misconceptions(
    elements=("math.prod(shape)", "That is how many numbers there are. Each takes several bytes: it depends on dtype."),
    bits=("itemsize -> itemsize * 8", "Those are bits. A byte has 8."),
    always_four=("math.prod(shape) * 4", "4 bytes are right for float32 only. What does dtype say?"),
    sum_of_sizes=("math.prod -> sum", "The sizes of the axes multiply: (2, 3) holds 6 numbers, not 5."),
    first_axis=("math.prod(shape) -> shape[0]", "shape[0] is the size of the first axis only, and () has none."),
    axes=("math.prod -> len", "len(shape) is the number of axes, not of the numbers in the tensor."),
    digits_of_the_name=('math.prod(shape) * int("".join(filter(str.isdigit, dtype))) // 8',
                        "Not every dtype has its bits in its name: bool has none. Ask NumPy for the itemsize."),
)  # fmt: skip


@tensor_bytes_task.misconception("The product begins at 1, also where there is no axis; yours begins at 0.")
def product_from_zero(shape, dtype):
    count = 0
    for size in shape:
        count = size if count == 0 else count * size
    return count * np.dtype(dtype).itemsize


tensor_bytes_task.alternatives(asked_of_numpy="np.empty(shape, dtype).nbytes")


@tensor_bytes_task.alternative
def by_loop(shape, dtype):
    total = np.zeros((), dtype).itemsize
    for size in shape:
        total = total * size
    return total


# %% [markdown]
# ### Exercise: `arithmetic_intensity(m, n, k, itemsize)`
#
# Before a number can be used it must come from memory, and a result must go back. A good library reads each number of
# both operands once, and writes each number of the result once. The **arithmetic intensity** (Williams, Waterman and
# Patterson, 2009) says how much work each byte brings:
#
# $$I = \frac{\text{FLOP of the product}}{\text{bytes of } A + \text{bytes of } B + \text{bytes of } C}$$
#
# $A$ is $(m, k)$, $B$ is $(k, n)$, the result $C$ is $(m, n)$; each number takes `itemsize` bytes. Return one float.
#
# `arithmetic_intensity(6, 6, 6, 4)` gives `1.0`.
#
# Hint: The FLOP you have counted already. How many numbers does each of the three matrices hold?
# Hint: m k numbers are in A, k n in B, m n in the result. Each takes itemsize bytes.
# Hint: matmul_flops(m, n, k) / (itemsize * (m * k + k * n + m * n))


# %%
def arithmetic_intensity(m, n, k, itemsize):
    """FLOP for each byte of the product of an (m, k) and a (k, n) matrix. Whole numbers in, one float out."""
    ### BEGIN SOLUTION
    moved = itemsize * (m * k + k * n + m * n)  # bytes
    return matmul_flops(m, n, k) / moved
    ### END SOLUTION


# %% tags=["task"]
arithmetic_intensity_task = Task("arithmetic_intensity", points=2)
arithmetic_intensity_task.calls(
    "the_square_example", m=6, n=6, k=6, itemsize=4,
    says="In the square example the product takes 432 FLOP, and each of the three matrices has 36 numbers of 4 bytes.",
)  # fmt: skip


@arithmetic_intensity_task.probe(sizes=drawn(lambda rng: rng.permutation(np.arange(2, 12))[:3]), itemsize=8)
def three_sizes(arithmetic_intensity, sizes, itemsize):
    m, n, k = sizes.tolist()
    return arithmetic_intensity(m, n, k, itemsize)


@arithmetic_intensity_task.probe(sizes=integers(2, low=20, high=200), itemsize=1)
def one_row(arithmetic_intensity, sizes, itemsize):
    n, k = sizes.tolist()
    return arithmetic_intensity(1, n, k, itemsize)


@arithmetic_intensity_task.probe(sizes=integers(3, low=2, high=99), itemsize=4, hidden=True)
def other_sizes(arithmetic_intensity, sizes, itemsize):
    m, n, k = sizes.tolist()
    return arithmetic_intensity(m, n, k, itemsize)


arithmetic_intensity_task.misconceptions(
    without_the_result=("(m * k + k * n + m * n) -> (m * k + k * n)",
                        "The result must be written to memory: its m n numbers are bytes, too."),
    one_operand=("(m * k + k * n + m * n) -> (m * k + m * n)", "Only one operand is counted. Both come from memory."),
    only_the_result=("(m * k + k * n + m * n) -> m * n",
                     "Only the result is counted. Both operands must be read before."),
    for_each_number=("itemsize * (m * k + k * n + m * n) -> (m * k + k * n + m * n)",
                     "You divide by how many numbers move. Each is itemsize bytes."),
    half_the_flops=("matmul_flops(m, n, k) -> m * n * k",
                    "The FLOP are half as many as they should be: each term is multiplied and added."),
    upside_down=("matmul_flops(m, n, k) / moved -> moved / matmul_flops(m, n, k)",
                 "Those are bytes for each FLOP: exchange numerator and denominator."),
    for_each_bit=("itemsize * (m * k + k * n + m * n) -> 8 * itemsize * (m * k + k * n + m * n)",
                  "You divide by bits; itemsize is in bytes already."),
    without_parentheses=("/ moved -> / (m * k + k * n + m * n) * itemsize",
                         "`a / b * c` multiplies by c. Put the bytes in parentheses, or name them first."),
    always_four_bytes=("itemsize * (m * k + k * n + m * n) -> 4 * (m * k + k * n + m * n)",
                       "4 bytes are right for float32 only. How many does itemsize say?"),
    for_squares=("2 * n / (3 * itemsize)", "That is right for square matrices. Here each size has its own part."),
)  # fmt: skip
arithmetic_intensity_task.equivalents(
    {"matmul_flops(m, n, k) -> matmul_flops(n, m, k)": "2 m n k is the same in any order."}
)
arithmetic_intensity_task.alternatives(
    by_reciprocals="2 / (itemsize * (1 / m + 1 / n + 1 / k))",
    matrix_by_matrix="moved = sum(itemsize * rows * columns for rows, columns in ((m, k), (k, n), (m, n))); "
    "return 2 * m * n * k / moved",
)

# %% [markdown]
# Cancel $mnk$ in your fraction, and it reads $I = 2 / \big(\mathrm{itemsize} \cdot (1/m + 1/n + 1/k)\big)$: the
# smallest of the three sizes decides. A large layer is of no use to a single example.
#
# ### Exercise: `least_time(m, n, k, itemsize, peak, bandwidth)`
#
# A machine computes at most `peak` FLOP a second, and its memory moves at most `bandwidth` bytes a second: its **peak**
# and its **bandwidth**. It does both at the same time: while some numbers are multiplied, the next ones are on their
# way. Return the least number of seconds that the product can take. `itemsize` is in bytes.
#
# `least_time(6, 6, 6, 4, peak=432, bandwidth=216)` gives `2.0`: 432 FLOP and 432 bytes.
#
# Hint: How long does the arithmetic take alone? How long do the bytes take alone?
# Hint: Both go on at the same time. When is the product finished?
# Hint: The larger of FLOP / peak and bytes / bandwidth.


# %%
def least_time(m, n, k, itemsize, peak, bandwidth):
    """Least seconds of the product of an (m, k) and a (k, n) matrix. Numbers in, one float out."""
    ### BEGIN SOLUTION
    flops = matmul_flops(m, n, k)
    moved = flops / arithmetic_intensity(m, n, k, itemsize)  # bytes
    return max(flops / peak, moved / bandwidth)
    ### END SOLUTION


# %% tags=["task"]
least_time_task = Task("least_time", points=2)


# The balance is 2 FLOP a byte, and no intensity above 1.5; in the second it is 10, and none below 80.
@least_time_task.probe(
    sizes=integers(3, low=2, high=10), itemsize=4, peak=432.0, bandwidth=216.0,
    says="A time is an amount divided by a speed. Where memory is the limit, the bytes take longer than the FLOP.",
)  # fmt: skip
def memory_is_the_limit(least_time, sizes, itemsize, peak, bandwidth):
    m, n, k = sizes.tolist()
    return least_time(m, n, k, itemsize, peak, bandwidth)


@least_time_task.probe(sizes=integers(3, low=500, high=2000), itemsize=4, peak=1e11, bandwidth=1e10)
def arithmetic_is_the_limit(least_time, sizes, itemsize, peak, bandwidth):
    m, n, k = sizes.tolist()
    return least_time(m, n, k, itemsize, peak, bandwidth)


@least_time_task.probe(sizes=integers(3, low=2, high=60), itemsize=8, peak=1e6, bandwidth=3.0)
def numbers_of_eight_bytes(least_time, sizes, itemsize, peak, bandwidth):
    m, n, k = sizes.tolist()
    return least_time(m, n, k, itemsize, peak, bandwidth)


@least_time_task.probe(sizes=integers(3, low=2, high=60), hidden=True)
def both_sides_of_the_balance(least_time, sizes):
    m, n, k = sizes.tolist()
    return [least_time(m, n, k, 4, peak=1000.0, bandwidth=bandwidth) for bandwidth in (1.0, 100.0, 10_000.0)]


least_time_task.misconceptions(
    one_after_the_other=("max(flops / peak, moved / bandwidth) -> flops / peak + moved / bandwidth",
                         "The sum would be right if the arithmetic waited for all bytes. They go on together."),
    the_quicker_one=("max( -> min(", "That is when the quicker of the two is done. The product needs both."),
    arithmetic_only=("max(flops / peak, moved / bandwidth) -> flops / peak",
                     "Only the arithmetic is counted. What if the bytes come more slowly?"),
    bytes_only=("max(flops / peak, moved / bandwidth) -> moved / bandwidth",
                "Only the bytes are counted. What if the arithmetic takes longer?"),
    itemsize_forgotten=("arithmetic_intensity(m, n, k, itemsize) -> arithmetic_intensity(m, n, k, 1)",
                        "You count numbers where bytes are wanted: each number takes itemsize bytes."),
    a_speed=("max(flops / peak, moved / bandwidth) -> flops / max(flops / peak, moved / bandwidth)",
             "That is a speed, in FLOP a second. Which time follows from it?"),
    speed_by_amount=("max(flops / peak, moved / bandwidth) -> max(peak / flops, bandwidth / moved)",
                     "A time is an amount divided by a speed; yours is upside down."),
)  # fmt: skip
least_time_task.equivalents(
    {
        "matmul_flops(m, n, k) -> matmul_flops(n, m, k)": "2 m n k is the same in any order.",
        "arithmetic_intensity(m, n, k, itemsize) -> arithmetic_intensity(n, m, k, itemsize)": "The transposed product "
        "moves as many bytes for as many FLOP.",
    }
)
least_time_task.alternatives(
    by_the_roofline="intensity = 2 / (itemsize * (1 / m + 1 / n + 1 / k)); "
    "return 2 * m * n * k / min(peak, intensity * bandwidth)"
)


@least_time_task.alternative
def by_cases(m, n, k, itemsize, peak, bandwidth):
    flops, moved = 2 * m * n * k, itemsize * (m * k + k * n + m * n)
    if flops / moved > peak / bandwidth:
        return flops / peak
    return moved / bandwidth


# %% [markdown]
# ## 4. Which limit?
#
# `peak / bandwidth` is the **balance** of a machine: from this intensity on, arithmetic is the limit; below it, memory.
# Drawn as a speed by intensity, the two limits look like a **roofline**. In the right-hand chart only the rows $m$
# change, which is how many examples go through a layer together: its **batch**.
#
# **Predict first:** a layer with 4,096 inputs and 4,096 outputs (`k` and `n`) runs on an H100, in float32. How much
# longer do 32 rows take than a single one? Then choose them.

# %%
explore.roofline()

# %% [markdown] question="quiz_3"
# They take the same time, to 2 %: the 67 MB of the layer's weights must come from memory for one row as for 32.
#
# The numbers of the two GPUs are their maker's, for float16 with special units, the **tensor cores**, for float32
# without; those of the two CPU cores are round ones. What your machine does is measured in section 6.
#
# ### Question 3
#
# One row goes through that layer on the H100 in float32. What makes it faster? Try the controls.
#
# - (a) A chip with twice the peak.
#   > The left-hand title says that memory is the limit, at 2 % of the peak. A higher peak would stand idle.
# - (b) Storing the numbers as float16.
#   > Right.
# - (c) Half as many rows.
#   > There is only one row. And the time is that of the weights, which do not become fewer with the rows.
# - (d) Nothing: a GPU cannot be faster than its peak.
#   > It is far from its peak here: it waits for bytes. How could there be fewer of them?
#
# Hint: Which limit does the title of the left-hand chart name? What moves it?

# %% [markdown]
# ## 5. A timing that can be trusted
#
# Two things spoil a timing. The first call of an operation may compile it or load a library, which takes longer than
# the operation. And a GPU answers before it has finished: while it works, the program runs on and hands it the next
# operation. Only who asks for a result waits.
#
# ### Exercise: repair `seconds_each(start, finish, clock, count)`
#
# The function below should tell how many seconds one operation takes, as a float. Three functions without parameters
# come in: `start()` hands the operation to a device, `finish()` returns when all is done that was handed over, and
# `clock()` tells the time in seconds. Both things spoil this timing.
#
# Repair it: one operation runs, and is waited for, before the clock is read. Then `count` operations are handed over,
# one after the other, and waited for once, at the end.
#
# On a device where handing over takes 1 s, the operation 3 s and its first call 60 s more, ten operations give `3.1`
# each: 1 s before the device can begin, and 30 s of work. The broken function says `7.0`.
#
# Hint: What has the device done when start() returns? Which of the three functions waits for it?
# Hint: Call start() and finish() once before the clock is read, and finish() once more after the loop.
# Hint: The clock is read twice: after the first finish(), and after the second.


# %%
def seconds_each(start, finish, clock, count):
    """Seconds that each of `count` operations takes. Three functions and a whole number in, one float out."""
    ### BEGIN SOLUTION
    start()
    finish()
    begin = clock()
    for _ in range(count):
        start()
    finish()
    return (clock() - begin) / count
    ### STARTER
    # begin = clock()
    # for _ in range(count):
    #     start()
    # return (clock() - begin) / count
    ### END SOLUTION


# %% tags=["task"]
def simulated(handing, work, load):
    """start, finish and clock of a device that takes so many seconds; `load` at the first call alone."""
    now, free, more = 0.0, 0.0, load

    def start():
        nonlocal now, free, more
        now += handing + more
        free = max(free, now) + work
        more = 0.0

    def finish():
        nonlocal now
        now = max(now, free)

    return start, finish, lambda: now


def clocked(start, finish, clock, count):
    """The right time of all operations together."""
    start()
    finish()
    begin = clock()
    for _ in range(count):
        start()
    finish()
    return clock() - begin


seconds_each_task = Task("seconds_each", points=2)
seconds_each_task.calls(
    "a_device_that_answers_early", "seconds_each(*simulated(1.0, 3.0, 60.0), count)", count=10,
    says="3.1 s means: when the clock is first read the device is free; 1 s later it begins, and works 10 times 3 s.",
)  # fmt: skip
seconds_each_task.calls("a_device_that_answers_when_it_has_finished", "seconds_each(*simulated(*times), count)",
    times=drawn(lambda rng: [rng.uniform(1, 3), 0.0, rng.uniform(5, 9)]), count=4)  # fmt: skip
seconds_each_task.calls("another_device", "seconds_each(*simulated(*times), count)",
    times=drawn(lambda rng: [rng.uniform(0.1, 0.2), rng.uniform(0.4, 0.8), rng.uniform(2, 4)]),
    count=drawn(lambda rng: int(rng.integers(6, 12))), hidden=True)  # fmt: skip
seconds_each_task.misconceptions(
    clock_before_the_end=("finish()\n    return -> return",
                          "The clock is read before the work is done: you measured how long it takes to hand it "
                          "over. Wait first."),
    first_call_counted=("start()\n    finish()\n    begin -> begin",
                        "The first operation is still on the clock. Run one before the clock is read."),
    first_call_still_running=("finish()\n    begin -> begin",
                              "The first operation is handed over before the clock is read, but not waited for: it "
                              "is still running then."),
    clock_before_the_first_call=("start()\n    finish()\n    begin = clock() -> begin = clock(); start(); finish()",
                                 "The clock is read before the first operation, so that one is in the time, too. "
                                 "Read it after the first finish()."),
    waits_each_time=("start()\n    finish()\n    return -> start(); finish()\n    return",
                     "You wait after each operation, so the device has nothing to do while the next is handed over. "
                     "Wait once, at the end."),
    all_together=("clocked(start, finish, clock, count)",
                  "That is the time of all operations together. How long does each of them take?"),
    one_too_few=("range(count) -> range(count - 1)",
                 "Only count - 1 operations run between the two readings of the clock, and you divide by count."),
    one_too_many=("clocked(start, finish, clock, count) / (count + 1)",
                  "The first operation is not on the clock, so it does not count: divide by count."),
)  # fmt: skip


@seconds_each_task.alternative
def with_a_longer_warm_up(start, finish, clock, count):
    for _ in range(3):
        start()
    finish()
    begin, left = clock(), count
    while left:
        start()
        left -= 1
    finish()
    return (clock() - begin) / count


@seconds_each_task.alternative
def by_two_readings(start, finish, clock, count):
    readings = []
    for operations in (1, count):
        for _ in range(operations):
            start()
        finish()
        readings.append(clock())
    return (readings[1] - readings[0]) / count


# %% [markdown]
# ## 6. The experiment
#
# The claim: *counting tells how fast a product runs*. We measure square products from 64 to 2048 on each device that
# Keras finds, against the counted limit.
#
# `timing.measure` takes the same care as you, and more: a run repeats the operation until it lasts 20 ms, and there are
# five runs, of which it keeps all, to show the median and the spread. The products are chained, each takes the result
# of the one before. At the end one number is fetched, which exists only when all are done: that is `finish`.

# %% tags=["aside"]
print(backend.start())
import keras
from IPython.display import display


def multiply(count, x, w):
    """Multiply x by w `count` times in a chain, and wait for the end of it."""
    for _ in range(count):
        x = keras.ops.matmul(x, w)
    return keras.ops.convert_to_numpy(x[0, 0])


def time_product(name, m, n):
    """Time an (m, n) by (n, n) product on the device of this name."""
    with keras.device(name):
        x, w = keras.ops.ones((m, n)), keras.ops.convert_to_tensor(timing.rotation(n))
        return timing.measure(lambda count: multiply(count, x, w))


# %% [markdown]
# First a baseline without any library: the definition, in plain Python.
#
# **Predict first:** how many million FLOP does plain Python do in a second? A core of your processor begins more than a
# thousand million instructions a second.


# %% tags=["aside"]
def python_product(a, b):
    """The product of two lists of rows, by its definition."""
    columns = list(zip(*b, strict=True))
    return [[sum(p * q for p, q in zip(row, column, strict=True)) for column in columns] for row in a]


rows = timing.rotation(64).tolist()
python = timing.measure(lambda count: [python_product(rows, rows) for _ in range(count)])
python_speed = roofline.Product(64, 64, 64).flops / python.median
print(f"a product of size 64: {python}; {numbers.amount(python_speed, 'FLOP/s')}")

# %% [markdown]
# Now Keras. The peak is the speed of the fastest run of all, which is 100 % by definition. The bandwidth is that of a
# copy of 134 MB, of which each byte is read once and written once. A GPU gets two sizes more, since 2048 does not fill
# it. On NVIDIA's GPUs since 2020 TensorFlow uses the tensor cores for float32 too, and rounds the factors for them
# (TF32): the peak may be above the maker's for float32.
#
# **Predict first:** from which size on does a product reach half of the limit?

# %% tags=["aside"]
SIZES = [64, 128, 256, 512, 1024, 2048]
timings, machines = {}, {}
for name in backend.devices():
    sizes = SIZES if name == "cpu:0" else [*SIZES, 4096, 8192]
    timings[name] = {roofline.Product(n, n, n): time_product(name, n, n) for n in sizes}
    machines[name] = timing.machine(name, timings[name])
    peak, memory = machines[name].peak["float32"], machines[name].bandwidth
    print(f"{name}: peak {numbers.amount(peak, 'FLOP/s')}, memory {numbers.amount(memory, 'B/s')}")
    for product, taken in timings[name].items():
        share = product.flops / taken.median / product.limit(machines[name])
        print(f"  size {product.n:4}  {numbers.percent(share):>6} of the limit   {taken}")

# %% tags=["aside"]
for name, machine in machines.items():
    display(speed_charts.by_size(machine, timings[name], python_speed))

# %% [markdown]
# Look at three things in your figure.
#
# - **How far is plain Python below?** The axis is logarithmic. The number of FLOP is the same.
# - **Is the gap largest at the left?** There neither arithmetic nor memory is the limit. A call has a price of its own,
#   which the count leaves out: Python, Keras and the engine prepare each product, however small. The next cell measures
#   it. Only a product that takes much longer than its call can come near the limit.
# - **How wide is the band?** It goes from the slowest run to the fastest. Where other programs share the cores, it is
#   wide, and a small difference between two medians says nothing.

# %% tags=["aside"]
for name in machines:
    call = time_product(name, 1, 1)
    missed = call.median * machines[name].peak["float32"]
    print(f"{name}: a product of 1 x 1 takes {call}")
    print(f"  at its peak the device does {numbers.amount(missed, 'FLOP')} in that time")

# %% [markdown] question="quiz_4"
# ### Question 4
#
# On some machine a call costs 20 µs, and the peak is 100 GFLOP/s. A thousand pairs of $64 \times 64$ matrices wait to
# be multiplied. Which change saves most?
#
# - (a) A processor with twice the peak.
#   > The arithmetic of one pair takes 5 µs, its call 20 µs. Half of 5 is little.
# - (b) Memory with twice the bandwidth.
#   > The bytes move while the arithmetic runs, and both are short beside the call.
# - (c) Cutting each product into four smaller ones, which fit the cache better.
#   > Then there are four thousand calls or more, each of 20 µs.
# - (d) One call for all: `keras.ops.matmul` of two tensors of shape `(1000, 64, 64)`.
#   > Right.
#
# Hint: How long does the arithmetic of one pair take? matmul_flops(64, 64, 64) / 100e9

# %% [markdown]
# Second claim, from section 4: *below the balance, more rows cost nothing*. A layer with 4,096 inputs and outputs, on
# the device that came last.
#
# **Predict first:** how many times as long as a row among 256 does a single row take?

# %% tags=["aside"]
UNITS = 4096
name, machine = list(machines.items())[-1]
layers = {roofline.Product(m, UNITS, UNITS): time_product(name, m, UNITS) for m in (1, 4, 16, 64, 256)}
for product, taken in layers.items():
    print(f"{product.m:4} rows  {numbers.seconds(taken.median / product.m):>8} a row   together {taken}")

# %% tags=["aside"]
speed_charts.by_batch(machine, layers)

# %% [markdown]
# The counted line falls as long as memory is the limit: there each further row is free. Where it turns flat, arithmetic
# has become the limit. Compare the measured line:
#
# - **Above the limit** is the usual place. Each call has its price, and no library is equally good at every shape.
# - **Below it** lies a layer whose weights stay in the processor's **cache**, a small memory that is faster than the
#   one you measured: the count does not know it. So does a run that found the machine less busy than the peak did.
#
# So counting tells which limit comes first, and what would move it. It does not replace the clock.

# %% [markdown]
# ## 7. Who multiplies
#
# Keras computes nothing itself. It hands each operation to an engine (TensorFlow, JAX or PyTorch), and that to a
# library for the device:
#
# | library | does | on |
# |---|---|---|
# | **BLAS**: OpenBLAS, MKL, Accelerate | products of matrices and vectors; NumPy calls one | CPU |
# | Eigen, oneDNN | the same, and convolutions; TensorFlow calls them | CPU |
# | **cuBLAS** | what BLAS does, in CUDA | NVIDIA GPU |
# | **cuDNN** | convolutions, pooling, normalisation, recurrent layers, attention, in CUDA | NVIDIA GPU |
#
# None of them saves FLOP in your product. They cut the matrices into blocks that stay in the cache until they are used
# up, use vector instructions or tensor cores at full width, and share the blocks among all cores.

# %% [markdown] question="quiz_5"
# ### Question 5
#
# Somebody rewrites `python_product` in C, three plain loops on one core. It is much faster than in Python, and still
# far slower than the library. Why?
#
# - (a) The library needs far fewer FLOP.
#   > Both do 2 m n k of them. What differs is how the numbers reach the arithmetic, and how many at a time.
# - (b) The loops fetch the same numbers from memory again and again, one by one, and leave the other cores idle.
#   > Right.
# - (c) The library rounds to fewer digits.
#   > Both may use float32. A smaller dtype helps, but it is not what a library is for.
# - (d) C has a price for each call, as Python has.
#   > Three loops in one function are a single call.
#
# Hint: The FLOP are the same. What else did you count, and what does one instruction handle?

# %% [markdown]
# ## What you now can do
#
# You have checked, failed, taken a hint and passed; every lab works like that. You count FLOP and bytes, you know which
# of them limits a product, and you know what the count leaves out: the price of a call.
#
# **Where this is used:** to choose a batch size; to tell whether a faster GPU would help at all; to see why a language
# model that writes one word at a time waits for its memory.
#
# **Next:** lab 01 looks at what stands between two products, the activation, and at the end, the loss.
#
# **Try alone:** put a machine that you measured into the explorer, `explore.roofline({name: machine})`.
# From how many rows on does your machine compute rather than wait?
#
# Every term in bold stands in the [glossary](glossary.md).

# %%
lab

# %% tags=["aside"]
keras.utils.clear_session()
