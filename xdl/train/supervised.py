"""Supervised: the task of a model that learns the targets of samples by the gradient of one loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

from xdl.errors import SettingError, expect
from xdl.functional import stack
from xdl.nn import Module
from xdl.nn.utils import clip_grad_norm_, clip_grad_value_
from xdl.optim import Optimizer
from xdl.tensor import Tensor, no_grad
from xdl.train.metrics import Metric, Unchecked
from xdl.train.state import Stateful
from xdl.train.task import Measures, Row, Task, Weight

TAKEN = ("loss", "gradient_norm", "lr", "seconds_per_step")


class Supervised(Task):
    """A model, its loss and its optimizer; the arguments are those of `Trainer`.

    Batches are tuples of Tensors with the target last. A loss or metric that is no mean over the samples says what it
    is a mean over by a method `averaged_over(target)`, as the losses of xdl.nn do: its batches are weighted by that, in
    accumulated steps and in all means, so that they equal those of one large batch. What averages over nothing, as a
    loss whose labels are all ignored, counts for nothing. Of a loss that sums up (reduction "sum"), accumulated steps
    are the sum over all their batches, and the measure is the mean over samples.

    For other batches, a subclass overrides `measure` and `weight`, and keeps accumulation, clipping and the penalty.
    Then all measures have that weight, a number, or a 0-d Tensor as `loss.averaged_over` may give:

        class Translation(Supervised):
            def weight(self, batch):
                return sum(batch["lengths"])  # tokens

            def measure(self, batch):
                return {"loss": self.loss(self.model(batch["source"], batch["lengths"]), batch["target"])}

    Raises SettingError for clip_norm or clip_value of 0 or below, or with an optimizer that compares losses and
    gradients along a line, as LBFGS does, and for a metric with a name that is taken.
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
        check_limits("Supervised", optimizer, clip_norm=clip_norm, clip_value=clip_value)
        self.model, self.loss, self.optimizer = model, loss, optimizer
        taken = [name for name in metrics or {} if name in (*TAKEN, f"{self.unit}_per_second")]
        expect(not taken, SettingError, "Supervised", f"metrics with other names than {', '.join(TAKEN)}", taken)
        self.metrics = dict(metrics or {})
        self._told = (type(self).weight, type(self).measure) == (Supervised.weight, Supervised.measure)
        self.clip_norm, self.clip_value, self.penalty = clip_norm, clip_value, penalty

    def parts(self) -> dict[str, Stateful]:
        """model and optimizer."""
        return {"model": self.model, "optimizer": self.optimizer}

    def train_step(self, *batches: Any) -> Measures:
        """One step of the optimizer, by the loss over all batches: each counts by its weight.

        An optimizer that evaluates the loss several times a step does so on the same batches; what is measured is from
        before the step, as with any other.
        """
        if not self.optimizer.needs_closure:
            measures, *_ = self._gradient(batches)
            self.optimizer.step()
            return measures
        found: list[Measures] = []

        def closure() -> Tensor:
            measures, losses, weight = self._gradient(batches)
            found.append(measures)
            return self.exchanged([stack(losses).sum()], weight)[0]

        self.optimizer.step(closure)
        return found[0]

    def _gradient(self, batches: Sequence[Any]) -> tuple[Measures, list[Tensor], Weight]:
        """Puts the gradient over all batches into the parameters; the measures, the share of the loss that each batch
        has, and the weight of all."""
        samples = [self.weight(batch) for batch in batches]
        weights = [self._weight(self.loss, batch, n) for batch, n in zip(batches, samples, strict=True)]
        all_samples, all_weights = sum(samples[1:], samples[0]), sum(weights[1:], weights[0])
        measures = Measures({}, 0, samples=all_samples)
        losses: list[Tensor] = []
        self.optimizer.zero_grad()
        for batch, n, weight in zip(batches, samples, weights, strict=True):
            values = self.measure(batch)
            loss = values["loss"]
            if len(batches) > 1 and not self._sums_up(self.loss):
                loss = _share(loss, weight, all_weights)
            if self.penalty is not None:
                loss = loss + (self.penalty() if len(batches) == 1 else _share(self.penalty(), n, all_samples))
            loss.backward()
            losses.append(loss.detach())
            measures.rows += self._rows(batch, values, n, weight)
        self.gradients_ready(self.optimizer, all_weights)
        if self.clip_norm is not None or self.clip_value is not None:
            measures.rows.append((all_samples, self._clip(), ()))
        return measures, losses, all_weights

    def evaluate_step(self, batch: Any) -> Measures:
        """The measures of a batch."""
        samples = self.weight(batch)
        measures = Measures({}, 0, samples=samples)
        measures.rows += self._rows(batch, self.measure(batch), samples, self._weight(self.loss, batch, samples))
        return measures

    def weight(self, batch: Any) -> Weight:
        """How much a batch counts: its samples."""
        return len(batch[-1])

    def measure(self, batch: Any) -> dict[str, Any]:
        """The loss of a batch under that name, on the tape, and the metrics, which are not."""
        *inputs, target = batch
        output = self.model(*inputs)
        measures: dict[str, Any] = {"loss": self.loss(output, target)}
        if self.metrics:
            with no_grad():
                measures |= {name: metric(output, target) for name, metric in self.metrics.items()}
        return measures

    def _weight(self, mean: Any, batch: Any, samples: Weight) -> Weight:
        """What a loss or a metric averages over: what it tells, unless a subclass says how much batches count."""
        told = getattr(mean, "averaged_over", None) if self._told else None
        return samples if told is None else told(batch[-1])

    def _rows(self, batch: Any, values: dict[str, Any], samples: Weight, weight: Weight) -> list[Row]:
        """The measures of a batch as rows of `Measures`; the loss has that weight."""
        rows: list[Row] = []
        for name, value in values.items():
            mean = self.loss if name == "loss" else self.metrics.get(name)
            unchecked = (name,) if isinstance(mean, Unchecked) else ()
            mean = mean.metric if isinstance(mean, Unchecked) else mean
            measured = value.detach() / max(len(batch[-1]), 1) if self._sums_up(mean) else value
            of_value = weight if name == "loss" else self._weight(mean, batch, samples)
            rows.append((of_value, {name: measured}, unchecked))
        return rows

    def _sums_up(self, mean: Any) -> bool:
        """Whether a loss is a sum over the batch, and says so."""
        return self._told and getattr(mean, "reduction", None) == "sum" and hasattr(mean, "averaged_over")

    def _clip(self) -> dict[str, Tensor]:
        """Clips the gradients; the norm of before is measured where it is limited."""
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        measures = {}
        if self.clip_norm is not None:
            measures["gradient_norm"] = clip_grad_norm_(parameters, self.clip_norm)
        if self.clip_value is not None:
            clip_grad_value_(parameters, self.clip_value)
        return measures


def _share(value: Tensor, weight: Weight, total: Weight) -> Tensor:
    """The value times weight / total; times 0 where there is nothing in all."""
    if not isinstance(total, Tensor):
        return value * (weight / total if total else 0.0)
    total = total.to(value.dtype)
    share = (weight.to(value.dtype) if isinstance(weight, Tensor) else weight) / total.where(total != 0, 1.0)
    return value * share


def check_limits(operation: str, optimizer: Optimizer, **limits: float | None) -> None:
    """Raises SettingError for a limit that is not above 0, and for one with an optimizer that takes a closure."""
    for name, limit in limits.items():
        expect(limit is None or limit > 0, SettingError, operation, f"{name} > 0", limit)
        fits = limit in (None, inf) or not optimizer.needs_closure
        expect(fits, SettingError, operation, f"no {name} with {type(optimizer).__name__}", limit)
