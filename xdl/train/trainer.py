"""Trainer: the training of a model that learns targets: a `Loop` over a `Supervised` task."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from xdl.functional import cat
from xdl.nn import Module
from xdl.optim import Optimizer
from xdl.tensor import Tensor, no_grad
from xdl.train.callbacks.callback import Callback
from xdl.train.loader import Loader
from xdl.train.loop import Loop
from xdl.train.metrics import Metric
from xdl.train.supervised import Supervised, check_limits

T = TypeVar("T")


class _OfTask(Generic[T]):
    """An attribute of the task: `trainer.loss` reads and sets `trainer.task.loss`."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, trainer: Trainer, owner: type) -> T:
        return getattr(trainer.task, self.name)  # type: ignore[no-any-return]

    def __set__(self, trainer: Trainer, value: T) -> None:
        setattr(trainer.task, self.name, value)


class Trainer(Loop):
    """Trains a model, and measures it.

    model:      called with all parts of a batch but the last
    loss:       loss(output, target), a mean over the batch: nn.CrossEntropyLoss(). What it averages over it tells by a
                method `averaged_over(target)`, as modules of xdl.nn do; of any other, a function say, it is the samples
    optimizer:  over the model's parameters; of LBFGS a step evaluates the same batches several times
    metrics:    more measures by name, each metric(output, target), a mean over the batch, as the loss: a number or a
                0-d Tensor: {"accuracy": accuracy}. One that may be nan or infinite is given as `Unchecked(metric)`
    callbacks:  told of every step, log, epoch and end; see `Callback`
    log_every:  steps between logs. Losses are read from the device, and checked, only then and where a state is saved
    accumulate: batches of the loader that make one step of the optimizer: their losses weigh what they average over,
                so that the step is that of one batch with all of them. An epoch's last step takes what is left
    clip_norm:  the largest norm of the gradient, of all parameters together; the norm before is measured as
                "gradient_norm" (infinity measures and does not clip)
    clip_value: the largest element of the gradient, clipped after the norm
    penalty:    penalty() is added to the loss of each step, and is not part of the measured loss:
                lambda: 1e-4 * nn.utils.l2_penalty(model.parameters())
    capture:    whether steps are captured by `xdl.capture`: as fast as their kernels, with the same results. What
                callbacks change in settings of modules is not seen then; learning rates are

    Where it stands is told by the attributes of `Loop`: epoch, batch, step, history, lr. `evaluated` is what evaluate
    and predict call: the model, unless a callback put one with averaged weights there. Raises SettingError for a
    setting that is out of range.
    """

    task: Supervised
    evaluation: Supervised
    model, optimizer = _OfTask[Module](), _OfTask[Optimizer]()
    loss = _OfTask[Callable[[Tensor, Tensor], Tensor]]()
    metrics = _OfTask[dict[str, Metric]]()
    clip_norm, clip_value = _OfTask[float | None](), _OfTask[float | None]()
    penalty = _OfTask[Callable[[], Tensor] | None]()

    def __init__(
        self,
        model: Module,
        loss: Callable[[Tensor, Tensor], Tensor],
        optimizer: Optimizer,
        metrics: Mapping[str, Metric] | None = None,
        callbacks: Sequence[Callback] = (),
        log_every: int = 10,
        *,
        accumulate: int = 1,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        penalty: Callable[[], Tensor] | None = None,
        capture: bool = False,
    ) -> None:
        check_limits("Trainer", optimizer, clip_norm=clip_norm, clip_value=clip_value)
        task = Supervised(model, loss, optimizer, metrics, clip_norm=clip_norm, clip_value=clip_value, penalty=penalty)
        super().__init__(task, callbacks, log_every, accumulate=accumulate, capture=capture)

    @property
    def evaluated(self) -> Module:
        """What evaluate and predict call."""
        return self.evaluation.model

    @evaluated.setter
    def evaluated(self, model: Module) -> None:
        self.evaluation = self.task.replacing(self.model, model)

    def predict(self, loader: Loader) -> Tensor:
        """The outputs for all samples, in order, in evaluation mode; targets are not looked at and may be missing."""
        self.evaluation.eval()
        with no_grad():
            return cat([self.evaluated(*(batch[:-1] or batch)) for batch in loader])
