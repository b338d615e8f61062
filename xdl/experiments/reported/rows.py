"""The table of what the books report, a row each, with the figure that xdl gets.

A row that trains is an ordinary run of an experiment, in a folder of its own; one whose data are not at hand says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from xdl import optim
from xdl.data import load_images
from xdl.data.food_truck import load_food_truck
from xdl.errors import DataError, expect
from xdl.estimators import LinearRegression
from xdl.experiments.reported import steps
from xdl.experiments.shared.surfaces import beale
from xdl.runs.start import RunRequest, start

NOT_MEASURED = "not measured"
BEALE_STEPS = 100_000
PUBLISHED = 10_000  # test images of Fashion-MNIST


@dataclass(frozen=True)
class Place:
    """Where runs go, and where data sets lie."""

    out: Path
    data_dir: Path | None = None


@dataclass(frozen=True)
class Reported:
    """what:     the experiment, and the section of the book
    reported: the book's figure
    measure:  xdl's figure, in words; raises DataError where the data are not at hand
    long:     whether it takes a minute or more
    """

    what: str
    reported: str
    measure: Callable[[Place], str]
    long: bool = False


def descent_of_adam(_: Place) -> str:
    """Where Adam is after 100,000 steps on Beale's function, and where it was a step before.

    It ends going to and fro across the minimum, (3, 0.5), so that the last digits depend on the step it is stopped at.
    With the usual betas, (0.9, 0.999), it goes into the other valley, along y = 1, and is at (-57.8, 1.02) then.
    """
    options: dict[str, Any] = {"lr": 0.001, "betas": (0.9, 0.8), "tol": 0.0, "maxiter": BEALE_STEPS}
    found = optim.minimize(lambda x: beale(x[0], x[1]), (3.0, 4.0), method="adam", **options)
    before, last = found.path.x[-2:].tolist()
    return f"({last[0]:.5f}, {last[1]:.5f}), a step before ({before[0]:.5f}, {before[1]:.5f})"


def normal_equation(place: Place) -> str:
    """The line through the food trucks' profits."""
    population, profit = load_food_truck(place.data_dir)
    line = LinearRegression(solver="normal").fit(population, profit)
    return f"w {line.coef_.reshape(-1)[0]:.5f}, b {float(line.intercept_):.5f}"


def trained(name: str, data: str | None, read: Callable[[Mapping[str, Any]], str], place: Place, **given: str) -> str:
    """What is read from the summary of a run of an experiment."""
    request = RunRequest(given, data=data, data_dir=place.data_dir)
    return read(start(name, request, out=place.out, stream=StringIO()).perform())


def accuracy(name: str, data: str, place: Place, **given: str) -> str:
    """The test accuracy of a run."""
    return trained(name, data, lambda summary: f"{summary['test_accuracy']:.4f}", place, **given)


def spiral(place: Place) -> str:
    """The accuracy on the points of the training: softmax regression, and a hidden layer of 100."""

    def both(summary: Mapping[str, Any]) -> str:
        straight, _, curved = (row["accuracy on the training points"] for row in summary["models"])
        return f"{straight:.3f} / {curved:.3f}"

    return trained("spiral", None, both, place)


def fashion(place: Place) -> str:
    """The test accuracy of one network as it is, with batch norm, and with dropout. Raises DataError for 900 images."""
    here = len(load_images("fashion-mnist", data_dir=place.data_dir).test)
    expect(here == PUBLISHED, DataError, "fashion-mnist", f"{PUBLISHED} test images", f"only {here} test images here")
    kinds: list[dict[str, str]] = [{}, {"batch_norm": "true"}, {"dropout": "0.2"}]
    return "; ".join(accuracy("mlp", "fashion-mnist", place, **given) for given in kinds)


def noisy_curve(place: Place) -> str:
    """The loss of the vanilla network on long waves, and the least that the values it sees allow."""

    def losses(summary: Mapping[str, Any]) -> str:
        return f"{summary['quiet_rnn_loss']:.4f} with noise 0.01; ten values allow {summary['quiet_best']:.4f} at best"

    return trained("book-rnn-curve", None, losses, place, cells="rnn", seeds="1", book="false")


def step(make: Callable[..., Any], _: Place) -> str:
    """The time of a training step."""
    return f"{steps.seconds(make):.3f} s"


ROWS = (
    Reported("Beale from (3, 4), Adam 0.001, betas 0.9, 0.8 (hwdong 2.3.5)", "(2.99998, 0.50002)", descent_of_adam),
    Reported("food truck, normal equation (hwdong 3.1.4)", "w 1.19303, b -3.89578", normal_equation),
    Reported("spiral: softmax regression / 100 hidden units (hwdong 3.6, 4.2)", "0.513 / 0.993", spiral),
    Reported(
        "softmax regression, MNIST (hwdong 3.7.3)", "0.9056", partial(accuracy, "softmax-regression", "mnist"), True
    ),
    Reported(
        "MLP 784-200-100-10, MNIST (hwdong 4.3.6)", "0.9766", partial(accuracy, "mlp", "mnist", hidden="200,100"), True
    ),
    Reported(
        "MLP 784-500-200-100-10, Fashion-MNIST; batch norm; dropout (hwdong 4.3.9, 5.3.3, 5.4.2)",
        "0.8585; 0.881; 0.8667",
        fashion,
        True,
    ),
    Reported(
        "CNN of MNIST, a step of 32 images (Xu Bin 5.6)", "0.270 s", partial(step, partial(steps.book_cnn, False))
    ),
    Reported("the same with batch norm (Xu Bin 6.8)", "0.264 s", partial(step, partial(steps.book_cnn, True))),
    Reported("LSTM, 3 layers of 64, 64 steps, batch 32 (Xu Bin 7.7)", "0.068 s", partial(step, steps.lstm)),
    Reported("BiGRU, 3 layers of 16, 200 steps, batch 8 (Xu Bin 8)", "0.111 s", partial(step, steps.bigru)),
    Reported(
        "convolution, N=128, C=16, 64x64, 32 filters 5x5: loops / by indices (hwdong 6.4)",
        "419.7 s / 46.9 s",
        partial(step, steps.convolution),
    ),
    Reported("vanilla RNN, noisy curve, loss after 5 epochs (Xu Bin 7.8)", "0.0014", noisy_curve, True),
)


def measured(place: Place, quick: bool = False, only: str = "") -> Iterator[tuple[Reported, str]]:
    """Every row with xdl's figure, one after the other. quick: without those that take long; only: a part of `what`."""
    for row in ROWS:
        if only.lower() not in row.what.lower():
            continue
        if quick and row.long:
            yield row, f"{NOT_MEASURED}: takes minutes"
            continue
        try:
            found = row.measure(place)
        except DataError as error:
            found = f"{NOT_MEASURED}: {error.found}"
        yield row, found
