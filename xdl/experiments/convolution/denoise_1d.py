"""A noisy signal smoothed by a Gaussian kernel: how much is won, in decibels, and which width is best (hwdong 6.1.2).

With a signal s (L,), normal noise n of deviation d, x = s + n, and weights w that sum to 1, the smoothed signal w ** x
has two errors: what smoothing does to the signal itself, and what it leaves of the noise. On average over the noise

    E (w ** x - s)^2 = (w ** s - s)^2 + d^2 * sum of w^2          SNR = 10 log10(sum of s^2 / sum of (found - s)^2)

The first grows with the width, the second falls: between lies the best one. A sine of angular frequency f loses the
factor exp(-f^2 sigma^2 / 2); a step has all frequencies, so it bears less. The moving average is the kernel to beat:
of n equal weights its deviation, compared with sigma, is sqrt((n^2 - 1) / 12).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, log10, pi, sqrt
from statistics import fmean
from typing import Any

import xdl
from xdl import functional as F
from xdl import plot
from xdl.errors import SettingError, expect
from xdl.experiments.shared.claims import claim, in_words
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {}
REACH = 4  # deviations at which the Gaussian is cut
SIGNALS = ("sine", "steps")
HEADINGS = ("signal", "kernel", "best width", "its deviation", "SNR before", "SNR after", "expected", "gain in dB")


@dataclass(frozen=True)
class Settings:
    """Two signals of the same size: a smooth one, and one with jumps."""

    samples: int = setting(400, "values of each signal that are measured", low=50)
    periods: int = setting(4, "waves of the sine, and as many steps up and down", low=1)
    noise: float = setting(0.5, "deviation of the noise; the signals go from -1 to 1", above=0)
    sigmas: tuple[float, ...] = setting(
        (0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 11.0, 16.0, 23.0, 32.0), "deviations of the Gaussian", above=0
    )
    seeds: int = setting(5, "draws of the noise, one a seed", low=1)

    def __post_init__(self) -> None:
        several = len(set(self.sigmas)) > 1 and max(self.sigmas) <= 100
        expect(several, SettingError, "--set sigmas", "at least two, none above 100", self.sigmas)


@dataclass(frozen=True)
class Swept:
    """A kind of kernel on a signal, one entry a width: its name and deviation, SNR by [seed][width], and expected."""

    names: list[str]
    deviations: list[float]
    measured: list[list[float]]
    expected: list[float]

    @property
    def best(self) -> list[int]:
        """For each seed which width is best."""
        return [row.index(max(row)) for row in self.measured]

    @property
    def best_of_all(self) -> int:
        """Which width is the best on average over the seeds."""
        means = [fmean(column) for column in zip(*self.measured, strict=True)]
        return means.index(max(means))


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Sweeps the widths of both kernels on both signals, and draws signals and decibels."""
    s = settings
    margin = ceil(REACH * max(s.sigmas))  # so that no measured value sees an end
    kernels = {"Gaussian": [gaussian(sigma) for sigma in sorted(s.sigmas)], "moving average": averages(max(s.sigmas))}
    names = {
        "Gaussian": [f"sigma {sigma:g}" for sigma in sorted(s.sigmas)],
        "moving average": [f"{len(w)} values" for w in kernels["moving average"]],
    }
    run.say(f"{s.samples} values of each signal, noise of deviation {s.noise:g}; SNR in decibels, mean of the seeds")
    run.say("weights of sigma 1: " + " ".join(f"{weight:.3f}" for weight in gaussian(1.0).tolist()))
    rows, before, found = [], {}, {}
    for kind in SIGNALS:
        clean = signal(kind, s.samples, s.periods, margin)
        noisy = [clean + s.noise * drawn(run, len(clean), repeat) for repeat in range(s.seeds)]
        inside = slice(margin, margin + s.samples)
        before[kind] = [decibels(x[inside], clean[inside]) for x in noisy]
        for kernel, weights in kernels.items():
            one = sweep(names[kernel], weights, clean, noisy, inside, s.noise)
            found[kind, kernel] = one
            i, start = one.best_of_all, fmean(before[kind])
            after = fmean(row[i] for row in one.measured)
            deviation = round(one.deviations[i], 2)
            rows.append((kind, kernel, one.names[i], deviation, start, after, one.expected[i], after - start))
    table = run.table(HEADINGS, [[round(v, 2) if isinstance(v, float) else v for v in row] for row in rows])
    seen = _say(run, settings, before, found)
    run.figure("sweep", _sweeps(before, found, settings), seen)
    run.figure("signals", _signals(run, settings, margin, found), seen)
    return {"best": table, "lost_of_the_sine": 1 - kept_of_sine(settings, found["sine", "Gaussian"])}


