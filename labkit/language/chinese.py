"""Starts jieba, the segmenter of Chinese, without its messages and without leaving a file behind."""

from __future__ import annotations

import logging
import tempfile
import warnings
from types import ModuleType


def jieba() -> ModuleType:
    """The module jieba with its dictionary loaded: `jieba.lcut(text)` gives a list of words. The first call takes 1 s.

    Its import warns of its own regular expressions and of setuptools, which no reader can change. It would keep its
    dictionary under a fixed name in the folder for temporary files, where another user's file may lie.
    """
    with warnings.catch_warnings(action="ignore"):
        import jieba as segmenter
    if not segmenter.dt.initialized:
        segmenter.setLogLevel(logging.WARNING)
        with tempfile.TemporaryDirectory(prefix="jieba-") as folder:
            segmenter.dt.tmp_dir = folder
            segmenter.initialize()
        segmenter.dt.tmp_dir = None
    return segmenter  # type: ignore[no-any-return]
