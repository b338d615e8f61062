"""A recurrent network of one layer on the sum of two waves: initial weights, forward pass, loss, gradient check,
training, and forecasts one step ahead and running free (hwdong 7.4.1 to 7.4.8).

Short windows are sampled one after the other, with the state carried on, or anywhere, each from a fresh state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from xdl import optim, plot
from xdl.creation import tensor
from xdl.data import (
    DataLoader,
    NextStep,
    Standardize,
    chronological_split,
    consecutive_windows,
    random_windows,
    sine_mix,
    windows,
)
from xdl.experiments.series.forecaster import Forecaster, errors_of
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.free_running import by_horizon
from xdl.experiments.series.linear import rmse
from xdl.experiments.series.next_value import NextValue, SequenceTask, gradient_rows
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.fit import fit, watchers
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.tensor import Tensor, no_grad
from xdl.train import Events, Loop, Record

QUICK = {"epochs": 20, "seeds": 2, "samples": 1000, "horizon": 60}
PARTS = (0.7, 0.15, 0.15)
CARRIED, RESET, RANDOM = "consecutive, state carried", "consecutive, state reset", "random, state reset"
LAST = "next equals last"


@dataclass(frozen=True)
class Settings:
    """One layer of tanh; batches of short windows."""

    samples: int = setting(2000, "steps of the series; 70 % train, 15 % validate, 15 % test, in that order", low=600)
    noise: float = setting(0.0, "std of the noise in the series", low=0)
    steps: int = setting(10, "steps in a window of the training: gradients go no further back", low=1, high=100)
    strands: int = setting(4, "windows in a batch, of consecutive ones parallel strands", low=1, high=16)
    hidden: int = setting(32, "units of the recurrent layer", low=1)
    epochs: int = setting(100, "passes over the series", low=1)
    lr: float = setting(0.003, "learning rate", above=0)
    warm_up: int = setting(50, "steps that are seen before a forecast", low=1, high=100)
    horizon: int = setting(200, "steps that it runs free", low=1)
    seeds: int = setting(3, "trainings of each kind, one a seed", low=1)


def build(settings: Settings, form: SeriesForm) -> NextValue:
    """The untrained network."""
    return NextValue(len(form.features), settings.hidden)


def last_output(model: Any, x: Tensor) -> Tensor:
    """What the network names after the last step of each window."""
    y: Tensor = model(x)[0][:, -1:]
    return y


def parts_of(settings: Settings, seed: int) -> list[Any]:
    """The series in the order of time."""
    return chronological_split(sine_mix(settings.samples, settings.noise, seed)[:, None], PARTS)


def test_part(saved: SavedRun, data_name: str | None, data_dir: Path | None) -> Any:
    """The last part of the series."""
    return parts_of(saved.settings, saved.about["seed"])[2]


TASK = Forecaster(build, test_part, last_output)


@dataclass
class Tried:
    """One training. one_step, ahead: RMSE on the test part, in units of the series; drawn: of the first window."""

    model: NextValue
    history: list[Record]
    one_step: float
    ahead: list[float]
    drawn: tuple[list[float], list[float]]


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The checks before training, then three ways to sample windows; the first with a carried state is kept."""
    parts = parts_of(settings, run.about["seed"])
    form = SeriesForm(("x",), settings.warm_up, 1, Standardize.fit(parts[0]))
    form.write(run)
    seen = [form.seen(part) for part in parts]
    checks = checked(settings, run, form, seen[0])
    tried = {
        way: [trained(settings, run, form, seen, way, repeat) for repeat in range(settings.seeds)]
        for way in (CARRIED, RESET, RANDOM)
    }
    x, truth = windows(seen[2], settings.warm_up, settings.horizon)
    unit = form.scale.std[0]
    still = [unit * error for error in by_horizon(tensor(x[:, -1:]) + 0 * tensor(truth), truth)]
    rows = [
        (way, fmean(one.one_step for one in several), fmean(one.ahead[-1] for one in several))
        for way, several in tried.items()
    ]
    far = f"RMSE {settings.horizon} steps ahead"
    table = run.table(("windows", "RMSE one step ahead", far), [*rows, (LAST, still[0], still[-1])])
    said = told(run, tried, still, settings)
    draw(run, settings, form, tried, still, truth, said)
    kept = errors_of(form, tried[CARRIED][0].model, parts[2], last_output)
    return {"gradient_check": checks, "largest_gradient_error": max(c["error"] for c in checks), "ways": table, **kept}


def checked(settings: Settings, run: Run, form: SeriesForm, train: Tensor) -> list[dict[str, Any]]:
    """Prints what the network is, one forward pass and its loss, and compares each gradient with a numerical one."""
    run.reseed()
    model = build(settings, form)
    pairs = NextStep(train, settings.steps)
    x, target = (tensor(part) for part in pairs.batch(range(settings.strands)))
    with no_grad():
        y, h = model(x)
        loss, spread = ((y - target) ** 2).mean().item(), train.var().item()
    run.say(f"x {tuple(x.shape)} -> y {tuple(y.shape)}, state {tuple(h.shape)}, h_t = tanh(W x_t + U h_(t-1) + b)")
    run.say(f"loss before training {loss:.3f}; the variance of the series, which the mean would give, is {spread:.3f}")
    table = run.table(("parameter", "shape", "norm of gradient", "error"), gradient_rows(model, x, target))
    worst = max(row["error"] for row in table)
    run.see(
        f"back propagation through {settings.steps} steps differs from numerical derivatives by {worst:.1e} at most"
    )
    return table


