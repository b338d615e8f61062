"""What a run that trained a model of a series can be asked: its error on the test part, the next steps of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from pathlib import Path
from typing import Any, ClassVar

from xdl import nn
from xdl.creation import tensor
from xdl.data import read_columns, windows
from xdl.data.series.csv_table import names_in
from xdl.errors import DataError, ShapeError
from xdl.experiments.series.form import Forecast, SeriesForm
from xdl.functional import cat
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.runs.text_table import aligned
from xdl.tensor import Tensor, no_grad

FAR = 5.0  # std from the mean of the training part: beyond it a value is named as unlike that part
Build = Callable[[Any, SeriesForm], nn.Module]  # (settings, form) -> the untrained model
Read = Callable[[str, Sequence[str]], Any]  # (file, names of the F columns) -> values (T, F)
TestPart = Callable[[SavedRun, str | None, Path | None], Any]  # (run, --data, folder) -> values (T, F) as in a file


@dataclass(frozen=True)
class Options:
    """Of a forecast."""

    steps: int = setting(0, "how many of the next steps; 0: as many as the model gives at once", low=0, high=10_000)


def direct(model: nn.Module, x: Tensor) -> Tensor:
    """The forecast of a model whose output (N, outputs, targets) it is."""
    y: Tensor = model(x)
    return y


@dataclass(frozen=True)
class Forecaster:
    """The task (`runs.task.RunTask`) of a run that trained a model of a series.

    build:     makes the untrained model
    test_part: gives the values that were held out for the test
    forward:   what the model's output is, where it is not the forecast itself
    read:      gives the values in a file to forecast from

    The run's folder holds series.json, see `SeriesForm`, and model.safetensors.
    """

    build: Build
    test_part: TestPart
    forward: Forecast = direct
    read: Read = read_columns
    measures: ClassVar[Mapping[str, str]] = {"test_rmse": "min"}
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:  # noqa: ARG002
        """The epochs."""
        return ("epochs",)

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """The measures of `errors_of` on the test part, which is never shuffled.

        Raises ShapeError for a series of other columns or too few steps.
        """
        form = SeriesForm.read(saved)
        model = self._model(saved, form)
        values = self.test_part(saved, data_name, data_dir)
        return {
            "run": str(saved.path),
            "model": type(model).__name__,
            "data": data_name or saved.about["data"] or "generated",
            **errors_of(form, model, values, self.forward),
        }

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """The next steps after the last line of each CSV file, as `read` gives it.

        options: `Options`

        Returns {"run", "model", "forecasts": [{"name", "seen", "unlike", "columns", "next": [[numbers]]}]}; "seen" is
        the number of steps in the file, "unlike" names columns whose values are far from those of the training part.
        Raises DataError for a file with gaps, other columns, too few steps, or numbers that have no log returns, naming
        the line; SettingError for steps that the model cannot reach.
        """
        form = SeriesForm.read(saved)
        model = self._model(saved, form)
        forecasts = []
        for file in inputs:
            values = self.read(file, form.features)
            if len(values) < form.needed:
                expected = f"at least {form.needed} lines of numbers, as many as the model sees"
                raise DataError(file, expected, len(values), "The oldest step comes first")
            line = len(values) - form.needed + (2 if names_in(file)[0] else 1)
            form.changes(values[-form.needed :], file, partial(_line, line))
            forecasts.append(
                {
                    "name": file,
                    "seen": len(values),
                    "unlike": _unlike(form, values[-form.needed :]),
                    "columns": [form.features[i] for i in form.targets],
                    "next": form.forecast(model, values, options.steps or form.outputs, self.forward),
                }
            )
        return {"run": str(saved.path), "model": type(model).__name__, "forecasts": forecasts}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """A table of the next steps for each file."""
        blocks = []
        for found in predictions["forecasts"]:
            lines = [f"{found['name']}: the next steps after {found['seen']}"]
            lines += [f"    unlike the training part, so do not trust it: {what}" for what in found["unlike"]]
            rows = [[i, *(f"{value:.6g}" for value in row)] for i, row in enumerate(found["next"], 1)]
            blocks += [*lines, "", aligned(["step", *found["columns"]], rows), ""]
        return "\n".join(blocks).rstrip()

    def _model(self, saved: SavedRun, form: SeriesForm) -> nn.Module:
        return saved.trained(self.build(saved.settings, form))


def errors_of(form: SeriesForm, model: nn.Module, values: Any, forward: Forecast = direct) -> dict[str, Any]:
    """The error of the forecasts of all windows of the values (T, F), beside "next equals last".

    Returns {"windows", "test_rmse", "persistence_rmse", "skill"}: RMSE over all windows, outputs and targets, in units
    of what the model sees (values, or log returns, whose last change is then taken for 0); skill is
    1 - MSE / MSE of "next equals last", above 0 where the model is of use.
    """
    values = values if values.ndim == 2 else values[:, None]
    features = len(form.features)
    if values.shape[1] != features:
        raise ShapeError("evaluation of a series", f"{features} columns: {', '.join(form.features)}", values.shape)
    scale = form.scale.columns(*form.targets)
    x, y = windows(form.seen(values), form.inputs, form.outputs)
    forecast = scale.undo(predicted(model, x, forward))
    truth = scale.undo(y[:, :, form.targets])
    naive = 0 * truth if form.returns else scale.undo(x[:, -1:, form.targets]) + 0 * truth
    found, base = float(((forecast - truth) ** 2).mean()), float(((naive - truth) ** 2).mean())
    skill = 1 - found / base if base > 0 else 0.0
    return {"windows": len(x), "test_rmse": sqrt(found), "persistence_rmse": sqrt(base), "skill": skill}


def predicted(model: nn.Module, x: Any, forward: Forecast = direct, batch: int = 1024) -> Any:
    """The forecasts (N, outputs, targets) of windows x (N, inputs, F) in evaluation mode, normalized, on the host."""
    model.eval()
    with no_grad():
        parts = [forward(model, tensor(x[i : i + batch], dtype="float32")) for i in range(0, len(x), batch)]
    return cat(parts).numpy()


def _line(first: int, row: int) -> str:
    return f"line {first + row}"


def _unlike(form: SeriesForm, values: Any) -> list[str]:
    """What of the values is far from anything that the training part had."""
    z = form.seen(values)
    low, high = z.amin(0).tolist(), z.amax(0).tolist()
    return [
        f"{name} is up to {max(-least, most):.1f} std from the mean of the training part"
        for name, least, most in zip(form.features, low, high, strict=True)
        if max(-least, most) > FAR
    ]
