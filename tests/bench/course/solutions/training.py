# %% [markdown]
# # Training
#
# Two spirals wind around each other. A small network learns to tell which one a point is from.

# %%
import keras
import numpy as np

from grader import Lab

lab = Lab("training")
SEED = 0
keras.utils.set_random_seed(SEED)


# %%
def spirals(points, seed):
    """Points on two spirals, with a little noise, and the spiral of each. Shapes (points, 2) and (points,)."""
    rng = np.random.default_rng(seed)
    spiral = rng.integers(0, 2, points)
    angle = rng.uniform(0.5, 2 * np.pi, points)
    turned = angle + np.pi * spiral
    xy = np.column_stack([angle * np.cos(turned), angle * np.sin(turned)])
    return (xy + rng.normal(scale=0.1, size=xy.shape)).astype("float32"), spiral


x, y = spirals(2_000, SEED)

# %% [markdown]
# ## The model
#
# Two hidden layers of 32 units with ReLU, and one output for each spiral, without an activation: the loss works on
# logits.


# %%
def build():
    """A network from 2 numbers to 2 logits."""
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(2),
        ]
    )
    ### END SOLUTION


# %% tags=["task"]
import numpy as np  # noqa: E402, F811

from grader import Task, accuracy, array  # noqa: E402

build_task = Task("build", points=2)


@build_task.probe()
def parameters(build):
    return build().count_params()


# %%
lab.check("build")

# %% [markdown]
# ## The training
#
# Adam, cross entropy on the logits, batches of 64, 5 epochs.


# %%
def train(model, x, y):
    """Train the model in place and return its loss after each epoch."""
    ### BEGIN SOLUTION
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model.fit(x, y, batch_size=64, epochs=5, verbose=0).history["loss"]
    ### END SOLUTION


# %%
model = build()
losses = train(model, x, y)
print(f"loss {losses[0]:.3f} → {losses[-1]:.3f}")

# %% [markdown]
# ## The answer
#
# The class with the larger logit, for points that the network has never seen.


# %%
def classes(model, x):
    """The class of each point. Shape (n, 2) in, (n,) out."""
    ### BEGIN SOLUTION
    return model.predict(x, batch_size=len(x), verbose=0).argmax(axis=1)
    ### END SOLUTION


# %% tags=["task"]
classes_task = Task("classes", points=3)


def _unseen():
    rng = np.random.default_rng(12345)
    spiral = rng.integers(0, 2, 500)
    angle = rng.uniform(0.5, 2 * np.pi, 500)
    turned = angle + np.pi * spiral
    xy = np.column_stack([angle * np.cos(turned), angle * np.sin(turned)])
    return xy.astype("float32"), spiral


POINTS, LABELS = _unseen()


@classes_task.probe(x=array(POINTS), judge=accuracy(LABELS, at_least=0.95, zero_at=0.6))
def unseen_points(classes, model, x):
    return classes(model, x)


# %%
lab.check("classes")

# %%
x_new, y_new = spirals(500, SEED + 1)
print(f"accuracy on new points: {(classes(model, x_new) == y_new).mean():.3f}")
