"""Figures that carry their alt text: one look, a few kinds of charts, and the stage of the explorers."""

from labkit.figures.charts import curves, dots, image_row
from labkit.figures.pictures import Picture, new, picture
from labkit.figures.style import (
    BLUE,
    DOTTED_DASHES,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    RED,
    SERIES,
    SKY,
    SPARSE_DASHES,
    styled,
)

__all__ = [
    "BLUE",
    "DOTTED_DASHES",
    "GREEN",
    "GREY",
    "INK",
    "ORANGE",
    "PURPLE",
    "Picture",
    "RED",
    "SERIES",
    "SKY",
    "SPARSE_DASHES",
    "curves",
    "dots",
    "image_row",
    "new",
    "picture",
    "styled",
]
