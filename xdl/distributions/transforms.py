"""Invertible functions of each element, and the logarithm of their slope."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xdl.distributions import constraints
from xdl.distributions.constraints import Constraint
from xdl.functional.elementwise.activation import logsigmoid, softplus
from xdl.functional.elementwise.trigonometric import atanh
from xdl.functional.operands import broadcast_shape
from xdl.tensor import Tensor


class Transform:
    """y = f(x), x = f**-1(y), and ln |dy/dx|. codomain: what y is; sign: 1 where f grows, -1 where it falls."""

    codomain: Constraint = constraints.real
    sign: int = 1

    def __init__(self, cache_size: int = 0) -> None:
        """cache_size: accepted for PyTorch's sake."""
        del cache_size

    def __call__(self, x: Tensor) -> Tensor:
        """y = f(x)."""
        raise NotImplementedError

    def inverse(self, y: Tensor) -> Tensor:
        """x = f**-1(y)."""
        raise NotImplementedError

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """ln |dy/dx|."""
        raise NotImplementedError

    def forward_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of y for x of a shape."""
        return shape

    @property
    def inv(self) -> Transform:
        """The inverse as a transform."""
        return _Inverse(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class _Inverse(Transform):
    def __init__(self, of: Transform) -> None:
        self.of, self.sign = of, of.sign

    def __call__(self, x: Tensor) -> Tensor:
        return self.of.inverse(x)

    def inverse(self, y: Tensor) -> Tensor:
        return self.of(y)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return -self.of.log_abs_det_jacobian(y, x)

    @property
    def inv(self) -> Transform:
        return self.of


class ExpTransform(Transform):
    """y = e**x."""

    codomain = constraints.positive

    def __call__(self, x: Tensor) -> Tensor:
        return x.exp()

    def inverse(self, y: Tensor) -> Tensor:
        """ln y."""
        return y.log()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """x."""
        return x


class AffineTransform(Transform):
    """y = loc + scale x for a scale other than 0."""

    def __init__(self, loc: Tensor | float, scale: Tensor | float, event_dim: int = 0, cache_size: int = 0) -> None:
        """event_dim: accepted for PyTorch's sake: the events are those of the distribution."""
        del event_dim
        super().__init__(cache_size)
        self.loc, self.scale = loc, scale
        self.sign = -1 if not isinstance(scale, Tensor) and scale < 0 else 1

    def __call__(self, x: Tensor) -> Tensor:
        return x * self.scale + self.loc

    def inverse(self, y: Tensor) -> Tensor:
        """(y - loc) / scale."""
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """ln |scale|."""
        if isinstance(self.scale, Tensor):
            return abs(self.scale).log() + x * 0
        return x * 0 + math.log(math.fabs(self.scale))

    def forward_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Broadcast with loc and scale."""
        given = [x.shape for x in (self.loc, self.scale) if isinstance(x, Tensor)]
        return broadcast_shape("AffineTransform", shape, *given)

    def __repr__(self) -> str:
        return f"AffineTransform(loc={self.loc}, scale={self.scale})"


class SigmoidTransform(Transform):
    """y = 1 / (1 + e**-x)."""

    codomain = constraints.unit_interval

    def __call__(self, x: Tensor) -> Tensor:
        return x.sigmoid()

    def inverse(self, y: Tensor) -> Tensor:
        """ln(y / (1 - y))."""
        return y.log() - (1 - y).log()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """ln y + ln(1 - y), from x."""
        return logsigmoid(x) + logsigmoid(-x)


class TanhTransform(Transform):
    """y = tanh x, as in the policies of soft actor-critic (T. Haarnoja et al., 2018, appendix C)."""

    codomain = constraints.interval(-1.0, 1.0)

    def __call__(self, x: Tensor) -> Tensor:
        return x.tanh()

    def inverse(self, y: Tensor) -> Tensor:
        """artanh y: infinite for 1 and -1, which is what tanh of more than 9 gives in float32."""
        return atanh(y)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """ln(1 - y**2) = 2 (ln 2 - x - softplus(-2 x)), exact for large x."""
        return (x + softplus(x * -2) - math.log(2)) * -2


class ComposeTransform(Transform):
    """One transform after the other."""

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = list(parts)
        self.codomain = self.parts[-1].codomain if self.parts else constraints.real
        self.sign = math.prod(part.sign for part in self.parts)

    def __call__(self, x: Tensor) -> Tensor:
        for part in self.parts:
            x = part(x)
        return x

    def inverse(self, y: Tensor) -> Tensor:
        """The inverses in reverse."""
        for part in self.parts[::-1]:
            y = part.inverse(y)
        return y

    def forward_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Through all parts."""
        for part in self.parts:
            shape = part.forward_shape(shape)
        return shape

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """The sum over the parts."""
        total = x * 0
        for part in self.parts:
            after = part(x)
            total, x = total + part.log_abs_det_jacobian(x, after), after
        return total
