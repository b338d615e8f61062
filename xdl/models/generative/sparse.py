"""Codes of which few numbers are large: a penalty on the mean activation, or the k largest alone (hwdong 8.2.2).

    KL(t || a_j) = t ln(t / a_j) + (1 - t) ln((1 - t) / (1 - a_j)),   a_j the mean of unit j over a batch

is 0 where each unit is on in a share t of the inputs (Ng 2011, CS294A, "Sparse autoencoder", section 3).
"""

from __future__ import annotations

from math import log

from xdl import nn
from xdl.creation import zeros_like
from xdl.errors import SettingError, ShapeError, expect
from xdl.functional import topk
from xdl.tensor import Tensor


def kl_sparsity(activations: Tensor, target: float) -> Tensor:
    """The sum over the units of KL(target || a_j), 0-d, for activations (N, K) between 0 and 1.

    Means of 0 and 1 count as 1e-7 and 1 - 1e-7, without a gradient: a dead unit would cost infinitely much. Raises
    ShapeError for another number of dimensions, SettingError for a target that is not between 0 and 1.
    """
    expect(activations.ndim == 2, ShapeError, "kl_sparsity", "activations (N, K)", activations.shape)
    expect(0 < target < 1, SettingError, "kl_sparsity", "0 < target < 1", target)
    t, a = target, activations.mean(0).clamp(1e-7, 1 - 1e-7)
    entropy = t * log(t) + (1 - t) * log(1 - t)
    return entropy * a.shape[0] - (t * a.log() + (1 - t) * (1 - a).log()).sum()


class TopK(nn.Module):
    """Keeps the k largest numbers of each code and makes the others 0 (Makhzani and Frey 2014, "k-sparse").

    Gradients go through those that are kept. Raises SettingError for k below 1.
    """

    def __init__(self, k: int) -> None:
        expect(isinstance(k, int) and k >= 1, SettingError, "TopK", "a whole number k >= 1", repr(k))
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        """(N, K) of codes (N, K). Raises ShapeError for another number of dimensions, SettingError for k above K."""
        expect(input.ndim == 2, ShapeError, "TopK", "codes (N, K)", input.shape)
        expect(self.k <= input.shape[1], SettingError, "TopK", f"k of at most {input.shape[1]} numbers", self.k)
        values, places = topk(input, self.k, 1)
        kept: Tensor = zeros_like(input).scatter(1, places, values)
        return kept
