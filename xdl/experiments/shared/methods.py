"""The seven methods of a fixed rate that networks are trained by, where they are compared (hwdong 2.3; 徐彬 5.6)."""

from __future__ import annotations

from collections.abc import Callable

from xdl import optim

MakesOptimizer = Callable[..., optim.Optimizer]

# panel of the figure -> methods, each made from parameters and a rate
GROUPS: dict[str, dict[str, MakesOptimizer]] = {
    "one rate for all weights": {
        "SGD": lambda p, lr: optim.SGD(p, lr=lr),
        "momentum": lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9),
        "Nesterov": lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9, nesterov=True),
    },
    "a rate for each weight": {
        "Adagrad": lambda p, lr: optim.Adagrad(p, lr=lr),
        "Adadelta": lambda p, lr: optim.Adadelta(p, lr=lr),
        "RMSprop": lambda p, lr: optim.RMSprop(p, lr=lr),
        "Adam": lambda p, lr: optim.Adam(p, lr=lr),
    },
}
METHODS = {name: make for group in GROUPS.values() for name, make in group.items()}
