"""Makes the source of a new unit: small, whole, and proved as it stands; an author changes it piece by piece."""

import re
from pathlib import Path

from grader.authoring.build import write
from grader.core.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9]\w{0,79}", re.ASCII)
TEMPLATE = '''\
# %% [markdown]
# # {title}
#
# **Which question does this unit answer?**
#
# After this unit you can
#
# - bring columns of any size to one scale;
# - say why a network learns faster from them.
#
# Reading and trying: 15 minutes.

# %%
import numpy as np

from grader import Lab

lab = Lab("{name}")
SEED = 1
lab

# %% [markdown]
# ## 1. One scale for all columns
#
# **Predict first:** by how much do the two columns differ in size?

# %%
rng = np.random.default_rng(SEED)
houses = np.column_stack([rng.normal(120, 30, size=6), rng.normal(250_000, 80_000, size=6)])  # square metres, price
print(houses.round().astype(int))

# %% [markdown]
# ### Exercise: `standardise(x)`
#
# To **standardise** a column is to subtract its mean and to divide by its standard deviation. `x` has shape (rows,
# columns); the result has the same shape.
#
# `standardise(np.array([[1.0], [3.0]]))` gives `[[-1.0], [1.0]]`.
#
# Hint: Along which axis is the mean of each column?
#
# Hint: Subtract first. Then divide by the standard deviation of what you have.


# %%
def standardise(x):
    """Each column with mean 0 and standard deviation 1. Shape in = shape out."""
    ### BEGIN SOLUTION
    centred = x - x.mean(axis=0)
    return centred / x.std(axis=0)
    ### END SOLUTION


# %% tags=["task"]
from grader import Task, array, normal

standardise_task = Task("standardise", points=2)
standardise_task.calls("three_columns", x=normal(6, 3, scale=4), says="Each column should have mean 0 and deviation 1.")
standardise_task.calls("far_from_zero", x=array([[1000.0, 1.0], [1002.0, 2.0], [1007.0, 6.0]]))
standardise_task.calls("many_rows", hidden=True, x=normal(40, 2, scale=9))
standardise_task.misconceptions(
    all_together=("x.mean(axis=0) -> x.mean()", "That is the mean of all numbers: each column has its own."),
    rows=(
        ("x.mean(axis=0) -> x.mean(axis=1, keepdims=True)", "x.std(axis=0) -> x.std(axis=1, keepdims=True)"),
        "Each row is standardised. The rows are examples: standardise each column.",
    ),
    variance=("x.std( -> x.var(", "You divide by the variance. The standard deviation is its square root."),
    not_centred=("x - x.mean(axis=0) -> x", "The scale is right, but the mean is still there: subtract it first."),
    of_a_sample=("std(axis=0) -> std(axis=0, ddof=1)", "You divide by n - 1; here the mean square is over all n rows."),
)
standardise_task.alternatives(
    by_hand="(x - np.mean(x, 0)) / np.sqrt(np.mean((x - np.mean(x, 0)) ** 2, 0))",
)

# %% [markdown] question="quiz_1"
# ### Question 1
#
# What does standardising change?
#
# - (a) The order of the rows within a column.
#   > Subtracting and dividing by a positive number keep the order.
# - (b) The size of a column, but not which of two rows is larger.
#   > Right.
# - (c) Nothing, if all columns have the same unit.
#   > Columns of one unit may differ in size, too: a height and a width of a brick.
'''


def write_unit(root: Path, name: str) -> Path:
    """Write `solutions/<name>.py` into the course in this folder; its `solutions/` is made if it is not there.

    Raises UsageError if the name cannot be a unit's or is taken, FileError if the file cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be a unit's name: letters, digits and _ are, as in 10_autoencoders")
    path = root / "solutions" / f"{name}.py"
    # Some systems take two names for one that differ in case.
    twins = [there for there in path.parent.glob("*.py") if there.stem.lower() == name.lower()] if root.is_dir() else []
    if twins:
        raise UsageError(f"{twins[0]} is there already: a source is never overwritten")
    title = re.sub(r"^(assessment_)?\d+_", "", name).replace("_", " ").strip() or name
    text = TEMPLATE.replace("{title}", title[0].upper() + title[1:]).replace("{name}", name)
    write(path, text)
    return path
