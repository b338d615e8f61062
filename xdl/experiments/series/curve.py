"""徐彬's noisy curve cut into windows, and the best forecast that a window of it allows (徐彬 7.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from xdl.creation import tensor
from xdl.data import Standardize, chronological_split, noisy_curve, windows
from xdl.errors import SettingError, expect
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.free_running import by_horizon
from xdl.functional import cat
from xdl.tensor import Tensor

PARTS = (0.7, 0.15, 0.15)
PLACES = 6283  # 20 pi / 0.01: all of its waves have multiples of the frequency 0.01
AT_ONCE = 250  # windows that are compared with the whole curve at once, where its pace is 1


@dataclass
class Curve:
    """The curve with noise of a known std: its form, windows of its three parts, the values of the last part."""

    noise: float
    pace: float
    form: SeriesForm
    pairs: list[tuple[Any, Any]]
    test: Any

    @classmethod
    def of(cls, samples: int, noise: float, seed: int, steps: int, stride: int, pace: float = 1.0) -> Self:
        """steps: of the windows, and of what follows; stride: between two windows of the training part"""
        parts = chronological_split(noisy_curve(samples, noise, seed, pace), PARTS)
        form = SeriesForm(("x",), steps, steps, Standardize.fit(parts[0]))
        strides = (stride, 1, 1)
        pairs = [windows(form.seen(part), steps, steps, s) for part, s in zip(parts, strides, strict=True)]
        most = max(
            1, (len(parts[0]) - 2 * steps) // (steps + 1)
        )  # as many windows as least squares has weights, and one
        expect(stride <= most, SettingError, "stride", f"at most {most}, for more windows than weights", stride)
        return cls(noise, pace, form, pairs, parts[2])

    @property
    def unit(self) -> float:
        """What a squared error of normalized values is worth in squares of the curve's own."""
        return self.form.scale.std[0] ** 2

    def by_step(self, forecast: Any) -> list[float]:
        """The mean squared error on the test part for 1, 2, ... steps ahead, in squares of the curve's units."""
        return [self.unit * error**2 for error in by_horizon(forecast, self.pairs[2][1])]

    def best(self) -> Tensor:
        """The forecasts (N, outputs, 1) of the test part by one who knows the curve and its noise, not the place:

            E[y | x] = sum_t p(t | x) after_t,   p(t | x) ~ exp(-|x - s_t|**2 / (2 noise**2))

        over ten periods of places t; s_t is the window at t of the curve without noise, after_t what follows it. Over
        all places, no forecast of windows of this length has a smaller error.
        """
        quiet = noisy_curve(round(PLACES / self.pace), 0.0, pace=self.pace)
        pairs = windows(self.form.seen(quiet), self.form.inputs, self.form.outputs)
        s, after = (tensor(part[:, :, 0], dtype="float64") for part in pairs)
        width = 2 * self.noise**2 / self.unit
        found = []
        at_once = max(1, int(AT_ONCE * self.pace))
        for i in range(0, len(self.pairs[2][0]), at_once):
            x = tensor(self.pairs[2][0][i : i + at_once, :, 0], dtype="float64")
            distance = (x**2).sum(1, keepdim=True) - 2 * (x @ s.T) + (s**2).sum(1)
            found.append((-distance / width).softmax(1) @ after)
        return cat(found).unsqueeze(2)
