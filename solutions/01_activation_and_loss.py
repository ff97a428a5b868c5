# %% [markdown]
# # Activation and loss
#
# **Why does a network need a bend, and how does it know that it is wrong?**
#
# After this lab you can
#
# - write sigmoid, ReLU, leaky ReLU and softmax so that no input overflows them;
# - say how much of a gradient passes a layer, and why little is left after ten;
# - write squared error and cross entropy, and the gradient that starts all learning;
# - choose the output and the loss that fit a question;
# - read from an experiment where gradients vanish and where units die.
#
# Reading and trying: 60 minutes. Computing: 40 seconds.
# You need NumPy arrays (shape, axis, broadcasting) and the derivative of a function; lab 00 shows how checks work.

# %%
import numpy as np

from grader import Lab
from labkit import data, explore, figures, training
from labkit.learning import activations, losses
from labkit.machine import backend

lab = Lab("01_activation_and_loss")
SEED = 1
lab

# %% [markdown]
# ## 1. A bend
#
# A **dense layer** multiplies its input by a matrix of weights: $y = xW$, here without a bias. Two such layers compute
# $(xW_1)W_2$.
#
# **Predict first:** the cell sends five inputs through two layers, then through one layer with the matrix $W_1W_2$. How
# large is the largest difference between the two results?

# %%
rng = np.random.default_rng(SEED)
x = rng.normal(size=(5, 64))
first, second = rng.normal(size=(64, 32)), rng.normal(size=(32, 10))

two_layers = (x @ first) @ second  # (5, 10)
one_layer = x @ (first @ second)  # (5, 10)
print(f"largest difference: {np.abs(two_layers - one_layer).max():.1e}")

# %% [markdown]
# Only rounding. Matrix products chain into one matrix, so a hundred such layers can do no more than one.
#
# An **activation** is a function applied to every number between two layers; it bends what would stay straight. The
# next cell asks for 1 where two inputs differ, else 0. The best straight function is fitted by least squares; the bent
# one has two hidden units and the activation ReLU, which turns negative numbers into 0.
#
# **Predict first:** what does the best straight function answer at the four corners?

# %%
corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])  # (4, 2)
differ = np.array([0, 1, 1, 0])

with_bias = np.column_stack([corners, np.ones(4)])  # (4, 3)
straight = np.linalg.lstsq(with_bias, differ)[0]
print("straight:", (with_bias @ straight).round(3))

hidden = activations.relu(corners @ np.array([[1, -1], [-1, 1]]))  # (4, 2)
print("bent:    ", hidden @ np.array([1, 1]))

# %% [markdown]
# The straight function answers one half everywhere: it has learned nothing. One bend solves the task exactly. This
# task, exclusive or, is the one that Minsky and Papert (1969) showed a single layer cannot do.

# %% [markdown]
# ### Exercise: `sigmoid(x)`
#
# The **sigmoid** squeezes any number into (0, 1), where it can be read as a probability:
#
# $$\sigma(x) = \frac{1}{1 + e^{-x}} = \frac{e^{x}}{1 + e^{x}}$$
#
# Both forms are equal on paper. In floating point each fails at one end, because $e^{1000}$ overflows. Write a sigmoid
# that takes an array of any shape, returns the same shape, and raises no warning between -1000 and 1000.
#
# `sigmoid(np.array([0.0, 2.0, -1000.0]))` gives `[0.5, 0.8808, 0.0]`.
#
# Hint: For which sign of x does exp(-x) overflow? And exp(x)?
# Hint: exp(-|x|) never overflows. Write both forms of the formula with it.
# Hint: With e = exp(-|x|), the answer is 1 / (1 + e) where x >= 0, and e / (1 + e) elsewhere.


# %%
def sigmoid(x):
    """Squeeze each number of x into (0, 1). Shape in = shape out."""
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(x))  # in (0, 1]: cannot overflow
    return np.where(x >= 0, 1.0, small) / (1.0 + small)
    ### END SOLUTION


# %% tags=["task"]
import math  # noqa: F401  in a text below

import numpy as np
import scipy.special

from grader import Task, array, by, drawn, integers, normal, one_hot, probabilities, uniform

sigmoid_task = Task("sigmoid", points=2)
sigmoid_task.calls(
    "ordinary_inputs", x=normal(4, 6, scale=3),
    says="A sigmoid rises from 0 on the far left, through 1/2 at 0, to 1 on the far right.",
)  # fmt: skip
sigmoid_task.calls("inputs_near_zero", x=uniform(12, low=-1, high=1))
sigmoid_task.calls("large_negative_inputs", x=drawn(lambda rng: np.array([-1000.0, -750.0, rng.uniform(-3, 3)])),
    warnings="error")  # fmt: skip
sigmoid_task.calls("large_positive_inputs", x=drawn(lambda rng: np.array([rng.uniform(-3, 3), 750.0, 1000.0])),
    warnings="error")  # fmt: skip
sigmoid_task.calls("three_axes", x=uniform(3, 2, 5, low=-30, high=30), hidden=True)
sigmoid_task.misconceptions(
    only_the_first_form=("1 / (1 + np.exp(-x))",
                         "exp(-x) overflows for a large negative x: which form of the formula is safe there?"),
    only_the_second_form=("np.exp(x) / (1 + np.exp(x))",
                          "exp(x) overflows for a large positive x: which form of the formula is safe there?"),
    both_forms_in_where=("np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))",
                         "np.where chooses between two arrays after both are computed, so the form that you do not "
                         "want overflows all the same. Make the input of exp safe before exp sees it."),
    falling=("1.0, small -> small, 1.0",
             "Your function falls from 1 to 0: a sigmoid rises. Look at the sign in the exponent."),
    tanh_instead=("np.tanh(x)", "tanh is a relative with values in (-1, 1); the sigmoid's values lie in (0, 1)."),
    math_exp=("1 / (1 + math.exp(-x))", "math.exp takes one number. Its NumPy namesake takes a whole array."),
)  # fmt: skip
sigmoid_task.equivalents({"x >= 0 -> x > 0": "At 0 both forms give 1/2."})
sigmoid_task.alternatives(
    by_scipy="scipy.special.expit(x)",
    by_tanh="0.5 * (1 + np.tanh(x / 2))",
    by_masks="result = np.empty(x.shape); positive = x >= 0; result[positive] = 1 / (1 + np.exp(-x[positive])); "
    "result[~positive] = np.exp(x[~positive]) / (1 + np.exp(x[~positive])); return result",
)

