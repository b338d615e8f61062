"""Filters on a drawn photograph: blur, sharpen, Sobel, edges; valid, same, full, strides; channels in and out.

hwdong 6.1.3 and 6.1.4, 徐彬 4.2.1. With x (C, H, W), weights w (O, C, K, K), stride S, and P zeros around x:

    y[o, p, q] = sum over c, i, j of w[o, c, i, j] x[c, p S + i - P, q S + j - P]
    valid  P = 0: H - K + 1 rows      same  P = (K - 1) / 2: H rows      full  P = K - 1: H + K - 1 rows

Every filter here is such a sum, by `conv2d`, and checked against the sums written as loops. Weights that sum to 1 keep
the brightness, weights that sum to 0 answer to changes alone. Noise of deviation d becomes d sqrt(sum of w^2): a
difference of neighbours finds it as well as edges, which is why Sobel's filter smooths along the edge, and why edges
are looked for after a blur (J. Canny, IEEE PAMI 8 (1986), 679-698).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import xdl
from xdl import functional as F
from xdl import plot
from xdl.experiments.convolution.filters import (
    SOBEL,
    by_sums,
    differences,
    filtered,
    gaussian,
    kernels,
    magnitude,
    near,
    share_found,
)
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.picture import LEAST, coloured_photograph, photograph
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {"noises": (0.02, 0.08, 0.2), "seeds": 3}
BLURRED = 1.2  # deviation of the Gaussian before an edge is looked for
EDGE = 0.1  # change of brightness of the picture without noise that counts as one
LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)
FINDERS = ("differences of neighbours", "Sobel", "Gaussian, then Sobel")
OUTSIDE = (0.62, 0.77, 0.91)  # colour of what a picture does not reach


@dataclass(frozen=True)
class Settings:
    """The drawn photograph, and how much noise the edges are looked for in."""

    size: int = setting(96, "pixels of the picture a side", low=LEAST, high=256)
    noise: float = setting(0.04, "deviation of the picture's noise", low=0, high=1)
    sigma: float = setting(1.5, "deviation of the Gaussian blur, in pixels", above=0, high=5)
    noises: tuple[float, ...] = setting((0.01, 0.02, 0.04, 0.08, 0.15, 0.25), "noise in which edges are found", above=0)
    seeds: int = setting(5, "pictures for each noise, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The filters, the sizes, the channels and the edges in noise: a table or a figure each."""
    run.reseed()
    clean, noisy = (photograph(settings.size, noise).to("float64") for noise in (0.0, settings.noise))
    filters = _filters(settings, run, clean, noisy)
    sizes = _sizes(run, noisy)
    channels = _channels(settings, run)
    return {"filters": filters, "sizes": sizes, "channels": channels, "edges": _edges(settings, run)}


def _filters(settings: Settings, run: Run, clean: Tensor, noisy: Tensor) -> list[dict[str, Any]]:
    """What each filter does to picture and noise, and figures/filters."""
    noise = noisy - clean
    rows, pictures = [], {"the picture": noisy}
    for name, w in kernels(settings.sigma).items():
        k = len(w)
        keeps_brightness = float(w.sum()) > 0.5
        shown = filtered(noisy, w)
        pictures[f"{name}, {k}x{k}"] = shown.clamp(0, 1) if keeps_brightness else shown
        apart = _apart(F.conv2d(noisy[None, None], w[None, None])[0], by_sums(noisy[None], w[None, None]))
        gain = float(filtered(noise, w).std() / noise.std()) if settings.noise else 0.0
        rows.append((name, k, round(float(w.sum()), 6) + 0.0, gain, float(w.square().sum().sqrt()), apart))
    pictures["magnitude of Sobel's gradient"] = magnitude(noisy)
    run.say("noise: its deviation after the filter over that before; expected: the root of the sum of squared weights")
    headings = ("filter", "K", "sum of weights", "noise", "expected", "apart from the sums")
    table = run.table(headings, [(*row[:3], round(row[3], 3), round(row[4], 3), row[5]) for row in rows])
    gains = {row[0]: row[3] for row in rows}
    see = run.see(
        f"the Gaussian leaves {gains['Gaussian']:.2f} of the noise, sharpening makes {gains['sharpen']:.1f} times as "
        f"much of it, and the edges' filter {gains['edges']:.1f} times; conv2d and the sums written as loops differ by "
        f"at most {max(row[5] for row in rows):.1g}"
    )
    images = xdl.stack([*pictures.values()]).numpy()
    run.figure("filters", plot.gallery_data(images, [*pictures], 4, "filters, each on its own scale", size=2.5), see)
    return table


