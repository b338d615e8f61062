"""Training a classifier of images, and showing what it learned: what the experiments on images share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from xdl import nn, optim, plot
from xdl.data import DataLoader, LabelledImages
from xdl.data.loader import Transform
from xdl.experiments.shared.by_class import by_class
from xdl.experiments.shared.figures import draw_results, title_of
from xdl.experiments.shared.first_layer import first_weights
from xdl.experiments.shared.fit import fit, watchers
from xdl.experiments.shared.image_classifier import Build
from xdl.experiments.shared.images import EVALUATION_BATCH, images_of, part_of
from xdl.optim import lr_scheduler
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import wilson_interval
from xdl.tensor import Tensor
from xdl.train import (
    Callback,
    EarlyStopping,
    ParameterTrace,
    Record,
    Schedule,
    TensorBoard,
    Trainer,
    accuracy,
    read_trace,
)

OPTIMIZERS: dict[str, Callable[..., optim.Optimizer]] = {
    "sgd": optim.SGD,
    "adagrad": optim.Adagrad,
    "adadelta": optim.Adadelta,
    "rmsprop": optim.RMSprop,
    "adam": optim.Adam,
    "adamw": optim.AdamW,
    "nadam": optim.NAdam,
    "radam": optim.RAdam,
}
SCHEDULES = ("constant", "exponential", "cosine")
TRACE = "trace.jsonl"


@dataclass(frozen=True)
class ClassifierSettings:
    """What every classifier's training needs; experiments change defaults and add fields."""

    epochs: int = setting(20, "passes over the training images", low=1)
    batch_size: int = setting(32, "images in a step", low=1)
    samples: int = setting(0, "training images to use; 0: all", low=0)
    label_noise: float = setting(0.0, "share of the training images that get a wrong label", low=0, high=0.9)
    optimizer: str = setting("adam", "how the weights follow the gradient", choices=tuple(OPTIMIZERS))
    lr: float = setting(0.001, "learning rate of the first epoch", above=0)
    schedule: str = setting("constant", "how the learning rate changes from epoch to epoch", choices=SCHEDULES)
    lr_decay: float = setting(0.9, "schedule=exponential: factor after each epoch", above=0, high=1)
    weight_decay: float = setting(0.0, "how strongly weights are pulled to 0", low=0)
    patience: int = setting(0, "stop after so many epochs without a better validation loss; 0: never", low=0)
    trace: int = setting(0, "write every parameter's and gradient's statistics after so many steps; 0: never", low=0)
    tensorboard: bool = setting(False, "write TensorBoard events too (needs the extra tensorboard)")


@dataclass
class Trained:
    """A trained model with its history and its means over the whole training, validation and test parts."""

    model: Any
    data: LabelledImages
    history: list[Record]
    measures: dict[str, float]
    logits: Tensor  # (N, K) of the test images
    epoch: int  # whose weights the model has: the last, or the best where it was stopped early

    @property
    def gap(self) -> float:
        """Validation loss less training loss, both in evaluation mode: how much better the network does on images that
        it was trained on than on others. It grows where the network learns the training images by heart."""
        return self.measures["validation_loss"] - self.measures["train_loss"]

    @property
    def interval(self) -> tuple[float, float]:
        """Where the accuracy may lie that the test images, a sample, were drawn from: Wilson's 95 % interval."""
        n = len(self.data.test)
        return wilson_interval(self.measures["test_accuracy"] * n, n)

    @property
    def results(self) -> dict[str, Any]:
        """The measures, how far to trust the accuracy, and the test class by class, for the summary."""
        about = {"test_samples": len(self.data.test), "test_accuracy_interval": self.interval}
        return {**self.measures, **about, "classes": by_class(self.data, self.logits)}


