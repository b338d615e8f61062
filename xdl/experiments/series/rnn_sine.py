"""A recurrent network of one layer on the sum of two waves: initial weights, forward pass, loss, gradient check,
training, and forecasts one step ahead and running free (hwdong 7.4.1 to 7.4.8).

Short windows are sampled one after the other, with the state carried on, or anywhere, each from a fresh state. A series
without noise is the harder lesson: its next value follows from the slope of the last few, which says nothing about the
wave, and a network that has learned just this soon loses its way when it runs free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from xdl import optim
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
from xdl.experiments.series.free_running import by_horizon, check_horizon
from xdl.experiments.series.linear import rmse
from xdl.experiments.series.next_value import NextValue, gradient_rows
from xdl.experiments.series.rnn_figures import Tried, draw, values_of
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.fit import fit, watchers
from xdl.experiments.shared.truncated import Truncated
from xdl.optim import lr_scheduler
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.tensor import Tensor, no_grad
from xdl.train import Events, Loop, Schedule

QUICK = {"epochs": 20, "seeds": 2, "samples": 1000, "horizon": 60}
PARTS = (0.7, 0.15, 0.15)
CARRIED, RESET, RANDOM = "consecutive, state carried", "consecutive, state reset", "random, state reset"
CLEAN = "consecutive, state carried, no noise"  # in training and in the test
LAST = "next equals last"


@dataclass(frozen=True)
class Settings:
    """One layer of tanh; batches of short windows."""

    samples: int = setting(2000, "steps of the series; 70 % train, 15 % validate, 15 % test, in that order", low=600)
    noise: float = setting(0.1, "std of the noise in the series", low=0, high=1e6)
    steps: int = setting(25, "steps in a window of the training: gradients go no further back", low=1, high=100)
    strands: int = setting(4, "windows in a batch, of consecutive ones parallel strands", low=1, high=16)
    hidden: int = setting(32, "units of the recurrent layer", low=1)
    epochs: int = setting(150, "passes over the series", low=1)
    lr: float = setting(0.005, "learning rate of the first epoch", above=0)
    lr_decay: float = setting(0.98, "factor of the learning rate after each epoch", above=0, high=1)
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


@dataclass
class Series:
    """A series in three parts, normalized by the first; noise: its std."""

    noise: float
    form: SeriesForm
    parts: list[Any]

    @classmethod
    def of(cls, settings: Settings, noise: float, seed: int) -> Series:
        """The two waves with noise."""
        parts = chronological_split(sine_mix(settings.samples, noise, seed)[:, None], PARTS)
        return cls(noise, SeriesForm(("x",), settings.warm_up, 1, Standardize.fit(parts[0])), parts)


def test_part(saved: SavedRun, data_name: str | None, data_dir: Path | None) -> Any:
    """The last part of the series."""
    return Series.of(saved.settings, saved.settings.noise, saved.about["seed"]).parts[2]


TASK = Forecaster(build, test_part, last_output)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The checks before training, then three ways to sample windows; the first with a carried state is kept."""
    noisy, clean = (Series.of(settings, noise, run.about["seed"]) for noise in (settings.noise, 0.0))
    check_horizon(settings.horizon, settings.warm_up, noisy.parts[2], "warm_up")
    noisy.form.write(run)
    checks = checked(settings, run, noisy)
    ways = {CARRIED: noisy, RESET: noisy, RANDOM: noisy, CLEAN: clean}
    tried = {
        way: [trained(settings, run, series, way, repeat) for repeat in range(settings.seeds)]
        for way, series in ways.items()
    }
    x, truth = windows(noisy.form.seen(noisy.parts[2]), settings.warm_up, settings.horizon)
    still = [noisy.form.scale.std[0] * error for error in by_horizon(tensor(x[:, -1:]) + 0 * tensor(truth), truth)]
    rows = [
        (way, fmean(one.one_step for one in several), fmean(fmean(one.ahead) for one in several))
        for way, several in tried.items()
    ]
    far = f"running free, mean RMSE of {settings.horizon} steps"
    table = run.table(("windows", "RMSE one step ahead", far), [*rows, (LAST, still[0], fmean(still))])
    said = told(run, settings, tried, still)
    noises = {way: series.noise for way, series in ways.items()}
    draw(run, tried, {LAST: still}, noises, values_of(noisy.form, truth[0]), said)
    kept = errors_of(noisy.form, tried[CARRIED][0].model, noisy.parts[2], last_output)
    return {"gradient_check": checks, "largest_gradient_error": max(c["error"] for c in checks), "ways": table, **kept}


