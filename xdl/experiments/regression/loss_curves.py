"""Losses of one example whose class is 1, against its logit or score z, with their gradients by the tape.

z < 0 is the wrong side. squared (1 - z)**2, hinge max(0, 1 - z), logistic -log sigmoid(z): cross entropy of the logit.
"""

from __future__ import annotations

from collections.abc import Callable
from math import nan

from xdl import functional as F
from xdl import plot
from xdl.creation import ones_like, tensor
from xdl.tensor import Tensor

LOSSES: dict[str, Callable[[Tensor], Tensor]] = {
    "squared": lambda z: (1 - z) ** 2,
    "logistic": lambda z: F.binary_cross_entropy_with_logits(z, ones_like(z), reduction="none"),
    "hinge": lambda z: (1 - z).relu(),
}
WAYS: dict[str, Callable[[Tensor], Tensor]] = {  # of the cross entropy of two classes
    "of the logit": LOSSES["logistic"],
    "of the probability": lambda z: F.binary_cross_entropy(z.sigmoid(), ones_like(z), reduction="none"),
}
NEAR = [i / 20 for i in range(-60, 61)]
FAR = [float(z) for z in range(-150, 11)]


def value_and_gradient(
    loss: Callable[[Tensor], Tensor], at: list[float], dtype: str
) -> tuple[list[float], list[float]]:
    """The loss and its derivative at each z."""
    z = tensor(at, dtype=dtype, requires_grad=True)
    values = loss(z)
    values.sum().backward()
    assert z.grad is not None
    return values.tolist(), z.grad.tolist()


def curves() -> tuple[plot.FigureData, list[str]]:
    """The figure, and what there is to see: pulls of the losses near by; the cross entropy far out, in float32."""
    near = {name: value_and_gradient(loss, NEAR, "float64") for name, loss in LOSSES.items()}
    far = {name: value_and_gradient(loss, FAR, "float32") for name, loss in WAYS.items()}
    gradients = {name: plot.Line(NEAR, slopes) for name, (_, slopes) in near.items()}
    panels: dict[str, dict[str, plot.Line]] = {
        "loss of one example of class 1": {name: plot.Line(NEAR, values) for name, (values, _) in near.items()},
        "its gradient d loss/d z": gradients | _corner(),
        "far out: cross entropy in float32": _dashed({name: values for name, (values, _) in far.items()}),
        "far out: its gradient": _dashed({name: slopes for name, (_, slopes) in far.items()}),
    }
    title = "losses against the logit z of the right class (z < 0: classified wrong)"
    return plot.lines_data(panels, title, "z", columns=2), [_near(), _far(far)]


def _dashed(curves: dict[str, list[float]]) -> dict[str, plot.Line]:
    """Curves far out, all but the first dashed, so that none hides another."""
    return {name: plot.Line(FAR, ys, look="dashed" if i else "line") for i, (name, ys) in enumerate(curves.items())}


def _corner() -> dict[str, plot.Line]:
    """The gradient of the hinge, which jumps at z = 1: a gap there, the limit, the tape's value."""
    _, slopes = value_and_gradient(LOSSES["hinge"], NEAR, "float64")
    _, (before, here, after) = value_and_gradient(LOSSES["hinge"], [1 - 1e-9, 1.0, 1 + 1e-9], "float64")
    apart = [limit for limit in (before, after) if limit != here]
    return {
        "hinge": plot.Line(NEAR, [nan if z == 1 else slope for z, slope in zip(NEAR, slopes, strict=True)], colour=2),
        "hinge: limits": plot.Line([1.0] * len(apart), apart, look="circles", colour=2),
        "hinge: at 1": plot.Line([1.0], [here], look="dots", colour=2),
    }


def _near() -> str:
    """How hard each loss pulls at an example that is clearly wrong, and at one that is clearly right."""
    pulls = {name: value_and_gradient(loss, [-3.0, 3.0], "float64")[1] for name, loss in LOSSES.items()}
    wrong = ", ".join(f"{name} {slopes[0]:.3g}" for name, slopes in pulls.items())
    right = ", ".join(f"{name} {slopes[1] + 0.0:.3g}" for name, slopes in pulls.items())
    back = [name for name, slopes in pulls.items() if slopes[1] > 0]
    text = f"Gradients at z = -3, wrong: {wrong}; at z = 3, right: {right}"
    return f"{text}; {' and '.join(back)} pulls an example back that is right." if back else f"{text}."


def _far(far: dict[str, tuple[list[float], list[float]]]) -> str:
    """Where the cross entropy of a probability stops to learn."""
    values, slopes = far["of the probability"]
    kept = far["of the logit"][1]
    lost = [z for z, slope, whole in zip(FAR, slopes, kept, strict=True) if z < 0 and abs(slope) < abs(whole) / 100]
    if not lost:
        return f"At z = {FAR[0]:g} the gradient is {slopes[0]:g} by the probability, and {kept[0]:g} by the logit."
    stops = f"from z = {max(lost):g} down less than a hundredth of the gradient is left"
    by_logit = f"where the example is most wrong; by the logit the gradient is {kept[0]:g} there"
    return f"By the probability in float32, {stops}, and the loss ends at {values[0]:g}, {by_logit}."
