"""Batch norm inside a deep network: activations, saturation and gradients by layer (徐彬 6.1, 6.2, 6.4; hwdong 5.3).

Sigmoids are flat at both ends: a unit whose pre-activation drifts there passes no gradient on. Ioffe and Szegedy (2015)
call the drift of each layer's inputs during training the internal covariate shift.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from xdl import nn, plot
from xdl.creation import tensor
from xdl.data import LabelledImages
from xdl.errors import CheckpointError, expect
from xdl.experiments.shared.classify import ClassifierSettings, train
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.experiments.shared.images import images_of, part_of
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train import Callback, Record, Trainer

ACTIVATIONS = {"sigmoid": (nn.Sigmoid, 0.0, 1.0), "tanh": (nn.Tanh, -1.0, 1.0)}  # with their ends
SAMPLES = 256  # images that are looked at
TITLES = {
    "saturated": "share of saturated units",
    "std": "std of the activations",
    "mean": "mean of the activations",
    "gradient": "norm of the weights' gradient",
}
HEADINGS = (
    "training",
    "saturated at the start",
    "and at the end",
    "first layer's gradient over the last's",
    "gap",
    "test accuracy",
)
NEAR = 0.05  # of the distance between the ends: a unit so near to one of them is saturated


QUICK = {"epochs": 3}


@dataclass(frozen=True)
class Settings(ClassifierSettings):
    """Five hidden layers, deep enough for the gradient to fade."""

    epochs: int = setting(10, "passes over the training images", low=1)
    activation: str = setting("sigmoid", "a function that saturates", choices=tuple(ACTIVATIONS))
    layers: int = setting(5, "hidden layers", low=2)
    width: int = setting(100, "units of a hidden layer", low=1)
    scale: float = setting(4.0, "factor on the initial weights: large ones saturate the units", above=0)
    batch_norm: bool = setting(True, "normalize the pre-activations, in the second of the two trainings")


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Sequential:
    """Linear, batch norm or nothing, activation; as many times as there are layers, then a linear layer."""
    activation = ACTIVATIONS[settings.activation][0]
    modules: list[nn.Module] = [nn.Flatten()]
    features = prod(shape)
    for _ in range(settings.layers):
        linear = nn.Linear(features, settings.width)
        limit = settings.scale / features**0.5
        nn.init.uniform_(linear.weight, -limit, limit)
        modules += [linear, *([nn.BatchNorm1d(settings.width)] if settings.batch_norm else []), activation()]
        features = settings.width
    return nn.Sequential(*modules, nn.Linear(features, classes))


TASK = ImageClassifier(build)


SEEN = ("mean", "std", "saturated", "gradient")


class LayerWatch(Callback):
    """After each epoch and before the first, by hidden layer, for the same batch of images:

    mean, std: of the activations
    saturated:       the share of activations near an end of the function
    gradient:        the norm of the gradient of the weights
    """

    def __init__(self, model: nn.Sequential, data: LabelledImages, activation: str) -> None:
        self.model = model
        self.kind, self.low, self.high = ACTIVATIONS[activation]
        self.images, self.labels = (tensor(array[:SAMPLES]) for array in data.train.arrays)
        self.epochs: list[list[dict[str, float]]] = []  # [epoch][hidden layer]

    def on_fit_start(self, trainer: Trainer) -> None:  # noqa: ARG002
        """Looks at the model as it starts, if it does not go on."""
        if not self.epochs:
            self.look()

    def on_epoch_end(self, trainer: Trainer, record: Record) -> None:  # noqa: ARG002
        """Looks at the model."""
        self.look()

    def state_dict(self) -> dict[str, Any]:
        """What was seen so far; nothing before the first look."""
        return {"epochs": self.epochs} if self.epochs else {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError for one of other layers."""
        epochs = [*state.get("epochs", [])]
        layers = sum(isinstance(m, self.kind) for m in self.model)
        whole = [isinstance(rows, list) and len(rows) == layers for rows in epochs]
        fits = all(whole) and all(isinstance(row, dict) and set(row) == {*SEEN} for rows in epochs for row in rows)
        expect(fits and set(state) <= {"epochs"}, CheckpointError, "LayerWatch", f"{SEEN} of {layers} layers", state)
        self.epochs = epochs

    def look(self) -> None:
        """One pass forward and backward in training mode; the running statistics and the gradients are put back."""
        kept = {name: value.numpy().copy() for name, value in self.model.state_dict().items()}
        rows: list[dict[str, float]] = []
        handles = [m.register_forward_hook(self._note(rows)) for m in self.model if isinstance(m, self.kind)]
        self.model.zero_grad()  # of the last step
        self.model.train()
        nn.CrossEntropyLoss()(self.model(self.images), self.labels).backward()
        linears = [m for m in self.model if isinstance(m, nn.Linear)]
        for row, linear in zip(rows, linears, strict=False):
            row["gradient"] = linear.weight.grad.pow(2).sum().sqrt().item() if linear.weight.grad is not None else 0.0
        for handle in handles:
            handle.remove()
        self.model.zero_grad()
        self.model.load_state_dict(kept)
        self.epochs.append(rows)

    def _note(self, rows: list[dict[str, float]]) -> Any:
        edge = NEAR * (self.high - self.low)

        def note(module: nn.Module, args: tuple[Any, ...], output: Tensor) -> None:
            y = output.detach()
            near = (y < self.low + edge).logical_or(y > self.high - edge)
            shares = {"mean": y.mean(), "std": y.std(), "saturated": near.to("float32").mean()}
            rows.append({name: value.item() for name, value in shares.items()})

        return note

    def panel(self, name: str) -> dict[str, tuple[Any, list[float]]]:
        """One curve over the epochs for each hidden layer, as `plot.lines` draws them."""
        layers = range(len(self.epochs[0]))
        return {f"layer {i + 1}": (range(len(self.epochs)), [rows[i][name] for rows in self.epochs]) for i in layers}


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains without and with batch norm from the same seed, and looks at the layers after every epoch."""
    data = part_of(images_of(run), settings.samples)
    rows, watches = [], {}
    for name, chosen in (
        ("without batch norm", replace(settings, batch_norm=False)),
        ("with batch norm", settings),
    ):
        run.say(f"\n{name}")
        run.reseed()
        model = build(chosen, data.image_shape, len(data.class_names))
        watch = watches[name] = LayerWatch(model, data, settings.activation)
        trained = train(run.part(name.replace(" ", "-")), model, data, chosen, (watch,))
        first, last = watch.epochs[0], watch.epochs[-1]
        shares = (sum(row["saturated"] for row in rows_) / len(rows_) for rows_ in (first, last))
        ratio = first[0]["gradient"] / first[-1]["gradient"]
        rows.append((name, *shares, ratio, trained.gap, trained.measures["test_accuracy"]))
    run.folder.save_model(trained.model, run.identity)
    for what in ("saturated", "std", "mean", "gradient"):
        draw_layers(run, what, {name: watch.panel(what) for name, watch in watches.items()})
    return {"data_description": data.description, "trainings": run.table(HEADINGS, rows), **trained.results}


def draw_layers(run: Run, what: str, panels: dict[str, Any]) -> None:
    """Writes figures/<what>.png: one panel a training, one curve a layer."""
    run.figure(what, plot.lines_data(panels, TITLES[what], "epoch", log=what == "gradient"))