# %% [markdown]
# ### Exercise: `sigmoid_derivative(x)`
#
# A network learns from slopes. The slope of the sigmoid needs no new exponential:
#
# $$\sigma'(x) = \sigma(x)\,(1 - \sigma(x))$$
#
# `x` is the **input** of the sigmoid, an array of any shape; the result has the same shape. It must not
# overflow either.
#
# `sigmoid_derivative(np.array([0.0, 2.0]))` gives `[0.25, 0.105]`.
#
# Hint: What is x here: the input of the sigmoid, or its output?
# Hint: Compute the sigmoid of x once and give it a name.
# Hint: With s = sigmoid(x), return s * (1 - s).


# %%
def sigmoid_derivative(x):
    """Slope of the sigmoid at each number of x. Shape in = shape out."""
    ### BEGIN SOLUTION
    s = sigmoid(x)
    return s * (1 - s)
    ### END SOLUTION


# %% tags=["task"]
sigmoid_derivative_task = Task("sigmoid_derivative", points=1)
sigmoid_derivative_task.calls(
    "slopes", x=normal(5, 4, scale=2),
    says="The slope is never negative. It is largest at 0, where it is 1/4, and falls towards 0 on both sides.",
)  # fmt: skip
sigmoid_derivative_task.calls("slopes_far_out", "sigmoid_derivative(x)",
    x=drawn(lambda rng: np.array([-1000.0, rng.uniform(-2, 2), 1000.0])), warnings="error")  # fmt: skip
sigmoid_derivative_task.misconceptions(
    at_the_output=("x * (1 - x)",
                   "x (1 - x) would be right if x were already the sigmoid's output. Here x is its input."),
    half_at_the_input=("scipy.special.expit(x) * (1 - x)",
                       "The second factor is 1 minus the sigmoid of x, not 1 minus x."),
    twice=("sigmoid(x) -> scipy.special.expit(scipy.special.expit(x))",
           "The sigmoid is taken twice: the slope is wanted at x, not at sigmoid(x)."),
    slope_of_tanh=("1 - scipy.special.expit(x) ** 2",
                   "1 - f(x)² is the slope of tanh. The sigmoid's has two different factors."),
    overflowing=("np.exp(-x) / (1 + np.exp(-x)) ** 2",
                 "Right near 0, but exp(-x) overflows for a large negative x. Build on your sigmoid, which does not."),
)  # fmt: skip
sigmoid_derivative_task.alternatives(
    mirrored="scipy.special.expit(x) * scipy.special.expit(-x)", by_cosh="(0.5 / np.cosh(x / 2)) ** 2"
)

# %% [markdown]
# ### Exercise: repair `relu(x)`
#
# The **rectified linear unit**, or **ReLU** (Nair and Hinton, 2010), keeps what is positive and turns the rest into 0:
#
# $$\mathrm{relu}(x) = \max(x, 0)$$
#
# The function below returns the right numbers, and still it is broken: look at the array that you gave it, after the
# call. A network needs that array again. Repair the function. `x` has any shape; the result has the same shape.
#
# `relu(np.array([-1.5, 0.0, 2.0]))` gives `[0.0, 0.0, 2.0]`.
#
# Hint: After `y = relu(x)`, does x still hold its negative numbers?
# Hint: `x[...] = 0` writes into the caller's array. Which NumPy functions return a new array instead?
# Hint: np.maximum compares two values at each place and returns a new array.


# %%
def relu(x):
    """Each number of x where it is positive, else 0. Shape in = shape out; x stays as it was."""
    ### BEGIN SOLUTION
    return np.maximum(x, 0)
    ### STARTER
    # x[x < 0] = 0
    # return x
    ### END SOLUTION


# %% tags=["task"]
relu_task = Task("relu", points=1)
relu_task.calls("rectified", x=normal(4, 5), says="A positive number stays as it is, and all others become 0.")
relu_task.calls("one_axis", x=normal(6))
relu_task.calls("whole_numbers", x=integers(3, 4, low=-9, high=10), hidden=True)
relu_task.misconceptions(
    maximum_of_a_column=("np.max(x, 0)",
                         "np.max(x, 0) reads 0 as an axis and returns one maximum for each column. You want a "
                         "comparison at each place."),
    drops_places=("x[x > 0]", "x[x > 0] drops the other places, so the shape changes. They must stay, as zeros."),
    absolute=("np.abs(x)", "A negative number becomes 0, not its absolute value."),
    slope_instead=("(x > 0).astype(float)",
                   "That is the slope of ReLU (0 or 1). ReLU itself keeps the size of a positive number."),
    minimum=("np.minimum(x, 0)", "It keeps the negative part; ReLU keeps the positive one."),
)  # fmt: skip
relu_task.alternatives(
    relu_by_where="np.where(x > 0, x, 0)", by_mask="x * (x > 0)", on_a_copy="y = x.copy(); y[y < 0] = 0; return y"
)

