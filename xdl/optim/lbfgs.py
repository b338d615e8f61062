"""L-BFGS for modules (Liu and Nocedal 1989), which evaluates its closure several times a step.

g gradient of all parameters as one vector, H inverse Hessian of the last steps (`minimize/history.py`); lr

d = -H g;  t = lr, or by the strong Wolfe search from lr on;  p = p + t d       max_iter times a step
t of the very first is min(1, 1 / sum |g|) lr

A step ends early after max_eval evaluations, where no |g_i| is above tolerance_grad, where no element of t d is above
tolerance_change, and where the loss changes by less than that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from xdl import observe
from xdl.backend import Array, namespaces
from xdl.errors import BackendError, DtypeError, KindError, SettingError
from xdl.functional import either
from xdl.optim.lbfgs_state import COUNTS, NUMBERS, VECTORS, entry_problems
from xdl.optim.minimize.history import History
from xdl.optim.minimize.line_search import Trial, strong_wolfe
from xdl.optim.minimize.vectors import dot, largest
from xdl.optim.optimizer import Optimizer, Params, array_of, require
from xdl.tensor import Tensor, enable_grad, written

CURVED = 1e-10  # a step with y . s below is not kept, as in PyTorch
NARROW = 1e-9  # the search ends in an interval along which no parameter changes by more


class LBFGS(Optimizer):
    """L-BFGS; see the module docstring. One group of parameters, of one dtype, on one backend.

    max_eval:       max_iter 5 / 4 without one;  history_size: the steps that are kept
    line_search_fn: "strong_wolfe", or None for steps of lr

    Raises SettingError for a setting out of range and for several groups, DtypeError and BackendError for a mix.
    """

    needs_closure: ClassVar[bool] = True

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        self.n_iter = self.func_evals = 0
        self.history = History(self.param_groups[0]["history_size"])
        self.d: Array | None = None
        self.prev_flat_grad: Array | None = None
        self.t = self.prev_loss = 0.0

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Raises SettingError for a second group, DtypeError and BackendError for parameters of several kinds."""
        if self.param_groups:
            raise SettingError("LBFGS", "one group of parameters", "two", "Give all parameters together")
        super().add_param_group(group)
        if len(self._flats[0]) > 1:
            kinds = {type(p.array): p.dtype for p in self.param_groups[0]["params"]}
            if len(kinds) > 1:
                raise BackendError("LBFGS", "parameters of one backend", f"{len(kinds)} kinds of arrays")
            raise DtypeError("LBFGS", "parameters of one dtype", "several")

    def check(self, group: dict[str, Any]) -> None:
        """Raises SettingError for a setting out of range."""
        super().check(group)
        for name in ("max_iter", "max_eval", "history_size"):
            fits = isinstance(group[name], int) and group[name] >= 1
            require("LBFGS", name, group[name], fits, "a whole number of at least 1")
        for name in ("tolerance_grad", "tolerance_change"):
            require("LBFGS", name, group[name], group[name] >= 0, "a number of at least 0")
        search = group["line_search_fn"]
        require("LBFGS", "line_search_fn", search, search in (None, "strong_wolfe"), 'None or "strong_wolfe"')

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Goes up to max_iter steps along the directions of the module docstring; returns the loss before them.

        closure: zeroes the gradients, computes the loss, calls backward, returns the loss; always needed

        Raises KindError without one.
        """
        if not callable(closure):
            hint = "It zeroes the gradients, computes the loss, calls backward and returns the loss"
            raise KindError("LBFGS.step", "a closure", type(closure).__name__, hint)
        if (watching := observe.work) is not None:
            watching.began("LBFGS")
        with enable_grad():
            loss = closure()
        self.func_evals += 1
        g = flat_gradient(self.param_groups[0]["params"])
        if not largest(g) <= self.param_groups[0]["tolerance_grad"]:
            self._descend(closure, float(loss), g)
        if (watching := observe.work) is not None:
            watching.ended("LBFGS")
        return loss

    def _descend(self, closure: Callable[[], Any], loss: float, g: Array) -> None:
        group = self.param_groups[0]
        small, evaluations = group["tolerance_change"], 1
        for number in range(1, group["max_iter"] + 1):
            self.n_iter += 1
            d = self._direction(g)
            self.d, self.prev_flat_grad, self.prev_loss, self.t = d, g, loss, float(group["lr"])
            if self.n_iter == 1:
                self.t *= min(1.0, 1.0 / float(Tensor(either.sum(either.abs(g))).item()))
            start = Trial(0.0, loss, dot(g, d), g)
            if start.slope > -small:
                return
            line = Line(group["params"], d, closure)
            if group["line_search_fn"]:
                width, most = NARROW / largest(d), group["max_eval"] - evaluations
                end = strong_wolfe(line.at, self.t, start, width=width, most=most)
                line.move(end.t)
            elif number < group["max_iter"]:
                end = line.at(self.t)
            else:  # where a step ends, the next one evaluates
                line.move(self.t)
                return
            loss, g, self.t = end.f, end.gradient, end.t
            evaluations += line.count
            self.func_evals += line.count
            if evaluations >= group["max_eval"] or largest(g) <= group["tolerance_grad"]:
                return
            if largest(d * self.t) <= small or abs(loss - self.prev_loss) < small:
                return

    def _direction(self, g: Array) -> Array:
        """-H g, after the last step is added to what H is made of."""
        if self.n_iter == 1 or self.d is None or self.prev_flat_grad is None:
            self.history.clear()
            return -g
        s, y = self.d * self.t, g - self.prev_flat_grad
        if (curvature := dot(y, s)) > CURVED:
            self.history.add(s, y, curvature)
        return self.history.product(-g)

    def state_dict(self) -> dict[str, Any]:
        """The state in PyTorch's layout, whose one entry is that of the first parameter."""
        state = super().state_dict()
        if self.func_evals:
            entry: dict[str, Any] = {"func_evals": self.func_evals, "n_iter": self.n_iter}
            state["state"][0] = entry
            if self.d is not None and self.prev_flat_grad is not None:
                entry |= {
                    "d": Tensor(self.d),
                    "t": self.t,
                    "old_dirs": [Tensor(y) for y in self.history.changes],
                    "old_stps": [Tensor(s) for s in self.history.steps],
                    "ro": list(self.history.r),
                    "H_diag": self.history.scale,
                    "prev_flat_grad": Tensor(self.prev_flat_grad),
                    "prev_loss": self.prev_loss,
                }
        return state

    def entry_problems(self, entries: Any, groups: list[dict[str, Any]]) -> list[str]:
        """What is wrong with the "state" of a state_dict, in words."""
        if not isinstance(entries, dict) or not set(entries) <= {0}:
            return ["no state of one entry, that of parameter 0"]
        size = sum(p.numel() for p in self.param_groups[0]["params"])
        dtype, limit = self.param_groups[0]["params"][0].dtype, groups[0]["history_size"]
        return [problem for values in entries.values() for problem in entry_problems(values, size, dtype, limit)]

    def load_entries(self, entries: dict[int, dict[str, Any]]) -> None:
        """Takes over the "state" of a state_dict that fits."""
        values, like = entries.get(0, {}), self.param_groups[0]["params"][0].array
        self.func_evals, self.n_iter = (int(values.get(name, 0)) for name in COUNTS)
        self.history = History(self.param_groups[0]["history_size"])
        self.d = self.prev_flat_grad = None
        if values.get("d") is not None:
            xp = namespaces[type(like)]
            self.d, self.prev_flat_grad = (xp.asarray(array_of(values[name], like), copy=True) for name in VECTORS)
            self.t, self.prev_loss, self.history.scale = (float(values[name]) for name in NUMBERS)
            self.history.r.extend(float(r) for r in values["ro"])
            self.history.changes.extend(xp.asarray(array_of(y, like), copy=True) for y in values["old_dirs"])
            self.history.steps.extend(xp.asarray(array_of(s, like), copy=True) for s in values["old_stps"])