def _sizes(run: Run, x: Tensor) -> list[dict[str, Any]]:
    """The same blur with less and more around the picture, and with strides: figures/sizes."""
    w = gaussian(x.shape[0] / 32)
    k, input, weights = len(w), x[None, None], w[None, None]
    edge = F.pad(input, (k // 2,) * 4, mode="replicate")
    found = {
        "the picture": x,
        "valid": F.conv2d(input, weights)[0, 0],
        "same, zeros around": F.conv2d(input, weights, padding="same")[0, 0],
        "same, edge repeated": F.conv2d(edge, weights)[0, 0],
        "full": F.conv2d(input, weights, padding=k - 1)[0, 0],
        "same, stride 2": F.conv2d(input, weights, stride=2, padding=k // 2)[0, 0],
    }
    truth = by_sums(F.pad(x[None], (k - 1,) * 4), weights)[0]  # full, which holds all others
    high, wide, reach = *x.shape, k // 2
    middle = truth[reach : reach + high, reach : reach + wide]
    expected = {
        "valid": truth[k - 1 : high, k - 1 : wide],
        "same, zeros around": middle,
        "full": truth,
        "same, stride 2": middle[::2, ::2],
    }
    rows = [
        (
            name,
            str(tuple(y.shape)),
            round(_brightness_of_edge(y), 3),
            _apart(y, expected[name]) if name in expected else "",
        )
        for name, y in found.items()
    ]
    table = run.table(("way", "shape", "brightness of its edge", "apart from the sums"), rows)
    around, kept = (_brightness_of_edge(found[f"same, {name}"]) for name in ("zeros around", "edge repeated"))
    see = run.see(
        f"a kernel of {k}x{k} makes {found['valid'].shape[0]} rows of {high} where it is valid, "
        f"{found['full'].shape[0]} where it is full; zeros around the picture darken its edge "
        f"from {kept:.2f} to {around:.2f}"
    )
    images = xdl.stack([_framed(y, max(found["full"].shape)) for y in found.values()]).numpy()
    titles = [f"{name}: {'x'.join(map(str, y.shape))}" for name, y in found.items()]
    run.figure("sizes", plot.gallery_data(images, titles, 3, f"one blur of {k}x{k}", size=2.8), see)
    return table


def _channels(settings: Settings, run: Run) -> dict[str, Any]:
    """Three channels in, four maps out: figures/channels."""
    run.reseed()
    x = coloured_photograph(settings.size, settings.noise).to("float64")
    blur, sobel = gaussian(1.0)[1:-1, 1:-1], F.pad(xdl.tensor(SOBEL, dtype="float64"), (1, 1, 1, 1))
    weights = {
        "blurred brightness": [share * blur for share in LUMINANCE],
        "red less blue": [blur, 0 * blur, -blur],
        "upright edges of brightness": [share * sobel for share in LUMINANCE],
        "upright edges of red less blue": [sobel, 0 * sobel, -sobel],
    }
    w = xdl.stack([xdl.stack(planes) for planes in weights.values()])
    y = F.conv2d(x[None], w)[0]
    by_channel = sum((F.conv2d(x[None, c : c + 1], w[:, c : c + 1])[0] for c in range(3)), xdl.zeros_like(y))
    apart = {"sums": _apart(y, by_sums(x, w)), "channels": _apart(y, by_channel)}
    see = run.see(
        f"{tuple(w.shape)} weights make 4 maps of 3 channels: each is the sum of what its planes make of red, green "
        f"and blue (largest difference {apart['channels']:.1g}; from the sums written as loops {apart['sums']:.1g}); "
        "grey is 0 in the maps of differences"
    )
    shown = {"the picture": x.permute(1, 2, 0)} | {
        f"channel {c}: {name}": _grey(x[c], 0, 1) for c, name in enumerate(("red", "green", "blue"))
    }
    for (name, _), plane in zip(weights.items(), y, strict=True):
        most = float(plane.abs().max())
        whole = F.pad(plane, (2, 2, 2, 2))
        shown[f"map: {name}"] = _grey(whole, 0, 1) if name == "blurred brightness" else _grey(whole, -most, most)
    images = xdl.stack([*shown.values()]).numpy()
    run.figure("channels", plot.gallery_data(images, [*shown], 4, "channels in, maps out", size=2.5), see)
    return apart


def _edges(settings: Settings, run: Run) -> list[dict[str, Any]]:
    """How many of the picture's edges are found in noise: figures/edges."""
    true = differences(photograph(settings.size, 0.0).to("float64")) > EDGE
    noises = sorted(settings.noises)
    found: dict[str, list[list[float]]] = {name: [] for name in FINDERS}
    blur = gaussian(BLURRED)
    for seed in range(settings.seeds):
        run.reseed(seed)
        pictures = [photograph(settings.size, noise).to("float64") for noise in noises]
        ways: tuple[Callable[[Tensor], Tensor], ...] = (differences, magnitude, lambda x: magnitude(filtered(x, blur)))
        for name, way in zip(FINDERS, ways, strict=True):
            found[name].append([share_found(way(x), true) for x in pictures])
    lines = {name: Line.of_seeds(noises, values) for name, values in found.items()}
    means = [[fmean(column) for column in zip(*found[name], strict=True)] for name in FINDERS]
    rows = zip(noises, *means, strict=True)
    run.say(f"{int(true.sum())} pixels of edges; of as many strongest pixels, the share that are edges or beside one:")
    table = run.table(("noise", *FINDERS), [tuple(round(value, 3) for value in row) for row in rows])
    plain, sobel, both = (found[name] for name in FINDERS)
    last = f"in noise of {noises[-1]:g}, "
    seen = [
        claim(
            run,
            f"{last}Sobel finds more edges than differences",
            [b[-1] > a[-1] for a, b in zip(plain, sobel, strict=True)],
        ),
        claim(
            run,
            f"{last}a Gaussian before it finds more still",
            [b[-1] > a[-1] for a, b in zip(sobel, both, strict=True)],
        ),
    ]
    title = f"edges found among the strongest pixels, {in_words(settings.seeds)}"
    guessed = float(near(true).to("float64").mean())
    panel = {**lines, "by chance": Line(noises, [guessed] * len(noises), look="dashed")}
    run.figure(
        "edges", plot.lines_data({"share of them that are edges": panel}, title, "noise", x_log=True), "\n".join(seen)
    )
    return table


def _brightness_of_edge(y: Tensor) -> float:
    """The mean of the outermost rows and columns."""
    return float(F.cat([y[0], y[-1], y[1:-1, 0], y[1:-1, -1]]).mean())


def _framed(y: Tensor, size: int) -> Tensor:
    """The picture (H, W) as colours in the middle of (size, size, 3), with another colour around it."""
    (height, width), outside = y.shape, xdl.tensor(OUTSIDE, dtype="float64")
    top, left = (size - height) // 2, (size - width) // 2
    around = (left, size - width - left, top, size - height - top)
    there = F.pad(xdl.ones_like(y), around).unsqueeze(2)
    return F.pad(y, around).unsqueeze(2) * there + outside * (1 - there)


def _grey(plane: Tensor, low: float, high: float) -> Tensor:
    """The plane (H, W) as colours (H, W, 3), low black and high white."""
    return ((plane - low) / (high - low)).clamp(0, 1).unsqueeze(2).expand(-1, -1, 3)


def _apart(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max())
