"""Runs of optimizers on a small problem whose gradients are given: 20 steps from the same start.

A run is written against a namespace F that is xdl's or PyTorch's. Parameter "late" gets no gradient in the steps
that `LATE` names; it is in the middle, so that its neighbours' steps differ from its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

STEPS = 20
LATE = {0, 1, 7, 8, 15}
SHAPES = {"weight": (3, 4), "bias": (3,), "late": (2, 3), "scale": (), "table": (5, 2)}


@dataclass(frozen=True)
class Run:
    """make(F.optim, {name: parameter}) -> optimizer."""

    id: str
    make: Callable[[Any, dict[str, Any]], Any]


def _plain(name, **settings):
    return lambda optim, p: getattr(optim, name)(list(p.values()), **settings)


def _groups(name, **settings):
    def make(optim, p):
        first = {"params": [p["weight"], p["late"]], "lr": 0.03}
        second = {"params": [p["bias"], p["scale"], p["table"]], "weight_decay": 0.2}
        return getattr(optim, name)([first, second], **settings)

    return make


# what optimizers take besides lr, each option at least once
SETTINGS = {
    "SGD": [{}],
    "Adagrad": [{}, {"lr_decay": 0.1}, {"initial_accumulator_value": 0.3, "eps": 1e-3}, {"weight_decay": 0.1}],
    "Adadelta": [{}, {"rho": 0.7, "eps": 1e-3}, {"weight_decay": 0.1}],
    "RMSprop": [
        {},
        {"alpha": 0.7, "eps": 1e-3},
        {"centered": True},
        {"momentum": 0.8},
        {"centered": True, "momentum": 0.6, "alpha": 0.9, "weight_decay": 0.1},
    ],
    "Adam": [{"amsgrad": True, "betas": (0.5, 0.6)}, {"decoupled_weight_decay": True, "weight_decay": 0.2}],
    "AdamW": [{"amsgrad": True, "betas": (0.5, 0.6)}],
    "Adamax": [{}, {"betas": (0.5, 0.7), "eps": 1e-3}, {"weight_decay": 0.1}],
    "NAdam": [
        {},
        {"momentum_decay": 0.1, "betas": (0.8, 0.9), "eps": 1e-3},
        {"weight_decay": 0.1},
        {"weight_decay": 0.2, "decoupled_weight_decay": True},
    ],
    "RAdam": [
        {},
        {"betas": (0.8, 0.9), "eps": 1e-3},
        {"weight_decay": 0.1},
        {"weight_decay": 0.2, "decoupled_weight_decay": True},
    ],
    "ASGD": [
        {},
        {"lambd": 0.05, "alpha": 0.5, "t0": 4.0},
        {"lambd": 0.02, "t0": 0.0, "weight_decay": 0.1},
    ],
    "Adafactor": [
        {},
        {"beta2_decay": -0.3, "eps": (1e-3, 0.5)},
        {"d": 1.3, "weight_decay": 0.1},
    ],
    "Rprop": [{}, {"etas": (0.3, 1.5), "step_sizes": (1e-2, 0.3)}],
}


def _label(name, settings):
    return " ".join([name, *(f"{setting}={value}" for setting, value in settings.items())])


def _every_option():
    for name, options in SETTINGS.items():
        for settings in options:
            for more in ({}, {"maximize": True}) if settings is options[-1] else ({},):
                full = {"lr": 0.05, **settings, **more}
                yield Run(_label(name, full), _plain(name, **full))
        if name not in ("SGD", "Adam", "AdamW"):
            yield Run(f"{name} with defaults", _plain(name))
            if name != "Rprop":
                yield Run(f"{name} groups", _groups(name))


MATRICES = ("weight", "late", "table")
MUON = [
    {},
    {"lr": 0.05},
    {"lr": 0.05, "nesterov": False, "momentum": 0.7},
    {"lr": 0.05, "adjust_lr_fn": "match_rms_adamw", "weight_decay": 0.3},
    {"lr": 0.05, "ns_coefficients": (2.0, -1.5, 0.5), "ns_steps": 3, "eps": 10.0},
]


def _matrices(settings):
    return lambda optim, p: optim.Muon([p[name] for name in MATRICES], **settings)


RUNS = [
    Run("SGD", _plain("SGD", lr=0.1)),
    Run("SGD with defaults", _plain("SGD")),
    Run("SGD momentum", _plain("SGD", lr=0.1, momentum=0.9)),
    Run("SGD dampening", _plain("SGD", lr=0.1, momentum=0.9, dampening=0.3)),
    Run("SGD weight decay", _plain("SGD", lr=0.1, weight_decay=0.1)),
    Run("SGD nesterov", _plain("SGD", lr=0.05, momentum=0.8, weight_decay=0.05, nesterov=True)),
    Run("SGD groups", _groups("SGD", lr=0.1, momentum=0.9)),
    Run("Adam", _plain("Adam", lr=0.1)),
    Run("Adam with defaults", _plain("Adam")),
    Run("Adam weight decay", _plain("Adam", lr=0.05, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)),
    Run("Adam beta 0", _plain("Adam", lr=0.05, betas=(0.0, 0.5))),
    Run("Adam groups", _groups("Adam", lr=0.1)),
    Run("AdamW with defaults", _plain("AdamW")),
    Run("AdamW", _plain("AdamW", lr=0.1, weight_decay=0.3)),
    Run("AdamW groups", _groups("AdamW", lr=0.1)),
    Run("SGD maximize", _plain("SGD", lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True, maximize=True)),
    *_every_option(),
    *[Run(_label("Muon", settings), _matrices(settings)) for settings in MUON],
]


def parameters(F, dtype="float64", shapes=SHAPES):
    """The start, from a frozen generator."""
    random = np.random.RandomState(3)
    return {name: F.tensor(random.standard_normal(shape).astype(dtype), True) for name, shape in shapes.items()}


def set_gradients(F, optimizer, p, step, dtype="float64"):
    """The gradients of a step; "late" has none in some."""
    random = np.random.RandomState(100 + step)
    optimizer.zero_grad()
    for name, t in p.items():
        g = np.asarray(random.standard_normal(tuple(t.shape)), dtype)
        if name != "late" or step not in LATE:
            t.grad = F.tensor(g, False)


def values(F, p):
    """All values as one vector."""
    return np.concatenate([F.host(t).reshape(-1) for t in p.values()])


def advance(F, optimizer, p, steps, dtype="float64"):
    """Steps of the optimizer; yields all values after each."""
    for step in steps:
        set_gradients(F, optimizer, p, step, dtype)
        optimizer.step()
        yield values(F, p)


def trajectory(F, run, dtype="float64"):
    """The values after each of the 20 steps (20, number of values)."""
    p = parameters(F, dtype)
    return np.stack(list(advance(F, run.make(F.optim, p), p, range(STEPS), dtype)))