# %% [markdown]
# ### Exercise: `leaky_relu(x, slope=0.01)`
#
# Where ReLU is 0, its slope is 0 too: a unit that is negative for every input gets no gradient and never changes again.
# It is a **dead unit**. **Leaky ReLU** (Maas, Hannun and Ng, 2013) leaves a small slope there:
#
# $$\mathrm{leaky}(x) = \begin{cases} x & x > 0 \\ \mathrm{slope} \cdot x & x \le 0 \end{cases}$$
#
# `x` has any shape, `slope` is a number from 0 to 1; the result has the shape of `x`.
#
# `leaky_relu(np.array([-2.0, 3.0]), slope=0.1)` gives `[-0.2, 3.0]`.
#
# Hint: At each place there are two candidates: x, and slope times x. Which is wanted where?
# Hint: np.where(condition, a, b) takes a where the condition holds, else b.
# Hint: The condition is x > 0; the candidates are x and slope * x.


# %%
def leaky_relu(x, slope=0.01):
    """Each number of x where it is positive, else slope times it. Shape in = shape out."""
    ### BEGIN SOLUTION
    return np.where(x > 0, x, slope * x)
    ### END SOLUTION


# %% tags=["task"]
leaky_relu_task = Task("leaky_relu", points=1)
leaky_relu_task.calls("usual_slope", x=normal(4, 5), says="With the usual slope, 2 stays 2, and -2 becomes -0.02.")
leaky_relu_task.calls("another_slope", x=normal(3, 4), slope=0.25)
leaky_relu_task.calls("slope_by_name", "leaky_relu(x, slope=slope)", x=normal(7), slope=0.6)
leaky_relu_task.misconceptions(
    fixed_slope=("slope * x -> 0.01 * x", "The slope is fixed at 0.01 in the body: use the parameter."),
    constant=("slope * x -> slope", "Left of 0 the function is a line through 0, not a constant: multiply by x."),
    positive_leak=("slope * x -> -slope * x", "A negative number must stay negative: look at the sign of the leak."),
    leak_everywhere=("np.maximum(x, 0) + slope * x",
                     "The leak is added everywhere. A positive number passes unchanged."),
    no_leak=("np.maximum(x, 0)", "It has no leak: that is ReLU."),
    leak_in_place=("x[x < 0] *= slope; return x",
                   "It writes into the caller's array. Return a new array and leave x alone."),
    exchanged=("np.where(x > 0, slope * x, x)", "The two sides are exchanged: the slope belongs to the negative side."),
)  # fmt: skip
leaky_relu_task.equivalents({"x > 0 -> x >= 0": "slope times 0 is 0, too."})
leaky_relu_task.alternatives(
    larger_of_two="np.maximum(x, slope * x)", two_parts="np.maximum(x, 0) + slope * np.minimum(x, 0)"
)

# %% [markdown]
# ## 2. What is left of a gradient
#
# Learning sends a **gradient**, the slopes of the loss, backwards through the network. In a chain of single units each
# layer multiplies it by its weight times the slope of its activation: after $n$ equal layers, the share
# $(w \cdot f'(x))^n$ is left. Where the factor is below 1 the gradient **vanishes**, above 1 it **explodes**.
#
# **Predict first:** the sigmoid's slope is 1/4 at most. With $w = 1$, how much is left after 10 layers, at best? Then
# move the input to 0 and look.

# %%
explore.activations()

# %% [markdown]
# At best a millionth, $(1/4)^{10}$. ReLU with a positive input leaves all of it; with a negative input, nothing.

# %% [markdown] question="quiz_1"
# ### Question 1
#
# In the explorer choose the sigmoid and $x = 0$. Find the weight that keeps the whole gradient at any depth. Then move
# the input to 3 and leave that weight as it is. What do you see?
#
# - (a) Weight 1 keeps it, at both inputs.
#   > With weight 1 one layer multiplies by the slope alone, and that is 1/4 at x = 0.
# - (b) Weight 4 keeps it at 0; at 3 the gradient vanishes.
#   > Right.
# - (c) Weight 4 keeps it, at both inputs, since a weight does not depend on the input.
#   > The weight stays, but the slope depends on the input: at 3 it is 0.045, and 4 times that is below 1.
# - (d) No weight keeps it: a sigmoid's gradient vanishes whatever its weight.
#   > The factor of a layer is the weight times the slope. Which weight makes it 1 where the slope is 1/4?
#
# Hint: One layer multiplies by w times the slope. Which product keeps a number as it is?

# %% [markdown]
# ## 3. How wrong?
#
# A **loss** is one number that says how wrong a network is; learning makes it smaller.

# %% [markdown]
# ### Exercise: `mse(y_true, y_pred)`
#
# When the answer is a quantity, such as a price, the usual loss is the **mean squared error**:
#
# $$\mathrm{mse} = \frac{1}{n} \sum_{i=1}^{n} (y_i - \hat y_i)^2$$
#
# Both arrays hold $n$ entries in the same order. Their shapes may differ: labels often come as `(n,)` and a network's
# output as `(n, 1)`. Pair the entries in order, and return one float.
#
# `mse(np.array([1.0, 2.0]), np.array([[1.0], [4.0]]))` gives `2.0`.
#
# Hint: What shape has an array of shape (n,) minus an array of shape (n, 1)?
# Hint: np.ravel gives both the shape (n,). Then subtract, square, and reduce to one number.
# Hint: np.mean of the squared difference of the two ravelled arrays, as a float.


# %%
def mse(y_true, y_pred):
    """Mean of the squared differences of entries paired in order. Shapes (n,) or (n, 1); one float."""
    ### BEGIN SOLUTION
    difference = np.ravel(y_true) - np.ravel(y_pred)  # (n,)
    return float(np.mean(difference**2))
    ### END SOLUTION


# %% tags=["task"]
mse_task = Task("mse", points=2)
mse_task.calls(
    "one_column", y_true=normal(12), y_pred=normal(12),
    says="Each pair counts with the square of its difference, and the result is the mean of these squares.",
)  # fmt: skip
mse_task.calls("labels_against_a_column", y_true=array([1.0, 2.0, 4.0]), y_pred=array([[1.0], [3.0], [2.0]]))
mse_task.calls("a_column_of_labels", y_true=normal(6, 1), y_pred=normal(6))
mse_task.calls("the_batch_and_the_batch_twice",
    "[float(mse(y_true, y_pred)), float(mse(np.tile(y_true, 2), np.tile(y_pred, 2)))]", y_true=normal(5),
    y_pred=normal(5), hidden=True)  # fmt: skip
