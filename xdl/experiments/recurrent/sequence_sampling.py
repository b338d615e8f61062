"""Windows of a series, consecutive and random, alone and in batches, and where the state is carried (hwdong 7.4.7).

Consecutive: batch k + 1 goes on, in every row, where batch k ended, so the state may be carried. Random: windows from
anywhere; each begins with a state of zeros. What carrying is worth is measured on a level that stays for a long time
and is seen through noise: after k values, whose sum is S, it is best guessed as S / (k + noise**2), and the error of
the next value is then, on average, at least

    noise**2 + 1 / (1 + k / noise**2),   k = 1, ..., T        (more, since the level changes at times)

for whatever begins anew in each window of T values. What this guess reaches is measured on the same test part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from xdl import optim, plot
from xdl.creation import arange
from xdl.data import DataLoader
from xdl.data.series.levels import noisy_levels
from xdl.data.series.windows import NextStep, consecutive_windows, random_windows
from xdl.errors import SettingError, expect
from xdl.experiments.recurrent.level_forecaster import Forecaster, tested
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.truncated import Truncated
from xdl.functional import stack
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.train import Loop

NUMBERS, SHORT, ROWS = 20, 3, 2  # the series 0, ..., 19; steps of its windows; rows of its batches
RANDOM = "random, state reset"
RESET = "consecutive, state reset"
CARRIED = "consecutive, state carried"
QUICK = {"seeds": 1, "samples": 10000, "epochs": 2}


@dataclass(frozen=True)
class Settings:
    """The level, and the training; the test part is what comes after, of the same length."""

    samples: int = setting(20000, "values of the series to train on", low=500)
    stay: float = setting(200.0, "steps for which the level stays, on average", low=1)
    noise: float = setting(1.0, "std of the noise; the level's is 1", above=0, high=1e6)
    window: int = setting(8, "steps of a window", low=2)
    batch: int = setting(16, "windows side by side", low=1)
    hidden: int = setting(16, "units of the GRU", low=1)
    epochs: int = setting(4, "passes over the series", low=1)
    lr: float = setting(0.01, "learning rate of Adam", above=0)
    seeds: int = setting(5, "trainings of each kind, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The windows of 0, ..., 19 in words, shapes and strips; then the same network trained in three ways."""
    run.reseed()
    shapes = show_windows(run)
    series = noisy_levels(2 * settings.samples, settings.stay, settings.noise, run.about["seed"])[:, None]
    train, test = series[: settings.samples], series[settings.samples :]
    longest, most = settings.samples - 1, (settings.samples - 1) // settings.window
    expect(settings.window <= longest, SettingError, "--set window", f"at most {longest} of samples", settings.window)
    expect(settings.batch <= most, SettingError, "--set batch", f"at most {most} strands of a window", settings.batch)
    errors: dict[str, list[list[float]]] = {RANDOM: [], RESET: [], CARRIED: []}
    for repeat in range(settings.seeds):
        for way, found in errors.items():
            run.reseed(repeat)
            model = trained(settings, train, way)
            found.append(tested(model, test, settings.window, settings.batch, way == CARRIED))
    floor = best_anew(settings, test)
    rows = [(way, fmean(map(fmean, found)), fmean(one[0] for one in found)) for way, found in errors.items()]
    rows += [("computed: the best that begins anew in each window", fmean(floor), floor[0])]
    rows += [("the noise alone", settings.noise**2, settings.noise**2)]
    headings = ("trained and tested with", "mean squared error", "after the first value")
    table = run.table(headings, rows)
    draw_errors(run, settings, errors, floor)
    return {"shapes": shapes, "sampling": table}


def best_anew(settings: Settings, test: Any) -> list[float]:
    """The error, on the test part, of the best forecast after k = 1, ..., T values that begins anew in each window.

    Of a level of variance 1, k values with sum S tell S / (k + noise**2) at best.
    """
    values, steps, variance = test[:, 0].tolist(), settings.window, settings.noise**2
    starts = range(0, len(values) - steps, steps)
    return [
        fmean((values[i + k] - sum(values[i : i + k]) / (k + variance)) ** 2 for i in starts)
        for k in range(1, steps + 1)
    ]


def trained(settings: Settings, train: Any, way: str) -> Forecaster:
    """The GRU after some passes over the training part; in random order it sees as many windows."""
    windows = NextStep(train, settings.window)
    batches: Any = consecutive_windows(windows, settings.batch)
    if way == RANDOM:
        batches = random_windows(windows, len(batches), settings.batch)
    model = Forecaster(settings.hidden)
    task = Truncated(model, optim.Adam(model.parameters(), lr=settings.lr), way == CARRIED)
    Loop(task).fit(DataLoader(windows, batch_sampler=batches), epochs=settings.epochs)
    return model


