"""The next value of a swing, by a network without memory and by a recurrent one (hwdong 7.2.1; 徐彬 7.1).

The same place is passed on the way up and on the way down. A network that sees the place alone has to name the mean of
both ways; how large its error must be is computed (`swing.py`), and no training gets below. A recurrent network with as
many parameters knows where it came from. So does a network that is given the last two values: a window is a memory,
too, as long as what counts lies within it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from xdl import nn, optim, plot
from xdl.creation import tensor
from xdl.data import DataLoader
from xdl.data.series.windows import NextStep, random_windows
from xdl.errors import SettingError, expect
from xdl.experiments.recurrent.swing import Swing
from xdl.experiments.shared.claims import claim, in_words
from xdl.functional import cat, mse_loss
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor, no_grad

QUICK = {"seeds": 1, "steps": 250}
SKIPPED = 20  # steps at the begin of the test part, in which a state is still young
MEASURED = 25  # steps of training between two measurements
SHOWN = 80  # steps of the test part in the figure


@dataclass(frozen=True)
class Settings:
    """The swing, and how the networks are trained. The last fifth of the series is the test part."""

    samples: int = setting(12000, "values of the series", low=500)
    r: float = setting(0.97, "how much of its swing a step leaves", above=0, high=0.999)
    period: float = setting(20.0, "steps of one swing", low=3)
    hidden: int = setting(8, "units of the recurrent network; the others get as many parameters", low=2)
    window: int = setting(32, "steps of a window in training", low=4)
    batch: int = setting(16, "windows in a step", low=1)
    steps: int = setting(500, "steps of training", low=1)
    lr: float = setting(0.01, "learning rate of Adam", above=0)
    seeds: int = setting(5, "trainings of each kind, one a seed", low=1)


class Recurrent(nn.Module):
    """An RNN with a linear head: (N, T, 1) to (N, T, 1). H**2 + 4 H + 1 parameters."""

    def __init__(self, hidden: int) -> None:
        self.rnn, self.head = nn.RNN(1, hidden, batch_first=True), nn.Linear(hidden, 1)

    def forward(self, input: Tensor) -> Tensor:
        """What comes after each step, from all before."""
        forecasts: Tensor = self.head(self.rnn(input)[0])
        return forecasts


class Windowed(nn.Module):
    """A network on the last `seen` values: (N, T, 1) to (N, T, 1); values before the first are 0."""

    def __init__(self, hidden: int, seen: int) -> None:
        self.seen = seen
        self.layers = nn.Sequential(nn.Linear(seen, hidden), nn.Tanh(), nn.Linear(hidden, 1))

    def forward(self, input: Tensor) -> Tensor:
        """What comes after each step, from the last values."""
        steps = input.shape[1]
        before = [input[:, :1] * 0] * (self.seen - 1)
        longer = cat([*before, input], 1)
        forecasts: Tensor = self.layers(cat([longer[:, i : i + steps] for i in range(self.seen)], 2))
        return forecasts


def kinds(hidden: int) -> dict[str, Callable[[], nn.Module]]:
    """The three networks, with as many parameters as the recurrent one has, or a few less."""
    parameters = hidden * hidden + 4 * hidden + 1
    return {
        "without memory": lambda: Windowed((parameters - 1) // 3, 1),
        "a window of two": lambda: Windowed((parameters - 1) // 4, 2),
        "recurrent": lambda: Recurrent(hidden),
    }


@dataclass
class Trained:
    """One network: its errors on the test part after each of `at` steps, and its last forecasts there."""

    parameters: int
    at: list[int]
    errors: list[float]
    forecasts: list[float]


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains the three from several seeds, beside what is computed."""
    fits = settings.samples // 5 > settings.window + SKIPPED + SHOWN
    expect(fits, SettingError, "--set samples", f"above {5 * (settings.window + SKIPPED + SHOWN)}", settings.samples)
    swing = Swing(settings.r, settings.period)
    series = swing.series(settings.samples, run.about["seed"])
    cut = settings.samples - settings.samples // 5
    train, test = series[:cut], series[cut:]
    found = {
        name: [trained(settings, run, build, train, test, repeat) for repeat in range(settings.seeds)]
        for name, build in kinds(settings.hidden).items()
    }
    floors = floors_of(swing, test)
    rows = [(name, t[0].parameters, fmean(one.errors[-1] for one in t)) for name, t in found.items()]
    rows += [(f"computed: {name}", 0, error) for name, error in floors.items()]
    table = run.table(("next value from", "parameters", "mean squared error on the test part"), rows)
    floor, least = swing.without_memory, swing.with_memory
    run.say(f"expected over all series: without memory 1 - p**2 = {floor:.4f}, with memory s2 = {least:.4f}")
    see = said(run, found, floors)
    draw(run, settings, found, floors, test, see)
    return {"networks": table, "floor_without_memory": floor, "floor_with_memory": least}


