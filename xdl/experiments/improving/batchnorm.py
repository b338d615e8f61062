"""Batch norm taken apart (Ioffe and Szegedy 2015; hwdong 5.3; 徐彬 6.3, 6.6, 6.7).

training    y = (x - mean) / sqrt(var + eps) * weight + bias, mean and var (divided by n) over the batch
inference   the same with running_mean and running_var, moved by momentum towards mean and var n / (n - 1)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from xdl import nn, plot
from xdl.creation import tensor
from xdl.functional import batch_norm
from xdl.gradcheck import gradcheck, gradgradcheck
from xdl.random import randn
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

# name -> how (N, C, H, W) = (8, 3, 4, 5) is seen by a layer, and the layer
KINDS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[], Any]]] = {
    "fully connected, per feature": (lambda x: x[:, :, 0, 0], lambda: nn.BatchNorm1d(3)),
    "convolution, per channel": (lambda x: x, lambda: nn.BatchNorm2d(3)),
    "convolution, per pixel": (lambda x: x.reshape(len(x), -1), lambda: nn.BatchNorm1d(3 * 4 * 5)),
}
MEANS, STDS = (4.0, -1.0, -2.0), (2.0, 1.0, 0.5)  # of the channels that batches are drawn with
BINS, ENDS = 64, (-5.0, 11.0)  # of the histograms
SHOWN = (1, 10, 50)  # batches seen


QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """Batches of three channels with means 4, -1 and -2 and stds 2, 1 and 0.5."""

    batch: int = setting(64, "samples in a batch", low=2)
    momentum: float = setting(0.1, "how far running averages move with one batch", above=0, high=1)


def drawn(samples: int) -> Tensor:
    """A batch (samples, 3, 4, 5), another one with each call."""
    means, stds = (tensor(values, dtype="float32").reshape(3, 1, 1) for values in (MEANS, STDS))
    return randn(samples, 3, 4, 5) * stds + means


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Tables and figures of means and stds before and after, in training and in inference, and the gradient check."""
    batch = drawn(settings.batch)
    rows = []
    for name, (view, make) in KINDS.items():
        x = view(batch)
        layer: Any = make()
        y = layer(x)
        rows.append((name, str(x.shape), layer.num_features, *spread(x), *spread(y)))
    headings = ("kind", "shape", "statistics", "mean", "std", "mean after", "std after")
    kinds = run.table(headings, rows)
    draw_histograms(run, {"before": batch, "after batch norm, per channel": nn.BatchNorm2d(3)(batch)})

    run.say("inference: the running averages come near the channels' means and variances with the batches seen")
    layer, inference, moved = follow(settings, run)
    fresh = drawn(settings.batch)
    apart = (layer.train()(fresh) - layer.eval()(fresh)).abs().max().item()

    x, w, b = (randn(*shape, dtype="float64").requires_grad_() for shape in ((6, 3, 2, 2), (3,), (3,)))
    gradcheck(lambda x, w, b: batch_norm(x, None, None, w, b, training=True), [x, w, b])
    gradgradcheck(lambda x, w, b: batch_norm(x, None, None, w, b, training=True), [x, w, b])
    run.say("backward: first and second derivatives agree with numerical ones within 1e-6")
    return {"kinds": kinds, "inference": inference, "running": moved, "largest_difference_after_50": apart}


def follow(settings: Settings, run: Run) -> tuple[nn.BatchNorm2d, list[dict[str, Any]], dict[str, list[float]]]:
    """The layer after 50 different batches, the table of its running averages, and those after the last batch."""
    layer = nn.BatchNorm2d(3, momentum=settings.momentum)
    averages: dict[str, Any] = {"running mean": layer.running_mean, "running variance": layer.running_var}
    moved: dict[str, list[list[float]]] = {name: [average.tolist()] for name, average in averages.items()}
    rows = []
    for seen in range(1, SHOWN[-1] + 1):
        layer.train()(drawn(settings.batch))
        for name, average in averages.items():
            moved[name].append(average.tolist())
        if seen in SHOWN:
            words = [", ".join(f"{value:.2f}" for value in values[-1]) for values in moved.values()]
            rows.append((seen, *words, *spread(layer.eval()(drawn(settings.batch)))))
    table = run.table(("batches seen", "running means", "running variances", "mean of y", "std of y"), rows)
    last = {name: values[-1] for name, values in moved.items()}
    true = {"running mean": MEANS, "running variance": [std * std for std in STDS]}
    off = max(abs(a - b) for name, values in true.items() for a, b in zip(last[name], values, strict=True))
    told = run.see(f"after {SHOWN[-1]} batches the running averages are within {off:.2g} of those of the data")
    panels = {name: _channels(values, true[name]) for name, values in moved.items()}
    title = f"{run.about['experiment']}: running averages, momentum {settings.momentum:g}"
    run.figure("running", plot.lines_data(panels, title, "batches seen"), told)
    return layer, table, last


def _channels(values: Sequence[Sequence[float]], true: Sequence[float]) -> dict[str, plot.Line]:
    """One curve a channel, and dashed what they tend to."""
    seen = range(len(values))
    curves = {f"channel {i + 1}": plot.Line(seen, [value[i] for value in values], colour=i) for i in range(len(true))}
    level = [height for mean in true for height in (*[mean] * len(values), nan)]  # nan: a gap between two levels
    curves["of the data"] = plot.Line([*seen, seen[-1]] * len(true), level, look="dashed", colour=7)
    return curves


def draw_histograms(run: Run, batches: Mapping[str, Tensor]) -> None:
    """Writes figures/histograms: for each of the batches (N, 3, ...) the share of each channel's values by bin."""
    low, high = ENDS
    width = (high - low) / BINS
    centres = [low + width * (i + 0.5) for i in range(BINS)]
    panels: dict[str, dict[str, plot.Line]] = {}
    for name, batch in batches.items():
        panels[name] = {}
        for i in range(batch.shape[1]):
            x = batch[:, i]
            mean, std = spread(x)
            shares = x.histc(BINS, low, high) / (x.numel() * width)
            panels[name][f"channel {i + 1}: mean {mean:.2f}, std {std:.2f}"] = plot.Line(
                centres, shares.tolist(), look="steps"
            )
    title = f"{run.about['experiment']}: how the values of a batch are spread (density)"
    run.figure("histograms", plot.lines_data(panels, title, "value", share=True))


def spread(x: Tensor) -> tuple[float, float]:
    """Mean and std over all elements."""
    mean = x.mean()
    return mean.item(), ((x - mean) ** 2).mean().sqrt().item()