def show_windows(run: Run) -> list[dict[str, Any]]:
    """Every batch of 0, ..., 19; shapes of a series of numbers (2-D batches) and of pairs (3-D); the picture."""
    numbers = arange(NUMBERS)
    pairs = stack([numbers, -numbers], 1)
    windows = NextStep(numbers, SHORT)
    panels, rows = {}, []
    for rows_of_batch in (1, ROWS):
        consecutive = [list(map(int, batch)) for batch in consecutive_windows(windows, rows_of_batch)]
        drawn = [list(map(int, batch)) for batch in random_windows(windows, len(consecutive), rows_of_batch)]
        size = "single" if rows_of_batch == 1 else f"batches of {rows_of_batch}"
        for way, batches in (("consecutive", consecutive), ("random", drawn)):
            loaders = [DataLoader(NextStep(series, SHORT), batch_sampler=batches) for series in (numbers, pairs)]
            shapes = [str(next(iter(loader))[0].shape) for loader in loaders]
            state = "carried" if way == "consecutive" else "reset in every batch"
            rows.append((f"{way}, {size}", len(batches), *shapes, state))
            for k, (x, y) in enumerate(loaders[0], 1):
                run.say(f"{way}, {size}, batch {k}: x {x.tolist()}  y {y.tolist()}")
            panels[f"{way}, {size}; state {state}"] = lanes(batches, way == "consecutive")
    table = run.table(("sampling", "batches", "of numbers", "of pairs", "state"), rows)
    see = "\n".join(
        run.see(what_is_read(way, batches)) for way, batches in (("consecutive", consecutive), ("random", drawn))
    )
    title = f"windows of {SHORT} from 0 to {NUMBERS - 1}; colour: batch; red: state of zeros; arrow: state carried"
    run.figure("windows", plot.strips_data(range(NUMBERS), panels, title), see)
    return table


def what_is_read(way: str, batches: Sequence[Sequence[int]]) -> str:
    """How often batches of windows, which are given by their first values, read the values 0 to 19, counted."""
    often = Counter(value for batch in batches for first in batch for value in range(first, first + SHORT))
    never = [value for value in range(NUMBERS) if value not in often]
    each = "once" if max(often.values()) == 1 else f"up to {max(often.values())} times"
    last = "the last " if never == list(range(NUMBERS - len(never), NUMBERS)) else ""
    rest = f"{last}{len(never)} never" if never else "none never"
    return f"{way} batches of {len(batches[0])} read {len(often)} of {NUMBERS} values {each}, {rest}"


def lanes(batches: Sequence[Sequence[int]], carried: bool) -> tuple[list[str], list[plot.Strip]]:
    """Rows and strips of a panel: one for each row of the batches where the state is carried, else for each window."""
    size = len(batches[0])
    if carried:
        names = [f"row {b + 1}" for b in range(size)]
        places: Iterable[tuple[int, int, int]] = [
            (b, k, i) for k, batch in enumerate(batches) for b, i in enumerate(batch)
        ]
    else:
        names = [
            f"batch {k + 1}" + (f", row {b + 1}" if size > 1 else "") for k in range(len(batches)) for b in range(size)
        ]
        places = [(k * size + b, k, i) for k, batch in enumerate(batches) for b, i in enumerate(batch)]
    return names, [plot.Strip(row, i, i + SHORT, k, carried and k > 0) for row, k, i in places]


def draw_errors(run: Run, settings: Settings, errors: dict[str, list[list[float]]], floor: list[float]) -> None:
    """The error by place in the window: what begins anew must learn the level again in each."""
    at = list(range(1, settings.window + 1))
    lines = {way: plot.Line.of_seeds(at, found) for way, found in errors.items()}
    lines["begins anew, at best"] = plot.Line(at, floor, look="dashed", colour=3)
    lines["the noise alone"] = plot.Line(at, [settings.noise**2] * len(at), look="dashed", colour=7)
    means = {way: [fmean(one) for one in found] for way, found in errors.items()}
    anew = list(map(min, means[RANDOM], means[RESET]))
    better = [carried < min(reset, fmean(floor)) for carried, reset in zip(means[CARRIED], anew, strict=True)]
    gain = 1 - fmean(means[CARRIED]) / fmean(anew)
    worth = f"a carried state makes the error {gain:.1%} less, below the best guess that begins anew in each window"
    alike = [order > drawn for order, drawn in zip(means[RESET], means[RANDOM], strict=True)]
    order = "windows in order, whose level stays for many batches, teach less than random ones, if the state is reset"
    see = "\n".join((claim(run, worth, better), claim(run, order, alike)))
    title = f"next value of a level behind noise, test part: error by place in windows of {settings.window}"
    panel = in_words(settings.seeds)
    run.figure("carried", plot.lines_data({panel: lines}, title, "values seen of the window"), see)
