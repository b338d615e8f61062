"""A layer of one's own: parameters, a forward pass, and nothing else; the tape does the rest (hwdong 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import nn, optim
from xdl.creation import ones, zeros
from xdl.experiments.shared.points import accuracy_on, draw_regions, fit, spiral_points
from xdl.gradcheck import gradcheck
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


QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """A network with the new layer in place of a linear layer and its activation."""

    samples: int = setting(100, "points in each of the three arms", low=2)
    hidden: int = setting(100, "units of the new layer", low=1)
    steps: int = setting(300, "steps on all points", low=1)
    lr: float = setting(0.02, "learning rate", above=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Checks the layer's gradient numerically, then trains a network that is made of it and of known layers."""
    layer = Ripple(4, 3).to("float64")
    gradcheck(
        lambda x, w, a: (x @ w.T) + a * (x @ w.T).sin(),
        [randn(5, 4, dtype="float64").requires_grad_(), layer.weight, layer.height],
    )
    run.say("gradient check of the new layer: right within 1e-6")
    points, labels = spiral_points(run, settings.samples)
    model = nn.Sequential(Ripple(2, settings.hidden), nn.Linear(settings.hidden, 3))
    run.say(str(model.summary((1, 2))))
    losses = fit(model, points, labels, lambda p: optim.Adam(p, lr=settings.lr), settings.steps)
    accuracy = accuracy_on(model, points, labels)
    run.say(f"accuracy {accuracy:.4f} after {settings.steps} steps")
    draw_regions(run, {"a layer of one's own": model}, points, labels)
    return {"loss": losses[-1], "accuracy": accuracy}