def checked(settings: Settings, run: Run, series: Series) -> list[dict[str, Any]]:
    """Prints what the network is, one forward pass and its loss, and compares each gradient with a numerical one."""
    run.reseed()
    model, train = build(settings, series.form), series.form.seen(series.parts[0])
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


def trained(settings: Settings, run: Run, series: Series, way: str, repeat: int) -> Tried:
    """One training, and its errors on the test part after `warm_up` steps."""
    run.reseed(repeat)
    form, seen = series.form, [series.form.seen(part) for part in series.parts]
    model = build(settings, form)
    optimizer = optim.Adam(model.parameters(), lr=settings.lr)
    task = Truncated(model, optimizer, carry=way in (CARRIED, CLEAN))
    pairs = NextStep(seen[0], settings.steps)
    batches: Any = consecutive_windows(pairs, settings.strands)
    if way == RANDOM:
        batches = random_windows(pairs, len(batches), settings.strands)
    loader = DataLoader(pairs, batch_sampler=batches)
    validation = DataLoader(NextStep(seen[1], len(seen[1]) - 1))
    decay = Schedule(lr_scheduler.ExponentialLR(optimizer, settings.lr_decay))
    if way == CARRIED and repeat == 0:
        history = fit(run, Loop(task, [decay, *watchers(run)]), loader, validation, settings.epochs)
        run.folder.save_model(model, run.identity)
    else:
        history = Loop(task, [decay, Events(run.events, way)]).fit(loader, validation, settings.epochs)
    model.eval()
    unit = form.scale.std[0]
    x, after = windows(seen[2], settings.warm_up)
    x_far, far = windows(seen[2], settings.warm_up, settings.horizon)
    with no_grad():
        ones = last_output(model, tensor(x))
    free = model.go_on(tensor(x_far), settings.horizon)
    one_step = unit * rmse(ones, after)
    run.say(f"{way}, seed {repeat + 1}: RMSE one step ahead {one_step:.4f}")
    drawn = values_of(form, ones[: settings.horizon, 0]), values_of(form, free[0])
    return Tried(model, list(history), one_step, [unit * error for error in by_horizon(free, far)], drawn)


def told(run: Run, settings: Settings, tried: dict[str, list[Tried]], still: Sequence[float]) -> list[str]:
    """What the errors say, counted over the seeds."""
    ones = {way: [one.one_step for one in several] for way, several in tried.items()}
    far = {way: [fmean(one.ahead) for one in several] for way, several in tried.items()}
    near, end = ({way: fmean(values) for way, values in errors.items()} for errors in (ones, far))
    free = f"running free over {settings.horizon} steps"
    return [
        claim(
            run,
            f"one step ahead the RNN (RMSE {near[CARRIED]:.3f}) beats 'next equals last' ({still[0]:.3f}); the noise, "
            f"below which none comes, is {settings.noise:g}",
            [error < still[0] for error in ones[CARRIED]],
        ),
        claim(
            run,
            f"windows of {settings.steps} steps with a state that is carried on ({near[CARRIED]:.3f}) beat random "
            f"windows with a fresh state ({near[RANDOM]:.3f}) and consecutive ones with a fresh state "
            f"({near[RESET]:.3f})",
            [a < min(b, c) for a, b, c in zip(ones[CARRIED], ones[RANDOM], ones[RESET], strict=True)],
        ),
        claim(
            run,
            f"{free}, the carried state keeps nearer to the wave (mean RMSE {end[CARRIED]:.2f}) than random windows "
            f"({end[RANDOM]:.2f}); standing still has {fmean(still):.2f}",
            [a < b for a, b in zip(far[CARRIED], far[RANDOM], strict=True)],
        ),
        claim(
            run,
            f"trained without noise, the RNN is better one step ahead ({near[CLEAN]:.3f}) and worse {free} "
            f"({end[CLEAN]:.2f}): the slope of the last values was enough",
            [a < b and c > d for a, b, c, d in zip(ones[CLEAN], ones[CARRIED], far[CLEAN], far[CARRIED], strict=True)],
        ),
    ]