mse_task.calls("drawn_column", y_true=normal(9), y_pred=normal(9, 1), hidden=True)
mse_task.misconceptions(
    broadcast=("np.ravel(y_true) - np.ravel(y_pred) -> y_true - y_pred",
               "(n,) minus (n, 1) broadcasts to (n, n): every label is compared with every prediction. Give both "
               "one shape first."),
    only_labels_a_column=("np.ravel(y_true) - np.ravel(y_pred) -> np.reshape(y_true, (-1, 1)) - y_pred",
                          "Only the labels become a column: minus predictions of shape (n,), that broadcasts to (n, "
                          "n). Give both one shape."),
    only_predictions_flat=("np.ravel(y_true) - -> y_true -",
                           "Only the predictions are made flat: labels of shape (n, 1) minus those broadcast to (n, "
                           "n). Give both one shape."),
    total=("np.mean -> np.sum", "It grows with the number of entries: a mean is wanted, not a sum."),
    with_one_half=("np.mean(difference**2) -> np.mean(difference**2) / 2",
                   "The factor 1/2 that some books add, to tidy the derivative, is not part of this loss."),
    with_root=("np.mean(difference**2) -> np.sqrt(np.mean(difference**2))",
               "It takes the square root at the end: that is the root mean squared error."),
    absolute_differences=("difference**2 -> np.abs(difference)", "Those are absolute differences: square them."),
    mean_first=("np.mean(difference**2) -> np.mean(difference) ** 2",
                "Square first, then take the mean: otherwise errors of opposite sign cancel."),
)  # fmt: skip
mse_task.alternatives(
    by_dot="difference = y_true.reshape(-1) - y_pred.reshape(-1); return difference @ difference / len(difference)",
    by_reshape="np.square(y_true - y_pred.reshape(y_true.shape)).sum() / y_true.size",
)

# %% [markdown]
# ### Exercise: `softmax(logits)`
#
# When the answer is one of $K$ classes, the last layer gives one number per class, a **logit**. The **softmax** turns
# a row of logits into probabilities:
#
# $$p_k = \frac{e^{z_k}}{\sum_{j=1}^{K} e^{z_j}}$$
#
# Adding the same number to all logits of a row changes no probability. Use that to keep $e^{1000}$ from overflowing.
# `logits` has shape `(n, K)` or `(K,)`; the result has the same shape, and its last axis sums to 1.
#
# `softmax(np.array([0.0, 0.0, np.log(2)]))` gives `[0.25, 0.25, 0.5]`.
#
# Hint: Which number can you subtract from a row, so that its largest logit becomes harmless?
# Hint: Subtract each row's own maximum. axis=-1 is the last axis of one row and of many; keepdims=True keeps (n, 1).
# Hint: exp of the shifted logits, divided by its own sum(axis=-1, keepdims=True).


# %%
def softmax(logits):
    """Probabilities along the last axis. Shape (n, K) or (K,) in = shape out."""
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=-1, keepdims=True)  # the largest logit of a row becomes 0
    powers = np.exp(shifted)
    return powers / powers.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% tags=["task"]
softmax_task = Task("softmax", points=3)
softmax_task.calls(
    "rows", logits=normal(3, 4),
    says="Each row of the result sums to 1, no number in it is negative, and the largest logit has the largest share.",
)  # fmt: skip
softmax_task.calls("large_logits", logits=array([[1000.0, 999.0], [1001.0, 1003.0]]), warnings="error")
softmax_task.calls("a_single_row", logits=normal(6))
softmax_task.calls("one_logit_far_above", logits=array([0.0, 0.0, 3000.0]), warnings="error")
softmax_task.calls("rows_far_apart", "softmax(logits)",
    logits=drawn(lambda rng: np.array([[1000.0], [-1000.0]]) + rng.uniform(-1, 1, (2, 2))),
    warnings="error")  # fmt: skip
softmax_task.calls("as_many_rows_as_classes", logits=normal(5, 5, scale=2), hidden=True)
softmax_task.misconceptions(
    no_maximum=(" - logits.max(axis=-1, keepdims=True) -> ",
                "exp(1000) overflows: what can you subtract from each row without changing the result?"),
    row_mean_subtracted=("logits.max( -> logits.mean(",
                         "A row's largest logit can be far above what you subtract, so that exp overflows all the "
                         "same: after the subtraction no logit may be above 0."),
    row_minimum_subtracted=("logits.max( -> logits.min(",
                            "A row's largest logit can be far above what you subtract, so that exp overflows all "
                            "the same: after the subtraction no logit may be above 0."),
    one_maximum_for_all=("logits.max(axis=-1, keepdims=True) -> logits.max()",
                         "One maximum for all rows is not enough: a row far below it becomes 0 / 0. Each row needs "
                         "its own maximum."),
    along_columns=(("logits.max(axis=-1, -> logits.max(axis=0,", "powers.sum(axis=-1, -> powers.sum(axis=0,"),
                   "Each column sums to 1. A row holds one example's classes: sum along the last axis."),
    one_sum_for_all=(
        ("logits.max(axis=-1, keepdims=True) -> logits.max()", "powers.sum(axis=-1, keepdims=True) -> powers.sum()"),
        "All rows together sum to 1. Each row must do so by itself."),
    without_keepdims=("powers.sum(axis=-1, keepdims=True) -> powers.sum(axis=-1)",
                      "Without keepdims=True the sum has shape (n,), which NumPy lines up with the columns, not "
                      "with the rows."),
    second_axis=(("logits.max(axis=-1, -> logits.max(axis=1,", "powers.sum(axis=-1, -> powers.sum(axis=1,"),
                 "A single row, shape (K,), has no axis 1. Which axis number always means the last?"),
    without_exp=("logits / logits.sum(axis=-1, keepdims=True)",
                 "Logits divided by their sum, without exp: a negative logit gives a negative share."),
)  # fmt: skip
softmax_task.alternatives(
    softmax_by_scipy="scipy.special.softmax(logits, axis=-1)",
    by_logarithm="np.exp(logits - scipy.special.logsumexp(logits, axis=-1, keepdims=True))",
    by_transposing="powers = np.exp((logits.T - logits.T.max(axis=0)).T); return (powers.T / powers.T.sum(axis=0)).T",
)

