# %% [markdown]
# # Arrays
#
# Four functions on arrays, without a loop over their numbers. NumPy is all that this lab imports.

# %%
import numpy as np

from grader import Lab

lab = Lab("arrays")
SEED = 0

# %% [markdown]
# ## Standardise
#
# Subtract each column's mean $\mu_j$ and divide by its standard deviation $\sigma_j$:
#
# $$z_{ij} = \frac{x_{ij} - \mu_j}{\sigma_j}$$
#
# A network learns faster from columns that vary by about one around zero.


# %%
def standardise(x):
    """Columns with mean 0 and standard deviation 1. Shape in = shape out."""
    ### BEGIN SOLUTION
    return (x - x.mean(axis=0)) / x.std(axis=0)
    ### END SOLUTION


# %% tags=["task"]
import numpy as np  # noqa: E402, F811

from grader import Task, array, integers, normal  # noqa: E402

standardise_task = Task("standardise", points=2)


@standardise_task.probe(x=array([[1.0, 10.0], [2.0, 30.0], [3.0, 50.0]]))
def small_table(standardise, x):
    return standardise(x)


@standardise_task.probe(x=normal(20, 3, scale=5))
def drawn_table(standardise, x):
    return standardise(x)


@standardise_task.misconception("Each column has its own mean: take it along axis 0.")
def over_all(x):
    return (x - x.mean()) / x.std()


# %%
lab.check("standardise")

# %% [markdown]
# ## Moving average
#
# The mean of each `width` neighbours: of $n$ numbers, $n - width + 1$ are left. The sums come from one `np.cumsum`.


# %%
def moving_average(x, width):
    """The mean of each window of `width` numbers."""
    ### BEGIN SOLUTION
    sums = np.cumsum(np.concatenate([[0.0], x]))
    return (sums[width:] - sums[:-width]) / width
    ### END SOLUTION


# %% tags=["task"]
moving_average_task = Task("moving_average", points=2)


@moving_average_task.probe(x=array([1.0, 2.0, 3.0, 6.0]), width=2)
def pairs(moving_average, x, width):
    return moving_average(x, width)


@moving_average_task.probe(x=normal(50), width=7)
def drawn_signal(moving_average, x, width):
    return moving_average(x, width)


@moving_average_task.misconception("The sums are right: divide each by the width.")
def sums_only(x, width):
    return np.convolve(x, np.ones(width), "valid")


# %%
lab.check("moving_average")

# %% [markdown]
# ## One-hot rows
#
# A row for each label: 1 where the label says, 0 elsewhere.


# %%
def one_hot(labels, classes):
    """Rows of zeros with a single one. Shape (n,) in, (n, classes) out."""
    ### BEGIN SOLUTION
    return np.eye(classes)[labels]
    ### END SOLUTION


# %% tags=["task"]
one_hot_task = Task("one_hot", points=1)


@one_hot_task.probe(labels=array([0, 2, 1]), classes=3)
def three_labels(one_hot, labels, classes):
    return one_hot(labels, classes)


@one_hot_task.probe(labels=integers(30, low=0, high=6), classes=6)
def drawn_labels(one_hot, labels, classes):
    return one_hot(labels, classes)


# %%
lab.check("one_hot")

# %% [markdown]
# ## Distances
#
# All Euclidean distances between the rows of two tables, from one broadcast difference.


# %%
def distances(a, b):
    """Distance of each row of a to each row of b. Shapes (n, d) and (m, d) in, (n, m) out."""
    ### BEGIN SOLUTION
    return np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=-1))
    ### END SOLUTION


# %% tags=["task"]
distances_task = Task("distances", points=3)


@distances_task.probe(a=array([[0.0, 0.0], [3.0, 4.0]]), b=array([[0.0, 0.0]]))
def three_four_five(distances, a, b):
    return distances(a, b)


@distances_task.probe(a=normal(6, 3), b=normal(5, 3))
def drawn_rows(distances, a, b):
    return distances(a, b)


@distances_task.misconception("Those are squared distances: take the root.")
def squared(a, b):
    return ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=-1)


# %%
lab.check("distances")

# %%
table = np.random.default_rng(SEED).normal(size=(200, 3))
nearest = np.sort(distances(standardise(table), standardise(table)), axis=1)[:, 1]
print(f"mean distance to the nearest other row: {nearest.mean():.3f}")
