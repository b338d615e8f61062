"""Numerical gradients: of a function of two variables, and of any loss over a list of arrays (hwdong 2.4.1, 2.4.2).

    one-sided (f(p + eps) - f(p)) / eps             error eps f'' / 2, and rounding over eps
    two-sided (f(p + eps) - f(p - eps)) / (2 eps)   error eps^2 f''' / 6: none at all for a quadratic function

They need nothing but values, one or two for each number that is moved; back propagation needs one pass for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import isfinite, nan
from time import perf_counter
from typing import Any

from xdl import nn, plot
from xdl.creation import tensor
from xdl.errors import SettingError, expect
from xdl.experiments.shared.formula import formula
from xdl.func import numerical_gradients_of
from xdl.models import MLP
from xdl.plot import Line
from xdl.random import randint, randn
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tape import grad
from xdl.tensor import Tensor, no_grad

QUICK: dict[str, Any] = {"widths": (5, 20)}
SAMPLES, INPUTS, CLASSES = 16, 2, 3
EPS = [10 ** (-k / 2) for k in range(25)]
REPEATS = 10  # backward passes, of which the fastest counts
WAYS = ("two-sided", "one-sided")
EXACT = 1e-12  # an error that is rounding alone
DTYPES = ("float64", "float32")
Loss = Callable[[], Tensor]


@dataclass(frozen=True)
class Settings:
    """A function of x and y with a place, and networks of one hidden layer."""

    f: str = setting("x**2/16 + 9*y**2", "a function of x and y")
    x: float = setting(-2.4, "where its gradient is looked at")
    y: float = setting(0.2, "where its gradient is looked at")
    eps: float = setting(1e-5, "how far each number is moved", above=0, high=1)
    hidden: int = setting(5, "units of the network whose arrays are listed", low=1, high=64)
    widths: tuple[int, ...] = setting(
        (5, 10, 20, 40, 80), "units of the networks whose cost is measured", low=1, high=200
    )


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Errors at a place and of every array of a network, errors by eps and dtype, and what it all costs."""
    at = [tensor(v, dtype="float64", requires_grad=True) for v in (settings.x, settings.y)]
    f = formula("f", settings.f, ("x", "y"))
    exact = [0 * p if g is None else g for p, g in zip(at, grad(f(*at), at), strict=True)]
    ways = {
        way: numerical_gradients(lambda: f(*at), at, settings.eps, way == "two-sided")
        for way in ("one-sided", "two-sided")
    }
    numbers = [g.item() for g in [*exact, *(g for found in ways.values() for g in found)]]
    place = f"({settings.x:g}, {settings.y:g})"
    expect(all(map(isfinite, numbers)), SettingError, "f", f"a function with finite gradients at {place}", numbers)
    rows = [
        (f"df/d{name}", g.item(), *(n for way in ways.values() for n in (way[i].item(), abs((way[i] - g).item()))))
        for i, (name, g) in enumerate(zip("xy", exact, strict=True))
    ]
    run.say(f"f(x, y) = {settings.f} at {place}, eps = {settings.eps:g}")
    table = run.table(("derivative", "by the tape", "one-sided", "its error", "two-sided", "its error "), rows)

    run.reseed()
    model, loss = network(settings.hidden)
    names = [name for name, _ in model.named_parameters()]
    parameters = list(model.parameters())
    gradients = _by_tape(loss, parameters)
    found = numerical_gradients(loss, parameters, settings.eps)
    errors = [(n - g).abs().max().item() for n, g in zip(found, gradients, strict=True)]
    run.say(f"the cross entropy of a network of {INPUTS}-{settings.hidden}-{CLASSES}, over the list of its arrays")
    public = numerical_gradients_of(loss, parameters, settings.eps)  # the same, as xdl.func has it
    others = [(n - p).abs().max().item() for n, p in zip(found, public, strict=True)]
    shapes, sizes = [str(tuple(g.shape)) for g in gradients], [g.abs().max().item() for g in gradients]
    arrays = run.table(
        ("array", "shape", "largest |gradient|", "largest error", "from xdl.func's"),
        list(zip(names, shapes, sizes, errors, others, strict=True)),
    )
    run.see(f"one function finds the gradients of {len(names)} arrays from values alone, within {max(errors):.0e}")
    best = _sweep(run, f, settings)
    costs = _cost(run, settings)
    return {"at_a_place": table, "arrays": arrays, "largest_error": max(errors), "best": best, "costs": costs}


def numerical_gradients(loss: Loss, arrays: Sequence[Tensor], eps: float, two_sided: bool = True) -> list[Tensor]:
    """The gradient of loss() by each of the arrays that it reads: every element is moved in place, and set back.

    loss:   takes nothing, returns a Tensor of one element
    arrays: float64 or float32, of any shapes
    """
    found = []
    with no_grad():
        middle = nan if two_sided else loss().item()
        for x in arrays:
            gradient = x.detach().clone()
            for place in product(*map(range, x.shape)):
                kept = x[place].item()
                x[place] = kept + eps
                right = loss().item()
                x[place] = kept - eps
                left = loss().item() if two_sided else middle
                x[place] = kept
                gradient[place] = (right - left) / (2 * eps if two_sided else eps)
            found.append(gradient)
    return found