# %% [markdown]
# ### Exercise: `cross_entropy(y_true, y_prob)`
#
# **Cross entropy** asks one thing of each row: how surprised is the network by the true class? Labels come **one-hot**,
# a 1 at the true class and 0 elsewhere, so the inner sum picks one logarithm:
#
# $$\mathrm{ce} = -\frac{1}{n} \sum_{i=1}^{n} \sum_{k=1}^{K} y_{ik} \ln p_{ik}$$
#
# $\ln 0$ is minus infinity, so clip the probabilities at $10^{-12}$ from below first. Both arrays have shape `(n, K)`;
# return one float.
#
# `cross_entropy(np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]]))` gives `0.6931`, which is $\ln 2$.
#
# Hint: Which entries of a row count, and what does one-hot do to the others?
# Hint: np.clip first, then np.log; multiply by y_true and sum each row. What is left is one number per row.
# Hint: Minus the mean of those n row sums, as a float.


# %%
def cross_entropy(y_true, y_prob):
    """Mean surprise over rows, natural logarithm. Shapes (n, K) and (n, K); one float."""
    ### BEGIN SOLUTION
    log_prob = np.log(np.clip(y_prob, 1e-12, 1.0))  # (n, K)
    return float(-np.mean(np.sum(y_true * log_prob, axis=-1)))
    ### END SOLUTION


# %% tags=["task"]
cross_entropy_task = Task("cross_entropy", points=2)
cross_entropy_task.calls(
    "drawn_rows", y_true=one_hot(9, 4), y_prob=probabilities(9, 4),
    says="A row counts with minus the logarithm of its true class's probability, and the result is the mean over rows.",
)  # fmt: skip


@cross_entropy_task.probe(y_true=array([[1.0, 0.0, 0.0]]), y_prob=array([[0.0, 0.25, 0.75]]))
def certain_and_wrong(cross_entropy, y_true, y_prob):
    with np.errstate(divide="raise", invalid="raise"):
        return cross_entropy(y_true, y_prob)


@cross_entropy_task.probe(y_true=one_hot(5, 3), last=probabilities(1, 3), hidden=True)
def certain_and_right_but_once(cross_entropy, y_true, last):
    with np.errstate(divide="raise", invalid="raise"):
        return cross_entropy(y_true, np.concatenate([y_true[:-1], last]))


cross_entropy_task.calls("no_idea", "cross_entropy(y_true, np.full(y_true.shape, 1 / len(y_true)))",
    y_true=drawn(lambda rng: rng.permutation(np.eye(rng.integers(4, 40)))), hidden=True)  # fmt: skip
cross_entropy_task.misconceptions(
    no_clip=("np.clip(y_prob, 1e-12, 1.0) -> y_prob",
             "log(0) is minus infinity, and 0 times that is NaN: clip before the logarithm."),
    summed=("np.mean(np.sum(y_true * log_prob, axis=-1)) -> np.sum(y_true * log_prob)",
            "It grows with the number of rows: a mean over rows is wanted."),
    mean_of_all=("np.sum(y_true * log_prob, axis=-1) -> y_true * log_prob",
                 "np.mean over the whole array divides by n times K. Sum over the classes first, then take the mean "
                 "over the rows."),
    in_bits=("np.log(np.clip -> np.log2(np.clip", "np.log2 counts in bits. The formula has the natural logarithm."),
    without_minus=("-np.mean -> np.mean",
                   "A logarithm of a probability is negative, a loss is not: the minus sign is missing."),
    binary_for_each_class=(
        "y_true * log_prob -> y_true * log_prob + (1 - y_true) * np.log(np.clip(1 - y_prob, 1e-12, 1.0))",
        "The other classes count, too: that is a binary cross entropy for each class. Only the true class counts here.",
    ),
    coarse_clip=("1e-12 -> 1e-7", "The clip is at 1e-7, so the worst mistake costs too little. The task says 1e-12."),
    per_row=("float(-np.mean(np.sum(y_true * log_prob, axis=-1))) -> -np.sum(y_true * log_prob, axis=-1)",
             "One number per row comes back. Which reduction is left to do?"),
)  # fmt: skip
cross_entropy_task.equivalents(
    {
        "np.clip(y_prob, 1e-12, 1.0) -> np.clip(1e-12, y_prob, 1.0)": "1e-12 clipped at y_prob from below is "
        "the larger of the two, too.",
        "np.clip(y_prob, 1e-12, 1.0) -> np.clip(y_prob, 1e-12, 2.0)": "No probability is above 1.",
        "axis=-1 -> axis=1": "Both arrays have two axes.",
    }
)
cross_entropy_task.alternatives(
    picked_by_index="picked = y_prob[np.arange(len(y_true)), y_true.argmax(axis=1)]; "
    "return -np.mean(np.log(np.maximum(picked, 1e-12)))",
    by_xlogy="-scipy.special.xlogy(y_true, y_prob.clip(1e-12)).sum() / y_true.shape[0]",
)

# %% [markdown]
# ## 4. The gradient that starts all learning
#
# A slope can be measured before it is derived: move one logit up and down by a tiny step, and divide the change of the
# loss by the distance. These are **central differences**; they are slow, and they are never fooled by algebra.
#
# **Predict first:** the cell prints the labels $y$ and the probabilities $p$ of two rows, then the slope of their cross
# entropy for each logit. Which simple formula of $y$ and $p$ gives the slopes? The number of rows has a part in it.

