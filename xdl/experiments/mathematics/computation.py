"""A computation step by step: values forwards, gradients backwards, slopes of every use, numerical derivatives.

For a result L, and a step u that uses the value v: slope = du/dv, contribution = dL/du * du/dv, and dL/dv is the sum of
the contributions of all uses of v. A step that takes v twice is two uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from xdl.creation import tensor
from xdl.errors import SettingError, expect
from xdl.experiments.shared.expression import Step
from xdl.tape import grad
from xdl.tensor import Tensor, no_grad

EPS = 1e-6  # of the numerical derivative, relative to the larger of 1 and the value
KINK = (
    1e-3  # a relative difference of the two one-sided derivatives; curvature's shrinks with the step, a corner's stays
)


@dataclass(frozen=True)
class Use:
    """One use of a value by a step: an arrow of the graph, from step `source` to step `target`."""

    source: int
    target: int
    slope: float
    contribution: float


@dataclass(frozen=True)
class Computation:
    """Everything about the steps at one place; lists have an element for each step.

    gradients: from the tape; sides: the left and the right numerical derivative
    corners:   the numbers of the values at which L has a corner, so that these differ, and no derivative exists
    """

    steps: Sequence[Step]
    values: list[float]
    gradients: list[float]
    uses: list[Use]
    sides: list[tuple[float, float]]
    corners: list[int]

    @property
    def numerical(self) -> list[float]:
        """(L(v + e) - L(v - e)) / (2 e), where everything after v is computed anew."""
        return [(left + right) / 2 for left, right in self.sides]

    @property
    def sums(self) -> list[float]:
        """The contributions to each step's gradient, added up; 1 for the result."""
        found = [0.0] * (len(self.steps) - 1) + [1.0]
        for use in self.uses:
            found[use.source] += use.contribution
        return found

    def uses_of(self, step: int) -> list[Use]:
        """The uses of a step's value."""
        return [use for use in self.uses if use.source == step]


def compute(steps: Sequence[Step], variables: Mapping[str, float]) -> Computation:
    """The computation at the given values of the variables, in float64.

    Raises SettingError where a value, a gradient or a slope is not finite, as of log(0).
    """
    given = [variables.get(step.name, 0.0) for step in steps]
    tensors: list[Tensor] = []
    for step, value in zip(steps, given, strict=True):
        if step.operation is None:
            tensors.append(tensor(value, dtype="float64", requires_grad=True))
        else:
            tensors.append(step.operation(*[tensors[i] for i in step.inputs]))
    values = [t.item() for t in tensors]
    gradients = [0.0 if g is None else g.item() for g in grad(tensors[-1], tensors)]
    for step, value in zip(steps, values, strict=True):
        _expect_finite([value], "a finite value", f"{value:g} for {step.name} = {step.formula}")
    uses = []
    for target, step in enumerate(steps):
        for source, slope in zip(step.inputs, slopes(step, values), strict=True):
            found = f"{slope:g} by {steps[source].name} = {values[source]:g}"
            _expect_finite([slope], f"a finite slope of {step.name} = {step.formula}", found)
            uses.append(Use(source, target, slope, slope * gradients[target]))
    sides = [_sides(steps, values, i, EPS) for i in range(len(steps))]
    corners = [i for i in range(len(steps)) if _has_corner(sides[i], _sides(steps, values, i, EPS / 10))]
    for step, value, gradient, both in zip(steps, values, gradients, sides, strict=True):
        found = f"{gradient:g}, and numerically {both[0]:g} and {both[1]:g}"
        _expect_finite([gradient, *both], f"a finite derivative by {step.name} = {value:g}", found)
    return Computation(steps, values, gradients, uses, sides, corners)


def slopes(step: Step, values: Sequence[float]) -> list[float]:
    """d(step)/d(input) for each use of an input, as if each were a value of its own."""
    if step.operation is None:
        return []
    leaves = [tensor(values[i], dtype="float64", requires_grad=True) for i in step.inputs]
    return [0.0 if g is None else g.item() for g in grad(step.operation(*leaves), leaves)]


def _expect_finite(numbers: Sequence[float], expected: str, found: str) -> None:
    expect(all(map(isfinite, numbers)), SettingError, "values", expected, found)


def _has_corner(sides: tuple[float, float], nearer: tuple[float, float]) -> bool:
    """Whether the two one-sided derivatives differ, and still do so with a smaller step."""
    (left, right), (nearer_left, nearer_right) = sides, nearer
    apart = abs(left - right)
    return apart > KINK * max(1.0, abs(left), abs(right)) and abs(nearer_left - nearer_right) > apart / 2


def _sides(steps: Sequence[Step], values: Sequence[float], number: int, eps: float) -> tuple[float, float]:
    """The left and the right numerical derivative of the result by the value of a step."""
    e = eps * max(1.0, abs(values[number]))
    left, right = (_result(steps, values, number, values[number] + d) for d in (-e, e))
    return (values[-1] - left) / e, (right - values[-1]) / e


def _result(steps: Sequence[Step], values: Sequence[float], number: int, value: float) -> float:
    """The last value, where one step has another value, and all that follow are computed anew."""
    changed = list(values)
    changed[number] = value
    with no_grad():
        for i, step in enumerate(steps[number + 1 :], number + 1):
            if step.operation is not None:
                changed[i] = step.operation(*[tensor(changed[j], dtype="float64") for j in step.inputs]).item()
    return changed[-1]
