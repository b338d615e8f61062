"""Layers without parameters of their own, and Embedding: each calls the function of its name."""

from __future__ import annotations

from xdl import functional
from xdl.creation import zeros
from xdl.errors import SettingError
from xdl.functional.conv import Pair
from xdl.nn import init
from xdl.nn.module import Module, Parameter
from xdl.tensor import Tensor


class Flatten(Module):
    """Merges the dimensions start_dim to end_dim: (N, C, H, W) to (N, C H W) by default."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        """input (N, d1, ...): (N, d1 ...)."""
        return functional.flatten(input, self.start_dim, self.end_dim)


class Dropout(Module):
    """In training sets each element to 0 with probability p and scales the rest by 1 / (1 - p)."""

    def __init__(self, p: float = 0.5) -> None:
        if not 0 <= p <= 1:
            raise SettingError("Dropout", "p: a probability in [0, 1]", repr(p))
        self.p = p

    def forward(self, input: Tensor) -> Tensor:
        """The same shape; in evaluation the input itself."""
        return functional.dropout(input, self.p, self.training)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"p={self.p}"


class MaxPool2d(Module):
    """The largest value of each window of (N, C, H, W); stride defaults to kernel_size."""

    def __init__(self, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0, dilation: Pair = 1) -> None:
        self.kernel_size, self.stride, self.padding, self.dilation = kernel_size, stride, padding, dilation

    def forward(self, input: Tensor) -> Tensor:
        """input (N, C, H, W): (N, C, OH, OW)."""
        return functional.max_pool2d(input, self.kernel_size, self.stride, self.padding, self.dilation)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(Module):
    """The mean of each window of (N, C, H, W), padding counted as zeros; stride defaults to kernel_size."""

    def __init__(self, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, input: Tensor) -> Tensor:
        """input (N, C, H, W): (N, C, OH, OW)."""
        return functional.avg_pool2d(input, self.kernel_size, self.stride, self.padding)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class Embedding(Module):
    """Rows of a table by index: integer (...) in [0, num_embeddings) to (..., embedding_dim).

    weight (num_embeddings, embedding_dim) starts standard normal, as in PyTorch. Raises SettingError.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        for name, value in {"num_embeddings": num_embeddings, "embedding_dim": embedding_dim}.items():
            if not isinstance(value, int) or value < 1:
                raise SettingError("Embedding", f"{name}: a whole number of at least 1", repr(value))
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.weight = Parameter(zeros(num_embeddings, embedding_dim))
        init.normal_(self.weight)

    def forward(self, input: Tensor) -> Tensor:
        """input (...) integer: (..., embedding_dim)."""
        return functional.embedding(input, self.weight)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"{self.num_embeddings}, {self.embedding_dim}"


class MSELoss(Module):
    """Mean squared error; reduction "mean", "sum" or "none"."""

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """input and target of one shape: a number, or that shape."""
        return functional.mse_loss(input, target, self.reduction)


class CrossEntropyLoss(Module):
    """Cross entropy from the weighted sums themselves; reduction "mean", "sum" or "none"."""

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """input (N, C, ...); target (N, ...) class indices, or probabilities of input's shape."""
        return functional.cross_entropy(input, target, self.reduction)
