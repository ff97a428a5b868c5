# %% [markdown]
# # Back-propagation
#
# **How does blame travel backwards?**
#
# After this lab you can
#
# - carry a gradient back through a dense layer and through ReLU, and say which shape it must have;
# - measure any gradient, and say which step to measure with;
# - compute every gradient of a network in one pass, right to $10^{-6}$;
# - draw first weights that let a signal through, forwards and backwards;
# - say what a network learns that starts at zero.
#
# Reading and trying: 60 minutes. Computing: 60 seconds.
# You need the matrix product, softmax and cross entropy (lab 01), and one step of gradient descent (lab 02).

# %%
import numpy as np

from grader import Lab
from labkit import data, explore, figures, training
from labkit.learning import activations, losses, networks
from labkit.machine import backend

np.set_printoptions(precision=4, suppress=True)
lab = Lab("03_backpropagation")
SEED = 3
lab

# %% [markdown]
# ## 1. Blame
#
# A network is a chain of small steps, such as $q = wx$ or $z = q + b$. Each step knows its **local slope**: how much
# its output changes for a small change of its input. **Back-propagation** (Rumelhart, Hinton and Williams, 1986)
# computes the loss forwards, then walks back and multiplies, which is the **chain rule**:
#
# $$\frac{\partial L}{\partial q} = \frac{\partial L}{\partial z} \cdot \frac{\partial z}{\partial q}$$
#
# $\partial L / \partial q$ is the gradient of the loss for $q$; this lab also calls it the **blame** of $q$.
#
# **Predict first:** one unit gets the input 2, has weight 0.5 and bias 1, and should answer 3. Which gets the largest
# blame: weight, bias or input? Then lower the bias to -2: how much blame reaches the weight?

# %%
explore.computation_graph()

# %% [markdown]
# The weight gets -4, since the input multiplies its blame by 2; the bias gets -2, the input -1. The minus says that
# raising the weight lowers the loss. With bias -2 ReLU is off: the loss is nine times as large, and no blame passes.

# %% [markdown] question="quiz_1"
# ### Question 1
#
# A value can be used twice: $v = u \cdot u$. The blame of $v$ is $g$. What is the blame of $u$?
#
# - (a) $g u$, since the local slope of a product is the other factor.
#   > That is what one use sends back. The other use sends blame, too.
# - (b) $g u^2$: the slopes of both uses multiply.
#   > Slopes multiply along one path. Here two paths lead from u to v: what do two paths do?
# - (c) $2 g u$: each use sends $g u$ back, and the two add.
#   > Right.
# - (d) $g$, since both uses are the same value.
#   > A step multiplies by its local slope, and the slope of a product is not 1.
#
# Hint: In the explorer the last box is e², which is e · e. By how much does its slope multiply?

# %% [markdown]
# ## 2. One layer at a time
#
# A dense layer takes a batch, $n$ rows at once, through the same weights:
#
# $$y_{ij} = \sum_k x_{ik} w_{kj} + b_j$$

# %% [markdown]
# ### Exercise: `dense_forward(x, w, b)`
#
# Compute a dense layer without an activation. `x` has shape `(n, inputs)`, `w` has shape `(inputs, outputs)`, `b` has
# shape `(outputs,)`; the result has shape `(n, outputs)`.
#
# `dense_forward(np.array([[1.0, 2.0]]), np.array([[1.0], [10.0]]), np.array([0.5]))` gives `[[21.5]]`.
#
# Hint: The sum over k of x_ik w_kj is an entry of a matrix product.
# Hint: x @ w has shape (n, outputs). NumPy adds an array of shape (outputs,) to each of its rows.
# Hint: x @ w + b


# %%
def dense_forward(x, w, b):
    """A dense layer's output. Shapes (n, inputs), (inputs, outputs), (outputs,) in, (n, outputs) out."""
    ### BEGIN SOLUTION
    return x @ w + b  # (n, outputs)
    ### END SOLUTION


# %% tags=["task"]
import numpy as np
import scipy.special

import labkit.data
from grader import Task, accuracy, array, by, close, drawn, equal, integers, labelled, normal, one_hot, uniform

dense_forward_task = Task("dense_forward", points=1)
dense_forward_task.calls(
    "outputs", x=normal(5, 3), w=normal(3, 4), b=normal(4),
    says="An output is the sum of its row's inputs, each times its weight, plus the output's own bias.",
)  # fmt: skip
dense_forward_task.calls("positive_numbers", x=uniform(1, 2, low=1, high=3), w=uniform(2, 1, low=1, high=9),
    b=uniform(1))  # fmt: skip
dense_forward_task.calls("all_sizes_equal", x=normal(4, 4), w=normal(4, 4), b=normal(4), hidden=True)
dense_forward_task.misconceptions(
    without_bias=("x @ w", "The bias is missing."),
    transposed_weights=("x @ w.T + b",
                        "w comes as (inputs, outputs) and is used as it is. Its transpose fits only where the two "
                        "are equal."),
    place_by_place=("x * w + b", "`*` multiplies place by place. The sum over k is a matrix product, `@`."),
    bias_into_weights=("x @ (w + b)", "The bias belongs to the output, once; here it is added to the weights first."),
    with_relu=("np.maximum(x @ w + b, 0)", "No activation here: negative outputs stay. ReLU is a step of its own."),
)  # fmt: skip
dense_forward_task.alternatives(
    by_einsum='np.einsum("ik,kj->ij", x, w) + b',
    with_a_column_of_ones="np.column_stack([x, np.ones(len(x))]) @ np.vstack([w, b])",
)

# %% [markdown]
# ### Exercise: `dense_backward(x, w, dy)`
#
# `dy` is the blame of the outputs, $\partial L / \partial y$, one number for each entry of $y$. Each $x_{ik}$ feeds all
# outputs of its row; each $w_{kj}$ and $b_j$ is used by all $n$ rows. Blame adds over all uses:
#
# $$\frac{\partial L}{\partial x_{ik}} = \sum_j \mathrm{dy}_{ij}\, w_{kj} \qquad
# \frac{\partial L}{\partial w_{kj}} = \sum_i x_{ik}\, \mathrm{dy}_{ij} \qquad
# \frac{\partial L}{\partial b_j} = \sum_i \mathrm{dy}_{ij}$$
#
# Return the three as `(dx, dw, db)`, without a loop. Each has the shape of what it is the gradient of: there is only
# one way to fit `dy`, `x` and `w` together.
#
# With `x = [[1, 2]]`, `w = [[1], [10]]` and `dy = [[3]]` it gives `[[3, 30]]`, `[[3], [6]]` and `[3]`.
#
# Hint: Write down the shapes of dy, x and w. Which product has the shape of x? Which that of w?
# Hint: A sum over j, the last index of both dy and w, is dy @ w.T. Which transpose does a sum over i need?
# Hint: dy @ w.T, x.T @ dy, and dy.sum(axis=0).


# %%
def dense_backward(x, w, dy):
    """Gradients (dx, dw, db) of a dense layer from that of its output. Shapes as x, w and b; dy as the output."""
    ### BEGIN SOLUTION
    dx = dy @ w.T  # (n, outputs) @ (outputs, inputs)
    dw = x.T @ dy  # (inputs, n) @ (n, outputs)
    db = dy.sum(axis=0)  # (outputs,)
    return dx, dw, db
    ### END SOLUTION


# %% tags=["task"]
def central_differences(f, x, step=1e-5):
    """The gradient of f at x as it is measured, two calls for each entry."""
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        nudge = np.zeros(x.shape)
        nudge[place] = step
        gradient[place] = (f(x + nudge) - f(x - nudge)) / (2 * step)
    return gradient


