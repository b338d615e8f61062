"""The denoising diffusion model (Ho, Jain, Abbeel 2020), and the quick way through it (Song, Meng, Ermon 2021).

x_0 data (N, ...), x_t the same after t of T steps of noise, e standard normal noise; b_t the share of noise of step t,
a_t = (1 - b_1) ... (1 - b_t), a_0 = 1

q(x_t | x_(t-1)) = N(sqrt(1 - b_t) x_(t-1), b_t)        so all steps at once:  x_t = sqrt(a_t) x_0 + sqrt(1 - a_t) e
loss             = mean of |e - d(x_t, t)|²             d: the denoiser, which guesses the noise
guess of x_0     = (x_t - sqrt(1 - a_t) d(x_t, t)) / sqrt(a_t), where wanted cut to what data can be
guess of e       = (x_t - sqrt(a_t) x_0) / sqrt(1 - a_t)

From x_t to x_s, s < t, by these guesses (one step back is s = t - 1):
x_s = sqrt(a_s) x_0 + sqrt(1 - a_s - z²) e + z n,       z² = eta² (1 - a_s) / (1 - a_t) (1 - a_t / a_s),  n new noise

eta = 1: the variance of q(x_s | x_t, x_0), as Ho et al. draw (DDPM); eta = 0: no new noise, a path that the first x_T
decides (DDIM).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

from xdl import nn
from xdl.creation import full, tensor
from xdl.errors import SettingError, ShapeError, expect
from xdl.functional import mse_loss
from xdl.random import randint, randn, randn_like
from xdl.tensor import Tensor, no_grad


class Diffusion(nn.Module):
    """See the module docstring.

    denoiser: d(x, t), for x (N, ...) and t (N,) int64 from 1 to T; gives the shape of x
    betas:    b_1, ..., b_T, as `cosine_betas(100)` gives them
    bound:    guesses of x_0 are cut to [-bound, bound]: at the largest t a small error of d is a large one of x_0

    Raises SettingError for betas outside (0, 1).
    """

    def __init__(self, denoiser: nn.Module, betas: Sequence[float], bound: float | None = None) -> None:
        several = isinstance(betas, Sequence) and len(betas) > 0
        right = several and all(isinstance(b, int | float) and 0 < b < 1 for b in betas)
        expect(right, SettingError, "Diffusion", "betas in (0, 1), at least one", repr(betas)[:40])
        self.denoiser, self.bound = denoiser, bound
        self.left = nn.Buffer(tensor([1.0, *accumulate([1 - b for b in betas], lambda a, b: a * b)]))  # a_0, ..., a_T

    @property
    def steps(self) -> int:
        """T."""
        steps: int = self.left.shape[0] - 1
        return steps

    def noised(self, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """x_t (N, ...) for data x (N, ...), each at its own t (N,), and noise of the shape of x."""
        expect(noise.shape == x.shape, ShapeError, "Diffusion.noised", f"noise {x.shape}", noise.shape)
        a = self._left(t, x)
        y: Tensor = a.sqrt() * x + (1 - a).sqrt() * noise
        return y

    def loss(self, x: Tensor) -> Tensor:
        """The mean squared error of the noise that the denoiser guesses, (), each sample of x at a t drawn evenly."""
        t, noise = randint(1, self.steps + 1, (len(x),)), randn_like(x)
        return mse_loss(self.denoiser(self.noised(x, t, noise), t), noise)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """The guess of x_0 (N, ...) from x_t = x (N, ...) at t (N,)."""
        a = self._left(t, x)
        y: Tensor = (x - (1 - a).sqrt() * self.denoiser(x, t)) / a.sqrt()
        return y if self.bound is None else y.clamp(-self.bound, self.bound)

    def back(self, x: Tensor, t: int, s: int, eta: float = 1.0) -> Tensor:
        """x_s from x_t = x (N, ...). Raises SettingError unless 0 <= s < t <= T and 0 <= eta <= 1."""
        expect(0 <= s < t <= self.steps, SettingError, "Diffusion.back", f"0 <= s < t <= {self.steps}", (s, t))
        expect(0 <= eta <= 1, SettingError, "Diffusion.back", "0 <= eta <= 1", eta)
        with no_grad():
            data = self(x, full((len(x),), t, dtype="int64"))
            a_s, a_t = self.left[s], self.left[t]
            noise = (x - a_t.sqrt() * data) / (1 - a_t).sqrt()
            variance = eta**2 * (1 - a_s) / (1 - a_t) * (1 - a_t / a_s)
            y: Tensor = a_s.sqrt() * data + (1 - a_s - variance).clamp(0).sqrt() * noise
            return y + variance.sqrt() * randn_like(x) if eta and s else y

    def sample(
        self,
        shape: Sequence[int],
        steps: int | None = None,
        eta: float = 1.0,
        watch: Callable[[int, Tensor], None] | None = None,
    ) -> Tensor:
        """Samples of that shape (N, ...), from noise.

        steps: how many, of nearly equal length; None: all T;  eta: 1 for DDPM, 0 for DDIM
        watch: is told t and x_t, from T on down to 0

        Raises SettingError for steps outside 1 to T.
        """
        count = self.steps if steps is None else steps
        expect(1 <= count <= self.steps, SettingError, "Diffusion.sample", f"1 to {self.steps} steps", count)
        places = [round(i * self.steps / count) for i in range(count, -1, -1)]
        x = randn(*shape, dtype=self.left.dtype)
        for t, s in zip(places, [*places[1:], None], strict=True):
            if watch is not None:
                watch(t, x)
            if s is not None:
                x = self.back(x, t, s, eta)
        return x

    def _left(self, t: Tensor, x: Tensor) -> Tensor:
        """a_t for each sample, (N, 1, ...) to go with x."""
        expect(t.shape == (len(x),), ShapeError, "Diffusion", f"t of ({len(x)},)", t.shape)
        a: Tensor = self.left[t]
        return a.reshape(len(x), *[1] * (x.ndim - 1))
