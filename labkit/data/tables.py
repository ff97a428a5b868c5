"""Real data that scikit-learn carries: digits, and two tables of patients. None needs a network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.data.dataset import DataSet


def digits(seed: int = 0) -> DataSet:
    """1,797 handwritten digits of 8 x 8 pixels, as rows of 64 values from 0 to 1; 60 / 20 / 20 percent."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    return DataSet(
        "Optical recognition of handwritten digits",
        "UCI Machine Learning Repository (Alpaydin and Kaynak, 1998), the copy in scikit-learn",
        "CC BY 4.0",
        tuple("0123456789"),
        *_parts(pixels / 16.0, labels, labels, seed),  # a pixel counts up to 16 dots, on every image: nothing is fitted
    )


def breast_cancer(seed: int = 0) -> DataSet:
    """569 tumours, each 30 measures of its cell nuclei in their own units; 1 is malignant; 60 / 20 / 20 percent."""
    from sklearn.datasets import load_breast_cancer

    measures, benign = load_breast_cancer(return_X_y=True)
    malignant = 1 - benign
    return DataSet(
        "Breast cancer Wisconsin (diagnostic)",
        "UCI Machine Learning Repository (Wolberg, Mangasarian, Street and Street, 1995), the copy in scikit-learn",
        "CC BY 4.0",
        ("benign", "malignant"),
        *_parts(measures, malignant, malignant, seed),
    )


def diabetes(seed: int = 0) -> DataSet:
    """442 patients: age, sex, body mass index, blood pressure and six blood values in their own units, and how far the
    disease has gone a year later; 60 / 20 / 20 percent."""
    from sklearn.datasets import load_diabetes

    measures, progress = load_diabetes(return_X_y=True, scaled=False)
    return DataSet(
        "Diabetes progression",
        "Efron, Hastie, Johnstone and Tibshirani (2004), the copy in scikit-learn",
        "none stated by its authors; scikit-learn's copy is under BSD 3-Clause",
        (),
        *_parts(measures, progress, None, seed),
    )


def _parts(x: NDArray[Any], y: NDArray[Any], classes: NDArray[Any] | None, seed: int) -> tuple[NDArray[Any], ...]:
    """x and y of the training, the validation and the test part, with the same class shares in each."""
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(y))
    train, rest = train_test_split(rows, test_size=0.4, stratify=classes, random_state=seed)
    shares = None if classes is None else classes[rest]
    validation, test = train_test_split(rest, test_size=0.5, stratify=shares, random_state=seed)
    x = x.astype("float32")
    return x[train], y[train], x[validation], y[validation], x[test], y[test]
