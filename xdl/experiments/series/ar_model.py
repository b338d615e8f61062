"""Autoregressive models: coefficients found by least squares, an LSTM on the same series, and the best that any
forecast can do (hwdong 7.1.3, 7.1.4, 7.10.2).

An autoregression x_t = sum_i a_i x_(t-i) + e_t is generated with a known noise e_t of std 1: one step ahead no forecast
has a smaller RMSE, and further ahead none a smaller one than `data.forecast_floor`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from xdl.creation import tensor
from xdl.data import Standardize, autoregression, chronological_split, forecast_floor, stable_coefficients, windows
from xdl.experiments.series.ar_figures import System, draw
from xdl.experiments.series.forecaster import Forecaster, errors_of
from xdl.experiments.series.form import SeriesForm
from xdl.experiments.series.free_running import Step, by_horizon, check_horizon, free_run
from xdl.experiments.series.linear import autoregressive, rmse
from xdl.experiments.series.networks import Recurrent
from xdl.experiments.series.training import train
from xdl.experiments.shared.claims import claim
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting

QUICK = {"points": 20000, "samples": 4000, "epochs": 2, "systems": 2, "horizon": 10}
PARTS = (0.7, 0.15, 0.15)
TRUE, LEAST_SQUARES, LSTM, LAST = "true coefficients", "least squares", "LSTM", "next equals last"
FLOOR = "theoretical floor"
DRAWN = (LEAST_SQUARES, LSTM)
SHOWN = 100  # steps in the figure of forecasts
FREE = 1000  # windows that run free, one a step
NEAR = 0.02  # what the coefficients, and the RMSE in parts of the noise, may be off


@dataclass(frozen=True)
class Settings:
    """Systems with stable random coefficients, each with a seed of its own; two sizes of model."""

    points: int = setting(100_000, "steps of the short autoregression, all of which are fitted", low=1000)
    short: int = setting(3, "order of the short autoregression", low=1, high=20)
    samples: int = setting(20_000, "steps of the long one; 70 % train, 15 % validate, 15 % test, in order", low=1000)
    order: int = setting(20, "order of the long autoregression, and steps that the LSTM sees", low=1, high=60)
    first: int = setting(1, "seed of the first system's coefficients", low=0)
    systems: int = setting(3, "systems of each order, with the seeds first, first + 1, ...", low=1)
    hidden: int = setting(32, "units in each of the LSTM's two layers", low=1)
    epochs: int = setting(5, "passes of the LSTM over the windows", low=1)
    lr: float = setting(0.003, "learning rate of the LSTM", above=0)
    horizon: int = setting(30, "steps that the forecasts run free", low=1)


def build(settings: Settings, form: SeriesForm) -> Recurrent:
    """The untrained LSTM of two layers."""
    return Recurrent("lstm", len(form.features), settings.hidden, 2, form.outputs)


def series_of(settings: Settings, system: int, seed: int) -> tuple[Any, Any]:
    """The long autoregression's coefficients and values."""
    a = stable_coefficients(settings.order, system)
    return a, autoregression(settings.samples, a, seed=seed)


def test_part(saved: SavedRun, data_name: str | None, data_dir: Path | None) -> Any:
    """The last part of the first long autoregression."""
    return chronological_split(series_of(saved.settings, saved.settings.first, saved.about["seed"])[1], PARTS)[2]


