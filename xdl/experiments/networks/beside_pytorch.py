"""The same networks with the same weights in xdl and in PyTorch: outputs, losses, every gradient, a short training.

One text builds and trains a network in both libraries, see `twins`. What differs is the order in which sums are added
up, so float32 results differ in their last digits. By how much they may, PyTorch tells by itself: its float32 gradients
beside its float64 ones, here called rounding. And what a mistake would do, a network tells whose first weights are,
by chance, 0.1 % off.
The networks are those of hwdong 4.3.6, 6.5.1, 6.5.5 and 7.7.

Where PyTorch is not installed, the networks run in xdl alone, and the run says what to install.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xdl
from xdl import nn, plot
from xdl.data import load_digits
from xdl.experiments.networks.twins import NETWORKS, apart, built, gradients, training
from xdl.experiments.shared.claims import claim, counted, in_words
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK: dict[str, Any] = {"seeds": 1, "steps": 0}
INSTALL = "pip install torch"
KINDS = ("float32", "float64", "rounding", "0.1 % off")
WITHIN = 10  # times what rounding does
NOTHING = 1e-17  # where a difference of 0 is drawn

Found = dict[str, dict[str, float]]  # {kind: {tensor: its difference}}


@dataclass(frozen=True)
class Settings:
    """Each network gets the same images, and is trained for a few steps by Adam in both libraries."""

    seeds: int = setting(5, "comparisons of each network, one a seed", low=1)
    images: int = setting(16, "digits in the batch", low=2, high=1000)
    steps: int = setting(20, "steps of the training that is compared; 0: none, and PyTorch is at hand sooner", low=0)
    lr: float = setting(0.003, "learning rate of that training", above=0)


@dataclass(frozen=True)
class Compared:
    """One network with one seed. losses: those of the training in xdl, and in PyTorch; empty for one of no steps."""

    shapes: Mapping[str, tuple[int, ...]]
    found: Found
    losses: tuple[list[float], list[float]]

    def largest(self, kind: str) -> float:
        """The largest difference among the gradients."""
        return max(value for name, value in self.found[kind].items() if name not in ("output", "loss"))

    @property
    def loss_difference(self) -> float:
        """The largest relative difference of the losses of the training, 0 where there is none."""
        return max((abs(a - b) / abs(b) for a, b in zip(*self.losses, strict=True)), default=0.0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Tables of differences by network and by layer, a figure of both, and in how many seeds they are rounding."""
    torch = _torch()
    if torch is None:
        return _alone(settings, run)
    run.say(f"xdl {xdl.__version__} beside PyTorch {torch.__version__}")
    found = {name: [_compare(torch, name, settings, run, i) for i in range(settings.seeds)] for name in NETWORKS}
    layers = [
        (f"{name}: {layer}", str(shape), *(one.found[kind][layer] for kind in KINDS))
        for name, (one, *_) in found.items()
        for layer, shape in one.shapes.items()
    ]
    run.say("relative differences within each tensor, |xdl - PyTorch| over the largest value, of the first seed:")
    by_layer = run.table(("gradient of", "shape", *KINDS), layers)
    run.say(f"the largest of all layers and {counted(settings.seeds, 'seed')}:")
    rows = [
        (
            name,
            max(one.found["float32"]["output"] for one in every),
            *(max(one.largest(kind) for one in every) for kind in KINDS),
            *([max(one.loss_difference for one in every)] if settings.steps else []),
        )
        for name, every in found.items()
    ]
    headings = ("network", "output", *(f"gradients {kind}" for kind in KINDS), "losses in training")
    table = run.table(headings if settings.steps else headings[:-1], rows)
    run.figure("gradients", _gradients_figure(found), _claim(run, found))
    if settings.steps:
        run.figure("trainings", _trainings_figure({name: one for name, (one, *_) in found.items()}))
    return {"pytorch": torch.__version__, "networks": table, "layers": by_layer}


def _torch() -> Any:
    """PyTorch, or None where it is not installed."""
    try:
        import torch
    except ImportError:
        return None
    return torch


def _alone(settings: Settings, run: Run) -> dict[str, Any]:
    """What there is without PyTorch: the losses that it would be compared by, and a note."""
    note = f"PyTorch is not installed, so nothing is compared. Install it, {INSTALL}, and run this again"
    rows = []
    for name in NETWORKS:
        state, images, labels = _start(name, settings, run, 0)
        found = gradients(xdl, built(xdl, name, state, "float32"), images, labels, "float32")
        rows.append((name, len(found) - 2, found["loss"].item()))
    table = run.table(("network", "gradients", "loss"), rows)
    return {"pytorch": None, "note": run.see(note), "networks": table}


