"""The deep belief network: Boltzmann machines one on top of the other (Hinton, Osindero, Teh 2006).

Each machine learns the hidden units of the one below as its visible ones. As a generative model, only the top machine
has both directions: its Markov chain draws the units below it, from which the lower layers are drawn downwards. As a
recognizer, the weights upwards are the first ones of a network with sigmoids, which labels then fine-tune.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from xdl import nn
from xdl.errors import SettingError, expect
from xdl.models.energy.rbm import RBM
from xdl.models.mlp import MLP
from xdl.nn.module import are_sizes
from xdl.tensor import Tensor, no_grad


class DBN(nn.Module):
    """A stack of binary machines. sizes: units of each layer, the visible ones first: (784, 500, 500, 2000).

    machines: the RBMs, each between two layers. Train them one after the other, the first on v, the next on `up(v, 1)`,
    and so on: what is above a machine does not change it.

    Raises SettingError for fewer than two sizes or one below 1.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        right = are_sizes(sizes) and len(sizes) > 1
        expect(right, SettingError, "DBN", "at least two sizes of at least 1", repr(sizes))
        self.machines = nn.ModuleList([RBM(v, h) for v, h in pairwise(sizes)])

    def forward(self, v: Tensor) -> Tensor:
        """The probabilities of the top units, (N, sizes[-1]), for v (N, sizes[0])."""
        return self.up(v, len(self.machines))

    def up(self, v: Tensor, layers: int) -> Tensor:
        """The probabilities of the units so many layers above v (N, sizes[0]), each layer's given those below it.

        Raises SettingError for more layers than there are machines.
        """
        for machine in self._lowest("up", layers, 0):
            v = machine(v)
        return v

    def down(self, h: Tensor, layers: int) -> Tensor:
        """The means of the visible units (N, sizes[0]) below h, the units of that layer. Raises as `up`."""
        for machine in reversed(self._lowest("down", layers, 0)):
            h = machine.visible_mean(h)
        return h

    def reconstruct(self, v: Tensor) -> Tensor:
        """v up to the top and down again by probabilities, (N, sizes[0])."""
        return self.down(self(v), len(self.machines))

    def generate(self, n: int, steps: int, layers: int | None = None) -> Tensor:
        """n fantasies (n, sizes[0]), the means of the visible units: the top machine's chain from noise, then down.

        layers: machines from below that take part; all without it

        The units in between are drawn, those of the last layer are means. Raises SettingError.
        """
        *lower, top = self._lowest("generate", len(self.machines) if layers is None else layers, 1)
        with no_grad():
            h = top.gibbs(top.noise(n), steps)
            for machine in reversed(lower[1:]):
                h = machine.sample_visible(machine.visible_mean(h))
            v: Tensor = lower[0].visible_mean(h) if lower else top.reconstruct(h)
            return v

    def _lowest(self, operation: str, layers: int, least: int) -> list[RBM]:
        """So many machines, from below."""
        count = len(self.machines)
        expect(least <= layers <= count, SettingError, f"DBN.{operation}", f"layers from {least} to {count}", layers)
        return list(self.machines)[:layers]

    def classifier(self, classes: int) -> MLP:
        """A network with sigmoids whose hidden layers have copies of the weights upwards, and an untrained output."""
        sizes = [self.machines[0].weight.shape[1], *(machine.weight.shape[0] for machine in self.machines)]
        network = MLP((*sizes, classes), nn.Sigmoid)
        layers = [layer for layer in network.layers if isinstance(layer, nn.Linear)]
        with no_grad():
            for layer, machine in zip(layers, self.machines, strict=False):
                layer.weight.copy_(machine.weight)
                layer.get_parameter("bias").copy_(machine.hidden_bias)
        return network