def trained(
    settings: Settings, run: Run, build: Callable[[], nn.Module], train: Any, test: Any, repeat: int
) -> Trained:
    """One network from the run's seed + repeat, on random windows of the training part."""
    run.reseed(repeat)
    model = build()
    optimizer = optim.Adam(model.parameters(), lr=settings.lr)
    windows = NextStep(train[:, None], settings.window)
    loader = DataLoader(windows, batch_sampler=random_windows(windows, settings.steps, settings.batch))
    given, wanted = tensor(test[None, :-1, None]), tensor(test[None, 1:, None])
    one = Trained(sum(p.numpy().size for p in model.parameters()), [], [], [])
    for step, (x, y) in enumerate(loader, 1):
        loss = mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % MEASURED == 0 or step == settings.steps:
            with no_grad():
                forecasts = model(given)
                one.errors.append(mse_loss(forecasts[:, SKIPPED:], wanted[:, SKIPPED:]).item())
            one.at.append(step)
    one.forecasts = forecasts[0, :, 0].tolist()
    return one


def floors_of(swing: Swing, test: Any) -> dict[str, float]:
    """The errors of the best forecasts that there are, on this test part: chance makes them other than expected."""
    values = test.tolist()
    a1, a2 = swing.coefficients
    at = range(SKIPPED + 1, len(values))
    return {
        "tomorrow equals today": fmean((values[t] - values[t - 1]) ** 2 for t in at),
        "best without memory": fmean((values[t] - swing.p * values[t - 1]) ** 2 for t in at),
        "best with memory": fmean((values[t] - a1 * values[t - 1] - a2 * values[t - 2]) ** 2 for t in at),
    }


def said(run: Run, found: dict[str, list[Trained]], floors: dict[str, float]) -> str:
    """What memory is worth, counted over the seeds."""
    last = {name: [one.errors[-1] for one in seeds] for name, seeds in found.items()}
    floor, least = floors["best without memory"], floors["best with memory"]
    stuck = [error > 0.97 * floor for error in last["without memory"]]
    sentences = [
        claim(run, f"without memory no training gets below the floor of {floor:.4f}, less 3 % for chance", stuck),
        claim(
            run,
            f"with memory the error is below 3 times the least there is, {least:.4f}",
            [error < 3 * least for error in last["recurrent"]],
        ),
    ]
    return "\n".join(sentences)


def draw(
    run: Run, settings: Settings, found: dict[str, list[Trained]], floors: dict[str, float], test: Any, see: str
) -> None:
    """Errors over the steps with the floors; and a piece of the test part with the forecasts of the first seed."""
    lines = {name: plot.Line.of_seeds(seeds[0].at, [one.errors for one in seeds]) for name, seeds in found.items()}
    ends = [MEASURED, settings.steps]
    for number, (name, error) in enumerate(floors.items(), 3):
        lines[name] = plot.Line(ends, [error, error], look="dashed", colour=number)
    title = f"next value of a swing of {settings.period:g} steps: error on the test part"
    panel = f"{in_words(settings.seeds)}; dashed: computed"
    run.figure("errors", plot.lines_data({panel: lines}, title, "step of training", log=True), see)
    at = list(range(SKIPPED, SKIPPED + SHOWN))
    panels = {}
    for name, seeds in found.items():
        shown = [seeds[0].forecasts[t - 1] for t in at]
        truth = plot.Line(at, [float(test[t]) for t in at], look="thick", colour=7)
        panels[name] = {"the series": truth, "forecast one step ahead": plot.Line(at, shown, colour=1)}
    run.figure(
        "forecasts",
        plot.lines_data(panels, "the next value of a swing, test part", "step", share=True),
        run.see(lag_of(found["without memory"][0].forecasts, test)),
    )


def lag_of(forecasts: list[float], test: Any) -> str:
    """How near the forecasts without memory are to the value that was seen, and to the one that came."""
    values = test.tolist()
    at = range(SKIPPED, len(forecasts))
    seen = fmean((forecasts[t] - values[t]) ** 2 for t in at)
    came = fmean((forecasts[t] - values[t + 1]) ** 2 for t in at)
    return (
        f"without memory the forecast is {came / seen:.0f} times nearer to the value it saw than to the one that came."
    )
