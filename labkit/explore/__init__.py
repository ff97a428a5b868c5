"""Explorers: a few controls, linked views, a number beside every picture.

Each explorer is a pure function that draws one state, and an `Explorer` that calls it whenever a control moves.
"""

from labkit.explore.activation import activations
from labkit.explore.loss import losses
from labkit.explore.polynomial import polynomials
from labkit.explore.roof import roofline

__all__ = ["activations", "losses", "polynomials", "roofline"]
