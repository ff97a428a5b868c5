"""Explorers: a few controls, linked views, a number beside every picture.

Each explorer is a pure function that draws one state, and an `Explorer` that calls it whenever a control moves.
"""

from labkit.explore.activation import activations
from labkit.explore.attention import attention_heads
from labkit.explore.augmentation import augmentations
from labkit.explore.descent import optimisers
from labkit.explore.graph import computation_graph
from labkit.explore.kernel import convolution
from labkit.explore.loss import losses
from labkit.explore.moved import weight_map
from labkit.explore.polynomial import polynomials
from labkit.explore.ravine import momentum
from labkit.explore.reword import rewording
from labkit.explore.roof import roofline
from labkit.explore.start import first_weights
from labkit.explore.unroll import unrolling

__all__ = [
    "activations",
    "attention_heads",
    "augmentations",
    "computation_graph",
    "convolution",
    "first_weights",
    "losses",
    "momentum",
    "optimisers",
    "polynomials",
    "rewording",
    "roofline",
    "unrolling",
    "weight_map",
]