# %%
y_true = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
logits = np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]])


def loss(z):
    return losses.cross_entropy(y_true, activations.softmax(z))


print("y\n", y_true)
print("p\n", activations.softmax(logits).round(3))
print("slope of the loss for each logit\n", losses.central_differences(loss, logits).round(3))

# %% [markdown]
# ### Exercise: `cross_entropy_gradient(y_true, logits)`
#
# Write the gradient of the mean cross entropy of `softmax(logits)`, for each logit. Both arrays have shape `(n, K)`,
# and so has the result. Derive it, or trust what you saw above: the check measures it once more with central
# differences, and accepts an error below $10^{-8}$.
#
# `cross_entropy_gradient(np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]]))` gives `[[-0.5, 0.5]]`.
#
# Hint: Compare the slopes of one row with p and y of that row. At which class is the slope negative?
# Hint: In the printed rows, p minus y is twice the slope. There are two rows.
# Hint: (p - y) / n, with p = softmax(logits) and n the number of rows.


# %%
def cross_entropy_gradient(y_true, logits):
    """Gradient of the mean cross entropy of softmax(logits), for each logit. Shapes (n, K) in, (n, K) out."""
    ### BEGIN SOLUTION
    return (softmax(logits) - y_true) / len(y_true)
    ### END SOLUTION


# %% tags=["task"]
def measured_gradient(y_true, logits, step=1e-5):
    """Central differences of the mean cross entropy, one logit at a time."""

    def mean_loss(z):
        shifted = z - z.max(axis=-1, keepdims=True)
        log_prob = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        return -(y_true * log_prob).sum(axis=-1).mean()

    gradient = np.zeros(logits.shape)
    for place in np.ndindex(logits.shape):
        nudge = np.zeros(logits.shape)
        nudge[place] = step
        gradient[place] = (mean_loss(logits + nudge) - mean_loss(logits - nudge)) / (2 * step)
    return gradient


def largest_error(came_back, y_true, logits):
    measured = measured_gradient(y_true, logits)
    return np.abs(came_back - measured).max() if np.shape(came_back) == measured.shape else "another shape"


def rows_right_and_wrong(rng):
    """One-hot labels and logits of 1000, shape (2, n, K): in each half of the rows the logits are sure of one class,
    in one half of the right one, in the other of the next."""
    y_true = np.eye(3)[rng.integers(0, 3, 6)]
    is_wrong = rng.permutation([True, False] * 3)[:, None]  # (6, 1)
    return np.stack([y_true, 1e3 * np.where(is_wrong, np.roll(y_true, 1, axis=1), y_true)])


cross_entropy_gradient_task = Task("cross_entropy_gradient", points=3)
cross_entropy_gradient_task.calls(
    "gradients", y_true=one_hot(7, 4), logits=normal(7, 4, scale=2),
    says="In each row of the result only the true class is negative, and the row sums to 0. All is divided by n.",
)  # fmt: skip
cross_entropy_gradient_task.calls("error_against_central_differences", y_true=one_hot(5, 3), logits=normal(5, 3),
    judge=by(largest_error))  # fmt: skip


@cross_entropy_gradient_task.probe(rows=drawn(rows_right_and_wrong))
def confident_rows(cross_entropy_gradient, rows):
    y_true, logits = rows
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        return cross_entropy_gradient(y_true, logits)


cross_entropy_gradient_task.misconceptions(
    without_one_over_n=(" / len(y_true) -> ", "The loss is a mean over n rows, so 1/n belongs to its gradient."),
    flipped=("softmax(logits) - y_true -> y_true - softmax(logits)",
             "The sign is flipped: raising the true class's logit lowers the loss, so the slope there is negative."),
    softmax_slope_again=("p = scipy.special.softmax(logits, axis=-1); return (p - y_true) * p * (1 - p) / len(y_true)",
                         "A factor p (1 - p) too many: the slope of the softmax is in p - y already; it cancelled "
                         "against 1/p."),
    for_the_probabilities=("-y_true / scipy.special.softmax(logits, axis=-1) / len(y_true)",
                           "That is the slope for each probability. The chain goes on, through the softmax, to the "
                           "logits."),
    over_all_entries=("len(y_true) -> y_true.size",
                      "It divides by n times K. The loss is a mean over the n rows only."),
    without_softmax=("softmax(logits) -> logits",
                     "Logits are compared with labels: turn them into probabilities first."),
)  # fmt: skip


@cross_entropy_gradient_task.misconception(
    "The long way through 1/p is right on paper. Where p underflows to 0 it loses the slope, just where the mistake is "
    "largest: multiply the two slopes out first, and 1/p cancels."
)
def through_one_over_p(y_true, logits):
    p = scipy.special.softmax(logits, axis=-1)
    jacobian = np.einsum("ij,jk->ijk", p, np.eye(p.shape[1])) - np.einsum("ij,ik->ijk", p, p)  # (n, K, K)
    slope = -y_true / np.maximum(p, 1e-300)  # of the loss, for each probability
    return np.einsum("ij,ijk->ik", slope, jacobian) / len(y_true)


cross_entropy_gradient_task.alternatives(
    by_log_softmax="(np.exp(scipy.special.log_softmax(logits, axis=-1)) - y_true) / y_true.shape[0]"
)


@cross_entropy_gradient_task.alternative
def row_by_row(y_true, logits):
    gradient = np.zeros(logits.shape)
    for i, row in enumerate(logits):
        powers = np.exp(row - row.max())
        gradient[i] = (powers / powers.sum() - y_true[i]) / logits.shape[0]
    return gradient


