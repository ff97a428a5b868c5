"""Data sets, each split before anything is fitted. Only the famous ones, by name, need a network."""

from labkit.data.chinese_sentences import chinese
from labkit.data.dataset import DataSet, few, reshuffled
from labkit.data.documentation import sentences
from labkit.data.folders import folder
from labkit.data.images import load
from labkit.data.painted import fruits
from labkit.data.painting import FRUITS, paint_fruits
from labkit.data.tables import breast_cancer, diabetes, digits
from labkit.data.texts import texts
from labkit.data.textset import Texts

__all__ = [
    "DataSet",
    "FRUITS",
    "Texts",
    "breast_cancer",
    "chinese",
    "diabetes",
    "digits",
    "few",
    "folder",
    "fruits",
    "load",
    "paint_fruits",
    "reshuffled",
    "sentences",
    "texts",
]
