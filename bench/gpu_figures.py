"""The figures that xdl aims at on a card, and what a report of gpu_report.py says of each.

A ratio is PyTorch's eager time over xdl's, at least the aim; beside the same precision in both libraries stands the
ratio to PyTorch in its default precision. Launches and microseconds are at most the aim. Of several rows that a figure
is about, the worst counts. "not measured" stands where no card has run it: a dry run measures nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUDGET = Path(__file__).parents[1] / "tests" / "gpu" / "budget.json"
NOT_MEASURED = "not measured"
LAUNCH = "host: launch, 4 arrays and 13 numbers"


@dataclass(frozen=True)
class Figure:
    """One aim, and the rows that tell whether it is reached.

    rows:    how their names begin; ends: how they end
    value:   the key of the figure in a row; beside: that of the ratio to PyTorch's default precision
    at_most: whether small figures are the good ones
    workload: its name in the table of launches that is counted on a stand-in for CuPy, where those of CuPy itself
              count too; a card counts the others, so it can only tell that the aim is missed
    """

    name: str
    aim: float
    section: str
    rows: str
    ends: str = ""
    precision: str | None = None
    value: str = "ratio"
    beside: str = "ratio_default"
    at_most: bool = False
    workload: str = ""

    def found(self, results: dict[str, Any], key: str) -> float | None:
        """The worst value of the rows, or None where one has none."""
        rows = results.get(self.section, {}).get("rows", [])
        rows = [row for row in rows if row["name"].startswith(self.rows) and row["name"].endswith(self.ends)]
        values = [row.get(key) for row in rows if self.precision in (None, row.get("precision"))]
        if not values or not all(isinstance(value, int | float) for value in values):
            return None
        return float(max(values) if self.at_most else min(values))


def _captured(name: str, aim: float, rows: str, precision: str) -> Figure:
    return Figure(name, aim, "steps", rows, "", precision, "ratio_captured", "ratio_default_captured")


def _launches(name: str, aim: float, rows: str, workload: str) -> Figure:
    return Figure(name, aim, "launches", f"step: {rows}", value="launches", beside="", at_most=True, workload=workload)


LSTM, RESNET18 = "LSTM T=100 B=64 H=512 forward", "resnet-18 32x32, batch 128"
FIGURES = (
    Figure("LSTM (T=100, B=64, H=512), float32, forward", 2.0, "lstm", LSTM, "forward", "float32"),
    Figure("LSTM (T=100, B=64, H=512), float32, forward and backward", 1.5, "lstm", LSTM, "backward", "float32"),
    Figure(
        "convolution up to 128 channels, TF32, forward and backward", 0.8, "convolution", "conv", "backward", "tf32"
    ),
    Figure("ResNet-18, CIFAR shapes, float32, eager", 0.7, "steps", RESNET18, precision="float32"),
    Figure("ResNet-18, CIFAR shapes, TF32, eager", 0.7, "steps", RESNET18, precision="tf32"),
    _captured("ResNet-18, CIFAR shapes, float32, captured", 1.2, RESNET18, "float32"),
    _captured("ResNet-18, CIFAR shapes, TF32, captured", 1.2, RESNET18, "tf32"),
    _captured("MLP, captured", 5.0, "mlp", "float32"),
    *[Figure(name, 1.0, "functions", name) for name in ("GELU", "layer norm", "softmax", "batch norm")],
    Figure("host cost of a launch, us", 8.0, "launches", LAUNCH, value="us", beside="", at_most=True),
    _launches("launches of a step of ResNet-20", 400, "resnet-20", "training resnet20"),
    _launches("launches of a step of LeNet", 60, "lenet", "training LeNet5"),
    _launches("launches of a step of an MLP", 20, "mlp", "training MLP"),
    _launches("launches of an LSTM, T=100, forward and backward", 12, "LSTM", "layer LSTM"),
)


def figures(results: dict[str, Any], dry_run: bool) -> list[dict[str, Any]]:
    """A row for each figure: aim, what was measured, and whether the aim is reached.

    results: the sections of a report by name; a dry run counts as none
    """
    return [_row(figure, {} if dry_run else results) for figure in FIGURES]


def _row(figure: Figure, results: dict[str, Any]) -> dict[str, Any]:
    found = figure.found(results, figure.value)
    row: dict[str, Any] = {"name": figure.name, "aim": figure.aim, "at_most": figure.at_most}
    row["measured"] = NOT_MEASURED if found is None else found
    if found is not None:
        reached = found <= figure.aim if figure.at_most else found >= figure.aim
        if not (reached and figure.workload):
            row["reached"] = reached
    if figure.beside:
        beside = figure.found(results, figure.beside)
        row["default precision"] = NOT_MEASURED if beside is None else beside
    if figure.workload and BUDGET.exists():
        costs = json.loads(BUDGET.read_text()).get(figure.workload)
        if costs:
            row["counted on the stand-in"] = costs["launches"] + costs["products"]
    return row


def figures_table(rows: list[dict[str, Any]]) -> str:
    """In Markdown."""
    lines = ["| figure | aim | measured | PyTorch in its default precision |", "|---|---|---|---|"]
    for row in rows:
        aim = f"{'at most' if row['at_most'] else 'at least'} {row['aim']:g}"
        state = {True: ", reached", False: ", missed", None: ""}[row.get("reached")]
        if "counted on the stand-in" in row:
            state += f" (on the stand-in for CuPy: {row['counted on the stand-in']})"
        lines.append(
            f"| {row['name']} | {aim} | {_shown(row['measured'])}{state} | {_shown(row.get('default precision'))} |"
        )
    return "\n".join(lines)


def _shown(value: Any) -> str:
    return "" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)
