"""A layer of one's own: parameters, a forward pass, and nothing else; the tape does the rest (hwdong 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import nn, optim
from xdl.creation import ones, zeros
from xdl.experiments.networks.gradient_check import error
from xdl.experiments.shared.points import draw_regions, fit, judged, spiral_points
from xdl.nn import init
from xdl.random import randn
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor


class Ripple(nn.Module):
    """y = x Wᵀ + a sin(x Wᵀ): a linear layer with a wave of learned height on every output.

    x: (..., in_features); y: (..., out_features)
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        self.weight = nn.Parameter(zeros(out_features, in_features))
        self.height = nn.Parameter(ones(out_features))
        init.kaiming_uniform_(self.weight, nonlinearity="linear")

    def forward(self, input: Tensor) -> Tensor:
        """The outputs for inputs of any leading shape."""
        z = input @ self.weight.T
        return z + self.height * z.sin()


class BrokenRipple(Ripple):
    """The same outputs, and a gradient that forgets the height: the mistake of a `detach` too many."""

    def forward(self, input: Tensor) -> Tensor:
        """The outputs for inputs of any leading shape."""
        z = input @ self.weight.T
        return z + self.height.detach() * z.sin()


QUICK: dict[str, Any] = {}
EPS, ALLOWED = 1e-6, 1e-6  # the step of the numerical gradient, and the largest relative error of a right one


@dataclass(frozen=True)
class Settings:
    """A network with the new layer in place of a linear layer and its activation."""

    samples: int = setting(100, "points in each of the three arms", low=2)
    hidden: int = setting(100, "units of the new layer", low=1)
    steps: int = setting(300, "steps on all points", low=1)
    lr: float = setting(0.02, "learning rate", above=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Checks the layer's gradient numerically, and that of a broken one; trains a network that is made of the layer."""
    x, u = randn(5, 4, dtype="float64"), randn(5, 3, dtype="float64")
    errors = {kind.__name__: error(kind(4, 3).to("float64"), x, u, EPS) for kind in (Ripple, BrokenRipple)}
    for name, found in errors.items():
        verdict = "right" if found < ALLOWED else "WRONG"
        run.say(f"gradient check of {name}: {verdict}, largest relative error {found:.1e} (allowed {ALLOWED:.0e})")
    points, labels = spiral_points(run, settings.samples)
    model = nn.Sequential(Ripple(2, settings.hidden), nn.Linear(settings.hidden, 3))
    run.say(str(model.summary((1, 2))))
    losses = fit(model, points, labels, lambda p: optim.Adam(p, lr=settings.lr), settings.steps)
    on_training_points, on_new_points = judged(run, model, points, labels)
    caught = errors["BrokenRipple"] / max(errors["Ripple"], 1e-16)
    run.see(f"the check's error is {caught:.0e} times as large for the broken layer, whose outputs are the same.")
    draw_regions(run, {f"a layer of one's own after {settings.steps} steps": model}, points, labels)
    return {
        "loss": losses[-1],
        "training_accuracy": on_training_points,
        "new_accuracy": on_new_points,
        "gradient_errors": errors,
    }