def signal(kind: str, samples: int, periods: int, margin: int) -> Tensor:
    """A sine, or its sign, (samples + 2 margin,) float64: `periods` waves, and how they go on at both ends."""
    angle = 2 * pi * periods / samples * (xdl.arange(-margin, samples + margin, dtype="float64") + 0.5)
    return angle.sin() if kind == "sine" else angle.sin().sign()


def drawn(run: Run, length: int, repeat: int) -> Tensor:
    """Normal noise (length,) of one seed, the same for both signals."""
    run.reseed(repeat)
    return xdl.randn(length, dtype="float64")


def gaussian(sigma: float) -> Tensor:
    """Weights exp(-k^2 / 2 sigma^2) at k = -reach .. reach, where reach is 4 sigma, divided by their sum."""
    reach = ceil(REACH * sigma)
    weights = (-(xdl.arange(-reach, reach + 1, dtype="float64") ** 2) / (2 * sigma**2)).exp()
    return weights / weights.sum()


def averages(most: float) -> list[Tensor]:
    """Equal weights, 3 to as many as have the deviation `most`, each odd number about 1.4 times the one before."""
    widths = [3]
    while (nearest := 2 * round(0.7 * widths[-1]) + 1) <= sqrt(12 * most**2 + 1):
        widths.append(nearest)
    return [xdl.full((n,), 1 / n, dtype="float64") for n in widths]


def deviation_of(w: Tensor) -> float:
    """The deviation of the places k = -K//2 .. K//2, by their weights (K,)."""
    reach = len(w) // 2
    return float((w * xdl.arange(-reach, reach + 1, dtype="float64") ** 2).sum().sqrt())


def decibels(found: Tensor, true: Tensor) -> float:
    """The signal-to-noise ratio: 10 log10 of the signal's square over the error's."""
    return 10 * log10(float(true.square().sum() / (found - true).square().sum()))


def sweep(
    names: list[str], kernels: list[Tensor], clean: Tensor, noisy: list[Tensor], inside: slice, noise: float
) -> Swept:
    """Each kernel on the signal of each seed, measured inside; and what is expected of it without any draw."""
    true = clean[inside]
    measured = [[decibels(F.convolve(x, w, "same")[inside], true) for w in kernels] for x in noisy]
    expected = []
    for w in kernels:
        of_signal = float((F.convolve(clean, w, "same")[inside] - true).square().mean())
        error = of_signal + noise**2 * float(w.square().sum())
        expected.append(10 * log10(float(true.square().mean()) / error))
    return Swept(names, [deviation_of(w) for w in kernels], measured, expected)


def kept_of_sine(settings: Settings, swept: Swept) -> float:
    """The share of the sine's height that the best Gaussian leaves, exp(-f^2 sigma^2 / 2)."""
    f = 2 * pi * settings.periods / settings.samples
    return exp(-((f * swept.deviations[swept.best_of_all]) ** 2) / 2)