def largest_error(came_back, x, w, dy):
    """Of the three gradients of a layer, from what is measured."""
    dx, dw, db = came_back
    b = np.zeros(dy.shape[1])
    errors = [
        dx - central_differences(lambda v: np.sum(dy * (v @ w + b)), x),
        dw - central_differences(lambda v: np.sum(dy * (x @ v + b)), w),
        db - central_differences(lambda v: np.sum(dy * (x @ w + v)), b),
    ]
    if [np.shape(gradient) for gradient in came_back] != [x.shape, w.shape, dy.shape[1:]]:
        return "another shape"
    return np.max([np.abs(error).max() for error in errors])  # NaN where one is: max would pass over it


dense_backward_task = Task("dense_backward", points=3)
dense_backward_task.calls("for_the_input", "dense_backward(x, w, dy)[0]", x=normal(5, 3), w=normal(3, 4),
    dy=normal(5, 4))  # fmt: skip
dense_backward_task.calls("for_the_weights", "dense_backward(x, w, dy)[1]", x=normal(5, 3), w=normal(3, 4),
    dy=normal(5, 4))  # fmt: skip
dense_backward_task.calls("for_the_bias", "dense_backward(x, w, dy)[2]", x=normal(5, 3), w=normal(3, 4),
    dy=normal(5, 4))  # fmt: skip
dense_backward_task.calls("difference_from_what_is_measured", "list(dense_backward(x, w, dy))", x=normal(4, 3),
    w=normal(3, 2), dy=normal(4, 2), judge=by(largest_error, close(atol=1e-6)), hidden=True)  # fmt: skip
dense_backward_task.calls("where_all_sizes_are_equal", "list(dense_backward(x, w, dy))", x=normal(4, 4), w=normal(4, 4),
    dy=normal(4, 4), hidden=True)  # fmt: skip
dense_backward_task.misconceptions(
    weights_transposed=("x.T @ dy -> dy.T @ x",
                        "dw has the shape (outputs, inputs): the two factors are exchanged. It must have the shape "
                        "of w."),
    w_not_transposed=("dy @ w.T -> dy @ w",
                      "For dx the sum runs over the outputs, the last index of dy and of w: w must be transposed."),
    bias_not_summed=("dy.sum(axis=0) -> dy",
                     "Every row used the same bias, so db adds up the rows of dy: its shape is (outputs,)."),
    bias_mean=("dy.sum(axis=0) -> dy.mean(axis=0)",
               "db must be the sum over the rows of dy, not their mean: a 1/n of the loss is in dy."),
    bias_over_outputs=("dy.sum(axis=0) -> dy.sum(axis=1)",
                       "db adds up each row, over the outputs. Add over the rows: one number per output."),
    weights_mean=("x.T @ dy -> x.T @ dy / len(x)",
                  "dw is divided by n once more: if the loss is a mean, its 1/n is in dy already."),
    another_order=("return dx, dw, db -> return dw, dx, db",
                   "The order is (dx, dw, db): first the input, then the weights."),
    input_from_input=("dy @ w.T -> x * dy.sum(axis=1, keepdims=True)",
                      "dx is computed from x. How much an input counts is said by the weights that it meets, not by "
                      "its own size."),
    sign=("return dx, dw, db -> return -dx, -dw, -db",
          "All three signs are flipped. Minus comes in when a step is taken, not here."),
)  # fmt: skip
dense_backward_task.alternatives(
    backward_by_einsum='np.einsum("ij,kj->ik", dy, w), np.einsum("ik,ij->kj", x, dy), np.einsum("ij->j", dy)',
    by_ones="(w @ dy.T).T, (dy.T @ x).T, np.ones(len(dy)) @ dy",
    row_by_row="dw = sum(np.outer(row, blame) for row, blame in zip(x, dy, strict=True)); "
    "return [np.stack([w @ blame for blame in dy]), dw, sum(dy)]",
)

# %% [markdown]
# ### Exercise: `relu_backward(x, dy)`
#
# ReLU passes blame where its input was positive and stops it elsewhere. At exactly 0 it has no slope; take 0 there, as
# Keras does. `x` is the input that ReLU had, `dy` the blame of its output; both have one shape, any, and so has the
# result. Neither may change: a network that is not a chain needs `dy` again.
#
# `relu_backward(np.array([-1.0, 0.0, 2.0]), np.array([3.0, 4.0, -5.0]))` gives `[0.0, 0.0, -5.0]`.
#
# Hint: What is the slope of ReLU at 2? At -1? Which of the two arrays decides?
# Hint: The chain rule: dy times the local slope, which is 1 where x > 0, else 0.
# Hint: np.where(x > 0, dy, 0.0)


# %%
def relu_backward(x, dy):
    """Gradient for the input x of ReLU, from dy, that of its output. One shape for all three."""
    ### BEGIN SOLUTION
    return np.where(x > 0, dy, 0.0)
    ### END SOLUTION


# %% tags=["task"]
relu_backward_task = Task("relu_backward", points=2)
relu_backward_task.calls(
    "passed_blame", x=normal(4, 5), dy=normal(4, 5),
    says="Where x is positive, blame comes through as it is. Everywhere else the result is 0.",
)  # fmt: skip
relu_backward_task.calls("at_zero", x=array([-1.0, 0.0, 2.0]), dy=array([3.0, 4.0, -5.0]))
relu_backward_task.calls("one_axis", x=normal(7), dy=normal(7, scale=10), hidden=True)
relu_backward_task.misconceptions(
    passes_at_zero=("x > 0 -> x >= 0",
                    "At x = 0 blame passes. By agreement the slope there is 0: compare with > and not >=."),
    zeros_into_dy=("dy[x <= 0] = 0; return dy",
                   "It writes zeros into dy, which is the caller's array. Return a new one."),
    by_the_sign_of_blame=("np.maximum(dy, 0)",
                          "The sign of dy decides here. The input x must: blame may well be negative."),
    slope_alone=("(x > 0).astype(float)", "That is the local slope alone. The chain rule multiplies it by dy."),
    value_instead_of_slope=("np.maximum(x, 0) * dy",
                            "That multiplies by the value of ReLU. The chain rule wants its slope, 0 or 1."),
    sides_exchanged=("dy, 0.0 -> 0.0, dy", "The two sides are exchanged: blame passes where x is positive."),
    places_dropped=("dy[x > 0]", "dy[x > 0] drops the other places, so the shape changes. They must stay, as zeros."),
)  # fmt: skip
relu_backward_task.alternatives(by_mask="dy * (x > 0)", on_a_copy="dx = dy.copy(); dx[x <= 0] = 0; return dx")

# %% [markdown] question="quiz_2"
# ### Question 2
#
# While it trains, a framework keeps what the way back will read. What is that for one dense layer with a bias?
#
# - (a) Its output.
#   > No formula of dense_backward has y in it. The next layer keeps it, as its own input.
# - (b) Its input and its weights.
#   > Right.
# - (c) Its input, its weights and its bias.
#   > db is a sum over dy: which formula reads the bias itself?
# - (d) Nothing: all that is needed comes back with `dy`.
#   > dw is a product of dy and something that only the way forwards knew.
#
# Hint: Which names does your dense_backward read?

# %% [markdown]
# The weights are there anyway, the inputs are not: training keeps the inputs of all layers for the whole batch, and so
# needs far more memory than predicting.

# %% [markdown]
# ## 3. Measure it
#
# A derived gradient can be wrong in silence: the network still learns, a little worse. So measure it. The quotient
# $(f(x + h) - f(x)) / h$ is a **forward difference**; $(f(x + h) - f(x - h)) / 2h$ is a central difference.
#
# **Predict first:** both measure the slope of $e^x$ at 1. The step $h$ becomes ten times smaller: by what factor does
# each error fall? Is the smallest step the best?

