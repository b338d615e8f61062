"""Training a language model of characters, whatever its layers are: one step, one recipe, one way to measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from xdl import functional, nn, optim
from xdl.data import DataLoader, NextStep, consecutive_windows, random_windows
from xdl.errors import SettingError, expect
from xdl.experiments.language.char_model import detached
from xdl.experiments.language.letters import Letters, strands
from xdl.experiments.shared.fit import fit, watchers
from xdl.nn.utils import clip_grad_norm_
from xdl.optim import lr_scheduler
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train import Callback, Carried, Loop, Measures, Record, Schedule, Task
from xdl.train.loader import Loader

SAMPLING = ("random", "consecutive")
SCHEDULES = ("constant", "cosine", "one-cycle")
WARM = 0.1  # of the steps of one cycle: the rate rises


@dataclass(frozen=True)
class TrainingSettings:
    """How a language model is trained; an epoch is a number of steps, after which the held-out text is measured.

    Muon (Jordan et al. 2024) needs fewer steps, and steps that are longer by the products that it does.
    """

    epochs: int = setting(6, "how often so many steps are done, and the held-out text measured", low=1)
    steps: int = setting(100, "steps of each epoch", low=1)
    batch_size: int = setting(32, "windows in a step", low=1)
    window: int = setting(64, "characters of a window", low=1)
    lr: float = setting(0.003, "learning rate of Adam", above=0)
    muon_lr: float = setting(0.0, "learning rate of Muon for the layers' matrices; 0: Adam for them, too", low=0)
    clip: float = setting(5.0, "largest norm of a gradient; a longer one is shortened", above=0)
    sampling: str = setting(
        "random", "windows anywhere, from a zero state; or consecutive, with the state carried", choices=SAMPLING
    )
    schedule: str = setting(
        "constant", "of the rate: constant; cosine, down to 0; one-cycle, up first", choices=SCHEDULES
    )
    characters: int = setting(0, "train on the last so many characters; 0: on all", low=0)


class NextCharacter(Task):
    """Names the next character at every step of a window; the loss is the mean of -log p, in nats per character.

    model:      x (B, T) and a state to logits (B, T, V) and the next state
    optimizers: by the name of their part in checkpoints; all of them make a step
    carries:    whether training carries the state from batch to batch, cut off in between; an evaluation always does
    """

    unit = "windows"

    def __init__(
        self, model: nn.Module, optimizers: Mapping[str, optim.Optimizer], clip: float, carries: bool = False
    ) -> None:
        self.model, self.optimizers, self.clip, self.carries = model, optimizers, clip, carries
        self.state, self._read = Carried(), None

    def parts(self) -> Mapping[str, Any]:
        """The model, its optimizers and the state that is carried."""
        return {"model": self.model, **self.optimizers, "state": self.state}

    def start_epoch(self) -> None:
        """A pass begins at the beginning of the strands."""
        self.state.value = None

    def eval(self) -> None:
        """An evaluation begins at the beginning of the strands, too."""
        super().eval()
        self._read = None

    def train_step(self, batch: tuple[Tensor, Tensor], /) -> Measures:
        """One step of every optimizer; gradients are clipped after all processes have shared them."""
        loss, state = self._loss(batch, self.state.value if self.carries else None)
        if self.carries:
            self.state.value = detached(state)
        self.model.zero_grad()
        loss.backward()
        for optimizer in self.optimizers.values():
            self.gradients_ready(optimizer, batch[0].numel())
        clip_grad_norm_(self.model.parameters(), self.clip)
        for optimizer in self.optimizers.values():
            optimizer.step()
        return self._measured(loss, batch)

    def evaluate_step(self, batch: tuple[Tensor, Tensor], /) -> Measures:
        """The loss on a batch of `letters.strands`."""
        loss, self._read = self._loss(batch, self._read)
        return self._measured(loss, batch)

    def _loss(self, batch: tuple[Tensor, Tensor], state: Any) -> tuple[Tensor, Any]:
        x, y = batch
        logits, state = self.model(x, state)
        return functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1)), state

    def _measured(self, loss: Tensor, batch: tuple[Tensor, Tensor]) -> Measures:
        return Measures({"loss": loss}, batch[0].numel(), samples=batch[0].shape[0])


@dataclass
class Trained:
    """A trained model, its history, and the nats per character of the held-out text."""

    model: Any
    history: list[Record]
    nats: float

    @property
    def steps(self) -> list[int]:
        """The steps after which the held-out text was measured."""
        return [int(record["step"]) for record in self.history]

    @property
    def curve(self) -> list[float]:
        """Its nats per character then."""
        return [record["validation_loss"] for record in self.history]

    def seconds(self, batch_size: int) -> list[float]:
        """The seconds of training until then, measurements not counted."""
        passed, before, ends = 0.0, 0, []
        for record, step in zip(self.history, self.steps, strict=True):
            passed += (step - before) * batch_size / record["train_windows_per_second"]
            before = step
            ends.append(passed)
        return ends


def batches(letters: Letters, settings: TrainingSettings) -> Loader:
    """The batches of an epoch: random windows, other ones each time, or the first `steps` of the whole text's strands.

    Raises SettingError for a text that is too short for a window, or for so many of them side by side.
    """
    most = len(letters.train) - 1
    wanted = f"fewer characters than the {most + 1} of the training text"
    expect(settings.window <= most, SettingError, "window", wanted, settings.window)
    windows = NextStep(letters.train, settings.window)
    if settings.sampling == "random":
        return DataLoader(windows, batch_sampler=random_windows(windows, settings.steps, settings.batch_size))
    return DataLoader(windows, batch_sampler=consecutive_windows(windows, settings.batch_size)[: settings.steps])


def train(run: Run, model: nn.Module, letters: Letters, settings: TrainingSettings, watched: bool = True) -> Trained:
    """Trains and measures; where the run is resumed, goes on with it.

    watched: whether it is the run's own training, with checkpoints, measures and a saved model; else it leaves nothing
    """
    used = optimizers(model, settings)
    callbacks = [schedule for optimizer in used.values() for schedule in _schedule(optimizer, settings)]
    task = NextCharacter(model, used, settings.clip, settings.sampling == "consecutive")
    loop = Loop(task, [*callbacks, *(watchers(run, best=None) if watched else ())])
    held_out = strands(letters.test)
    if watched:
        history = fit(run, loop, batches(letters, settings), held_out, settings.epochs)
        run.folder.save_model(model, run.identity)
    else:
        history = loop.fit(batches(letters, settings), held_out, settings.epochs)
    model.eval()
    return Trained(model, history, history[-1]["validation_loss"])


def optimizers(model: Any, settings: TrainingSettings) -> dict[str, optim.Optimizer]:
    """Adam for all parameters of a model, or for those that are not its `matrices()`, and Muon for these."""
    matrices = model.matrices() if settings.muon_lr else []
    taken = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in taken]
    found: dict[str, optim.Optimizer] = {"optimizer": optim.Adam(rest, lr=settings.lr)}
    if matrices:
        found["muon"] = optim.Muon(matrices, lr=settings.muon_lr, weight_decay=0.0)
    return found


def equal_seconds(measured: Iterable[Sequence[float]]) -> float:
    """The seconds at which trainings are compared, from the seconds of their measurements.

    It is the end of the one that ends first, or where another has not been measured by then, its first measurement.
    """
    all_of_them = list(measured)
    return max(min(seconds[-1] for seconds in all_of_them), max(seconds[0] for seconds in all_of_them))


def after_seconds(measured: Iterable[Sequence[float]], equal: float) -> str:
    """How a comparison at `equal_seconds` is called: one that had ended before then stands where it ended."""
    most = "at most " if any(seconds[-1] < equal for seconds in measured) else ""
    return f"after {most}{equal:.1f} seconds"


def interpolated(xs: list[float], ys: list[float], x: float) -> float:
    """The value at x of the line through the points, xs ascending; beyond its ends the nearest point's."""
    points = list(zip(xs, ys, strict=True))
    for (x0, y0), (x1, y1) in pairwise(points):
        if x < x0:
            return y0
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return ys[-1]


def _schedule(optimizer: optim.Optimizer, settings: TrainingSettings) -> list[Callback]:
    """What changes the rate after every step; nothing for a constant one."""
    steps = settings.epochs * settings.steps
    if settings.schedule == "cosine":
        return [Schedule(lr_scheduler.CosineAnnealingLR(optimizer, steps), "step")]
    if settings.schedule == "one-cycle":
        highest = optimizer.param_groups[0]["lr"]
        cycle = lr_scheduler.OneCycleLR(optimizer, highest, steps + 1, pct_start=WARM, cycle_momentum=False)
        return [Schedule(cycle, "step")]
    return []