class Line:
    """The parameters p + t d, where p is what they are at the beginning; `count` evaluations of the closure."""

    def __init__(self, parameters: list[Tensor], d: Array, closure: Callable[[], Any]) -> None:
        self.parameters, self.d, self.closure, self.count = parameters, d, closure, 0
        self.begins = [namespaces[type(d)].asarray(p.array, copy=True) for p in parameters]

    def move(self, t: float) -> None:
        """Writes p + t d."""
        low = 0
        for p, begin in zip(self.parameters, self.begins, strict=True):
            part = self.d[low : low + p.numel()]
            p.array[...] = begin + t * namespaces[type(part)].reshape(part, p.shape)
            low += p.numel()
        written(self.parameters)

    def at(self, t: float) -> Trial:
        """The loss and its gradient at p + t d, where the parameters stay."""
        self.move(t)
        self.count += 1
        with enable_grad():
            loss = float(self.closure())
        g = flat_gradient(self.parameters)
        return Trial(t, loss, dot(g, self.d), g)


def flat_gradient(parameters: list[Tensor]) -> Array:
    """All gradients as a vector of its own; zeros for a parameter that has none."""
    xp = namespaces[type(parameters[0].array)]
    parts = [xp.zeros_like(p.array) if p.grad is None else p.grad.array for p in parameters]
    return xp.concat([xp.reshape(part, (-1,)) for part in parts])
