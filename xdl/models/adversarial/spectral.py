"""Spectral normalization of a whole critic (Miyato et al. 2018, "Spectral normalization for GANs")."""

from __future__ import annotations

from typing import TypeVar

from xdl import nn
from xdl.errors import KindError, expect
from xdl.nn.utils.parametrizations import spectral_norm

M = TypeVar("M", bound=nn.Module)

WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


def spectral(module: M) -> M:
    """Divides the weight of every linear and convolutional layer by its largest singular value; returns the module.

    With activations of slope 1 at most, such as ReLU and LeakyReLU, a network of linear layers has a slope of 1 at
    most. Of a convolution it is the singular value of the kernel as a matrix (out, in * positions), as in the paper,
    which bounds that of the whole map up to a factor. Raises KindError for what is no module.
    """
    expect(isinstance(module, nn.Module), KindError, "spectral", "a module", type(module).__name__)
    for layer in list(module.modules()):
        if isinstance(layer, WEIGHTED):
            spectral_norm(layer)
    return module