# %% [markdown]
# ## 5. A confident mistake
#
# Now one sigmoid output, $p = \sigma(z)$, and the truth 1. The network says $z = -5$: it is sure of the wrong answer.
# For one output, cross entropy is $-y \ln p - (1 - y) \ln(1 - p)$, called **binary cross entropy**. In the right-hand
# chart **gradient descent** moves $z$: at each step, by minus the slope times the learning rate.
#
# **Predict first:** which loss mends the mistake sooner, squared error or cross entropy? By how much? Then make the
# mistake worse.

# %%
explore.losses()

# %% [markdown]
# Cross entropy needs 6 steps, squared error 85. At $z = -8$ it is 9 against 1,507, far beyond the chart.

# %% [markdown] question="quiz_2"
# ### Question 2
#
# Why does squared error learn so slowly from this mistake?
#
# - (a) Its value is small there, so the network takes the answer for nearly right.
#   > Look at the number below the controls: it is 0.987, and 1 is the largest squared error possible here.
# - (b) Squared error of a probability has no slope.
#   > It has one, at every z. Look at the number below the controls.
# - (c) The learning rate is too small; with a suitable one for each, both losses learn alike from every mistake.
#   > The ratio of the two slopes changes with z: a rate for this mistake is far too large for a small one.
# - (d) Its value is nearly the largest possible, but the sigmoid's slope, $p(1 - p)$, is a factor of its gradient.
#   > Right.
#
# Hint: Look at the left-hand chart at z = -5: how high is the curve of the squared error, and how steep?

# %% [markdown]
# ### Which output with which loss
#
# | the answer is | output layer | loss |
# |---|---|---|
# | a quantity | linear | mean squared error |
# | yes or no | one sigmoid | binary cross entropy |
# | one of $K$ classes | softmax of $K$ logits | cross entropy |
#
# In each row the gradient for what the last layer computes before its activation is $\hat y - y$ times a constant: it
# cannot vanish while the answer is wrong.

# %% [markdown] question="quiz_3"
# ### Question 3
#
# A photograph may show several of ten animals at once, or none. Which output and loss fit?
#
# - (a) Ten sigmoids, binary cross entropy on each.
#   > Right.
# - (b) A softmax of ten logits, cross entropy.
#   > A softmax shares out one whole: a dog and a cat in one photograph would have to take 1/2 each.
# - (c) Ten linear outputs, mean squared error.
#   > Each animal is a yes-or-no question, and a linear output can answer 3 or -2. See the table.
# - (d) One linear output that counts the animals, mean squared error.
#   > A count does not say which animals the photograph shows.
#
# Hint: How many yes-or-no questions does one photograph answer?

# %% [markdown] question="quiz_4"
# ### Question 4
#
# Somebody sorts photographs into two classes, half of them in each, with **one** output unit, a softmax on it, and
# binary cross entropy. Accuracy is 50 % after every epoch. Why?
#
# - (a) The learning rate is too small.
#   > No learning rate helps: what does the output layer give for a logit of 3, and for one of -3?
# - (b) The hidden layers saturate, so no gradient reaches them.
#   > The hidden layers may be in order. Follow one logit through this output layer.
# - (c) The softmax of a single logit is 1, whatever the logit.
#   > Right.
# - (d) A softmax needs mean squared error.
#   > The loss is not the trouble: look at what it is given.
#
# Hint: Try softmax(np.array([3.0])), then another number.

# %% [markdown]
# ## 6. The experiment
#
# Two claims are often repeated: sigmoids lose the gradient and ReLU keeps it; a large learning rate kills ReLUs. We
# measure both on real digits. All is compared on validation images; the test images stay closed.

# %% tags=["aside"]
digits = data.digits()
digits

# %% tags=["aside"]
figures.image_row(digits.x_train[:10], digits.y_train[:10], alt="Ten handwritten digits of 8 x 8 pixels with labels.")

# %% [markdown]
# The settings stand in one place. `glorot_uniform` and `he_normal` are two ways to draw the first weights (Glorot and
# Bengio, 2010; He and others, 2015): the first is Keras's default, the second draws larger weights for ReLU. Before any
# network, a baseline that is not deep: logistic regression, which is a softmax of straight functions.

# %% tags=["aside"]
print(backend.start())
import keras
from sklearn.linear_model import LogisticRegression

NETWORKS = {
    "sigmoid": ("sigmoid", "glorot_uniform"),
    "tanh": ("tanh", "glorot_uniform"),
    "ReLU": ("relu", "glorot_uniform"),
    "ReLU, He": ("relu", "he_normal"),
}
DEPTH, UNITS, EPOCHS, SEEDS = 8, 64, 10, range(3)
RATES = [0.1, 0.7, 1.0]

baseline = LogisticRegression(max_iter=1000).fit(digits.x_train, digits.y_train)
baseline_accuracy = baseline.score(digits.x_validation, digits.y_validation)
print(f"logistic regression: {baseline_accuracy:.1%} of the validation images are right")

# %% [markdown]
# The deep networks are built here. Their last layer is a softmax, their loss is cross entropy; "sparse" means that the
# labels are class numbers instead of one-hot rows. **Epoch**: one pass through the training images.


# %% tags=["aside"]
def network(activation, initializer, layers=DEPTH):
    """`layers` hidden layers and a softmax, ready to train."""
    hidden = [keras.layers.Dense(UNITS, activation, kernel_initializer=initializer) for _ in range(layers)]
    model = keras.Sequential([keras.Input((64,)), *hidden, keras.layers.Dense(10, "softmax")])
    model.compile(keras.optimizers.SGD(), "sparse_categorical_crossentropy", steps_per_execution=32)
    return model


print(f"{network('relu', 'he_normal').count_params():,} parameters")

# %% [markdown]
# First claim. **Predict first:** the network has eight hidden layers and fresh weights. How many times smaller is the
# gradient in the first layer than in the last, for the sigmoid? For tanh? For ReLU? The **norm** of a gradient is the
# root of its summed squares.

