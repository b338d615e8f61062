"""Training a classifier of images, and showing what it learned: what the experiments on digits share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdl import nn, optim
from xdl.data import DataLoader, LabelledImages
from xdl.experiments.figures import draw_figures
from xdl.experiments.run import Run
from xdl.experiments.settings import setting
from xdl.train import MetricsFile, Progress, Schedule, Trainer, accuracy

OPTIMIZERS: dict[str, Callable[..., optim.Optimizer]] = {"sgd": optim.SGD, "adam": optim.Adam, "adamw": optim.AdamW}
EVALUATION_BATCH = 256  # images; without gradients only memory limits it


@dataclass(frozen=True)
class ClassifierSettings:
    """What every classifier's training needs; experiments change defaults and add fields."""

    epochs: int = setting(20, "passes over the training images", low=1)
    batch_size: int = setting(32, "images in a step", low=1)
    optimizer: str = setting("adam", "how the weights follow the gradient", choices=tuple(OPTIMIZERS))
    lr: float = setting(0.001, "learning rate of the first epoch", above=0)
    lr_decay: float = setting(1.0, "factor on the learning rate after each epoch", above=0, high=1)
    weight_decay: float = setting(0.0, "how strongly weights are pulled to 0", low=0)


def train_classifier(
    run: Run, model: nn.Module, data: LabelledImages, settings: ClassifierSettings, filters: Callable[[], Any]
) -> dict[str, Any]:
    """Trains, measures on the test images, saves the model and draws the figures; returns the results.

    filters: the first layer's weights when training is done, (O, C, H, W) or (O, H, W), for their figure
    """
    parameters = sum(p.numpy().size for p in model.parameters())
    run.say(f"data: {data.description}")
    run.say(f"model: {type(model).__name__}, {parameters} parameters")

    make_optimizer = OPTIMIZERS[settings.optimizer]
    optimizer = make_optimizer(model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
    decay = Schedule(optim.lr_scheduler.ExponentialLR(optimizer, settings.lr_decay))
    trainer = Trainer(
        model,
        nn.CrossEntropyLoss(),
        optimizer,
        metrics={"accuracy": accuracy},
        callbacks=[decay, MetricsFile(run.folder), Progress(run.stream)],
    )
    validation, test = (DataLoader(part, EVALUATION_BATCH) for part in (data.validation, data.test))
    history = trainer.fit(DataLoader(data.train, settings.batch_size, shuffle=True), validation, settings.epochs)

    trained = trainer.evaluate(DataLoader(data.train, EVALUATION_BATCH))
    tested = trainer.evaluate(test)
    run.say(f"test accuracy {tested['accuracy']:.4f}, test loss {tested['loss']:.4f} on {len(data.test)} images")
    run.folder.save_model(model, run.metadata)
    note = draw_figures(run, history, data, trainer.predict(test), filters())
    return {
        "data": data.description,
        "model": type(model).__name__,
        "parameters": parameters,
        "epochs": len(history),
        "seconds_per_epoch": round(sum(record["seconds"] for record in history) / len(history), 4),
        **{f"train_{name}": value for name, value in trained.items()},
        **{f"validation_{name}": history[-1][f"validation_{name}"] for name in tested},
        **{f"test_{name}": value for name, value in tested.items()},
        "figures": note,
    }