# %% tags=["aside"]
steps = np.geomspace(1e-1, 1e-14, 27)
forward = np.abs((np.exp(1 + steps) - np.exp(1)) / steps - np.exp(1))
central = np.abs((np.exp(1 + steps) - np.exp(1 - steps)) / (2 * steps) - np.exp(1))
for h, f, c in zip(steps[::4], forward[::4], central[::4], strict=True):
    print(f"step {h:.0e}   error: forward {f:.0e}, central {c:.0e}")

# %% tags=["aside"]
figures.curves(
    steps,
    {"forward difference": [forward], "central difference": [central]},
    log="xy",
    title="Central differences are best with a step near 0.00001",
    xlabel="step h",
    ylabel="error of the slope",
    alt="Error of the slope of exp at 1 by step, both axes logarithmic. Forward difference: 0.1 at a step of 0.1, down "
    "to 7e-9 near 1e-8. Central difference: 0.005 at 0.1, down to some 5e-11 from 1e-5 to 1e-7. For smaller steps both "
    "rise, to 0.01 at 1e-14.",
)

# %% [markdown]
# A step ten times smaller divides the error of the forward difference by 10, that of the central one by 100: until
# rounding takes over. The best central difference is some hundred times as exact as the best forward one.

# %% [markdown] question="quiz_3"
# ### Question 3
#
# Below a step of $10^{-6}$ the error of the central difference rises again. Why?
#
# - (a) The step becomes smaller than the smallest number that a float can hold.
#   > A float holds numbers down to some 1e-308. Which digits of 1 + 1e-12 does it hold?
# - (b) The curve bends more the closer one looks.
#   > The closer one looks, the straighter a smooth curve is: that is why the right half of the figure falls.
# - (c) The formula is only right for large steps.
#   > On paper the error shrinks with h², for every h. What does floating point add?
# - (d) Two nearly equal numbers are subtracted: their rounding errors stay, and dividing by $2h$ makes them large.
#   > Right.
#
# Hint: How many digits do exp(1 + h) and exp(1 - h) share? A float holds about 16 digits.

# %% [markdown]
# ### Exercise: `numerical_gradient(f, x)`
#
# Measure the gradient of `f`, which takes an array like `x` and returns one number, by central differences with a step
# of $10^{-5}$: one entry of `x` at a time, the others as they are. `x` has any shape and may hold whole numbers; it
# must stay as it was. The result has its shape, and floats.
#
# `numerical_gradient(lambda x: np.sum(x**2), np.array([1.0, -3.0]))` gives `[2.0, -6.0]`.
#
# Hint: One entry moves at a time, so there are two calls of f for each entry. np.ndindex(x.shape) lists all places.
# Hint: Make an array of zeros like x but of floats, and write the step into one place: x plus it, and x minus it.
# Hint: gradient[place] = (f(x + nudge) - f(x - nudge)) / (2 * step)


# %%
def numerical_gradient(f, x):
    """Gradient of f at x by central differences, in the shape of x; f takes an array and returns one number."""
    ### BEGIN SOLUTION
    step = 1e-5
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        nudge = np.zeros(x.shape)
        nudge[place] = step
        gradient[place] = (f(x + nudge) - f(x - nudge)) / (2 * step)
    return gradient
    ### END SOLUTION


# %% tags=["task"]
numerical_gradient_task = Task("numerical_gradient", points=2)


@numerical_gradient_task.probe(
    x=normal(6), factors=normal(6), judge=close(rtol=1e-6, atol=1e-6),
    says="One entry moves a little up and a little down, the others stay: what f changes, over the way, is its slope.",
)  # fmt: skip
def of_a_cubic(numerical_gradient, x, factors):
    return numerical_gradient(lambda v: np.sum(factors * v**3), x)


numerical_gradient_task.calls("of_two_axes", "numerical_gradient(lambda v: np.sum(np.sin(v @ factors)), x)",
    x=normal(2, 3), factors=normal(3, 2), judge=close(rtol=1e-6, atol=1e-6))  # fmt: skip


# A step of 0.0001 is off by 1e-5, a step of 1e-5 by 1e-7.
numerical_gradient_task.calls("of_short_waves", "numerical_gradient(lambda v: np.sum(np.sin(20 * v)), x)",
    x=uniform(5, low=-0.02, high=0.02), judge=close(rtol=0, atol=2e-6))  # fmt: skip
numerical_gradient_task.calls("of_absolute_values", "numerical_gradient(lambda v: np.sum(factors * np.abs(v)), x)",
    x=array([0.0, 1.0, -1.0]), factors=uniform(3, low=1, high=3), judge=close(atol=1e-6))  # fmt: skip
numerical_gradient_task.calls("at_whole_numbers", "numerical_gradient(lambda v: np.sum(v**2) / 2, x)",
    x=integers(2, 2, low=-9, high=10), judge=close(atol=1e-6))  # fmt: skip
numerical_gradient_task.equivalents(
    {"gradient = np.zeros(x.shape) -> gradient = np.ones(x.shape)": "Every entry is written in the loop."}
)
numerical_gradient_task.misconceptions(
    one_sided=("(f(x + nudge) - f(x - nudge)) / (2 * step) -> (f(x + nudge) - f(x)) / step",
               "That is a forward difference: it looks to one side, and its error shrinks only as fast as the step."),
    divided_by_one_step=("2 * central_differences(f, x)", "From x - h to x + h it is twice the step: divide by 2h."),
    tiny_step=("central_differences(f, x, 1e-13)",
               "The step is so small that rounding drowns the difference. See the figure: 1e-5."),
    large_step=("central_differences(f, x, 0.01)",
                "The step is so large that the curve bends on the way. See the figure: 1e-5."),
    step_stays=(
        (
            "nudge[place] = step -> x[place] += step; above = f(x); x[place] -= 2 * step",
            "f(x + nudge) - f(x - nudge) -> above - f(x)",
        ),
        "The step stays in x after each entry, so the next one is measured elsewhere.",
    ),
    all_at_once=("(f(x + 1e-5) - f(x - 1e-5)) / 2e-5",
                 "x + h moves all entries at once and gives one number: the sum of the gradient. Move one entry at "
                 "a time."),
    row_at_once=("np.ndindex(x.shape) -> range(len(x))",
                 "With two axes x[i] is a whole row, and all of it moves. np.ndindex(x.shape) lists single places."),
    whole_steps=(
        (
            "gradient = np.zeros(x.shape) -> gradient = np.zeros_like(x)",
            "nudge = np.zeros(x.shape) -> nudge = np.zeros_like(x)",
        ),
        "Where x holds whole numbers, so does np.zeros_like(x): the step is cut to 0. Use np.zeros(x.shape).",
    ),
    minus_first=("-central_differences(f, x)",
                 "The sign is flipped: f at x + h comes first, f at x - h is taken away."),
)  # fmt: skip


@numerical_gradient_task.alternative
def moved_and_put_back(f, x):
    x = x.astype(float)
    gradient = np.empty_like(x)
    for place, kept in np.ndenumerate(x.copy()):
        x[place] = kept + 1e-6
        above = f(x)
        x[place] = kept - 1e-6
        gradient[place] = (above - f(x)) / 2e-6
        x[place] = kept
    return gradient


numerical_gradient_task.alternatives(
    of_fourth_order="(4 * central_differences(f, x, 1e-4) - central_differences(f, x, 2e-4)) / 3",
    by_unit_arrays="units = 1e-5 * np.eye(x.size).reshape(x.size, *x.shape); "
    "return np.array([(f(x + unit) - f(x - unit)) / 2e-5 for unit in units]).reshape(x.shape)",
)

# %% [markdown]
# Now measure your own layer. The loss here is $\sum \mathrm{dy}_{ij}\, y_{ij}$, whose gradient for $y$ is `dy`.