def train(
    run: Run,
    model: nn.Module,
    data: LabelledImages,
    settings: ClassifierSettings,
    callbacks: Sequence[Callback] = (),
    penalty: Callable[[], Tensor] | None = None,
    transform: Transform | None = None,
) -> Trained:
    """Trains and measures the model, or goes on with it where the run is resumed.

    Checkpoints, measures of every epoch and the trained model go to the run's folder.

    penalty: see `Trainer`; transform: augments the training images
    """
    optimizer = OPTIMIZERS[settings.optimizer](model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
    watching = [*_callbacks(run, optimizer, settings), *callbacks]
    loss = nn.CrossEntropyLoss()
    trainer = Trainer(model, loss, optimizer, {"accuracy": accuracy}, watching, penalty=penalty)
    batches = DataLoader(data.train, settings.batch_size, shuffle=True, transform=transform)
    history = fit(run, trainer, batches, DataLoader(data.validation, EVALUATION_BATCH), settings.epochs)
    parts = {"train": data.train, "validation": data.validation, "test": data.test}
    measures = {
        f"{part}_{name}": value
        for part, images in parts.items()
        for name, value in trainer.evaluate(DataLoader(images, EVALUATION_BATCH)).items()
    }
    run.event("evaluate", measures)
    run.folder.save_model(model, run.identity)
    if settings.trace:
        run.figure("trace", plot.trace_data(read_trace(run.folder.path / TRACE), title_of(run, data)))
    logits = trainer.predict(DataLoader(data.test, EVALUATION_BATCH))
    best = [callback.best.epoch for callback in watching if isinstance(callback, EarlyStopping)]
    return Trained(model, data, history, measures, logits, best[0] if best else len(history))


def train_classifier(
    run: Run,
    settings: ClassifierSettings,
    build: Build,
    size: int | None = None,
    callbacks: Callable[[LabelledImages], Sequence[Callback]] = lambda _: (),
    transform: Transform | None = None,
) -> tuple[Trained, dict[str, Any]]:
    """One training from the data to the figures; returns what was trained, and the results for the summary.

    size:      of the images, in pixels, where the model wants one
    transform: augments the training images
    """
    data = part_of(images_of(run, size), settings.samples, settings.label_noise)
    model = build(settings, data.image_shape, len(data.class_names))
    parameters = sum(prod(p.shape) for p in model.parameters())
    run.say(f"model: {type(model).__name__}, {parameters} parameters; the operations are those of one image")
    run.say(f"\n{model.summary((1, *data.image_shape))}\n")
    before = first_weights(model, data.image_shape)
    trained = train(run, model, data, settings, callbacks(data), transform=transform)
    accuracy, loss = trained.measures["test_accuracy"], trained.measures["test_loss"]
    low, high = trained.interval
    run.say(f"test accuracy {accuracy:.4f}, test loss {loss:.4f} on {len(data.test)} images")
    run.say(f"95 % interval of the test accuracy (Wilson): {low:.4f} to {high:.4f}")
    draw_results(run, trained.history, data, trained.logits, model, trained.epoch, before)
    seconds = sum(record["seconds"] for record in trained.history)
    return trained, {
        "data_description": data.description,
        "model": type(model).__name__,
        "parameters": parameters,
        "epochs": len(trained.history),
        "seconds_per_epoch": round(seconds / len(trained.history), 4),
        **trained.results,
    }


def _callbacks(run: Run, optimizer: optim.Optimizer, settings: ClassifierSettings) -> list[Callback]:
    """The schedule, and all that watches the training."""
    path = run.folder.path
    watching: list[Callback] = _schedule(optimizer, settings)
    watching += watchers(run)
    if settings.patience:
        watching.append(EarlyStopping("validation_loss", settings.patience))
    if settings.trace:
        watching.append(ParameterTrace(path / TRACE, settings.trace))
    if settings.tensorboard:
        watching.append(TensorBoard(path / "tensorboard"))
    return watching


def _schedule(optimizer: optim.Optimizer, settings: ClassifierSettings) -> list[Callback]:
    """The schedule's callback, once an epoch; none for a constant rate."""
    if settings.schedule == "exponential":
        return [Schedule(lr_scheduler.ExponentialLR(optimizer, settings.lr_decay))]
    if settings.schedule == "cosine":
        return [Schedule(lr_scheduler.CosineAnnealingLR(optimizer, settings.epochs))]
    return []