# %% tags=["aside"]
norms = {name: [] for name in NETWORKS}
for name, choice in NETWORKS.items():
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        norms[name].append(training.gradient_norms(network(*choice), digits.x_train, digits.y_train))

for name, runs in norms.items():
    first, last = np.mean(runs, axis=0)[[0, -1]]
    print(f"{name:9} first layer {first:.1e}   last layer {last:.1e}   last / first {last / first:,.1f}")

# %% tags=["aside"]
figures.curves(
    range(1, DEPTH + 2),
    norms,
    log="y",
    title="Only the sigmoid loses the gradient on its way back",
    xlabel="layer, 1 is next to the image",
    ylabel="norm of the gradient",
    alt="Gradient norm by layer, logarithmic: the sigmoid's falls from 0.7 in layer 9 to 0.000008 in layer 1; tanh "
    "stays near 0.3, ReLU near 0.02, and ReLU with He weights near 0.7.",
)

# %% [markdown]
# The sigmoid's gradient shrinks by a factor of about 4 at each layer, as its slope of 1/4 says: 90,000 times in all.
#
# ReLU keeps its gradient, but so does tanh, which is often said to lose it: fresh weights keep its inputs where its
# slope is 0.8 to 0.95. And with Keras's default weights ReLU's gradient is less than a tenth of tanh's in every layer.
# Weights drawn for ReLU mend that; lab 03 tells why.

# %% [markdown] question="quiz_5"
# ### Question 5
#
# Four more hidden layers go into the sigmoid network. Read the figure: what norm do you expect in its first layer?
#
# - (a) About the same, since the first layer is next to the image.
#   > The gradient comes from the other end: to reach the image it must pass four layers more.
# - (b) About a fifth less.
#   > On a logarithmic axis a straight line means an equal factor at each layer, not an equal difference.
# - (c) Exactly 0.
#   > Each layer leaves a share of about 1/4. A product of such shares is small, but not 0.
# - (d) About 300 times less, near $3 \cdot 10^{-8}$.
#   > Right.
#
# Hint: The axis is logarithmic, the line straight. By what factor does the norm change from layer to layer?

# %% [markdown]
# Does a lost gradient matter? **Predict first:** the four networks train for ten epochs at one learning rate. Which are
# better than logistic regression?

# %% tags=["aside"]
for name, choice in NETWORKS.items():
    model = network(*choice)
    accuracies = [training.train(model, digits, RATES[0], EPOCHS, seed).accuracy for seed in SEEDS]
    print(f"{name:9} {np.mean(accuracies):6.1%}   from {min(accuracies):.1%} to {max(accuracies):.1%}")
print(f"baseline  {baseline_accuracy:6.1%}")

# %% [markdown]
# The sigmoid network answers at random: 10 % is one class in ten. The others learn, but none reaches logistic
# regression's 97.8 %, and ReLU with He weights, whose gradient was the largest, ranges from 69 % to 96 % with the seed.
# A gradient that arrives is necessary, not sufficient; and on images this small eight layers do not pay.
#
# Second claim, on two hidden layers with ReLU or leaky ReLU. A unit counts as dead if it gives 0 for every training
# image. **Predict first:** at which learning rate do units die, and does the leak save the network?

# %% tags=["aside"]
dead, accuracy = {}, {}
for name, activation in {"ReLU": "relu", "leaky ReLU": "leaky_relu"}.items():
    model = network(activation, "glorot_uniform", layers=2)
    runs = [[training.train(model, digits, rate, EPOCHS, seed) for rate in RATES] for seed in SEEDS]
    dead[name] = [[run.dead for run in row] for row in runs]  # (seeds, rates)
    accuracy[name] = [[run.accuracy for run in row] for row in runs]
    for rate, d, a in zip(RATES, np.mean(dead[name], axis=0), np.transpose(accuracy[name]), strict=True):
        print(f"{name:10} rate {rate}   dead {d:4.0%}   accuracy {a.mean():.1%}, from {a.min():.1%} to {a.max():.1%}")

# %% tags=["aside"]
figures.curves(
    RATES,
    {
        "right answers, ReLU": accuracy["ReLU"],
        "right answers, leaky ReLU": accuracy["leaky ReLU"],
        "dead units, ReLU": dead["ReLU"],
    },
    log="x",
    level=("right answers, logistic regression", baseline_accuracy),
    title="Large rates kill ReLUs; without dead units the network fails too",
    xlabel="learning rate",
    ylabel="share",
    alt="Shares by learning rate. Dead ReLUs: 8, 27 and 71 percent at 0.1, 0.7 and 1.0. Right answers: "
    "ReLU 96, 92 and 36 percent; leaky ReLU 96, 96 and 0 percent.",
)

# %% [markdown]
# The claim holds: at 0.7 a quarter of the ReLUs is dead, and the leak is worth 5 points. But at 1.0, where most ReLUs
# die, the leaky network has no dead unit and does worse: its weights grow until they overflow, its outputs are NaN, and
# no answer is right. Dead units are a part of the harm, and the step itself is the other. With three seeds, trust the
# large differences only.

# %% [markdown]
# ## What you now can do
#
# You wrote the functions at both ends of every network: the bend between layers, the probabilities at the end, the loss
# and its gradient. You know what a layer leaves of a gradient, and why the output and the loss are chosen together.
#
# **Where this is used:** `keras.losses.CategoricalCrossentropy(from_logits=True)` is your last exercise inside, softmax
# and logarithm in one step, for the same reason that you subtracted the maximum.
#
# **Next:** lab 02 follows the gradient downhill; lab 03 carries it through all layers.
#
# **Try alone:** give the sigmoid network weights four times as large (`keras.initializers.VarianceScaling(16.0)`). Does
# its first layer get a gradient? Does it learn?
#
# Every term in bold stands in the [glossary](glossary.md).

# %%
lab

# %% tags=["aside"]
keras.utils.clear_session()
