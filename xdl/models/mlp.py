"""The fully connected network (Rumelhart, Hinton, Williams 1986; hwdong, sections 4.1 and 4.3; 徐彬, chapter 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdl import nn
from xdl.errors import SettingError
from xdl.nn.module import are_sizes
from xdl.tensor import Tensor

MakesModule = Callable[[], nn.Module]


class MLP(nn.Module):
    """Linear layers with an activation between each two: the input is flattened, the output has none.

        h_0 = x,   h_i = activation(h_(i-1) W_iᵀ + b_i),   y = h_(L-1) W_Lᵀ + b_L

    sizes:      features of the input, of each hidden layer, and of the output: (784, 200, 100, 10)
    activation: makes one activation module: nn.ReLU, nn.Tanh, nn.Sigmoid; or one of them for each hidden layer
    dropout:    probability of dropping a hidden unit in training, after its activation
    batch_norm: normalizes the pre-activations before each activation (Ioffe and Szegedy 2015)

    Raises SettingError for fewer than two sizes or one below 1, and for a wrong number of activations.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: MakesModule | Sequence[MakesModule] = nn.ReLU,
        dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        if not are_sizes(sizes) or len(sizes) < 2:
            raise SettingError("MLP", "at least two sizes of at least 1", repr(sizes))
        inputs, *hidden, outputs = sizes
        activations = [activation] * len(hidden) if callable(activation) else list(activation)
        if len(activations) != len(hidden):
            raise SettingError("MLP", f"one activation, or {len(hidden)} for the hidden layers", len(activations))
        layers: list[nn.Module] = [nn.Flatten()]
        for units, make in zip(hidden, activations, strict=True):
            layers.append(nn.Linear(inputs, units))
            layers += [nn.BatchNorm1d(units)] if batch_norm else []
            layers.append(make())
            layers += [nn.Dropout(dropout)] if dropout else []
            inputs = units
        self.layers = nn.Sequential(*layers, nn.Linear(inputs, outputs))

    def forward(self, input: Tensor) -> Tensor:
        """Outputs (N, sizes[-1]) of inputs (N, ...) that flatten to (N, sizes[0])."""
        outputs: Tensor = self.layers(input)
        return outputs
