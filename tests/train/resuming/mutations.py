"""States that are wrong in one place, and a trainer with all that has a state, to load them into."""

from copy import deepcopy

import numpy as np

import xdl
from tests.train.around import blobs
from xdl import nn, optim
from xdl.data import DataLoader
from xdl.optim import lr_scheduler as rates
from xdl.optim.swa_utils import SWALR
from xdl.tensor import Tensor
from xdl.train import (
    Checkpoints,
    EarlyStopping,
    Schedule,
    TensorBoard,
    Trainer,
    WeightAverage,
    WeightSnapshots,
    accuracy,
)

OPTIMIZERS = {
    "SGD": {"momentum": 0.5},
    "Adam": {"amsgrad": True},
    "NAdam": {},
    "Rprop": {},
    "RMSprop": {"momentum": 0.5, "centered": True},
}


def shifted(batch, numbers):
    """The augmentation."""
    return batch + numbers.normal(batch.shape) / 10


def build(folder, optimizer="Adam"):
    """A trainer and its loader; 3 steps an epoch."""
    xdl.manual_seed(3)
    model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.3), nn.Linear(4, 3))
    made = getattr(optim, optimizer)(model.parameters(), lr=0.01, **OPTIMIZERS[optimizer])
    pair = [rates.LinearLR(made, 0.5), rates.CosineAnnealingWarmRestarts(made, 5)]
    schedules = [
        Schedule(rates.ReduceLROnPlateau(made), measure="train_loss"),
        Schedule(rates.SequentialLR(made, pair, [3]), "step"),
        Schedule(rates.MultiStepLR(made, [2, 5]), "step"),
        Schedule(SWALR(made, 0.05)),
    ]
    if optimizer in ("SGD", "Adam"):
        schedules += [
            Schedule(rates.CyclicLR(made, 0.01, 0.1, 3), "step"),
            Schedule(rates.OneCycleLR(made, 0.1, 100), "step"),
        ]
    callbacks = [
        Checkpoints(folder, every_epochs=None, best="train_loss"),
        *schedules,
        EarlyStopping("train_loss", patience=3),
        WeightAverage(model, 0.8),
        WeightSnapshots(folder / "weights", every_steps=1, shape=(1, 2), strip=True),
        TensorBoard(folder / "events"),
    ]
    trainer = Trainer(model, nn.CrossEntropyLoss(), made, {"accuracy": accuracy}, callbacks, 1, accumulate=2)
    return trainer, DataLoader(blobs(28), 5, shuffle=True, transform=shifted)


def places(state, path=()):
    """The paths of all leaves and of all dicts and lists of a state."""
    if isinstance(state, dict | list) and path:
        yield path
    if isinstance(state, dict):
        for name in state:
            yield from places(state[name], (*path, name))
    elif isinstance(state, list):
        for i, value in enumerate(state):
            yield from places(value, (*path, i))
    else:
        yield path


def at(state, path):
    """The value at a path."""
    for name in path:
        state = state[name]
    return state


def mutants(state, path):
    """(name of the mutation, the state that is wrong at this path)."""

    def parent():
        copy = shallow(state, path)
        return copy, at(copy, path[:-1])

    value, last = at(state, path), path[-1]
    for name, other in others(value):
        copy, holder = parent()
        holder[last] = other
        yield name, copy
    copy, holder = parent()
    del holder[last]
    yield "dropped", copy
    if isinstance(at(state, path[:-1]), dict):
        copy, holder = parent()
        holder[f"{last}x"] = holder.pop(last)
        yield "renamed", copy
        copy, holder = parent()
        holder[f"{last}x"] = value
        yield "extra", copy
        copy, holder = parent()
        holder[7] = value
        yield "extra number", copy
    else:
        copy, holder = parent()
        holder.append(value)
        yield "longer", copy


def others(value):
    """(name, what may stand in the place of a value by mistake)."""
    for name, other in (("None", None), ("word", "nonsense"), ("list", [1, "a"]), ("dict", {"a": 1})):
        if value != other if not isinstance(value, np.ndarray | Tensor) else True:
            yield name, other
    if isinstance(value, np.ndarray):
        yield "shape", np.zeros((*value.shape, 2), value.dtype)
        yield "dtype", value.astype("float64" if value.dtype != "float64" else "int64")
        yield "words", np.full(value.shape, "a")
        yield "number", 3.0
    if isinstance(value, bool):
        yield "number", 1
    elif isinstance(value, int | float):
        for number in (float("nan"), -1, -3, float("inf"), 0.5, 1 << 70, True):
            yield f"{number}", number


def shallow(state, path):
    """A copy that shares what does not lie along the path."""
    if not path:
        return state
    copy = dict(state) if isinstance(state, dict) else list(state)
    copy[path[0]] = shallow(copy[path[0]], path[1:]) if len(path) > 1 else deepcopy(copy[path[0]])
    return copy
