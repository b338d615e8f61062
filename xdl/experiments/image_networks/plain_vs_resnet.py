"""Why residual networks: gradients by depth, and training, of plain and residual networks (hwdong 6.5.4, 6.5.5).

He, Zhang, Ren, Sun 2016, section 4.2 and figure 6: a deeper plain network trains worse, a deeper residual one better.

The gradient of a layer's weights is made of its inputs and of the gradient by its outputs. With weights that are too
small, inputs shrink from layer to layer upwards and gradients downwards: their product is small in all layers alike,
and the smaller the more layers there are. Batch norm gives the inputs back their size, and divides gradients by the
deviation of what it normalizes: through many layers that makes them grow. A shortcut hands both on as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from xdl import models, nn, plot
from xdl.creation import tensor
from xdl.data import LabelledImages
from xdl.data.split import stratified_order
from xdl.errors import SettingError, expect
from xdl.experiments.shared.classify import SCHEDULES, ClassifierSettings, Trained
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.versus import Variant, more_accurate, train_variants
from xdl.runs.run import Run
from xdl.runs.settings import setting

KINDS = ("plain", "residual")
SAMPLES = 64  # images of the batch whose gradients are shown
PRESETS = {"mnist": {"epochs": 2, "batch_size": 64, "size": 14, "seeds": 1}}
QUICK = {"epochs": 2, "samples": 200, "depths": (8, 14), "seeds": 1}


@dataclass(frozen=True)
class Settings(ClassifierSettings):
    """Small images keep the deep networks quick."""

    epochs: int = setting(3, "passes over the training images", low=1)
    lr: float = setting(0.003, "learning rate of the first epoch", above=0)
    schedule: str = setting("cosine", "how the learning rate changes from epoch to epoch", choices=SCHEDULES)
    depths: tuple[int, ...] = setting((8, 26), "layers of the networks, each 6 n + 2", low=8, high=1202)
    size: int = setting(8, "pixels a side", low=4)
    seeds: int = setting(3, "trainings of each network, one a seed", low=1)


def build(depth: int, shortcuts: bool, settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """A network of the paper's section 4.2, with or without its shortcuts."""
    return models.CifarResNet(depth, classes, in_channels=shape[0], shortcuts=shortcuts)


def last_trained(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The network that is trained last, and saved: the residual one of the last depth."""
    return build(settings.depths[-1], True, settings, shape, classes)


TASK = ImageClassifier(last_trained)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The gradient norm of each convolution before training, with and without batch norm; then all networks trained."""
    different = len(set(settings.depths)) > 1
    expect(different, SettingError, "--set depths", "at least two different depths to compare", settings.depths)
    data = images_of(run, settings.size)
    kinds = {
        f"{kind} {depth}": partial(build, depth, kind == "residual") for depth in settings.depths for kind in KINDS
    }
    norms: dict[str, dict[str, list[float]]] = {"with batch norm": {}, "without batch norm": {}}
    for title, curves in norms.items():
        for name, make in kinds.items():
            run.reseed()
            model = make(settings, data.image_shape, len(data.class_names))
            curves[name] = gradient_norms(model, data, title == "with batch norm")
    panels = {
        title: {name: (range(1, len(values) + 1), values) for name, values in curves.items()}
        for title, curves in norms.items()
    }
    title = "gradient norm by depth, before training"
    seen = "\n".join(run.see(explanation(kind, curves, settings.depths)) for kind, curves in norms.items())
    run.figure("gradients", plot.lines_data(panels, title, "convolution", log=True, share=True), seen)
    variants = {name: Variant(settings, make) for name, make in kinds.items()}
    results = train_variants(run, data, variants, settings.seeds, _claims(settings.depths))
    return {**results, "gradient_norms": norms}


def _claims(depths: tuple[int, ...]) -> dict[str, Callable[..., bool]]:
    """What the losses of training and the test images are there to show; trained: plain, residual, depth by depth."""

    def loss(one: Trained) -> float:
        return one.measures["train_loss"]

    return {
        f"of {depths[-1]} layers, the residual network has the lower training loss": lambda *trained: (
            loss(trained[-1]) < loss(trained[-2])
        ),
        f"of {depths[-1]} layers, the residual network is more accurate on test images": lambda *trained: more_accurate(
            trained[-2], trained[-1]
        ),
        f"the plain network of {depths[-1]} layers has a higher training loss than that of {depths[0]}": (
            lambda *trained: loss(trained[-2]) > loss(trained[0])
        ),
    }


def explanation(kind: str, curves: dict[str, list[float]], depths: tuple[int, ...]) -> str:
    """How the deepest networks' gradients change from the last convolution to the first, and with the depth."""
    ends = {name: (norms[0], norms[-1]) for name, norms in curves.items()}
    plain, residual = (words(first / last) for first, last in (ends[f"{name} {depths[-1]}"] for name in KINDS))
    deeper = [ends[f"{name} {depths[-1]}"][0] / ends[f"{name} {depths[0]}"][0] for name in KINDS]
    return (
        f"{kind}, {depths[-1]} layers: from the last convolution to the first the gradient {plain} without shortcuts, "
        f"{residual} with them; at the first it is {deeper[0]:,.3g} times that of {depths[0]} layers without "
        f"shortcuts, {deeper[1]:,.3g} times with them"
    )


def words(factor: float) -> str:
    """What a gradient does that changes by this factor."""
    if 0.5 < factor < 2:
        return f"keeps its size ({factor:.2g} times)"
    if 0.1 < factor < 10:
        return f"{'grows' if factor > 1 else 'shrinks'} ({factor:.2g} times)"
    return f"explodes ({factor:,.0f} times)" if factor > 1 else f"vanishes ({factor:.1g} times)"


def gradient_norms(model: nn.Module, data: LabelledImages, batch_norm: bool) -> list[float]:
    """The norm of each convolution's gradient, from the input on, for one batch and a model as it starts."""
    if not batch_norm:
        for module in list(model.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, nn.BatchNorm2d):
                    setattr(module, name, nn.Identity())
    of_all_classes = stratified_order(data.train.arrays[1])[:SAMPLES]
    images, labels = (tensor(array[of_all_classes]) for array in data.train.arrays)
    nn.CrossEntropyLoss()(model(images), labels).backward()
    weights = [m.weight.grad for m in model.modules() if isinstance(m, nn.Conv2d)]
    return [float((g * g).sum().sqrt()) for g in weights if g is not None]
