"""Task: what one step of a training is. How steps are looped, logged, stopped and resumed stands in `loop.py`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from copy import copy
from inspect import signature
from typing import Any, Self

from xdl.errors import KindError, SettingError, expect
from xdl.nn import Module, ModuleDict
from xdl.optim import Optimizer
from xdl.tensor import Tensor
from xdl.train.state import Stateful

TAKEN = ("callbacks", "random", "orders", "progress", "trained", "about")  # names beside the parts' in a state
Weight = float | Tensor  # a number on the host, or a 0-d Tensor, which stays on its device until measures are read
Row = tuple[Weight, Mapping[str, Any], Collection[str]]  # weight, values and unchecked ones of `Measures`
Exchange = Callable[[list[Tensor], Weight], list[Tensor]]  # (tensors, weight of this process) -> their means over all


class Measures:
    """What a step measured, by name: numbers, or 0-d Tensors, which stay on their device until the loop reads them.

    values:    each is a mean over what `weight` counts
    weight:    how much they count in the means over many steps: samples, tokens, targets that count; a number, or a
               0-d Tensor where that hangs on values on a device. Values of weight 0 are left out
    unchecked: names of values that may be nan or infinite. Any other one that is ends the training: NonFiniteError
    samples:   how many samples the step took, for the speed; without such a number, what the weights say

    Values of another weight are added: `measures += Measures({"gradient_norm": norm}, samples)`.
    """

    __slots__ = ("rows", "samples")

    def __init__(
        self,
        values: Mapping[str, Tensor | float],
        weight: Weight = 1,
        unchecked: Collection[str] = (),
        samples: Weight | None = None,
    ) -> None:
        self.rows: list[Row] = [(weight, values, unchecked)] if values else []
        self.samples = samples

    def __getitem__(self, name: str) -> Any:
        """The first value of that name. Raises KeyError."""
        return next((values for _, values, _ in self.rows if name in values), {})[name]

    def __iadd__(self, other: Measures) -> Self:
        self.rows += other.rows
        return self


class Task(ABC):
    """What a step is: its models, how a batch changes them, and what is measured. A `Loop` does the rest.

        class Autoencoder(Task):
            def __init__(self):
                self.model = nn.Sequential(nn.Linear(8, 2), nn.Tanh(), nn.Linear(2, 8))
                self.optimizer = optim.Adam(self.model.parameters())

            def parts(self):
                return {"model": self.model, "optimizer": self.optimizer}

            def train_step(self, batch):
                measures = self.evaluate_step(batch)
                self.minimize(measures["loss"], self.optimizer, len(batch))
                return measures

            def evaluate_step(self, batch):
                return Measures({"loss": functional.mse_loss(self.model(batch), batch)}, len(batch))

        Loop(Autoencoder(), [Checkpoints(folder)]).fit(batches, epochs=10)

    A batch is what the loader gives: a tuple, a dict, a Tensor. With `Loop(..., accumulate=n)` a step gets up to n of
    them, and `train_step(self, *batches)` gives each its share of the update, as `Supervised` does.

    unit:     what the samples of the measures are: the speed is recorded as "samples_per_second"
    exchange: what data-parallel training puts in, at the one place between a backward pass and the update:
              exchange(tensors, weight) gives the means of each tensor over all processes, by their weights. A task
              reaches it by `minimize`, by `gradients_ready`, or by `exchanged` where it has no gradients
    """

    unit: str = "samples"
    exchange: Exchange | None = None

    @abstractmethod
    def parts(self) -> Mapping[str, Stateful]:
        """Everything that has a state, by name: models, optimizers, `Carried` values. They are saved and resumed.

        The names in TAKEN are not for parts. The first optimizer's rate is recorded.
        """

    @abstractmethod
    def train_step(self, batch: Any, /) -> Measures:
        """Changes the models by a batch. A step counts where it returns: what raises has not been a step."""

    def evaluate_step(self, batch: Any, /) -> Measures:  # noqa: ARG002
        """Measures a batch and changes nothing; the loop has switched to evaluation, and recording off."""
        raise SettingError(f"{type(self).__name__}.evaluate_step", "a task that can be evaluated", "no such method")

    def start_epoch(self) -> None:  # noqa: B027 (most tasks have nothing to do)
        """Before the first batch of a pass over the data, and not where a resumed training goes on in one."""

    def train(self) -> None:
        """Before training steps: puts the models into training mode."""
        self.module().train()

    def eval(self) -> None:
        """Before an evaluation: puts the models into evaluation mode."""
        self.module().eval()

    def module(self) -> Module:
        """All models as one: the only one itself, or a ModuleDict of several by name of the part."""
        models = {name: part for name, part in self.parts().items() if isinstance(part, Module)}
        return next(iter(models.values())) if len(models) == 1 else ModuleDict(models)

    def replacing(self, old: Module, new: Module) -> Self:
        """This task with another model in the place of one of its own, all else shared: for averaged weights.

        A task that keeps its models elsewhere than in attributes overrides it; else it raises SettingError.
        """
        if new is old:
            return self
        other = copy(self)
        names = [name for name, value in vars(self).items() if value is old]
        expect(bool(names), SettingError, f"{type(self).__name__}.replacing", "a model that is an attribute", "none")
        for name in names:
            setattr(other, name, new)
        return other

    def minimize(self, loss: Tensor, optimizer: Optimizer, weight: Weight) -> None:
        """One step of the optimizer by the gradient of a loss, the mean over `weight` samples.

        Raises SettingError for an optimizer that evaluates the loss several times a step, as LBFGS does.
        """
        if optimizer.needs_closure:
            hint = f"Call optimizer.step(closure) in {type(self).__name__}.train_step, or use Supervised"
            expected = "an optimizer that makes its step from one gradient"
            raise SettingError(f"{type(self).__name__}.minimize", expected, type(optimizer).__name__, hint)
        optimizer.zero_grad()
        loss.backward()
        self.gradients_ready(optimizer, weight)
        optimizer.step()

    def gradients_ready(self, optimizer: Optimizer, weight: Weight) -> None:
        """To be called between the backward pass and `optimizer.step()`: lets several processes share gradients."""
        if self.exchange is not None:
            given = [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
            for parameter, mean in zip(given, self.exchange([p.grad for p in given], weight), strict=True):
                parameter.grad = mean

    def exchanged(self, tensors: list[Tensor], weight: Weight) -> list[Tensor]:
        """The same for a task that changes its models without an optimizer, by tensors that it computed."""
        return tensors if self.exchange is None else self.exchange(tensors, weight)


def check_task(operation: str, task: Task, log_every: int, accumulate: int, capture: bool) -> None:
    """Raises SettingError for numbers below 1, a task that cannot be trained by so many batches a step, or one whose
    parts have names that are taken; KindError for a capture that is neither True nor False."""
    expect(isinstance(capture, bool), KindError, operation, "capture: True or False", repr(capture))
    expect(log_every >= 1, SettingError, operation, "log_every >= 1", log_every)
    expect(accumulate >= 1, SettingError, operation, "accumulate >= 1", accumulate)
    several = any(p.kind is p.VAR_POSITIONAL for p in signature(task.train_step).parameters.values())
    expected = "a task whose train_step(self, *batches) takes several, to accumulate"
    expect(several or accumulate == 1, SettingError, operation, expected, type(task).__name__)
    taken = [name for name in task.parts() if name in TAKEN]
    expect(not taken, SettingError, operation, f"parts with other names than {', '.join(TAKEN)}", taken)
