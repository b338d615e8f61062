"""A network on windows of a series, one step ahead and running free (hwdong 7.1.5 to 7.1.8).

The series is sin(0.1 t) + cos(0.2 t), as it is and with noise. Any sum of two waves obeys a linear recurrence of four
terms exactly, so that least squares is hard to beat here; the noise that is added nobody can forecast: its std is the
floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from xdl import plot
from xdl.data import Standardize, chronological_split, sine_mix, windows
from xdl.experiments.series.forecaster import Forecaster, errors_of
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.free_running import Step, by_horizon, check_horizon, free_run
from xdl.experiments.series.linear import autoregressive, rmse
from xdl.experiments.series.networks import WindowMLP
from xdl.experiments.series.training import Tried, train
from xdl.experiments.shared.claims import claim, in_words
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting

QUICK = {"epochs": 15, "seeds": 2, "samples": 1000, "horizon": 60}
PARTS = (0.7, 0.15, 0.15)
MLP, LINEAR, LAST, FLOOR = "MLP", "linear AR", "next equals last", "the noise, a floor"


@dataclass(frozen=True)
class Settings:
    """A hidden layer of tanh on each window."""

    samples: int = setting(2000, "steps of the series; 70 % train, 15 % validate, 15 % test, in that order", low=400)
    inputs: int = setting(50, "steps in a window", low=4)
    horizon: int = setting(200, "steps that it runs free", low=1)
    noise: float = setting(0.1, "std of the noise in the second series", above=0, high=1e6)
    hidden: int = setting(64, "hidden units", low=1)
    epochs: int = setting(60, "passes over the windows", low=1)
    lr: float = setting(0.002, "learning rate", above=0)
    seeds: int = setting(3, "trainings of each kind, one a seed", low=1)


def build(settings: Settings, form: SeriesForm) -> WindowMLP:
    """The untrained network."""
    return WindowMLP(form.inputs, len(form.features), settings.hidden, form.outputs)


def test_part(saved: SavedRun, data_name: str | None, data_dir: Path | None) -> Any:
    """The last part of the series without noise."""
    return chronological_split(sine_mix(saved.settings.samples), PARTS)[2]


TASK = Forecaster(build, test_part)


@dataclass
class Kind:
    """One of the two series: its parts, and what was measured on the test part; errors are in units of the series."""

    name: str
    noise: float
    form: SeriesForm
    parts: list[Any]
    tried: list[Tried]
    one_step: dict[str, list[float]]  # RMSE for each seed, of baselines for one
    ahead: dict[str, list[list[float]]]  # the same for 1, 2, ... steps ahead, running free
    drawn: dict[str, tuple[list[float], list[float]]]  # of the first seed: one step ahead, and running free


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Both series; the network of the first seed on the series without noise is kept."""
    kinds = [measured(settings, run, noise) for noise in (0.0, settings.noise)]
    kinds[0].form.write(run)
    rows = [
        (kind.name, name, fmean(values), fmean(curve[-1] for curve in kind.ahead[name]))
        for kind in kinds
        for name, values in kind.one_step.items()
    ]
    far = f"RMSE {settings.horizon} steps ahead"
    table = run.table(("series", "forecast", "RMSE one step ahead", far), rows)
    said = [sentence for kind in kinds for sentence in told(run, kind, settings)]
    draw(run, kinds, settings, said)
    kept = errors_of(kinds[0].form, kinds[0].tried[0].model, kinds[0].parts[2])
    return {"forecasts": [{"case": f"{r['series']}, {r['forecast']}", **r} for r in table], **kept}


