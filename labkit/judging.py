"""What the task cells of several units share: models that an answer is or makes, and model files that are handed in.

No lab imports it for its learners. Nothing heavy is imported before it is used.
"""

from pathlib import Path
from typing import Any

import numpy as np

from labkit.arrays import Array


def model_from(answer: Any) -> Any:
    """A model that was answered, or the one that a variant makes: that is a function, called once for all probes."""
    if hasattr(answer, "predict"):
        return answer
    if not hasattr(answer, "made"):
        answer.made = answer()
    return answer.made


def value_from(answer: Any) -> Any:
    """A value that was answered, or the one that a variant, which is a function, makes."""
    return answer() if callable(answer) else answer


def opened(answer: Any) -> Any:
    """The model in a file, or the one that a variant made. Keras refuses whatever would run code."""
    import keras

    from labkit.models import Preprocess

    if callable(answer):
        return answer()
    return keras.models.load_model(answer, custom_objects={"Preprocess": Preprocess}, compile=False)


def model_in(answer: Any, told_by: str = "the first finding") -> Any:
    """The model, if it opens: what Keras says if it does not is no help. `told_by` is what does help."""
    try:
        return opened(answer)
    except Exception:
        raise ValueError(f"the file does not open; {told_by} says why") from None


def why_it_does_not_open(answer: Any) -> str:
    """What is wrong with a file, in words; "it opens" if nothing is."""
    try:
        opened(answer)
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        if "Lambda" in text or "lambda" in text:
            return "it holds a Lambda layer"
        if "locate class" in text or "deserialize class" in text or "custom object" in text.lower():
            return "it holds a class that Keras does not know"
        return "it is no file that Keras saved"
    return "it opens"


def outputs(model: Any, rows: Array, batch: int = 128) -> Array:
    """What a model gives for rows, so many at a time, whatever it is: a Keras model, or a function."""
    if hasattr(model, "predict"):
        return np.asarray(model.predict(rows, batch_size=batch, verbose=0))
    return np.concatenate([np.asarray(model(rows[n : n + batch])) for n in range(0, len(rows), batch)])


def new_file() -> Path:
    """A path for a file, where a process that may not change what was handed in may write."""
    import tempfile

    return Path(tempfile.mkdtemp()) / "variant.keras"


def saved(model: Any) -> Any:
    """The model as it comes back from a file."""
    file = new_file()
    model.save(file)
    return opened(file)


def twice_each(rng: np.random.Generator) -> Array:
    """Twelve places in a batch, and which of six rows is at each: each row at two of them."""
    return rng.permutation(np.repeat(np.arange(6), 2))


def alone_and_together(model: Any, rows: Array, order: Array) -> dict[str, Array]:
    """What a model gives for rows one by one, and twice for a batch in which `order` says which row is where."""
    batch = rows[order]
    return {"alone": outputs(model, rows, batch=1), "together": outputs(model, batch), "again": outputs(model, batch)}


def what_outputs_depend_on(came_back: dict[str, Any], order: Array, thing: str) -> dict[str, bool]:
    """What `alone_and_together` says of a model; ValueError if it has another form. A `thing` is an image, say."""
    alone, together, again = (np.asarray(came_back[name], float) for name in ("alone", "together", "again"))
    if len(alone) != len(set(order.tolist())) or not together.shape == again.shape == alone[order].shape:
        raise ValueError("the same number of scores is due for each that was given")
    tolerance = 1e-3 + 1e-5 * np.abs(alone).max()
    return {
        "finite": bool(np.isfinite(together).all()),
        "the same twice": bool(np.abs(together - again).max() <= tolerance),
        "the same alone and among others": bool(np.abs(together - alone[order]).max() <= tolerance),
        f"another {thing}, other scores": bool(np.ptp(alone, axis=0).max() > 4 * tolerance),
    }