TASK = Forecaster(build, test_part)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The short autoregressions by least squares; the long ones also by an LSTM, of which the first is kept."""
    seeds = [settings.first + i for i in range(settings.systems)]
    short = [fitted(settings, seed, run.about["seed"] + i) for i, seed in enumerate(seeds)]
    rows = [(f"{one.seed}: a{i}", *ends) for one in short for i, ends in enumerate(_rows(one), 1)]
    run.say(f"AR({settings.short}), coefficients by least squares from {settings.points} points:")
    coefficients = run.table(("system", "true", "found", "standard error"), rows)
    long = [forecast(settings, run, i, seed) for i, seed in enumerate(seeds)]
    run.say(f"AR({settings.order}), RMSE one step ahead on the test part, in parts of the noise:")
    errors = run.table(
        ("system", *long[0].errors, "std of the series"),
        [(str(one.seed), *one.errors.values(), one.ahead[FLOOR][-1]) for one in long],
    )
    said = told(run, settings, short, long)
    draw(run, short, long, said)
    return {
        "largest_coefficient_error": max(one.off for one in short),
        "coefficients": coefficients,
        "rmse_in_parts_of_the_noise": errors,
        **long[0].kept,
    }


def fitted(settings: Settings, system: int, seed: int) -> System:
    """A short autoregression and its coefficients by least squares."""
    a = stable_coefficients(settings.short, system)
    model = autoregressive(autoregression(settings.points, a, seed=seed), settings.short)
    return System(
        system, list(map(float, a)), *model.coefficients(), {}, {}, float(forecast_floor(a, 2000)[-1]), {}, {}
    )


def forecast(settings: Settings, run: Run, number: int, seed: int) -> System:
    """A long autoregression: fitted on its first part, measured on its last, one step ahead and running free."""
    a, series = series_of(settings, seed, run.about["seed"] + number)
    parts = chronological_split(series, PARTS)
    check_horizon(settings.horizon, settings.order, parts[2], "order")
    form = SeriesForm(("x",), settings.order, 1, Standardize.fit(parts[0]))
    pairs, validation, test = (windows(form.seen(part), settings.order) for part in parts)
    tried = train(
        run,
        f"LSTM, system {seed}",
        lambda: build(settings, form),
        pairs,
        validation,
        batch_size=64,
        epochs=settings.epochs,
        lr=settings.lr,
        clip_norm=1.0,
        keep=number == 0,
    )
    if number == 0:
        form.write(run)
    linear = autoregressive(form.seen(parts[0]), settings.order)
    weights = tensor(list(map(float, a)), dtype="float64").flip(0)
    mean, std = form.scale.mean[0] / form.scale.std[0], form.scale.std[0]
    drift = mean * (1 - weights.sum().item())  # the true series has mean 0, the normalized one has not
    ways: dict[str, Step] = {
        TRUE: lambda x: ((x.to("float64")[:, :, 0] @ weights) - drift).reshape(-1, 1, 1),
        LEAST_SQUARES: linear,
        LSTM: tried.model,
        LAST: lambda x: x[:, -1:],
    }
    one_step = {name: free_run(step, test[0], 1) for name, step in ways.items()}
    x, truth = (part[:FREE] for part in windows(form.seen(parts[2]), settings.order, settings.horizon))
    far = {name: free_run(step, x, settings.horizon) for name, step in ways.items()}
    ahead = {name: [std * error for error in by_horizon(given, truth)] for name, given in far.items()}
    ahead[FLOOR] = forecast_floor(a, settings.horizon).tolist()
    early = {name: free_run(ways[name], pairs[0][:SHOWN], 1) for name in DRAWN}
    drawn = {
        "one step ahead, training part": _lines(form, pairs[1][:SHOWN], early),
        "one step ahead, test part": _lines(form, test[1][:SHOWN], {name: one_step[name][:SHOWN] for name in DRAWN}),
        "running free, test part": _lines(form, truth[0], {name: far[name][0] for name in DRAWN}),
    }
    return System(
        seed=seed,
        true=list(map(float, a)),
        found=linear.coefficients()[0],
        deviations=linear.coefficients()[1],
        errors={name: std * rmse(given, test[1]) for name, given in one_step.items()},
        ahead=ahead,
        std=float(forecast_floor(a, 2000)[-1]),
        drawn=drawn,
        kept=errors_of(form, tried.model, parts[2]) if number == 0 else {},
    )


def told(run: Run, settings: Settings, short: Sequence[System], long: Sequence[System]) -> list[str]:
    """What was found, counted over the systems; "seeds" are those of the coefficients."""
    inside = [abs(a - b) <= 2 * s for one in short for a, b, s in zip(one.true, one.found, one.deviations, strict=True)]
    best, lstm = ([one.errors[name] / one.errors[TRUE] for one in long] for name in (LEAST_SQUARES, LSTM))
    horizon = settings.horizon
    return [
        claim(
            run,
            f"AR({settings.short}) from {settings.points} points: every coefficient is within {NEAR} of the true one "
            f"(the worst {max(one.off for one in short):.4f}); {sum(inside)} of {len(inside)} within 2 standard errors",
            [one.off < NEAR for one in short],
        ),
        claim(
            run,
            f"AR({settings.order}) from {settings.samples} points: least squares is within {NEAR:.0%} of what the true "
            f"coefficients reach (at most {max(best) - 1:+.2%})",
            [ratio < 1 + NEAR for ratio in best],
        ),
        claim(
            run,
            f"the LSTM is worse than least squares one step ahead ({', '.join(f'{one:.3f}' for one in lstm)} times the "
            f"RMSE of the true coefficients)",
            [a > b for a, b in zip(lstm, best, strict=True)],
        ),
        claim(
            run,
            f"running free, least squares stays within 5 % of the theoretical floor on average over {horizon} steps",
            [fmean(one.ahead[LEAST_SQUARES]) < 1.05 * fmean(one.ahead[FLOOR]) for one in long],
        ),
    ]


def _rows(one: System) -> list[tuple[float, float, float]]:
    return list(zip(one.true, one.found, one.deviations, strict=True))


def _lines(form: SeriesForm, truth: Any, given: dict[str, Any]) -> dict[str, list[float]]:
    """The first column in units of the series, from (N, 1, 1) or (N, 1)."""
    lines = {"truth": truth, **given}
    return {
        name: form.scale.undo(tensor(z, dtype="float64").reshape(-1, 1))[:, 0].tolist() for name, z in lines.items()
    }
