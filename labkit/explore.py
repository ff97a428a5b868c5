"""Explorers: a few controls, linked views, a number beside every picture.

Each explorer is a pure function that draws one state, and an `Explorer` that calls it whenever a control moves.
"""

from labkit.generalising.polynomials_explorer import polynomials
from labkit.language.attention_explorer import attention_heads
from labkit.language.recurrent_explorer import unrolling
from labkit.language.rewording_explorer import rewording
from labkit.learning.activations_explorer import activations
from labkit.learning.first_weights_explorer import first_weights
from labkit.learning.graph_explorer import computation_graph
from labkit.learning.losses_explorer import losses
from labkit.learning.momentum_explorer import momentum
from labkit.learning.optimisers_explorer import optimisers
from labkit.machine.roofline_explorer import roofline
from labkit.vision.augmentation_explorer import augmentations
from labkit.vision.convolution_explorer import convolution
from labkit.vision.movement_explorer import weight_map

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