# %% tags=["aside"]
rng = np.random.default_rng(SEED)
x, w, b = rng.normal(size=(8, 6)), rng.normal(size=(6, 4)), rng.normal(size=4)
dy = rng.normal(size=(8, 4))
try:
    dx, dw, db = dense_backward(x, w, dy)
    measured = {
        "dx": dx - numerical_gradient(lambda v: np.sum(dy * dense_forward(v, w, b)), x),
        "dw": dw - numerical_gradient(lambda v: np.sum(dy * dense_forward(x, v, b)), w),
        "db": db - numerical_gradient(lambda v: np.sum(dy * dense_forward(x, w, v)), b),
    }
    for name, difference in measured.items():
        print(f"{name}: derived and measured differ by {np.abs(difference).max():.0e} at most")
except NotImplementedError:
    print("Write dense_forward, dense_backward and numerical_gradient, then run this cell again.")

# %% [markdown]
# ### Exercise: `network_gradients(x, y, parameters)`
#
# The network has one hidden layer and gives logits; its loss is the mean cross entropy of their softmax:
#
# $$z = xW_1 + b_1 \qquad h = \mathrm{relu}(z) \qquad \mathrm{logits} = hW_2 + b_2$$
#
# `parameters` is a dictionary with `"w1"`, `"b1"`, `"w2"`, `"b2"`; `x` has shape `(n, inputs)`, `y` holds one-hot rows,
# `(n, classes)`. Return a dictionary with the same names: the gradient of the loss for each. Put your three functions
# together. The way back begins with `losses.cross_entropy_gradient(y, logits)`, which you wrote in lab 01; the $1/n$ of
# the mean is in it.
#
# The check measures every gradient by central differences and accepts a difference below $10^{-6}$.
#
# Hint: First the way forwards: keep z and h, the way back needs them. Which function made each?
# Hint: From the logits' blame, dense_backward(h, w2, …) gives the blame of h and two of the four gradients.
# Hint: Then relu_backward(z, dh), and dense_backward(x, w1, …) for the other two.


# %%
def network_gradients(x, y, parameters):
    """Gradients of the mean cross entropy for w1, b1, w2 and b2. Shapes (n, inputs), (n, classes); a dictionary."""
    ### BEGIN SOLUTION
    z = dense_forward(x, parameters["w1"], parameters["b1"])  # (n, hidden)
    h = activations.relu(z)
    logits = dense_forward(h, parameters["w2"], parameters["b2"])  # (n, classes)

    dlogits = losses.cross_entropy_gradient(y, logits)
    dh, dw2, db2 = dense_backward(h, parameters["w2"], dlogits)
    dz = relu_backward(z, dh)
    _, dw1, db1 = dense_backward(x, parameters["w1"], dz)
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
    ### END SOLUTION


# %% tags=["task"]
def as_parameters(w1, b1, w2, b2):
    return {"w1": w1, "b1": b1, "w2": w2, "b2": b2}


def mean_cross_entropy(x, y, parameters):
    h = np.maximum(x @ parameters["w1"] + parameters["b1"], 0)
    log_prob = scipy.special.log_softmax(h @ parameters["w2"] + parameters["b2"], axis=-1)
    return -np.sum(y * log_prob) / len(y)


def largest_error_of_all(came_back, x, y, w1, b1, w2, b2):
    parameters = as_parameters(w1, b1, w2, b2)
    errors = [
        came_back[name] - central_differences(lambda v, n=name: mean_cross_entropy(x, y, {**parameters, n: v}), value)
        for name, value in parameters.items()
    ]
    if any(np.shape(came_back[name]) != value.shape for name, value in parameters.items()):
        return "another shape"
    return np.max([np.abs(error).max() for error in errors])  # NaN where one is: max would pass over it


network_gradients_task = Task("network_gradients", points=4)


@network_gradients_task.probe(
    x=normal(7, 4), y=one_hot(7, 3), w1=normal(4, 5), b1=normal(5), w2=normal(5, 3), b2=normal(3)
)
def of_the_second_layer(network_gradients, x, y, w1, b1, w2, b2):
    found = network_gradients(x, y, as_parameters(w1, b1, w2, b2))
    return {"w2": found["w2"], "b2": found["b2"]}


@network_gradients_task.probe(
    x=normal(7, 4), y=one_hot(7, 3), w1=normal(4, 5), b1=normal(5), w2=normal(5, 3), b2=normal(3)
)
def of_the_first_layer(network_gradients, x, y, w1, b1, w2, b2):
    found = network_gradients(x, y, as_parameters(w1, b1, w2, b2))
    return {"w1": found["w1"], "b1": found["b1"]}


@network_gradients_task.probe(
    x=normal(6, 4), y=one_hot(6, 3), w1=normal(4, 5), b1=normal(5), w2=normal(5, 3), b2=normal(3),
    judge=by(largest_error_of_all, close(atol=1e-6)),
)  # fmt: skip
def error_against_central_differences(network_gradients, x, y, w1, b1, w2, b2):
    found = network_gradients(x, y, as_parameters(w1, b1, w2, b2))
    return {name: found[name] for name in ("w1", "b1", "w2", "b2")}


@network_gradients_task.probe(
    x=normal(5, 5), y=one_hot(5, 5), w1=normal(5, 5), b1=normal(5), w2=normal(5, 5), b2=normal(5), hidden=True
)
def all_sizes_equal_and_the_batch_twice(network_gradients, x, y, w1, b1, w2, b2):
    parameters = as_parameters(w1, b1, w2, b2)
    once, twice = (
        network_gradients(x, y, parameters),
        network_gradients(np.tile(x, (2, 1)), np.tile(y, (2, 1)), parameters),
    )
    return [once["w1"], twice["w1"], once["b1"], twice["b1"]]


network_gradients_task.calls(
    "confident_network",
    "found = network_gradients(x, y, as_parameters(w1, b1, w2, b2)); "
    'return [found[name] for name in ("w1", "b1", "w2", "b2")]',
    x=normal(5, 3, scale=100),
    y=one_hot(5, 3),
    w1=normal(3, 6),
    b1=normal(6),
    w2=normal(6, 3),
    b2=normal(3),
)
network_gradients_task.misconceptions(
    relu_forgotten=(
        "relu_backward(z, dh) -> dh",
        "Blame passes through ReLU where z was negative, too. The hidden units that were off must get none.",
    ),
    sign_of_blame=("relu_backward(z, dh) -> np.maximum(dh, 0)",
                   "ReLU's way back asks for the sign of z, its input, not for the sign of the blame."),
    without_one_over_n=("losses.cross_entropy_gradient(y, logits) -> losses.cross_entropy_gradient(y, logits) * len(y)",
                        "The loss is a mean over the rows: 1/n is missing from every gradient."),
    one_over_n_twice=("losses.cross_entropy_gradient(y, logits) -> losses.cross_entropy_gradient(y, logits) / len(y)",
                      "It divides by n twice: losses.cross_entropy_gradient has the 1/n in it."),
    downhill=("losses.cross_entropy_gradient(y, logits) -> -losses.cross_entropy_gradient(y, logits)",
              "All signs are flipped. A gradient points uphill; minus comes in with the step."),
    softmax_twice=("(y, logits) -> (y, scipy.special.softmax(logits, axis=-1))",
                   "The softmax is taken twice: losses.cross_entropy_gradient wants logits, and takes the softmax "
                   "itself."),
    arguments_exchanged=("(y, logits) -> (logits, y)",
                         "The arguments of losses.cross_entropy_gradient are exchanged: the labels come first."),
    z_for_h=("dense_backward(h, parameters -> dense_backward(z, parameters",
             "The way back of the second layer gets z. Its input was h, what ReLU left of z."),
    no_bend=(("activations.relu(z) -> z", "relu_backward(z, dh) -> dh"),
             "The hidden layer has no ReLU on the way forwards, so the logits are those of another network."),
    biases_not_summed=(
        ('"b1": db1 -> "b1": dz', '"b2": db2 -> "b2": dlogits'),
        "The biases' gradients are one row for each example. All rows used the same bias: add them up.",
    ),
)  # fmt: skip
network_gradients_task.alternatives(
    in_one_piece=(
        "activations.relu(z) -> np.maximum(z, 0)",
        "losses.cross_entropy_gradient(y, logits) -> (scipy.special.softmax(logits, axis=-1) - y) / len(y)",
        "relu_backward(z, dh) -> dh * (z > 0)",
    )
)


