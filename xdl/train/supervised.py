"""Supervised: the task of a model that learns the targets of samples by the gradient of one loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from xdl.errors import SettingError, expect
from xdl.nn import Module
from xdl.nn.utils import clip_grad_norm_, clip_grad_value_
from xdl.optim import Optimizer
from xdl.tensor import Tensor, no_grad
from xdl.train.metrics import Metric, Unchecked
from xdl.train.state import Stateful
from xdl.train.task import Measures, Task


class Supervised(Task):
    """A model, its loss and its optimizer; the arguments are those of `Trainer`.

    Batches are tuples of Tensors with the target last. For other batches, or another weight than the number of
    samples, a subclass overrides `measure` and `weight`, and keeps accumulation, clipping and the penalty:

        class Translation(Supervised):
            def weight(self, batch):
                return sum(batch["lengths"])  # tokens

            def measure(self, batch):
                return {"loss": self.loss(self.model(batch["source"], batch["lengths"]), batch["target"])}

    Raises SettingError for clip_norm or clip_value of 0 or below.
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[..., Tensor],
        optimizer: Optimizer,
        metrics: Mapping[str, Metric] | None = None,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        penalty: Callable[[], Tensor] | None = None,
    ) -> None:
        check_limits("Supervised", clip_norm=clip_norm, clip_value=clip_value)
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.metrics = dict(metrics or {})
        self.unchecked = [name for name, metric in self.metrics.items() if isinstance(metric, Unchecked)]
        self.clip_norm, self.clip_value, self.penalty = clip_norm, clip_value, penalty

    def parts(self) -> dict[str, Stateful]:
        """model and optimizer."""
        return {"model": self.model, "optimizer": self.optimizer}

    def train_step(self, *batches: Any) -> Measures:
        """One step of the optimizer, by the loss over all batches: each counts by its weight."""
        weights = [self.weight(batch) for batch in batches]
        total = sum(weights)
        measures = Measures({}, 0)
        self.optimizer.zero_grad()
        for batch, weight in zip(batches, weights, strict=True):
            values = self.measure(batch)
            loss = values["loss"] if self.penalty is None else values["loss"] + self.penalty()
            (loss if len(batches) == 1 else loss * (weight / total)).backward()
            measures.rows.append((weight, values, self.unchecked))
        self.gradients_ready(self.optimizer, total)
        if self.clip_norm is not None or self.clip_value is not None:
            measures.rows.append((total, self._clip(), ()))
        self.optimizer.step()
        return measures

    def evaluate_step(self, batch: Any) -> Measures:
        """The measures of a batch."""
        return Measures(self.measure(batch), self.weight(batch), self.unchecked)

    def weight(self, batch: Any) -> float:
        """How much a batch counts: its samples."""
        return len(batch[-1])

    def measure(self, batch: Any) -> dict[str, Tensor]:
        """The loss of a batch under that name, on the tape, and the metrics, which are not."""
        *inputs, target = batch
        output = self.model(*inputs)
        measures = {"loss": self.loss(output, target)}
        if self.metrics:
            with no_grad():
                measures |= {name: metric(output, target) for name, metric in self.metrics.items()}
        return measures

    def _clip(self) -> dict[str, Tensor]:
        """Clips the gradients; the norm of before is measured where it is limited."""
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        measures = {}
        if self.clip_norm is not None:
            measures["gradient_norm"] = clip_grad_norm_(parameters, self.clip_norm)
        if self.clip_value is not None:
            clip_grad_value_(parameters, self.clip_value)
        return measures


def check_limits(operation: str, **limits: float | None) -> None:
    """Raises SettingError for a limit that is not above 0."""
    for name, limit in limits.items():
        expect(limit is None or limit > 0, SettingError, operation, f"{name} > 0", limit)