def _start(name: str, settings: Settings, run: Run, repeat: int) -> tuple[dict[str, Any], Any, Any]:
    """First weights as host arrays, images (N, 1, 28, 28) and labels: other ones for each seed."""
    run.reseed(repeat)
    state = {key: value.numpy() for key, value in NETWORKS[name](nn).state_dict().items()}
    images, labels = load_digits(size=28).train.arrays
    chosen = xdl.randperm(len(images))[: settings.images].tolist()
    return state, images[chosen], labels[chosen]


def _compare(torch: Any, name: str, settings: Settings, run: Run, repeat: int) -> Compared:
    """The gradients of both libraries in both dtypes, those of a network that is 0.1 % off, and two trainings."""
    state, images, labels = _start(name, settings, run, repeat)
    first, weights = next(iter(state.items()))
    off = weights * (1 + 0.001 * xdl.randn(*weights.shape)).numpy()

    def of(library: Any, dtype: str, weights: Any = weights) -> dict[str, Any]:
        model = built(library, name, {**state, first: weights}, dtype)
        return gradients(library, model, images, labels, dtype)

    ours, theirs = ({dtype: of(library, dtype) for dtype in KINDS[:2]} for library in (xdl, torch))
    found = {dtype: apart(ours[dtype], theirs[dtype]) for dtype in KINDS[:2]}
    found["rounding"] = apart(theirs["float32"], theirs["float64"])
    found["0.1 % off"] = apart(of(xdl, "float32", off), theirs["float32"])

    def trained(library: Any) -> list[float]:
        if settings.steps == 0:  # even the making of an optimizer takes PyTorch two seconds
            return []
        model = built(library, name, state, "float32")
        return training(library, model, images, labels, settings.steps, settings.lr)

    shapes = {key: value.shape for key, value in ours["float32"].items()}
    return Compared(shapes, found, (trained(xdl), trained(torch)))


def _claim(run: Run, found: Mapping[str, Sequence[Compared]]) -> str:
    """That the differences are rounding, and that a small mistake would stand out, with the number of seeds."""
    seeds = list(zip(*found.values(), strict=True))
    times = [max(one.largest("float32") / one.largest("rounding") for one in every) for every in seeds]
    less = [min(one.largest("0.1 % off") / one.largest("float32") for one in every) for every in seeds]
    within = claim(
        run,
        f"the gradients of all {len(found)} networks differ from PyTorch's by at most {WITHIN} times what float32 "
        f"rounds in PyTorch alone (at most {max(times):.1f} times)",
        [value <= WITHIN for value in times],
    )
    seen = claim(
        run,
        f"first weights that are 0.1 % off change the gradients at least {min(less):.0f} times as much",
        [value > WITHIN for value in less],
    )
    return f"{within}\n{seen}"


def _gradients_figure(found: Mapping[str, Sequence[Compared]]) -> plot.FigureData:
    panels = {}
    for name, every in found.items():
        names = [layer for layer in every[0].shapes if layer not in ("output", "loss")]
        xs = range(1, len(names) + 1)
        curves = {}
        for colour, (kind, label, look) in enumerate(
            (
                ("float32", "xdl and PyTorch, float32", "line"),
                ("float64", "xdl and PyTorch, float64", "line"),
                ("rounding", "PyTorch: float32 and float64", "dashed"),
                ("0.1 % off", "first weights 0.1 % off", "dashed"),
            )
        ):
            values = [[max(one.found[kind][layer], NOTHING) for layer in names] for one in every]
            line = plot.Line.of_seeds(xs, values, look)
            curves[label] = plot.Line(line.xs, line.ys, line.low, line.high, look, colour)
        panels[name] = curves
    title = f"Relative difference of each gradient: {in_words(len(every))}"
    return plot.lines_data(panels, title, "parameter, from input to output", columns=2, log=True, share=True)


def _trainings_figure(found: Mapping[str, Compared]) -> plot.FigureData:
    panels = {
        f"{name}: at most {one.loss_difference:.1g} apart": {
            "xdl": plot.Line(range(1, len(one.losses[0]) + 1), one.losses[0]),
            "PyTorch": plot.Line(range(1, len(one.losses[1]) + 1), one.losses[1], look="circles"),
        }
        for name, one in found.items()
    }
    return plot.lines_data(panels, "Loss of the same training by Adam in xdl and in PyTorch", "step", columns=2)
