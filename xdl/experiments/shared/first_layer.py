"""The first layer of a classifier of images: its weights as pictures, before and after, and units that do nothing."""

from __future__ import annotations

from typing import Any

from xdl import nn, plot
from xdl.creation import tensor
from xdl.data import LabelledImages
from xdl.runs.run import Run
from xdl.tensor import Tensor, no_grad

WATCHED = 1000  # test images that a unit must be 0 for, to be called dead


def first_weights(model: nn.Module, shape: tuple[int, ...]) -> Any:
    """A copy of the first parameter: a convolution's (O, C, K, K), or a linear layer's rows as images (O, C, H, W)."""
    weights = next(model.parameters()).numpy().copy()
    return weights.reshape(-1, *shape) if weights.ndim == 2 else weights


def draw_filters(run: Run, model: nn.Module, data: LabelledImages, title: str, before: Any = None) -> None:
    """Writes figures/filters: rows that are classes by their names, other rows with the largest norms first.

    before: what `first_weights` gave before training
    """
    weights = first_weights(model, data.image_shape)
    matrices = [p for p in model.parameters() if p.ndim == 2]
    if len(matrices) == 1 and matrices[0] is next(model.parameters()):  # one linear layer: its rows are the classes
        run.figure(
            "filters", plot.filters_data(weights, title, data.class_names, before), _extremes(run, weights, data)
        )
        return
    see, order = "in the order of the layer's maps", slice(None)
    if next(model.parameters()).ndim == 2:
        norms = (weights.reshape(len(weights), -1) ** 2).sum(1) ** 0.5
        see, order = f"the largest norms first: {norms.max():.3g} to {norms.min():.3g}", (-norms).argsort(kind="stable")
    dead = dead_units(model, data)
    if dead is not None and dead[0]:
        count, units, images = dead
        see += "; " + run.see(f"{count} of {units} units of the first ReLU are 0 for all of {images} test images")
    run.figure("filters", plot.filters_data(weights[order], title, (), None if before is None else before[order]), see)


def _extremes(run: Run, weights: Any, data: LabelledImages) -> str:
    """Which class has the largest weights, and which the smallest."""
    norms = (weights.reshape(len(weights), -1) ** 2).sum(1) ** 0.5
    most, least = (data.class_names[int(i)] for i in (norms.argmax(), norms.argmin()))
    return run.see(
        f"red pixels speak for a class, blue ones against it; the norm is largest for {most} ({norms.max():.3g}) "
        f"and smallest for {least} ({norms.min():.3g})"
    )


def dead_units(model: nn.Module, data: LabelledImages) -> tuple[int, int, int] | None:
    """(units that are 0 for every image, all units, images) of the model's first ReLU, over up to 1000 test images.

    A unit of a convolution is a whole map. None for a model without a ReLU.
    """
    first = next((module for module in model.modules() if isinstance(module, nn.ReLU)), None)
    if first is None:
        return None
    seen: list[Tensor] = []

    def note(module: nn.Module, args: tuple[Any, ...], output: Tensor) -> None:
        seen.append(output)

    images = tensor(data.test.arrays[0][:WATCHED])
    with no_grad(), first.register_forward_hook(note):
        model.eval()(images)
    outputs = seen[0].transpose(0, 1).flatten(1)  # (units, all else)
    return int((outputs.amax(1) <= 0).sum()), outputs.shape[0], len(images)
