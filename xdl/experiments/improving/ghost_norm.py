"""Ghost batch norm: the statistics of a few samples of the batch at a time (Hoffer, Hubara, Soudry 2017)."""

from __future__ import annotations

from xdl import nn
from xdl.creation import ones, zeros
from xdl.functional import batch_norm
from xdl.tensor import Tensor, no_grad


class GhostBatchNorm(nn.Module):
    """Batch norm of (N, features) whose mean and variance are those of `ghost` samples at a time; they divide N.

    Inference is that of batch norm: running averages move with the mean of the ghost batches' statistics.
    """

    mean: nn.Buffer
    var: nn.Buffer

    def __init__(self, features: int, ghost: int, momentum: float = 0.1, eps: float = 1e-5) -> None:
        super().__init__()
        self.ghost, self.momentum, self.eps = ghost, momentum, eps
        self.weight, self.bias = nn.Parameter(ones(features)), nn.Parameter(zeros(features))
        self.register_buffer("mean", zeros(features))
        self.register_buffer("var", ones(features))

    def forward(self, input: Tensor) -> Tensor:
        """Normalized input, of the same shape."""
        if not self.training:
            return batch_norm(input, self.mean, self.var, self.weight, self.bias, eps=self.eps)
        parts = input.reshape(-1, self.ghost, input.shape[-1])
        mean = parts.mean(1, keepdim=True)
        var = ((parts - mean) ** 2).mean(1, keepdim=True)
        with no_grad():
            unbiased = var * (self.ghost / (self.ghost - 1))
            self.mean[...] = self.mean + self.momentum * (mean.mean((0, 1)) - self.mean)
            self.var[...] = self.var + self.momentum * (unbiased.mean((0, 1)) - self.var)
        normalized = (parts - mean) / (var + self.eps).sqrt()
        return normalized.reshape(input.shape) * self.weight + self.bias