@network_gradients_task.alternative
def with_a_mask_from_h(x, y, parameters):
    w1, b1, w2, b2 = (parameters[name] for name in ("w1", "b1", "w2", "b2"))
    h = np.clip(np.einsum("ik,kj->ij", x, w1) + b1, 0, None)
    p = np.exp(scipy.special.log_softmax(h @ w2 + b2, axis=1))
    blame = np.mean((p - y)[:, None, :] * np.append(h, np.ones((len(h), 1)), axis=1)[:, :, None], axis=0)
    through = ((p - y) @ w2.T * np.sign(h)) / len(x)
    return {"w1": x.T @ through, "b1": through.sum(0), "w2": blame[:-1], "b2": blame[-1]}


# %% [markdown]
# Now a real network on real digits: 64 inputs, 32 hidden units, 10 classes. Keras has an automatic back-propagation. Do
# your gradients agree with it? The norm of a gradient is the root of its summed squares.

# %%
digits = data.digits()
x_train, y_train = digits.x_train.astype(float), np.eye(10)[digits.y_train]  # (1078, 64), (1078, 10)
digits

# %% tags=["aside"]
print(backend.start())
import keras

keras.utils.set_random_seed(SEED)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(10, "softmax")])
model.compile(keras.optimizers.SGD(), "sparse_categorical_crossentropy")
parameters = dict(zip(["w1", "b1", "w2", "b2"], map(np.float64, model.get_weights()), strict=True))
by_keras = dict(zip(["w1", "w2"], training.gradient_norms(model, digits.x_train, digits.y_train), strict=True))
try:
    gradients = network_gradients(x_train, y_train, parameters)
    for name, norm in by_keras.items():
        print(f"norm of the gradient for {name}: yours {np.linalg.norm(gradients[name]):.6f}, Keras {norm:.6f}")
except NotImplementedError:
    print("Write network_gradients and what it calls, then run this cell again.")
print(f"{model.count_params():,} parameters")

# %% [markdown] question="quiz_4"
# ### Question 4
#
# A network has 25 million parameters, and one way forwards takes 1 ms; the way back takes about twice as long. How long
# does one gradient of all parameters take by central differences, and how long by back-propagation?
#
# - (a) 50 ms and 3 ms.
#   > Two ways forwards for each of 25 million parameters: that is 50 million milliseconds.
# - (b) 14 hours and 3 ms.
#   > Right.
# - (c) 14 hours and 14 hours, since each parameter needs a way back of its own.
#   > One way back passes every layer, and leaves the gradient of each parameter there on its way.
# - (d) 1 ms and 2 ms.
#   > How many ways forwards do central differences need?
#
# Hint: How often does your numerical_gradient call f? How often does your network_gradients go forwards?

# %% [markdown]
# ## 4. The first weights
#
# One output adds up `fan_in` products $x_k w_k$. Where inputs and weights are independent with mean 0, variances
# multiply and add: $\mathrm{Var}(y) = \mathrm{fan\_in} \cdot \mathrm{Var}(w) \cdot \mathrm{Var}(x)$. Backwards one
# input adds up `fan_out` blames in the same way. Each layer multiplies the **spread**, the root of the mean square, by
# the root of such a factor.
#
# **Predict first:** the weights are normal with spread 0.01, each layer has 64 inputs and outputs, and ReLU. Ten
# layers: how much of the inputs' spread is left? How much of the gradient's? Then try Glorot and He, and 30 layers.

# %%
explore.first_weights()

# %% [markdown]
# Each layer multiplies by $0.01 \cdot \sqrt{64} / \sqrt{2} = 0.057$, in both directions: $3 \cdot 10^{-13}$ is left.
# Where all weights are zero nothing gets through. He's weights keep the spread near 1; Glorot's lose a factor of about
# $\sqrt{2}$ a layer where ReLU switches half of the outputs off. Choose tanh: there Glorot's weights lose little.

# %% [markdown]
# ### Exercise: `glorot_uniform(fan_in, fan_out, rng)`
#
# Forwards the variance should be $1/\mathrm{fan\_in}$, backwards $1/\mathrm{fan\_out}$. **Glorot initialisation**
# (Glorot and Bengio, 2010) takes the middle, $2/(\mathrm{fan\_in} + \mathrm{fan\_out})$. A uniform number between
# $-\mathrm{limit}$ and $\mathrm{limit}$ has variance $\mathrm{limit}^2 / 3$: work out the limit.
#
# Draw with `rng`, a NumPy generator, alone. The result has shape `(fan_in, fan_out)`.
#
# `np.abs(glorot_uniform(300, 300, np.random.default_rng(0))).max()` gives `0.1`, nearly.
#
# Hint: limit² / 3 is to be 2 / (fan_in + fan_out). What is limit²?
# Hint: limit² is 6 / (fan_in + fan_out). rng.uniform(low, high, shape) draws between two ends.
# Hint: With limit = np.sqrt(6 / (fan_in + fan_out)): rng.uniform(-limit, limit, (fan_in, fan_out)).


# %%
def glorot_uniform(fan_in, fan_out, rng):
    """Uniform first weights with variance 2 / (fan_in + fan_out). Shape (fan_in, fan_out)."""
    ### BEGIN SOLUTION
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, (fan_in, fan_out))
    ### END SOLUTION


# %% tags=["task"]
def in_numbers(weights):
    """What every right answer shares, in whichever order it draws."""
    return {
        "mean": float(np.mean(weights)),
        "spread": float(np.std(weights)),
        "smallest": float(np.min(weights)),
        "largest": float(np.max(weights)),
    }


def tails(weights):
    """The mean fourth power over the squared variance: 1.8 where uniform, 3 where normal."""
    centred = weights - np.mean(weights)
    return float(np.mean(centred**4) / np.mean(centred**2) ** 2)


def whole_number(low, high):
    """A drawn int below high."""
    return drawn(lambda rng: int(rng.integers(low, high)))


def of_one_seed(came_back, fan_in, fan_out):
    first, second, again = came_back
    return {
        "as many weights as there are": [np.size(weights) for weights in came_back] == [fan_in * fan_out] * 3,
        "numbers": bool(np.isfinite([first, second, again]).all()),
        "most of them differ": all(len(np.unique(weights)) > 0.9 * fan_in * fan_out for weights in came_back),
        "the same seed draws the same": np.array_equal(first, again),
        "a second call draws the same": np.array_equal(first, second),
    }


glorot_uniform_task = Task("glorot_uniform", points=2)
# At least 80,000 weights: over seeds the spread differs by 0.2 percent (one standard deviation), the mean by 0.0002.
glorot_uniform_task.calls(
    "a_large_layer",
    "in_numbers(glorot_uniform(fan_in, fan_out, np.random.default_rng(seed)))",
    fan_in=whole_number(450, 1000),
    fan_out=whole_number(180, 300),
    seed=whole_number(0, 10**6),
    judge=close(rtol=0.02, atol=1.5e-3),
    says="All fan_in times fan_out weights count here: their mean is near 0, their variance 2 / (fan_in + fan_out).",
)
glorot_uniform_task.calls("shape_of_a_small_layer",
    "list(glorot_uniform(fan_in, fan_out, np.random.default_rng(seed)).shape)", fan_in=whole_number(2, 7),
    fan_out=whole_number(7, 20), seed=whole_number(0, 10**6), judge=equal())  # fmt: skip