def network(hidden: int, dtype: str = "float64") -> tuple[nn.Module, Loss]:
    """A network with one hidden layer of tanh units, and its cross entropy on random samples; drawn in float64."""
    model = MLP((INPUTS, hidden, CLASSES), nn.Tanh).to("float64")
    for p in model.parameters():
        with no_grad():
            p[...] = randn(*p.shape, dtype="float64") / 2
    x, labels = randn(SAMPLES, INPUTS, dtype="float64").to(dtype), randint(0, CLASSES, (SAMPLES,))
    model, criterion = model.to(dtype), nn.CrossEntropyLoss()
    return model, lambda: criterion(model(x), labels)


def _seconds(act: Callable[[], Any]) -> float:
    begun = perf_counter()
    act()
    return perf_counter() - begun


def _by_tape(loss: Loss, arrays: Sequence[Tensor]) -> list[Tensor]:
    return [x * 0 if g is None else g for x, g in zip(arrays, grad(loss(), arrays), strict=True)]


def _apart(found: Sequence[Tensor], exact: Sequence[Tensor]) -> float:
    """|found - exact| / |exact|, over all arrays together, in float64."""
    pairs = [(n.to("float64"), g.to("float64")) for n, g in zip(found, exact, strict=True)]
    size = sum(g.square().sum().item() for _, g in pairs)
    return float((sum((n - g).square().sum().item() for n, g in pairs) / (size or 1.0)) ** 0.5)


def _sweep(run: Run, f: Callable[..., Tensor], settings: Settings) -> dict[str, float]:
    """The error by eps, one- and two-sided, in both dtypes; against the tape's gradient in float64."""
    panels: dict[str, dict[str, Line]] = {
        f"f = {settings.f}": {},
        f"a network of {INPUTS}-{settings.hidden}-{CLASSES}": {},
    }
    best = {}
    exact: dict[str, list[Tensor]] = {}
    widest = []  # errors for the largest eps
    for colour, dtype in enumerate(DTYPES):
        run.reseed()
        at = [tensor(v, dtype=dtype, requires_grad=True) for v in (settings.x, settings.y)]
        model, loss = network(settings.hidden, dtype)
        cases: list[tuple[Loss, Sequence[Tensor]]] = [(partial(f, *at), at), (loss, list(model.parameters()))]
        for (panel, lines), (value, arrays) in zip(panels.items(), cases, strict=True):
            if dtype == "float64":
                exact[panel] = _by_tape(value, arrays)
            for way in WAYS:
                errors = [
                    _apart(numerical_gradients(value, arrays, eps, way == "two-sided"), exact[panel]) for eps in EPS
                ]
                look = "line" if way == "two-sided" else "dashed"
                lines[f"{dtype}, {way}"] = Line(EPS, [e or nan for e in errors], look=look, colour=colour)
                best[f"{panel}, {dtype}, {way}"] = min(errors)
                widest.append(errors[0])
    first, name = panels
    if widest[0] < EXACT:
        run.see(f"the two-sided quotient of {first} is right even for eps = {EPS[0]:g}: no third derivative")
    see = run.see(
        f"the network's gradient comes within {best[f'{name}, float64, two-sided']:.0e} in float64, and only within "
        f"{best[f'{name}, float32, two-sided']:.0e} in float32: numerical checks need float64"
    )
    title = "error of numerical gradients against the step"
    run.figure("error", plot.lines_data(panels, title, "eps", log=True, x_log=True, columns=2), see)
    return best


def _priced(run: Run, width: int, eps: float) -> tuple[int, int, int, float, float, float]:
    """Units, numbers, evaluations, seconds of a numerical gradient and of a backward pass, and their ratio."""
    run.reseed()
    model, loss = network(width)
    parameters, calls = list(model.parameters()), 0

    def counted() -> Tensor:
        nonlocal calls
        calls += 1
        return loss()

    passes = [_seconds(lambda: _by_tape(loss, parameters)) for _ in range(REPEATS)]
    numerically, once = _seconds(lambda: numerical_gradients(counted, parameters, eps)), min(passes)
    return width, sum(p.numel() for p in parameters), calls, numerically, once, numerically / once


def _cost(run: Run, settings: Settings) -> list[dict[str, Any]]:
    """Evaluations and seconds of one gradient, numerically and by back propagation, for wider and wider networks."""
    rows = [_priced(run, width, settings.eps) for width in settings.widths]
    headings = ("hidden units", "numbers", "evaluations", "seconds, numerically", "seconds, by the tape", "times")
    run.say("one gradient")
    table = run.table(headings, rows)
    most = rows[-1]
    see = run.see(
        f"{most[1]} numbers take {most[2]} evaluations, {most[5]:.0f} times as long as one backward pass; for a "
        "million numbers it is two million evaluations a step"
    )
    counts = [row[1] for row in rows]
    lines = {
        "numerically: 2 evaluations a number": Line(counts, [row[3] for row in rows]),
        "by back propagation: 1 pass": Line(counts, [row[4] for row in rows]),
    }
    data = plot.lines_data(
        {"seconds for one gradient": lines},
        "why networks are not trained by numerical gradients",
        "numbers of the network",
        log=True,
        x_log=True,
    )
    run.figure("cost", data, see)
    return table
