"""A network trained by numerical gradients, and what they cost beside back propagation (hwdong 4.1.7).

(L(w + eps) - L(w - eps)) / (2 eps) for every weight w takes two passes forward for each of the P parameters. Back
propagation gives all P derivatives for about the cost of three passes forward, whatever P is. Both descend alike: in
float64 the weights they end with differ by little more than the error of the quotient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from xdl import nn, plot
from xdl.creation import tensor
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.points import draw_regions, judged, spiral_points
from xdl.models import MLP
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tape import grad
from xdl.tensor import Tensor, no_grad

QUICK = {"steps": 60, "repeats": 2}
COST = 3  # passes forward that a pass forward and back takes, as a rule of thumb


@dataclass(frozen=True)
class Settings:
    """A network 2-hidden-3 on the spiral, in float64, by plain descent on all points."""

    samples: int = setting(100, "points in each of the three arms", low=2)
    hidden: int = setting(5, "units of the hidden layer", low=1, high=200)
    steps: int = setting(1000, "steps of the training", low=1)
    lr: float = setting(0.5, "learning rate", above=0)
    eps: float = setting(1e-5, "half the distance between the two points of a quotient", above=0)
    widths: tuple[int, ...] = setting(
        (5, 10, 20, 40), "hidden units of the networks whose steps are timed", low=1, high=500
    )
    repeats: int = setting(5, "steps that a time is the best of", low=1)


Loss = Callable[[], Tensor]
Gradients = Callable[[Loss, Sequence[nn.Parameter], float], list[Tensor]]


def numerical(loss: Loss, parameters: Sequence[nn.Parameter], eps: float) -> list[Tensor]:
    """The gradient by two-sided quotients: 2 P passes forward."""
    gradients = []
    with no_grad():
        for parameter in parameters:
            flat = parameter.reshape(-1)
            slopes = []
            for number in range(len(flat)):
                kept = flat[number].item()
                ends = []
                for end in (kept + eps, kept - eps):
                    flat[number] = end
                    ends.append(loss().item())
                flat[number] = kept
                slopes.append((ends[0] - ends[1]) / (2 * eps))
            gradients.append(tensor(slopes, dtype="float64").reshape(parameter.shape))
    return gradients


def back_propagated(loss: Loss, parameters: Sequence[nn.Parameter], eps: float) -> list[Tensor]:
    """The gradient by the tape: one pass forward, one back."""
    return [gradient for gradient in grad(loss(), parameters) if gradient is not None]


WAYS: dict[str, Gradients] = {"numerical": numerical, "back propagation": back_propagated}


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains the network twice from the same weights, and times a step of wider ones."""
    points, labels = spiral_points(run, settings.samples)
    models, losses, seconds = {}, {}, {}
    for name, gradients in WAYS.items():
        started = perf_counter()
        models[name], losses[name] = trained(settings, run, gradients, points, labels)
        seconds[name] = perf_counter() - started
    apart = difference(*models.values())
    count = sum(p.numel() for p in models["numerical"].parameters())
    passes = {"numerical": 2 * count, "back propagation": COST}
    rows = [
        (name, passes[name], losses[name][-1], *judged(run, models[name].float(), points, labels), seconds[name])
        for name in WAYS
    ]
    headings = ("gradient", "passes a step", "loss", "points of the training right", "new points right", "seconds")
    table = run.table(headings, rows)
    run.say(f"largest difference between the weights at the end: {apart:.1e}")
    times = timed(settings, run, points, labels)
    ratio = times["numerical"][-1][1] / times["back propagation"][-1][1]
    sentence = (
        f"both gradients end at the same loss ({losses['numerical'][-1]:.4f}), but with {times['numerical'][-1][0]}"
    )
    sentence += f" parameters the numerical one takes {ratio:.0f} times as long"
    see = claim(run, sentence, [abs(losses["numerical"][-1] - losses["back propagation"][-1]) < 1e-3 and ratio > 5])
    draw(run, losses, passes, times, see)
    shown = {f"{name}, {passes[name]} passes a step": model for name, model in models.items()}
    draw_regions(run, shown, points, labels, see)
    return {"trainings": table, "weight_difference": apart, "times": {name: dict(t) for name, t in times.items()}}


def trained(
    settings: Settings, run: Run, gradients: Gradients, points: Any, labels: Any
) -> tuple[nn.Module, list[float]]:
    """A network from the weights of the seed, and its loss before every step."""
    run.reseed()
    model = MLP((2, settings.hidden, 3), nn.Tanh).double()
    parameters = list(model.parameters())
    loss = loss_of(model, points, labels)
    losses = []
    for _ in range(settings.steps):
        with no_grad():
            losses.append(loss().item())
        steps = gradients(loss, parameters, settings.eps)
        with no_grad():
            for parameter, step in zip(parameters, steps, strict=True):
                parameter.sub_(step, alpha=settings.lr)
    return model, losses


def loss_of(model: nn.Module, points: Any, labels: Any) -> Loss:
    """The cross entropy on all points, as a function of nothing but the model's parameters."""
    x, y, loss = tensor(points).to("float64"), tensor(labels), nn.CrossEntropyLoss()
    return lambda: loss(model(x), y)


def difference(one: nn.Module, other: nn.Module) -> float:
    """The largest difference between the parameters of two models."""
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return max(float((a - b).abs().max().item()) for a, b in pairs)


def timed(settings: Settings, run: Run, points: Any, labels: Any) -> dict[str, list[tuple[int, float]]]:
    """(parameters, the shortest time of a gradient) of networks of all widths, for both ways."""
    times: dict[str, list[tuple[int, float]]] = {name: [] for name in WAYS}
    for width in settings.widths:
        run.reseed()
        model = MLP((2, width, 3), nn.Tanh).double()
        parameters, loss = list(model.parameters()), loss_of(model, points, labels)
        for name, gradients in WAYS.items():
            best = min(seconds_of(gradients, loss, parameters, settings.eps) for _ in range(settings.repeats))
            times[name].append((sum(p.numel() for p in parameters), best))
    return times


def seconds_of(gradients: Gradients, loss: Loss, parameters: Sequence[nn.Parameter], eps: float) -> float:
    """How long one gradient takes."""
    started = perf_counter()
    gradients(loss, parameters, eps)
    return perf_counter() - started


def draw(run: Run, losses: dict[str, list[float]], passes: dict[str, int],
         times: dict[str, list[tuple[int, float]]], see: str) -> None:  # fmt: skip
    """The loss against steps and against passes forward; the time of a gradient against the number of parameters."""
    by_steps: dict[str, Any] = {
        name: plot.Line(range(len(curve)), curve, look="thick" if name == "numerical" else "line")
        for name, curve in losses.items()
    }
    by_passes: dict[str, Any] = {
        name: ([max(1, i * passes[name]) for i in range(len(curve))], curve) for name, curve in losses.items()
    }
    panels = {"loss by steps": by_steps, "loss by passes forward": by_passes}
    names = ["steps", "passes forward"]
    run.figure("losses", plot.lines_data(panels, "The same descent at another price", names, columns=2, log=True), see)
    lines = {name: ([count for count, _ in found], [1000 * s for _, s in found]) for name, found in times.items()}
    title = "The time of one gradient, in milliseconds"
    run.figure("times", plot.lines_data({"": lines}, title, "parameters", log=True, x_log=True), see)