@glorot_uniform_task.probe(
    fan_in=2, fan_out=whole_number(4, 40), seed=whole_number(0, 10**6), judge=by(of_one_seed, equal())
)
def same_seed_and_next_draw(glorot_uniform, fan_in, fan_out, seed):
    rng = np.random.default_rng(seed)
    first, second = (glorot_uniform(fan_in, fan_out, rng) for _ in range(2))
    return [first, second, glorot_uniform(fan_in, fan_out, np.random.default_rng(seed))]


@glorot_uniform_task.probe(
    fan_in=whole_number(150, 220), fan_out=whole_number(600, 1400), seed=whole_number(0, 10**6),
    judge=close(rtol=0.02, atol=1.5e-3), hidden=True,
)  # fmt: skip
def another_large_layer(glorot_uniform, fan_in, fan_out, seed):
    return in_numbers(glorot_uniform(fan_in, fan_out, np.random.default_rng(seed)))


glorot_uniform_task.misconceptions(
    spread_as_limit=("6 -> 2",
                     "The limit is the spread that is wanted. A uniform number's spread is its limit divided by the "
                     "root of 3."),
    fan_out_alone=("fan_in + fan_out -> 2 * fan_out", "It knows fan_out alone. Glorot's variance has both fans in it."),
    fan_in_alone=("fan_in + fan_out -> 2 * fan_in", "It knows fan_in alone. Glorot's variance has both fans in it."),
    without_root=("np.sqrt(6 / (fan_in + fan_out)) -> 6 / (fan_in + fan_out)",
                  "limit² is 6 / (fan_in + fan_out): the root is missing."),
    factor_three=("6 -> 3", "The limit's factor is 3: with variance 2 / (fan_in + fan_out) it is 3 times 2."),
    normal_instead=("rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), (fan_in, fan_out))",
                    "The spread is right, but these numbers are normal. Draw uniform ones."),
    one_side=("rng.uniform(0, np.sqrt(6 / (fan_in + fan_out)), (fan_in, fan_out))",
              "All weights are positive: the uniform numbers go from -limit to limit."),
    shape_exchanged=("(fan_in, fan_out) -> (fan_out, fan_in)", "The shape is (fan_in, fan_out), as x @ w needs it."),
    generator_of_its_own=("rng.uniform -> np.random.default_rng(0).uniform",
                          "Every call draws the same numbers: a new generator is made inside. All layers would "
                          "begin alike. Draw with rng."),
    global_generator=("rng.uniform -> np.random.uniform",
                      "rng is not used, so a seed does not fix the weights. Draw with rng."),
)  # fmt: skip
glorot_uniform_task.alternatives(
    stretched="(2 * rng.random((fan_in, fan_out)) - 1) * np.sqrt(3 / np.mean([fan_in, fan_out]))",
    drawn_transposed="limit = (6 / (fan_in + fan_out)) ** 0.5; return rng.uniform(-limit, limit, (fan_out, fan_in)).T",
)

# %% [markdown]
# ### Exercise: `he_normal(fan_in, fan_out, rng)`
#
# ReLU sets half of its inputs to 0, which halves the mean square. **He initialisation** (He and others, 2015) makes up
# for it: normal weights with mean 0 and variance $2/\mathrm{fan\_in}$. Shape and generator are as above.
#
# `he_normal(200, 300, np.random.default_rng(0)).std()` gives `0.1`, nearly.
#
# Hint: rng.normal(mean, spread, shape) wants a standard deviation. What is that of variance 2 / fan_in?
# Hint: The standard deviation is the root of the variance.
# Hint: rng.normal(0.0, np.sqrt(2 / fan_in), (fan_in, fan_out))


# %%
def he_normal(fan_in, fan_out, rng):
    """Normal first weights with variance 2 / fan_in. Shape (fan_in, fan_out)."""
    ### BEGIN SOLUTION
    return rng.normal(0.0, np.sqrt(2 / fan_in), (fan_in, fan_out))
    ### END SOLUTION


# %% tags=["task"]
he_normal_task = Task("he_normal", points=2)


def middle(weights):
    return {"mean": float(np.mean(weights)), "spread": float(np.std(weights))}


# At least 150,000 weights: over seeds the spread differs by 0.2 percent (one standard deviation), the mean by 0.0002.
he_normal_task.calls("a_large_hidden_layer", "middle(he_normal(fan_in, fan_out, np.random.default_rng(seed)))",
    fan_in=whole_number(300, 700), fan_out=whole_number(800, 1000), seed=whole_number(0, 10**6),
    judge=close(rtol=0.02, atol=1.5e-3),
    says="All fan_in times fan_out weights count here: their mean is near 0, their variance 2 / fan_in.")  # fmt: skip

# The reference has 3.0; Keras cuts the tails off at two spreads and has 2.4, which is right, too. Uniform has 1.8.
he_normal_task.calls(
    "its_tails",
    "weights = he_normal(fan_in, fan_out, np.random.default_rng(seed)); "
    'return {"tails": tails(weights), "weights": int(np.size(weights))}',
    fan_in=whole_number(300, 400),
    fan_out=whole_number(400, 600),
    seed=whole_number(0, 10**6),
    judge=close(rtol=0, atol=0.8),
)
he_normal_task.calls("its_shape", "list(he_normal(fan_in, fan_out, np.random.default_rng(seed)).shape)",
    fan_in=whole_number(2, 7), fan_out=whole_number(7, 20), seed=whole_number(0, 10**6), judge=equal())  # fmt: skip


@he_normal_task.probe(
    fan_in=2, fan_out=whole_number(4, 40), seed=whole_number(0, 10**6), judge=by(of_one_seed, equal())
)
def the_same_seed_and_the_next_draw(he_normal, fan_in, fan_out, seed):
    rng = np.random.default_rng(seed)
    first, second = (he_normal(fan_in, fan_out, rng) for _ in range(2))
    return [first, second, he_normal(fan_in, fan_out, np.random.default_rng(seed))]


@he_normal_task.probe(
    fans_in=integers(2, low=500, high=2000), fan_out=whole_number(300, 400), seed=whole_number(0, 10**6),
    judge=close(rtol=0.02, atol=1.5e-3), hidden=True,
)  # fmt: skip
def two_large_hidden_layers(he_normal, fans_in, fan_out, seed):
    rng = np.random.default_rng(seed)
    found = [middle(he_normal(fan_in, fan_out, rng)) for fan_in in fans_in.tolist()]
    return [{**layer, "spread": 100 * layer["spread"]} for layer in found]  # so that atol is the mean's alone


