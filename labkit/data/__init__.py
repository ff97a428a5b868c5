"""Data sets, each split before anything is fitted. Only the famous ones, by name, need a network."""

from labkit.data.dataset import DataSet, few, reshuffled
from labkit.data.folders import folder
from labkit.data.loading import load
from labkit.data.painted import fruits
from labkit.data.painting import FRUITS, paint_fruits
from labkit.data.tabular import breast_cancer, diabetes, digits

__all__ = [
    "FRUITS",
    "DataSet",
    "breast_cancer",
    "diabetes",
    "digits",
    "few",
    "folder",
    "fruits",
    "load",
    "paint_fruits",
    "reshuffled",
]
