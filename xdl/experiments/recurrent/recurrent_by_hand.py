"""Recurrent cells unrolled by hand: every number of four steps, and back propagation through time beside the tape.

RNN, LSTM and GRU (hwdong 7.2.2, 7.3, 7.4.4, 7.7.1, 7.8.1), as classes (hwdong 7.9), in several layers (hwdong 7.10.1)
and both directions (hwdong 7.10.3); after 徐彬 7.2, 7.4, 8.3 to 8.6 and 9. The loss of N-to-N counts an output at every
step, that of N-to-1 the last one:

    y_t = w . h_t + b      L = 1/2 sum over t of (y_t - target_t)^2      dy_t = y_t - target_t, or 0      dh_t = w dy_t

Two mistakes of a book's code are made on purpose, and measured: `mistakes.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.experiments.recurrent.hand_cells import HAND_CELLS
from xdl.experiments.recurrent.mistakes import mistakes
from xdl.experiments.recurrent.one_step import classes
from xdl.experiments.recurrent.pictured import picture
from xdl.experiments.recurrent.stack import ARCHITECTURES, Stack
from xdl.random import randn
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {}
MISTAKE, BOOKS = "as the book's code has it", "error, the book's"  # columns
RIGHT = 1e-6  # the largest error of a gradient that counts as right


@dataclass(frozen=True)
class Settings:
    """How large the example is. Its numbers have two digits, so that they can be followed on paper."""

    steps: int = setting(4, "steps of the sequence", low=2, high=8)
    inputs: int = setting(1, "numbers in each step", low=1, high=4)
    hidden: int = setting(2, "hidden units", low=1, high=4)
    eps: float = setting(1e-6, "half the distance between the two points of a numerical derivative", above=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """A table for each cell; all gradients by hand, by the tape and numerically; the book's mistakes; a picture."""
    run.reseed()
    xs, targets = rounded(randn(settings.steps, settings.inputs, dtype="float64")), randn(settings.steps).tolist()
    targets = [round(target, 1) for target in targets]
    stacks = {name: Stack.of(name, settings, (1, 1)) for name in HAND_CELLS}
    tables = {name: unrolled(run, stack, xs, targets) for name, stack in stacks.items()}
    rows: list[tuple[Any, ...]] = []
    for name in HAND_CELLS:
        for architecture, shape in ARCHITECTURES.items():
            stack = Stack.of(name, settings, shape)
            differences = [stack.difference(xs, targets, every) for every in (True, False)]
            rows.append((name, architecture, *differences, stack.numerical_error(xs, targets, settings.eps)))
    headings = ("cell", "layers", "N-to-N: from the tape", "N-to-1: from the tape", "from numerical derivatives")
    checks = run.table(headings, rows)
    single = run.table(("class", "state after the steps", "gradients"), classes(settings, xs))
    wrong = run.table(
        (MISTAKE, "error, right formula", BOOKS, "gradient check"),
        [
            (what, *errors, "right" if errors[1] < RIGHT else "WRONG")
            for what, *errors in mistakes(settings, xs, targets, settings.eps)
        ],
    )
    largest = max(max(row[2:4]) for row in rows)
    run.see(f"all gradients by hand are the tape's within {largest:.1e}, in {len(rows)} networks and two losses.")
    caught = [row for row in wrong if row["gradient check"] == "WRONG"]
    run.see(f"the gradient check catches {len(caught)} of {len(wrong)} mistakes: {worst(wrong)}.")
    draw(run, stacks["RNN"], xs, targets)
    numerical = max(row[4] for row in rows)
    return {"steps": tables, "checks": checks, "classes": single, "mistakes": wrong} | {
        "largest_difference": largest,
        "largest_numerical_error": numerical,
    }


def unrolled(run: Run, stack: Stack, xs: Tensor, targets: list[float]) -> list[dict[str, Any]]:
    """The table of one layer: forward from the top down; the gradients of its states, from the bottom up."""
    values = stack.values(xs)
    ys = stack.outputs(xs)
    totals = [stack.totals(xs, targets, every) for every in (True, False)]
    run.say(f"{stack.name}, one layer; weights: {stack.described()}")
    shown = stack.cell.shown
    rows = []
    for t, step in enumerate(values):
        letters = [numbers(step[letter]) for letter in shown]
        gradients = [numbers(total[t]) for total in totals]
        rows.append((t + 1, numbers(xs[t]), *letters, numbers(step["new h"]), ys[t], targets[t], *gradients))
    names = [letter.removeprefix("new ") for letter in shown]
    return run.table(("t", "x", *names, "h", "y", "target", "dh, N-to-N", "dh, N-to-1"), rows)


def draw(run: Run, stack: Stack, xs: Tensor, targets: list[float]) -> None:
    """The unrolled RNN with its numbers, and how the gradient fades on its way back."""
    every, last = (stack.totals(xs, targets, all_of_them) for all_of_them in (True, False))
    first, end = (last[t].square().sum().item() ** 0.5 for t in (0, -1))
    steps = len(last)
    alone = f"with a loss at the last step alone, N-to-1, not drawn here, |dL/dh| is {end:.3g} at step {steps}"
    kept = f"{alone} and {first:.3g} at step 1, {steps - 1} steps before"
    run.figure("unrolled", picture(stack, xs, targets, every), run.see(f"{kept}: {first / end:.3g} of it is left."))


def worst(rows: list[dict[str, Any]]) -> str:
    """Each mistake with its error."""
    return "; ".join(f"{row[MISTAKE]}: {row[BOOKS]:.2g}" for row in rows)


def rounded(values: Tensor) -> Tensor:
    """To two digits after the point."""
    return (values * 100).round() / 100


def numbers(values: Tensor) -> str:
    """A vector with three digits a number."""
    return " ".join(f"{value:.3g}" for value in values.tolist())
