"""What goes on in the hidden layers of a network that is trained: activations, saturation and gradients by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from xdl import nn
from xdl.creation import tensor
from xdl.data import LabelledImages
from xdl.data.split import stratified_order
from xdl.errors import CheckpointError, expect
from xdl.tensor import Tensor
from xdl.train import Callback, Record, Trainer

ACTIVATIONS = {"sigmoid": (nn.Sigmoid, 0.0, 1.0), "tanh": (nn.Tanh, -1.0, 1.0)}  # with their ends
SAMPLES = 256  # images that are looked at
NEAR = 0.05  # of the distance between the ends: a unit so near to one of them is saturated
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
        looked_at = stratified_order(data.train.arrays[1])[:SAMPLES]  # of all classes, also where the data are sorted
        self.images, self.labels = (tensor(array[looked_at]) for array in data.train.arrays)
        self.epochs: list[list[dict[str, float]]] = []  # [epoch][hidden layer]

    def on_fit_start(self, trainer: Trainer) -> None:  # noqa: ARG002
        """Looks at the model as it starts, if it does not go on."""
        if not self.epochs:
            self.look()

    def on_epoch_end(self, trainer: Trainer, record: Record) -> None:  # noqa: ARG002
        """Looks at the model."""
        self.look()

    def state_dict(self) -> dict[str, Any]:
        """What was seen so far."""
        return {"epochs": self.epochs}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError for one of other layers."""
        epochs = [*state.get("epochs", [])]
        layers = sum(isinstance(m, self.kind) for m in self.model)
        whole = [isinstance(rows, list) and len(rows) == layers for rows in epochs]
        fits = all(whole) and all(isinstance(row, dict) and set(row) == {*SEEN} for rows in epochs for row in rows)
        expect(fits and set(state) == {"epochs"}, CheckpointError, "LayerWatch", f"{SEEN} of {layers} layers", state)
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

    def curve(self, name: str, layer: int) -> list[float]:
        """A measure of a hidden layer, one value before training and one after each epoch."""
        return [rows[layer][name] for rows in self.epochs]

    def mean(self, name: str, epoch: int) -> float:
        """A measure, the mean of the hidden layers; epoch 0 is before training, -1 the last."""
        return fmean(row[name] for row in self.epochs[epoch])

    @property
    def wandering(self) -> float:
        """How far a layer's mean activation moves in an epoch, the mean of layers and epochs."""
        steps = zip(self.epochs, self.epochs[1:], strict=False)
        return fmean(abs(b["mean"] - a["mean"]) for one, other in steps for a, b in zip(one, other, strict=True))

    @property
    def ratio(self) -> float:
        """The gradient norm of the first layer over that of the last hidden one, before training; 0 for none."""
        first, *_, last = (row["gradient"] for row in self.epochs[0])
        return first / last if last else 0.0

    @property
    def nearness(self) -> float:
        """How near that is to 1: the smaller of the two gradients over the larger."""
        return min(self.ratio, 1 / self.ratio) if self.ratio else 0.0