def measured(settings: Settings, run: Run, noise: float) -> Kind:
    """Trains on one series, and measures the network and the baselines on its last part."""
    name = f"noise {noise:g}" if noise else "no noise"
    parts = chronological_split(sine_mix(settings.samples, noise, run.about["seed"]), PARTS)
    check_horizon(settings.horizon, settings.inputs, parts[2], "inputs")
    form = SeriesForm(("x",), settings.inputs, 1, Standardize.fit(parts[0]))
    pairs, validation, test = (windows(form.seen(part), settings.inputs) for part in parts)
    x, truth = windows(form.seen(parts[2]), settings.inputs, settings.horizon)
    unit = form.scale.std[0]
    kind = Kind(name, noise, form, parts, [], {}, {}, {})
    for repeat in range(settings.seeds):
        tried = train(
            run,
            f"MLP, {name}",
            lambda: build(settings, form),
            pairs,
            validation,
            epochs=settings.epochs,
            lr=settings.lr,
            repeat=repeat,
            keep=not noise and not repeat,
        )
        kind.tried.append(tried)
    linear = autoregressive(form.seen(parts[0]), settings.inputs)
    steps: dict[str, list[Step]] = {
        MLP: [one.model for one in kind.tried],
        LINEAR: [linear],
        LAST: [lambda x: x[:, -1:]],
    }
    for label, several in steps.items():
        ones = [free_run(step, test[0], 1) for step in several]
        far = [free_run(step, x, settings.horizon) for step in several]
        kind.one_step[label] = [unit * rmse(one, test[1]) for one in ones]
        kind.ahead[label] = [[unit * error for error in by_horizon(one, truth)] for one in far]
        if label != LAST:
            kind.drawn[label] = _values(form, ones[0][:, 0]), _values(form, far[0][0])
    kind.drawn["truth"] = _values(form, test[1][:, 0]), _values(form, truth[0])
    return kind


def told(run: Run, kind: Kind, settings: Settings) -> list[str]:
    """What the errors say, counted over the seeds."""
    (linear,), (last,) = kind.one_step[LINEAR], kind.one_step[LAST]
    mlp = kind.one_step[MLP]
    floor = f"; the floor is {kind.noise:g}" if kind.noise else ""
    far = [curve[-1] for curve in kind.ahead[MLP]]
    still = kind.ahead[LAST][0][-1]
    return [
        claim(
            run,
            f"{kind.name}: one step ahead the MLP (RMSE {fmean(mlp):.3g}) beats 'next equals last' ({last:.3g})",
            [error < last for error in mlp],
        ),
        claim(
            run,
            f"{kind.name}: least squares on the same {settings.inputs} values ({linear:.3g}) is better than the MLP "
            f"({fmean(mlp):.3g}){floor}",
            [linear < error for error in mlp],
        ),
        claim(
            run,
            f"{kind.name}: running free, the MLP's RMSE {settings.horizon} steps ahead ({fmean(far):.3g}) is below "
            f"that of standing still ({still:.3g}), least squares has {kind.ahead[LINEAR][0][-1]:.3g}",
            [error < still for error in far],
        ),
    ]


def draw(run: Run, kinds: Sequence[Kind], settings: Settings, said: Sequence[str]) -> None:
    """The forecasts of the test part, the errors by horizon, and the losses over the epochs."""
    panels: dict[str, Any] = {}
    for kind in kinds:
        for i, way in enumerate(("one step ahead", "running free")):
            lines: dict[str, Any] = {
                "truth": plot.Line(_count(kind.drawn["truth"][i]), kind.drawn["truth"][i], look="thick")
            }
            lines |= {name: (_count(kind.drawn[name][i]), kind.drawn[name][i]) for name in (MLP, LINEAR)}
            panels[f"{way}, {kind.name}"] = lines
    title = f"Windows of {settings.inputs} steps of sin(0.1 t) + cos(0.2 t), test part"
    run.figure("forecasts", plot.lines_data(panels, title, "step", columns=2, share=True), "\n".join(said[:3]))
    errors: dict[str, Any] = {}
    for kind in kinds:
        over = list(range(1, settings.horizon + 1))
        curves = {name: plot.Line.of_seeds(over, several) for name, several in kind.ahead.items()}
        if kind.noise:
            curves[FLOOR] = plot.Line(over, [kind.noise] * len(over), look="dashed")
        errors[f"RMSE running free, {kind.name}"] = curves
    title = f"Error by horizon, windows of {settings.inputs} steps, test part ({in_words(settings.seeds)})"
    run.figure("horizon", plot.lines_data(errors, title, "steps ahead", log=True), "\n".join(said[3:]))
    losses = {
        f"mean squared error, {kind.name}": {
            part: plot.Line.of_seeds(
                [record["epoch"] for record in kind.tried[0].history],
                [[record[f"{part}_loss"] for record in one.history] for one in kind.tried],
            )
            for part in ("train", "validation")
        }
        for kind in kinds
    }
    run.figure("losses", plot.lines_data(losses, "MLP on windows: losses of normalized values", "epoch", log=True))


def _values(form: SeriesForm, z: Any) -> list[float]:
    values: list[float] = form.scale.undo(z)[:, 0].tolist()
    return values


def _count(values: Sequence[float]) -> list[int]:
    return list(range(1, len(values) + 1))