he_normal_task.misconceptions(
    variance_as_spread=("np.sqrt(2 / fan_in) -> 2 / fan_in",
                        "2 / fan_in is the variance. rng.normal wants the standard deviation, its root."),
    without_two=("2 -> 1", "The factor 2 is missing: it makes up for what ReLU switches off."),
    by_fan_out=("2 / fan_in -> 2 / fan_out", "Forwards an output adds up fan_in products; here fan_out is used."),
    by_both_fans=("2 / fan_in -> 2 / (fan_in + fan_out)", "Both fans are Glorot's; He's variance has fan_in alone."),
    uniform_instead=("limit = np.sqrt(6 / fan_in); return rng.uniform(-limit, limit, (fan_in, fan_out))",
                     "The spread is right, but these numbers are uniform. Draw normal ones."),
    root_of_fan_in=("np.sqrt(2 / fan_in) -> 2 / np.sqrt(fan_in)",
                    "The root is taken of fan_in alone: 2 belongs under it, too."),
    shape_turned=("(fan_in, fan_out) -> (fan_out, fan_in)", "The shape is (fan_in, fan_out), as x @ w needs it."),
    its_own_generator=("rng.normal -> np.random.default_rng(0).normal",
                       "Every call draws the same numbers: a new generator is made inside. All layers would begin "
                       "alike. Draw with rng."),
    generator_of_all=("rng.normal -> np.random.normal",
                      "rng is not used, so a seed does not fix the weights. Draw with rng."),
)  # fmt: skip
he_normal_task.alternatives(scaled="rng.standard_normal((fan_out, fan_in)).T * (2 / fan_in) ** 0.5")


@he_normal_task.alternative
def cut_as_keras_does(fan_in, fan_out, rng):
    shares = rng.uniform(scipy.special.ndtr(-2), scipy.special.ndtr(2), (fan_in, fan_out))
    spread = 0.87962566  # of a standard normal that is cut at 2
    return scipy.special.ndtri(shares) * np.sqrt(2 / fan_in) / spread


# %% [markdown]
# ## 5. Train it
#
# A baseline that is not deep comes first: logistic regression, a softmax of straight functions.

# %%
from sklearn.linear_model import LogisticRegression

baseline = LogisticRegression(max_iter=1000).fit(digits.x_train, digits.y_train)
baseline_accuracy = baseline.score(digits.x_validation, digits.y_validation)
print(f"logistic regression: {baseline_accuracy:.1%} of the validation images are right")

# %% [markdown]
# ### Exercise: `network`
#
# Train the network with your own functions, and leave its parameters in `network`, a dictionary as above: `"w1"` of
# shape `(64, 32)` and `"w2"` of shape `(32, 10)`, another number of hidden units if you like. Draw the weights, set the
# biases to 0, then take steps of gradient descent on `x_train` and `y_train`, each step from fresh gradients. With all
# training images in each step, 400 steps at a learning rate of 0.5 are enough.
#
# The check wants 96 % of the validation images right. The grader has images that you do not: the test images, with
# noise drawn for the grade alone. There 92 % are enough.
#
# Hint: Three parts: first parameters, a loop, and in it one new dictionary of parameters.
# Hint: A step: each parameter minus the learning rate times its gradient. The next step begins from the new ones.
# Hint: {name: value - 0.5 * gradients[name] for name, value in network.items()}, 400 times, with fresh gradients.

# %%
### BEGIN SOLUTION
HIDDEN, RATE, STEPS = 32, 0.5, 400
rng = np.random.default_rng(SEED)
network = {
    "w1": he_normal(64, HIDDEN, rng),
    "b1": np.zeros(HIDDEN),
    "w2": glorot_uniform(HIDDEN, 10, rng),
    "b2": np.zeros(10),
}
for _ in range(STEPS):
    gradients = network_gradients(x_train, y_train, network)
    network = {name: value - RATE * gradients[name] for name, value in network.items()}
### STARTER
# network = None
### END SOLUTION


# %% tags=["task"]
# scikit-learn's copy has 1,797 digits, and labkit.data.digits gives learners all of them. What only the grader has is
# noise of spread 0.15 on each pixel of the 360 test images, and their order: both are drawn from the gradebook's secret
# seed.
# Ten seeds of the reference, each on ten draws of that noise: mean 0.948, standard deviation 0.0085, least 0.925; the
# same again with other draws: 0.949, 0.0080, 0.928. The mark is 0.92, three standard deviations below the mean. On
# validation images: mean 0.980, standard deviation 0.005, least 0.972; mark 0.96.
def noisy_images(rng):
    digits = labkit.data.digits()
    rows = rng.permutation(len(digits.x_test))
    images = digits.x_test[rows]
    return np.clip(images + rng.normal(0, 0.15, images.shape), 0, 1), digits.y_test[rows]


held_out = labelled(noisy_images)


def parameters_of(network):
    """An answer is a dictionary; a misconception below is a function that makes one."""
    return network() if callable(network) else network


def class_scores(network, images):
    parameters = parameters_of(network)
    h = np.maximum(images @ parameters["w1"] + parameters["b1"], 0)
    return h @ parameters["w2"] + parameters["b2"]


def drawn_parameters():
    rng = np.random.default_rng(0)
    return {"w1": he_normal(64, 32, rng), "b1": np.zeros(32), "w2": glorot_uniform(32, 10, rng), "b2": np.zeros(10)}


def after_steps(parameters, steps, rate):
    for _ in range(steps):
        gradients = network_gradients(x_train, y_train, parameters)
        parameters = {name: value - rate * gradients[name] for name, value in parameters.items()}
    return parameters


network_task = Task("network", points=3, seconds=60)


@network_task.probe(judge=equal())
def as_it_should_be(network):
    images = labkit.data.digits()
    parameters = parameters_of(network)
    log_prob = scipy.special.log_softmax(class_scores(parameters, images.x_train), axis=-1)
    loss = -np.mean(log_prob[np.arange(len(log_prob)), images.y_train])
    right = class_scores(parameters, images.x_validation).argmax(axis=-1) == images.y_validation
    return {
        "training loss below 10": bool(loss < 10),
        "training loss below 1": bool(loss < 1),
        "hidden units that differ": bool(np.unique(np.round(parameters["w1"], 9), axis=1).shape[1] > 1),
        "96 % of the validation images right": bool(right.mean() >= 0.96),
    }


network_task.calls("images_that_only_the_grader_has", "class_scores(network, images)", images=held_out, hidden=True,
    weight=3, judge=accuracy(held_out, at_least=0.92, zero_at=0.5))  # fmt: skip
network_task.misconceptions(
    never_stepped=("drawn_parameters()",
                   "The training loss is still 1 or more; no idea at all has 2.3. Does each step take fresh "
                   "gradients, subtract them times a rate such as 0.5, and keep what it computed for the next step?"),
    began_at_zero=(
        "zeros = {name: np.zeros_like(value) for name, value in drawn_parameters().items()}; "
        "return after_steps(zeros, 20, 0.5)",
        "All hidden units are the same: they began equal, got equal gradients, and stay equal. Draw the weights.",
    ),
    went_uphill=("after_steps(drawn_parameters(), 20, -0.5)",
                 "The training loss has grown. Are the gradients computed anew in each step, and subtracted? If so, "
                 "the rate or the first weights are far too large."),
    too_few_steps=("after_steps(drawn_parameters(), 20, 0.5)",
                   "It has begun to learn. More steps, or somewhat larger ones, take it further."),
)  # fmt: skip


@network_task.alternative
def by_small_batches():
    rng = np.random.default_rng(5)
    parameters = {
        "w1": glorot_uniform(64, 48, rng), "b1": np.zeros(48), "w2": glorot_uniform(48, 10, rng), "b2": np.zeros(10)
    }  # fmt: skip
    for _ in range(30):
        for rows in np.array_split(rng.permutation(len(x_train)), 34):
            gradients = network_gradients(x_train[rows], y_train[rows], parameters)
            for name, gradient in gradients.items():
                parameters[name] = parameters[name] - 0.1 * gradient
    return parameters


# %% [markdown]
# Over ten seeds this network gets 98.0 % of the validation images right, with a standard deviation of 0.5 points, and
# logistic regression 97.8 %: on images this small a hidden layer hardly pays.

