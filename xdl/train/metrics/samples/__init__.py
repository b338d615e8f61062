"""Measures of generated samples beside real ones: how far two sets are apart, and what of the data is covered.

All take arrays and Tensors, compute in float64, and return plain numbers. nan and infinity are refused.
"""

from xdl.train.metrics.samples.classes import class_shares, entropy_of
from xdl.train.metrics.samples.frechet import frechet_distance
from xdl.train.metrics.samples.kernel import mean_discrepancy
from xdl.train.metrics.samples.modes import Modes, modes_covered
from xdl.train.metrics.samples.nearest import nearest
from xdl.train.metrics.samples.transport import wasserstein_1d

__all__ = [
    "Modes",
    "class_shares",
    "entropy_of",
    "frechet_distance",
    "mean_discrepancy",
    "modes_covered",
    "nearest",
    "wasserstein_1d",
]