def _say(run: Run, settings: Settings, before: dict[str, list[float]], found: dict[tuple[str, str], Swept]) -> str:
    sine, steps = (found[kind, "Gaussian"] for kind in SIGNALS)
    gains = {
        (kind, kernel): [max(row) - start for row, start in zip(swept.measured, before[kind], strict=True)]
        for (kind, kernel), swept in found.items()
    }
    at = {kind: found[kind, "Gaussian"].deviations[found[kind, "Gaussian"].best_of_all] for kind in SIGNALS}
    off = max(
        abs(fmean(row[i] for row in swept.measured) - value)
        for swept in found.values()
        for i, value in enumerate(swept.expected)
    )
    smoother = [sine.deviations[a] > steps.deviations[b] for a, b in zip(sine.best, steps.best, strict=True)]
    both = zip(*[gains[kind, kernel] for kind in SIGNALS for kernel in ("Gaussian", "moving average")], strict=True)
    seen = [
        run.see(
            f"the best Gaussian wins {fmean(gains['sine', 'Gaussian']):.1f} dB on the sine (sigma {at['sine']:.3g}, "
            f"which keeps {kept_of_sine(settings, sine):.0%} of its height) and "
            f"{fmean(gains['steps', 'Gaussian']):.1f} dB on the steps (sigma {at['steps']:.3g}); the mean over the "
            f"seeds is within {off:.1g} dB of what is expected at every width"
        ),
        claim(run, "the smooth signal bears a wider kernel than the one with jumps", smoother),
        claim(
            run,
            "at its best width the Gaussian wins more than the moving average at its own, on both signals",
            [a > b and c > d for a, b, c, d in both],
        ),
    ]
    return "\n".join(seen)


def _sweeps(before: dict[str, list[float]], found: dict[tuple[str, str], Swept], settings: Settings) -> plot.FigureData:
    panels: dict[str, dict[str, Line]] = {}
    for kind in SIGNALS:
        lines = {}
        for colour, kernel in enumerate(("Gaussian", "moving average")):
            swept = found[kind, kernel]
            measured = Line.of_seeds(swept.deviations, swept.measured, "circles")
            lines[f"{kernel}, measured"] = Line(
                measured.xs, measured.ys, measured.low, measured.high, "circles", colour
            )
            lines[f"{kernel}, expected"] = Line(swept.deviations, swept.expected, colour=colour)
        widths = found[kind, "Gaussian"].deviations
        lines["before"] = Line(widths, [fmean(before[kind])] * len(widths), look="dashed", colour=7)
        panels[kind] = lines
    title = f"smoothing a noisy signal: SNR in dB, noise {settings.noise:g}, {in_words(settings.seeds)}"
    return plot.lines_data(panels, title, "deviation of the kernel, in values", x_log=True, share=True, one_legend=True)


def _signals(run: Run, settings: Settings, margin: int, found: dict[tuple[str, str], Swept]) -> plot.FigureData:
    """Each signal before, with the best sigma, and with four times as much, of the first seed."""
    panels: dict[str, dict[str, Line]] = {}
    inside = slice(margin, margin + settings.samples)
    xs = list(range(settings.samples))
    for kind in SIGNALS:
        clean = signal(kind, settings.samples, settings.periods, margin)
        noisy = clean + settings.noise * drawn(run, len(clean), 0)
        swept = found[kind, "Gaussian"]
        best = swept.deviations[swept.best_of_all]
        wide = min(4 * best, max(settings.sigmas))
        shown = {f"{kind}, as it comes": noisy}
        shown |= {f"{kind}, sigma {g:.3g}": F.convolve(noisy, gaussian(g), "same") for g in (best, wide)}
        for name, values in shown.items():
            ratio = decibels(values[inside], clean[inside])
            panels[f"{name}: {ratio:.1f} dB"] = {
                "found": Line(xs, values[inside].tolist(), colour=0),
                "the signal without noise": Line(xs, clean[inside].tolist(), look="dashed", colour=1),
            }
    title = "noise, the best smoothing, and too much of it"
    return plot.lines_data(panels, title, "", share=True, one_legend=True)
