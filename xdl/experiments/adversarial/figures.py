"""Figures of generators of points: their training in frames, their measures by step, and the critic on the plane."""

from __future__ import annotations

import xdl
from xdl import plot
from xdl.creation import tensor
from xdl.experiments.adversarial.points import MADE, SHOWN, Taught
from xdl.experiments.adversarial.target import ModesOfPoints
from xdl.experiments.shared.generated.frames import save_frames
from xdl.runs.run import Run
from xdl.train import Record


def draw_frames(run: Run, taught: Taught, target: ModesOfPoints, title: str, see: str = "", shown: int = 6) -> None:
    """Writes figures/training: real points, and what the generator makes of the same noise, at several steps."""
    frames = taught.frames
    save_frames(run, frames)
    picked = _evenly(len(frames.steps), shown)
    real = taught.look.compared[:SHOWN]
    panels = {}
    for i in picked:
        made = frames.samples[i]
        found = taught.looked_at(frames.steps[i])
        of = len(target.centres)
        name = f"step {frames.steps[i]}: {found['modes']:.0f} of {of} modes, {found['near']:.0%} near"
        panels[name] = {
            "real": plot.Line(real[:, 0], real[:, 1], look="specks", colour=0),
            "made": plot.Line(made[:, 0], made[:, 1], look="specks", colour=1),
        }
    data = plot.lines_data(panels, title, ["x1"] * len(panels), share=True, equal=True, one_legend=True)
    run.figure("training", data, see)


def draw_measures(run: Run, taught: Taught, target: ModesOfPoints, title: str, see: str = "") -> None:
    """Writes figures/measures: the losses, the modes, the share near a mode and the mean discrepancy, by step."""
    history, look = taught.history, taught.look
    steps = [record["step"] for record in history]
    floor = look.of(tensor(target.real(MADE, run.about["seed"])))
    panels: dict[str, dict[str, plot.Line]] = {
        "losses": {name: plot.Line(steps, _column(history, f"train_{name}_loss")) for name in ("critic", "generator")}
    }
    names = {"modes": "modes covered", "near": f"share within {target.radius:.2g}", "mmd": "MMD\N{SUPERSCRIPT TWO}"}
    for name, words in names.items():
        real = plot.Line([steps[0], steps[-1]], [floor[name]] * 2, look="dashed", colour=7)
        panels[words] = {"samples": plot.Line(steps, _column(history, f"samples_{name}")), "real points": real}
    run.figure("measures", plot.lines_data(panels, title, "step of the generator", columns=2), see)


def draw_critic(run: Run, taught: Taught, title: str) -> None:
    """Writes figures/critic: D, the probability that the critic gives to "real", all over the plane; says its means."""
    real = taught.look.compared[:SHOWN]
    taught.task.eval()
    with xdl.no_grad():
        made = taught.look.frame(taught.task)
        points = xdl.cat([tensor(real), made]).numpy()
        on = plot.grid(points, 100)
        means = [taught.task.critic(some).sigmoid().mean().item() for some in (tensor(real), made)]
        right = taught.task.critic(tensor(on)).sigmoid()
        shares = xdl.cat([right, 1 - right], 1).numpy()
    see = run.see(
        f"D is {means[0]:.2f} on real points and {means[1]:.2f} on made ones in the mean; 1/2 everywhere is where the "
        "critic can no longer tell them apart"
    )
    labels = [0] * len(real) + [1] * len(made)
    run.figure("critic", plot.regions_data({"blue: real, orange: made": shares}, on, points, labels, title), see)


def _column(history: list[Record], name: str) -> list[float]:
    return [record[name] for record in history]


def _evenly(count: int, shown: int) -> list[int]:
    """Numbers of frames, from the first to the last, denser early."""
    last = count - 1
    return sorted({round(last * (i / (shown - 1)) ** 1.5) for i in range(shown)}) if count > 1 else [0]
