"""Autoencoders (Rumelhart, Hinton, Williams 1986; Hinton and Salakhutdinov 2006, Science 313; hwdong, section 8.2).

    z = encoder(x),   x̂ = decoder(z):   the code z has fewer numbers than x, or few that are not 0

Where both are linear and the error is squared, the best ones project onto the plane of the first principal components
(Baldi and Hornik 1989).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from xdl import nn
from xdl.errors import KindError, SettingError, expect
from xdl.nn.module import are_sizes
from xdl.tensor import Tensor

MakesModule = Callable[[], nn.Module]


class Autoencoder(nn.Module):
    """An encoder and a decoder, one after the other."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        for name, part in (("encoder", encoder), ("decoder", decoder)):
            expect(isinstance(part, nn.Module), KindError, "Autoencoder", f"{name}: a module", type(part).__name__)
        self.encoder, self.decoder = encoder, decoder

    def encode(self, input: Tensor) -> Tensor:
        """Codes (N, K) of inputs (N, ...)."""
        code: Tensor = self.encoder(input)
        return code

    def decode(self, code: Tensor) -> Tensor:
        """Inputs (N, ...) that codes (N, K) stand for."""
        output: Tensor = self.decoder(code)
        return output

    def forward(self, input: Tensor) -> Tensor:
        """x̂ (N, ...) of inputs x (N, ...)."""
        return self.decode(self.encode(input))


class DenseAutoencoder(Autoencoder):
    """Linear layers down to the code, and as many back.

    shape:      of an input, (C, H, W) or (D,)
    sizes:      units of the hidden layers, then numbers of the code: (128, 32)
    activation: makes the module after each hidden layer; nn.Identity for a linear autoencoder
    code:       makes the module after the code's layer
    output:     makes the module after the last layer: nn.Sigmoid where inputs lie between 0 and 1

    Raises SettingError for no size, or one below 1.
    """

    def __init__(
        self,
        shape: Sequence[int],
        sizes: Sequence[int],
        activation: MakesModule = nn.ReLU,
        code: MakesModule = nn.Identity,
        output: MakesModule = nn.Sigmoid,
    ) -> None:
        if not are_sizes(shape, sizes) or not shape or not sizes:
            raise SettingError("DenseAutoencoder", "a shape and at least one size, of at least 1", (shape, sizes))
        units = (prod(shape), *sizes)
        last = len(sizes) - 1
        down: list[nn.Module] = [nn.Flatten()]
        up: list[nn.Module] = []
        for i in range(len(sizes)):
            down += [nn.Linear(units[i], units[i + 1]), (activation if i < last else code)()]
            up = [nn.Linear(units[i + 1], units[i]), (activation if i else output)(), *up]
        super().__init__(nn.Sequential(*down), nn.Sequential(*up, nn.Unflatten(1, tuple(shape))))


class ConvAutoencoder(Autoencoder):
    """Convolutions of stride 2, each halving the image, a linear layer to the code, and transposed ones back.

        (N, C, H, W)  conv 3x3 stride 2  (N, channels[0], H / 2, W / 2)  ...  linear  (N, code)
        (N, code)     linear  (N, channels[-1], H / 4, W / 4)  transposed conv 3x3 stride 2  ...  sigmoid (N, C, H, W)

    Sides that are odd are rounded up on the way down, and come back as they were (Masci et al. 2011, with strides in
    place of max pooling).

    shape:    (C, H, W) of an image, with values between 0 and 1
    channels: of the convolutions
    code:     numbers of the code

    Raises SettingError for no channels, or a number below 1.
    """

    def __init__(self, shape: Sequence[int], channels: Sequence[int], code: int) -> None:
        if not are_sizes(shape, channels, [code]) or len(shape) != 3 or not channels:
            expected = "a shape (C, H, W), channels and a code of at least 1"
            raise SettingError("ConvAutoencoder", expected, (shape, channels, code))
        down: list[nn.Module] = []
        up: list[nn.Module] = []
        (before, *sides) = shape
        for maps in channels:
            down += [nn.Conv2d(before, maps, 3, stride=2, padding=1), nn.ReLU()]
            end = nn.ReLU() if up else nn.Sigmoid()
            even = tuple(1 - side % 2 for side in sides)  # what a stride of 2 cannot tell apart
            up = [nn.ConvTranspose2d(maps, before, 3, stride=2, padding=1, output_padding=even), end, *up]
            before, sides = maps, [(side + 1) // 2 for side in sides]
        inner = (before, *sides)
        encoder = nn.Sequential(*down, nn.Flatten(), nn.Linear(prod(inner), code))
        decoder = nn.Sequential(nn.Linear(code, prod(inner)), nn.ReLU(), nn.Unflatten(1, inner), *up)
        super().__init__(encoder, decoder)