# %% [markdown]
# ## 6. The experiment
#
# It is often said that a network whose weights start at zero learns nothing, since all its hidden units stay equal. We
# measure it, over ten seeds, on networks with one hidden layer of 32 units. A seed sets the order of the training
# images and the drawn weights; zeros are the same for every seed. All is compared on validation images.
#
# **Predict first:** which of these starts learn? All weights 0; all weights 0.1; only the first layer 0, with ReLU and
# with tanh. And logistic regression, begun at zero?

# %% tags=["aside"]
RATE, EPOCHS, SEEDS = 0.3, 10, range(10)
STARTS = {
    "ReLU, both layers 0": ("ReLU", networks.zero, networks.zero),
    "tanh, both layers 0": ("tanh", networks.zero, networks.zero),
    "ReLU, all weights 0.1": ("ReLU", networks.constant, networks.constant),
    "ReLU, first layer 0": ("ReLU", networks.zero, networks.glorot_uniform),
    "tanh, first layer 0": ("tanh", networks.zero, networks.glorot_uniform),
    "ReLU, second layer 0": ("ReLU", networks.he_normal, networks.zero),
    "ReLU, both drawn": ("ReLU", networks.he_normal, networks.glorot_uniform),
    "tanh, both drawn": ("tanh", networks.glorot_uniform, networks.glorot_uniform),
}

accuracies = {}
for name, (activation, *starts) in STARTS.items():
    accuracies[name] = []
    for seed in SEEDS:
        fresh = networks.draw((64, 32, 10), starts, np.random.default_rng(seed))
        trained = networks.train(digits, fresh, activation, RATE, EPOCHS, seed)
        accuracies[name].append(networks.accuracy(digits, trained, activation))
    mean, deviation = np.mean(accuracies[name]), np.std(accuracies[name], ddof=1)
    print(f"{name:22} {mean:6.1%}, standard deviation {deviation:.1%}")

# %% [markdown]
# Logistic regression has no hidden layer. Here it begins at zero and takes the same ten epochs.

# %% tags=["aside"]
straight = networks.draw((64, 10), networks.zero, np.random.default_rng(0))
runs = [
    networks.accuracy(digits, networks.train(digits, straight, "ReLU", RATE, EPOCHS, seed), "ReLU") for seed in SEEDS
]
accuracies["no hidden layer, 0"] = runs
print(f"{'no hidden layer, 0':22} {np.mean(runs):6.1%}, standard deviation {np.std(runs, ddof=1):.1%}")

# %% tags=["aside"]
figures.dots(
    accuracies,
    level=("logistic regression", baseline_accuracy),
    title="Zeros fail where they keep hidden units equal, or ReLU off",
    xlabel="share of the validation images right",
    alt="Share right, ten dots and their mean for each start. ReLU and tanh with both layers 0, and ReLU with the "
    "first layer 0: 0.10 in every run. ReLU with all weights 0.1: 0.27, from 0.24 to 0.30. All others lie between 0.92 "
    "and 0.98, with means of 0.94 without a hidden layer and 0.96 with one. Logistic regression: 0.98.",
)

# %% [markdown]
# Half of the saying holds. With both layers 0 no blame passes the last layer: its biases alone learn, and 10 % is one
# class in ten. With all weights 0.1 blame passes, but the 32 hidden units get equal gradients and stay copies of one:
# 27 %.
#
# Zeros alone are not the harm. One drawn layer tells the units apart: a tanh network whose first layer is 0 reaches
# 96.2 %, as with both drawn, 96.0 %; a ReLU network whose second layer is 0 reaches 95.5 %, as with both drawn, 95.6 %.
# ReLU with a first layer of zeros stays at 10 % for another reason: its inputs are exactly 0, where its slope is 0. And
# without a hidden layer there are no units to tell apart: begun at zero it reaches 93.8 % in ten epochs, and logistic
# regression is the same model trained to its end.

# %% [markdown] question="quiz_5"
# ### Question 5
#
# A tanh network starts with all weights and biases at 0. Which change lets it learn as well as a drawn one?
#
# - (a) A larger learning rate.
#   > A rate multiplies a gradient. Which weight gets one that is not 0?
# - (b) All biases 1.
#   > Then the hidden units are tanh(1), all the same, and get equal gradients: 32 copies of one unit.
# - (c) All weights 0.5 in place of 0.
#   > Equal weights get equal gradients and stay equal: in the figure all weights 0.1 make one unit of 32.
# - (d) The second layer drawn at random, the first still 0.
#   > Right.
#
# Hint: What must differ between two hidden units, so that their gradients differ?

# %% [markdown]
# Zero is an extreme of small. **Predict first:** with 1, 2, 4 and 8 hidden layers of 32 ReLUs, where does each of small
# random weights, Glorot's and He's stop learning?

# %% tags=["aside"]
DEPTHS, DEEP_EPOCHS = (1, 2, 4, 8), 15


def deep_accuracy(start, depth, rate, seed):
    """Share of the validation images right after training `depth` hidden layers from the named first weights."""
    fresh = networks.draw((64, *[32] * depth, 10), networks.STARTS[start], np.random.default_rng(seed))
    return networks.accuracy(digits, networks.train(digits, fresh, "ReLU", rate, DEEP_EPOCHS, seed), "ReLU")


by_depth = {
    start: np.array([[deep_accuracy(start, depth, 0.05, seed) for depth in DEPTHS] for seed in SEEDS])
    for start in ("small random", "Glorot", "He")
}
for start, runs in by_depth.items():
    means, deviations = runs.mean(axis=0), runs.std(axis=0, ddof=1)
    print(f"{start:13}", *(f"{m:6.1%} ± {d:.1%}" for m, d in zip(means, deviations, strict=True)))

# %% tags=["aside"]
figures.curves(
    DEPTHS,
    by_depth,
    log="x",
    level=("logistic regression", baseline_accuracy),
    title="Small weights fail beyond one hidden layer; He's reach deepest",
    xlabel="hidden layers",
    ylabel="share of images right",
    alt="Share right by hidden layers, 1, 2, 4 and 8, means of ten seeds in bands from least to most. Small random: "
    "0.76, then 0.10. Glorot: 0.93, 0.94, 0.91, 0.75, the last from 0.49 to 0.89. He: 0.93, 0.94, 0.93, 0.91, the last "
    "from 0.81 to 0.96. Logistic regression: 0.98.",
)

# %% [markdown]
# Weights of spread 0.01 learn with one hidden layer, slowly, and with two not at all: the explorer showed why. Glorot's
# and He's weights differ only at eight layers, 75.0 % against 91.0 %. Is that He's merit? **Predict first:** the same
# two, at twice the learning rate.

# %% tags=["aside"]
for start in ("Glorot", "He"):
    runs = [deep_accuracy(start, 8, 0.1, seed) for seed in SEEDS]
    print(f"{start:7} 8 layers, rate 0.1: {np.mean(runs):.1%}, standard deviation {np.std(runs, ddof=1):.1%}")

# %% [markdown]
# At this rate the two cannot be told apart: 81.5 % and 85.4 %, with standard deviations above 10 points. He's weights
# make a small rate suffice; they promise no better result at every rate. And no depth reaches logistic regression.

# %% [markdown]
# ## What you now can do
#
# You carried blame from a loss to every weight behind it, proved it by measuring, began the weights so that a signal
# gets through, and trained the result. No line of it was a framework's.
#
# **Where this is used:** `tf.GradientTape`, `jax.grad` and PyTorch's `backward` record the steps of the way forwards
# and run each step's backward function in reverse: yours, for a dense layer and ReLU.
#
# **Next:** lab 04 asks whether what was learned holds tomorrow.
#
# **Try alone:** write `tanh_backward(y, dy)` from the output of tanh, and measure it. Which of input and output is
# cheaper to keep?
#
# Every term in bold stands in the [glossary](glossary.md).

# %%
lab

# %% tags=["aside"]
keras.utils.clear_session()
