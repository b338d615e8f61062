"""What convolutions save: sharing weights, and 1x1 bottlenecks (hwdong 6.2.1, 6.5.6; 徐彬 4.1).

The book's example: 28x28 pixels with 192 channels, to 32 maps by 5x5 kernels, once directly and once through 16
channels made by a 1x1 convolution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from time import perf_counter
from typing import Any

import xdl
from xdl import models, nn, plot
from xdl.profiling import profile
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """The sizes of the example."""

    size: int = setting(28, "pixels a side", low=5)
    channels: int = setting(192, "channels of the input", low=1)
    maps: int = setting(32, "maps that the 5x5 convolution makes", low=1)
    bottleneck: int = setting(16, "channels between", low=1)
    batch: int = setting(8, "images, for the times", low=1)
    repeats: int = setting(3, "runs of which the fastest counts", low=1)


HEADINGS = ("layer", "parameters", "multiplications an image", "forward and backward, ms an image")


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Two tables: a fully connected layer beside a convolution, and the ways through an Inception block."""
    s = settings
    one = s.size * s.size
    run.say("The same outputs from every pixel to every pixel, or from 5x5 neighbours with shared weights:")
    sharing = {
        "linear, one channel": nn.Sequential(nn.Flatten(), nn.Linear(one, one)),
        "conv 5x5, one channel": nn.Conv2d(1, 1, 5, padding=2),
    }
    tables = [_table(run, sharing, (s.batch, 1, s.size, s.size), s.repeats)]
    run.say("5x5 kernels, directly and through a bottleneck, and the whole block Inception 3a:")
    narrow = nn.Sequential(nn.Conv2d(s.channels, s.bottleneck, 1), nn.Conv2d(s.bottleneck, s.maps, 5, padding=2))
    ways = {
        "conv 5x5": nn.Conv2d(s.channels, s.maps, 5, padding=2),
        f"conv 1x1 to {s.bottleneck}, conv 5x5": narrow,
        "Inception 3a": models.Inception(s.channels, 64, 96, 128, 16, 32, 32, kernel_size5=5),
    }
    tables.append(_table(run, ways, (s.batch, s.channels, s.size, s.size), s.repeats))
    products, times = ([row[name] for row in tables[1]] for name in HEADINGS[2:])
    weights = [row[HEADINGS[1]] for row in tables[0]]
    factor = products[0] / products[1]
    saved = run.see(
        f"the bottleneck saves a factor of {factor:.1f} in multiplications, of {times[0] / times[1]:.1f} in time; "
        f"sharing weights saves one of {weights[0] / weights[1]:,.0f} in parameters"
    )
    parts = shares(ways["Inception 3a"], (s.batch, s.channels, s.size, s.size))
    most = ", ".join(f"{name} {share:.0%}" for name, share in list(parts.items())[:4])
    why = run.see(
        f"Inception 3a takes {times[2] / times[0]:.1f} times the time of the direct 5x5 for "
        f"{products[2] / products[0]:.2f} times the multiplications: only {parts['conv2d']:.0%} of its time goes into "
        f"convolutions ({most})"
    )
    rows = [*tables[0], *tables[1]]
    panels = {
        heading: {"": [row[name] for row in rows]}
        for heading, name in zip(("parameters", "multiplications an image", "ms an image"), HEADINGS[1:], strict=True)
    }
    title = f"what layers cost, for images of {s.size}x{s.size}"
    run.figure("cost", plot.bars_data([row["layer"] for row in rows], panels, title, log=True), f"{saved}\n{why}")
    return {"sharing": tables[0], "bottleneck": tables[1], "factor": factor, "time_by_operation": parts}


def shares(layer: nn.Module, shape: tuple[int, ...]) -> dict[str, float]:
    """What each operation takes of the time of a pass forward and backward, the largest share first."""
    x = xdl.randn(*shape, requires_grad=True)
    with profile() as measured:
        layer(x).sum().backward()
    seconds: dict[str, float] = {}
    for row in measured.rows.values():
        seconds[row.operation] = seconds.get(row.operation, 0.0) + row.seconds
    total = sum(seconds.values())
    return {name: part / total for name, part in sorted(seconds.items(), key=lambda pair: -pair[1])}


def multiplications(layer: nn.Module, shape: tuple[int, ...]) -> int:
    """The products of convolutions and linear layers for one image of this shape (1, C, H, W).

    A value of a convolution takes C/groups KH KW of them, one of a linear layer as many as it has inputs. Biases are
    additions; batch norm, which can be merged into a convolution, is left out.
    """
    modules = dict(layer.named_modules())
    total = 0
    for part in layer.summary(shape).layers:
        module = modules["" if part.name == "(itself)" else part.name]
        if isinstance(module, nn.Conv2d | nn.Linear):
            total += prod(part.output) * prod(module.weight.shape[1:])
    return total


def _table(run: Run, layers: dict[str, nn.Module], shape: tuple[int, ...], repeats: int) -> list[dict[str, Any]]:
    rows = []
    for name, layer in layers.items():
        parameters = sum(prod(p.shape) for p in layer.parameters())
        products = multiplications(layer, (1, *shape[1:]))
        rows.append((name, parameters, products, round(1000 * _seconds(layer, shape, repeats) / shape[0], 3)))
    return run.table(HEADINGS, rows)


def _seconds(layer: Callable[..., Any], shape: tuple[int, ...], repeats: int) -> float:
    """The fastest of `repeats` runs forward and backward on random images of this shape."""
    x = xdl.randn(*shape, requires_grad=True)
    times = []
    for _ in range(repeats):
        started = perf_counter()
        layer(x).sum().backward()
        times.append(perf_counter() - started)
    return min(times)
