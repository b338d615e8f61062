"""The fully connected network (Rumelhart, Hinton, Williams 1986; hwdong, sections 4.1 and 4.3; 徐彬, chapter 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from xdl import nn
from xdl.errors import SettingError
from xdl.tensor import Tensor


class MLP(nn.Module):
    """Linear layers with an activation between each two: the input is flattened, the output has none.

        h_0 = x,   h_i = activation(h_(i-1) W_iᵀ + b_i),   y = h_(L-1) W_Lᵀ + b_L

    sizes:      features of the input, of each hidden layer, and of the output: (784, 200, 100, 10)
    activation: makes one activation module: nn.ReLU, nn.Tanh, nn.Sigmoid

    Raises SettingError for fewer than two sizes or one below 1.
    """

    def __init__(self, sizes: Sequence[int], activation: Callable[[], nn.Module] = nn.ReLU) -> None:
        if len(sizes) < 2 or min(sizes) < 1:
            raise SettingError("MLP", "at least two sizes of at least 1", tuple(sizes))
        layers: list[nn.Module] = [nn.Flatten()]
        for inputs, outputs in pairwise(sizes[:-1]):
            layers += [nn.Linear(inputs, outputs), activation()]
        self.layers = nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))

    def forward(self, input: Tensor) -> Tensor:
        """Outputs (N, sizes[-1]) of inputs (N, ...) that flatten to (N, sizes[0])."""
        outputs: Tensor = self.layers(input)
        return outputs
