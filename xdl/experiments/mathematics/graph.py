"""The graph of any expression, with every value, slope and gradient (hwdong 1.3.5, 4.2.1, 4.2.2; 徐彬 2.8).

Forwards, each step computes its value from those of its inputs. Backwards, each arrow carries a contribution: the
gradient of the step that it leads to, times the slope d out/d in; a value's gradient is the sum over all its arrows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import plot
from xdl.errors import SettingError, nearest
from xdl.experiments.mathematics.computation import EPS, Computation, compute
from xdl.experiments.shared.expression import Step, read
from xdl.runs.run import Run
from xdl.runs.settings import setting

BOOK = {"w": 0.8, "b": -0.4, "x": 1.5, "y": 1.0}
MOST_SUMS = 3  # sentences about values that are used several times
SMALL = 0.01  # a slope below which a step lets nearly nothing through


QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """What is drawn; by default a sigmoid neuron with its squared error, where d is used twice."""

    expression: str = setting(
        "d = sigmoid(w*x + b) - y; d*d",
        "+ - * / ** and exp log sin cos tanh sigmoid relu sqrt abs of names and numbers; name = ...; for steps before",
    )
    values: str = setting("", "of its variables, as w=2,x=3; others have 0.8 (w), -0.4 (b), 1.5 (x), 1 (y), or 0.5")


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Forward pass, backward pass over every arrow, and each gradient of the tape beside a numerical derivative."""
    steps = read(settings.expression)
    computed = compute(steps, variables(steps, settings.values))
    run.say("forward pass, each step from those before it")
    forward = [(step.name, step.formula, value) for step, value in zip(steps, computed.values, strict=True)]
    run.table(("step", "formula", "value"), forward)
    run.say(f"backward pass, from {steps[-1].name}: contribution = gradient of the step x slope d step/d value")
    arrows = [
        (steps[use.target].name, steps[use.source].name, computed.gradients[use.target], use.slope, use.contribution)
        for use in reversed(computed.uses)
    ]
    edges = run.table(("step", "value used", "gradient of the step", "slope", "contribution"), arrows)
    rows = [
        (step.name, value, len(computed.uses_of(i)), *gradients)
        for i, (step, value, *gradients) in enumerate(
            zip(steps, computed.values, computed.gradients, computed.sums, computed.numerical, strict=True)
        )
    ]
    run.say("gradients by the tape, as sums of the contributions, and by a numerical derivative")
    table = run.table(("value", "forward", "uses", "gradient", "sum of contributions", "numerical"), rows)
    seen = " ".join(run.see(sentence) for sentence in sentences(computed))
    run.figure("graph", picture(computed, settings.expression), seen.replace(". ", ".\n"))
    return {"values": table, "edges": edges, "largest_error": largest_error(computed)}


def variables(steps: list[Step], text: str) -> dict[str, float]:
    """The values of an expression's variables: from text like "w=2,x=3", or the defaults.

    Raises SettingError for what is no name=number, and for names that are no variables.
    """
    names = [step.name for step in steps if step.operation is None]
    found = {name: BOOK.get(name, 0.5) for name in names}
    for part in text.split(",") if text.strip() else ():
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in names:
            raise SettingError("values", "a variable of the expression before =", repr(part), nearest(name, names))
        try:
            found[name] = float(number)
        except ValueError as error:
            raise SettingError("values", f"{name}=number", repr(part), "For example --set values=w=2,x=3") from error
    return found


def largest_error(computed: Computation) -> float:
    """Of the gradients that exist, against the numerical ones, relative to the larger of 1 and the gradient."""
    pairs = zip(computed.gradients, computed.numerical, strict=True)
    errors = [abs(g - n) / max(1.0, abs(g)) for i, (g, n) in enumerate(pairs) if i not in computed.corners]
    return max(errors)


def sentences(computed: Computation) -> list[str]:
    """What there is to see: sums of contributions, steps that let nothing through, corners, and the measure."""
    found = []
    uses = [len(computed.uses_of(i)) for i in range(len(computed.steps))]
    several = sorted((i for i in range(len(uses)) if uses[i] > 1), key=lambda i: (-uses[i], i))
    for i in several[:MOST_SUMS]:
        parts = [use.contribution for use in computed.uses_of(i)]
        listed = " and ".join(f"{part:.4g}" for part in parts)
        total = f"its gradient {computed.gradients[i]:.4g} is the sum of {listed}"
        found.append(f"{computed.steps[i].name} is used {len(parts)} times: {total}.")
    for i, step in enumerate(computed.steps):
        slopes = [use.slope for use in computed.uses if use.target == i]
        if step.formula.startswith("relu(") and computed.values[step.inputs[0]] < 0:
            found.append(f"{step.name} = {step.formula} is dead: its slope is 0, and nothing passes through it.")
        elif step.formula.startswith(("sigmoid(", "tanh(")) and abs(slopes[0]) < SMALL:
            share = f"only {abs(slopes[0]):.1e} of the gradient passes through it"
            found.append(f"{step.name} = {step.formula} is saturated: {share}.")
    corners = [computed.steps[i].name for i in computed.corners]
    if corners:
        found.append(f"L has a corner at {', '.join(corners)}: no derivative exists, the tape takes a slope beside it.")
    which = "The other gradients agree" if corners else f"All {len(computed.steps)} gradients agree"
    found.append(f"{which} with numerical derivatives (step {EPS:g}) within {largest_error(computed):.1e}.")
    return found


def picture(computed: Computation, expression: str) -> plot.FigureData:
    """The graph: formula, value and gradient in each box, the slope on each arrow, values used twice in orange."""
    labels = []
    for step, value, gradient in zip(computed.steps, computed.values, computed.gradients, strict=True):
        written = f"{step.name} = {step.formula}" if step.formula else step.name
        labels.append(f"{written}\nvalue {value:.4g}\ngradient {gradient:.4g}")
    edges = [(use.source, use.target) for use in computed.uses]
    slopes = [f"{use.slope:.3g}" for use in computed.uses]
    several = [i for i, use in enumerate(computed.uses) if len(computed.uses_of(use.source)) > 1]
    title = f"{expression}\non each arrow: the slope d out/d in" + (
        "; orange: a value used more than once" if several else ""
    )
    return plot.graph_data(labels, edges, title, slopes, several)
