"""An experiment that knows no images: a line through numbers, by a trainer, with a task of its own; for tests.

`registered(monkeypatch)` makes it known as `line-fit`, as a table of experiments would.
"""

import sys
from dataclasses import dataclass
from types import ModuleType

import xdl
from xdl import nn, optim
from xdl.data import DataLoader, TensorDataset
from xdl.errors import DataError
from xdl.runs import registry
from xdl.runs.settings import setting
from xdl.tensor import no_grad
from xdl.train import Callback, Checkpoints, Events, MetricsFile, Trainer, load_state

QUICK = {"epochs": 1}
NAME, PART = "line-fit", "testing"


@dataclass(frozen=True)
class Settings:
    """y = slope x + 1 for x from 0 to 1."""

    epochs: int = setting(4, "passes over the numbers", low=1)
    slope: float = setting(2.0, "of the line")
    lr: float = setting(0.1, "learning rate", above=0)


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    places: int = setting(2, "places after the point", low=0, high=6)


def numbers(slope, n):
    x = (xdl.arange(n, dtype="float32") / n).reshape(n, 1)
    return TensorDataset(x.numpy(), (slope * x + 1).numpy())


class Line:
    """The task: measures the error on other numbers, and reads numbers that a user writes."""

    measures = {"validation_loss": "min", "test_loss": "min"}  # noqa: RUF012
    options = Options

    def may_change(self, settings):  # noqa: ARG002
        return ("epochs",)

    def evaluate(self, saved, data_name, data_dir):  # noqa: ARG002
        slope = saved.content("line.json")["slope"]
        trainer = Trainer(saved.trained(nn.Linear(1, 1)), nn.MSELoss(), None)
        return {"run": str(saved.path), "test_loss": trainer.evaluate(DataLoader(numbers(slope, 7), 7))["loss"]}

    def predict(self, saved, inputs, options):
        model, found = saved.trained(nn.Linear(1, 1)), []
        for text in inputs:
            try:
                x = float(text)
            except ValueError:
                raise DataError("xdl predict", "a number", repr(text)) from None
            with no_grad():
                found.append({"x": x, "y": round(model(xdl.tensor([[x]])).item(), options.places)})
        return {"run": str(saved.path), "line": found}

    def as_text(self, predictions):
        return "\n".join(f"{one['x']:g} -> {one['y']}" for one in predictions["line"])


TASK = Line()


class StopAt(Callback):
    """Ends the process's training in the middle, as Ctrl-C between two steps would; step None: never."""

    step = None

    def on_step_end(self, trainer):
        if trainer.step == self.step:
            raise KeyboardInterrupt


def run(settings, run):
    """Trains, goes on where it was interrupted, and leaves what its task needs."""
    run.folder.write_json("line.json", {"slope": settings.slope})
    model = nn.Linear(1, 1)
    last = run.folder.path / Checkpoints.last
    watching = [
        MetricsFile(run.folder),
        Events(run.events, run.name),
        Checkpoints(run.folder.path, every_steps=3, about=run.about),
        StopAt(),
    ]
    trainer = Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=settings.lr), None, watching, log_every=2)
    if run.resumed and last.is_file():
        trainer.load_state_dict(load_state(last))
    train = DataLoader(numbers(settings.slope, 20), 5, shuffle=True)
    trainer.fit(train, DataLoader(numbers(settings.slope, 6), 6), settings.epochs)
    run.folder.save_model(model, run.identity)
    return {"test_loss": trainer.evaluate(DataLoader(numbers(settings.slope, 7), 7))["loss"]}


def registered(monkeypatch, data=()):
    """Makes the experiment known while a test runs."""
    module = ModuleType(f"{registry.PACKAGE}.{PART}.line_fit")
    module.__dict__.update(Settings=Settings, run=run, TASK=TASK, QUICK=QUICK)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    experiment = registry.Experiment(NAME, "A line", ("0.0",), "none", data, PART)
    monkeypatch.setitem(registry.EXPERIMENTS, NAME, experiment)
    return module