def trained(settings: Settings, run: Run, form: SeriesForm, seen: list[Tensor], way: str, repeat: int) -> Tried:
    """One training, and its errors on the test part after `warm_up` steps."""
    run.reseed(repeat)
    model = build(settings, form)
    task = SequenceTask(model, optim.Adam(model.parameters(), lr=settings.lr), way == CARRIED)
    pairs = NextStep(seen[0], settings.steps)
    batches: Any = consecutive_windows(pairs, settings.strands)
    if way == RANDOM:
        batches = random_windows(pairs, len(batches), settings.strands)
    loader = DataLoader(pairs, batch_sampler=batches)
    validation = DataLoader(NextStep(seen[1], len(seen[1]) - 1))
    if way == CARRIED and repeat == 0:
        loop = Loop(task, watchers(run))
        history = fit(run, loop, loader, validation, settings.epochs)
        run.folder.save_model(model, run.identity)
    else:
        history = Loop(task, [Events(run.events, way)]).fit(loader, validation, settings.epochs)
    model.eval()
    unit = form.scale.std[0]
    x, after = windows(seen[2], settings.warm_up)
    x_far, far = windows(seen[2], settings.warm_up, settings.horizon)
    with no_grad():
        ones = last_output(model, tensor(x))
    free = model.go_on(tensor(x_far), settings.horizon)
    one_step = unit * rmse(ones, after)
    run.say(f"{way}, seed {repeat + 1}: RMSE one step ahead {one_step:.4f}")
    drawn = _values(form, ones[: settings.horizon, 0]), _values(form, free[0])
    return Tried(model, list(history), one_step, [unit * error for error in by_horizon(free, far)], drawn)


def told(run: Run, tried: dict[str, list[Tried]], still: Sequence[float], settings: Settings) -> list[str]:
    """What the errors say, counted over the seeds."""
    ones = {way: [one.one_step for one in several] for way, several in tried.items()}
    means = {way: fmean(values) for way, values in ones.items()}
    far = [one.ahead[-1] for one in tried[CARRIED]]
    return [
        claim(
            run,
            f"one step ahead the RNN (RMSE {means[CARRIED]:.3g}) beats 'next equals last' ({still[0]:.3g})",
            [error < still[0] for error in ones[CARRIED]],
        ),
        claim(
            run,
            f"with windows of {settings.steps} steps, a state that is carried on ({means[CARRIED]:.3g}) beats random "
            f"windows with a fresh state ({means[RANDOM]:.3g})",
            [a < b for a, b in zip(ones[CARRIED], ones[RANDOM], strict=True)],
        ),
        claim(
            run,
            f"it is the state that helps, not the order: consecutive windows with a fresh state have "
            f"{means[RESET]:.3g}",
            [a < b for a, b in zip(ones[CARRIED], ones[RESET], strict=True)],
        ),
        claim(
            run,
            f"running free with a carried state, the RMSE {settings.horizon} steps ahead ({fmean(far):.3g}) is below "
            f"that of standing still ({still[-1]:.3g})",
            [error < still[-1] for error in far],
        ),
    ]


def draw(
    run: Run,
    settings: Settings,
    form: SeriesForm,
    tried: dict[str, list[Tried]],
    still: Sequence[float],
    truth: Any,
    said: Sequence[str],
) -> None:
    """Forecasts of the test part, the errors by horizon, and the losses of the three ways."""
    true = _values(form, truth[0])
    panels = {}
    for i, way in enumerate(("one step ahead", "running free")):
        lines: dict[str, Any] = {"truth": plot.Line(_count(true), true, look="thick")}
        for name in (CARRIED, RANDOM):
            values = tried[name][0].drawn[i]
            lines[name] = plot.Line(_count(values), values)
        panels[way] = lines
    title = f"RNN of {settings.hidden} units on sin(0.1 t) + cos(0.2 t), test part"
    run.figure("forecasts", plot.lines_data(panels, title, "step", share=True), "\n".join(said[:2]))
    over = _count(still)
    errors = {way: plot.Line.of_seeds(over, [one.ahead for one in several]) for way, several in tried.items()}
    title = f"RNN running free after {settings.warm_up} steps, test part (mean and range of {settings.seeds} seeds)"
    data = plot.lines_data({"RMSE": {**errors, LAST: (over, still)}}, title, "steps ahead", log=True)
    run.figure("horizon", data, said[3])
    losses = {
        way: plot.Line.of_seeds(
            [record["epoch"] for record in several[0].history],
            [[record["validation_loss"] for record in one.history] for one in several],
        )
        for way, several in tried.items()
    }
    title = f"Three ways to sample windows of {settings.steps} steps (mean and range of {settings.seeds} seeds)"
    panel = {"mean squared error on the validation part, from a fresh state": losses}
    run.figure("losses", plot.lines_data(panel, title, "epoch", log=True), said[2])


def _values(form: SeriesForm, z: Any) -> list[float]:
    values: list[float] = form.scale.undo(z)[:, 0].tolist()
    return values


def _count(values: Sequence[float]) -> list[int]:
    return list(range(1, len(values) + 1))
