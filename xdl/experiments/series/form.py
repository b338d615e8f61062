"""What a model of a series takes and gives, kept as series.json beside it, so that a later forecast needs no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from xdl import nn
from xdl.creation import tensor
from xdl.data import Standardize
from xdl.errors import DataError, SettingError, ShapeError
from xdl.experiments.series.free_running import free_run
from xdl.io.json_text import shown
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun
from xdl.tensor import Tensor

FILE = "series.json"
LONGEST = 100_000  # steps that a file may ask for
Forecast = Callable[[nn.Module, Tensor], Tensor]  # (model, x (N, inputs, F)) -> (N, outputs, targets)


def step(row: int) -> str:
    """The place of a row, counted from 0, in words."""
    return f"step {row + 1}"


@dataclass(frozen=True)
class SeriesForm:
    """features:  the names of the F columns
    inputs:    steps that the model sees; outputs: steps that follow, which it gives at once
    scale:     of the columns, fitted on the training part
    targets:   the numbers of the columns that are forecast
    returns:   the model sees and gives log(v_t / v_(t-1)) of the file's values v, not the values themselves
    """

    features: tuple[str, ...]
    inputs: int
    outputs: int
    scale: Standardize
    targets: tuple[int, ...] = (0,)
    returns: bool = False

    def write(self, run: Run) -> None:
        """Writes series.json into the run's folder."""
        run.folder.write_json(FILE, {**asdict(self), "scale": self.scale.state_dict()})

    @classmethod
    def read(cls, saved: SavedRun) -> SeriesForm:
        """The form in a run's folder. Raises SettingError where it is missing, DataError for a damaged one."""
        return cls._from(saved.content(FILE), str(saved.path / FILE))

    @classmethod
    def _from(cls, content: Mapping[str, Any], where: str) -> SeriesForm:
        names: Any = content.get("features")
        targets: Any = content.get("targets")
        inputs: Any = content.get("inputs")
        outputs: Any = content.get("outputs")
        returns: Any = content.get("returns")
        right = (
            isinstance(names, list)
            and all(isinstance(name, str) for name in names)
            and isinstance(targets, list)
            and bool(targets)
            and all(type(i) is int and 0 <= i < len(names) for i in targets)
            and all(type(n) is int and 1 <= n <= LONGEST for n in (inputs, outputs))
            and type(returns) is bool
            and isinstance(content.get("scale"), Mapping)
        )
        if not right:
            expected = "features, inputs, outputs, scale, targets and returns, as a training writes them"
            raise DataError(where, expected, shown(content))
        scale = Standardize.from_state(content["scale"])
        if len(scale.mean) != len(names):
            raise DataError(where, f"a scale of {len(names)} columns", len(scale.mean))
        return cls(tuple(names), inputs, outputs, scale, tuple(targets), returns)

    @property
    def needed(self) -> int:
        """Steps of a file that a forecast needs."""
        return self.inputs + self.returns

    def seen(self, values: Any) -> Tensor:
        """What the model sees of the values (T, F): normalized, float32, (T, F), or (T - 1, F) for returns."""
        return tensor(self.scale.apply(self.changes(values)), dtype="float32")

    def changes(self, values: Any, where: str = "log returns", place: Callable[[int], str] = step) -> Any:
        """The values themselves, or their log returns (T - 1, F) in float64, where the model sees these.

        Raises DataError for values of 0 or below, which have no logarithm: where they are from, as `place` of the row
        from 0 says.
        """
        if not self.returns:
            return values
        v = tensor(values, dtype="float64")
        if not bool((v > 0).all()):
            row, column = (int(i) for i in (v <= 0).nonzero()[0])
            expected = f"{self.features[column]} above 0, for its log returns"
            raise DataError(where, expected, f"{v[row, column].item():g} in {place(row)}")
        return v[1:].log() - v[:-1].log()

    def forecast(self, model: nn.Module, values: Any, steps: int, forward: Forecast) -> list[list[float]]:
        """The next steps of the targets after the values (T, F), in the values' units: (steps, targets).

        Beyond its outputs the model runs free: what it gave is what it sees next.

        Raises ShapeError for fewer values than `needed`, SettingError where it cannot run free, since not all that it
        sees is forecast.
        """
        if len(values) < self.needed:
            raise ShapeError("forecast", f"at least {self.needed} steps, of which it sees the last", len(values))
        if steps > self.outputs and self.targets != tuple(range(len(self.features))):
            names = ", ".join(self.features[i] for i in self.targets)
            expected = f"at most {self.outputs} steps, since only {names} of {', '.join(self.features)} are forecast"
            raise SettingError("forecast", expected, steps)
        last = values[-self.needed :]
        given = free_run(lambda x: forward(model, x), self.seen(last).unsqueeze(0), steps)
        rows = self.scale.columns(*self.targets).undo(given[0])
        if not self.returns:
            return [list(map(float, row)) for row in rows]
        start = tensor([float(last[-1][i]) for i in self.targets], dtype="float64")
        grown = tensor(rows, dtype="float64").cumsum(0).exp() * start
        found: list[list[float]] = grown.tolist()
        return found
