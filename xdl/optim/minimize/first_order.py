"""Steps of xdl's own optimizers on a vector: gd, momentum, nesterov, adagrad, adadelta, rmsprop, adam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from xdl.backend import namespaces
from xdl.optim.adadelta import Adadelta
from xdl.optim.adagrad import Adagrad
from xdl.optim.adam import Adam
from xdl.optim.minimize.objective import Objective, Point
from xdl.optim.optimizer import Optimizer
from xdl.optim.rmsprop import RMSprop
from xdl.optim.sgd import SGD
from xdl.tensor import Tensor


class Rule(NamedTuple):
    """An optimizer, the settings that make it this method, and those that may be given."""

    make: Callable[..., Optimizer]
    fixed: dict[str, Any]
    options: tuple[str, ...]


RULES = {
    "gd": Rule(SGD, {}, ("lr",)),
    "momentum": Rule(SGD, {"momentum": 0.9}, ("lr", "momentum", "dampening")),
    "nesterov": Rule(SGD, {"momentum": 0.9, "nesterov": True}, ("lr", "momentum")),
    "adagrad": Rule(Adagrad, {}, ("lr", "lr_decay", "initial_accumulator_value", "eps")),
    "adadelta": Rule(Adadelta, {}, ("lr", "rho", "eps")),
    "rmsprop": Rule(RMSprop, {}, ("lr", "alpha", "eps")),
    "adam": Rule(Adam, {}, ("lr", "betas", "eps", "amsgrad")),
}


class FirstOrder:
    """Steps of an optimizer on x; every one is taken, whether f goes down or up."""

    def __init__(self, objective: Objective, start: Point, rule: Rule, options: dict[str, Any]) -> None:
        self.objective = objective
        self.x = Tensor(namespaces[type(start.x)].asarray(start.x, copy=True), requires_grad=True)
        self.optimizer = rule.make([self.x], **{**rule.fixed, **options})

    def step(self, at: Point) -> Point:
        """The point after one update by the gradient."""
        self.x.grad = Tensor(at.gradient)
        self.optimizer.step()
        return self.objective.at(namespaces[type(at.x)].asarray(self.x.array, copy=True))

    def inverse_hessian(self) -> None:
        """None: the method knows none."""
        return
