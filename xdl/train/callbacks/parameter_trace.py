"""ParameterTrace: how every parameter and its gradient change during training (徐彬, chapters 1 and 2)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from math import isfinite, sqrt
from pathlib import Path
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import DataError, SettingError, expect
from xdl.io.files import append, storing, write_atomic
from xdl.tensor import Tensor
from xdl.train.callbacks.callback import Callback
from xdl.train.callbacks.lines import STATISTICS, lines_of, trace_of
from xdl.train.loop import Loop


class ParameterTrace(Callback):
    """Adds a line to a JSONL file every `every` steps:

        {"step": 50, "epoch": 1, "gradient_norm": 0.8, "parameters":
         {"0.weight": {"value": {"mean": ..., "std": ..., "norm": ..., "min": ..., "max": ...}, "gradient": ...}}}

    path:  of the file; its folder is made if needed
    every: steps of the optimizer between two lines

    The gradients are those of the step, after clipping; gradient_norm is that of all together. A parameter without a
    gradient has null there, and so has a number that is nan or infinite. The statistics are computed where the
    parameters live and are read in one go, which waits for a device, but only then. `read_trace` reads the file,
    `plot.trace` draws it. After a resume, lines of steps that the checkpoint does not know go away, and so does what
    a power failure has left of a line.

    Raises SettingError for every < 1, StorageError where the file cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str], every: int = 50) -> None:
        expect(every >= 1, SettingError, "ParameterTrace", "every >= 1", every)
        self.path, self.every = Path(path), every

    def on_fit_start(self, trainer: Loop) -> None:
        """Brings the file to the trainer's step."""
        with storing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.is_file():
            texts = [text for text in lines_of("trace", self.path) if text.endswith(b"\n")]
            lines = [line for text in texts if (line := trace_of(text)) is not None]
            known = {line["step"]: line for line in lines if line["step"] <= trainer.step}
            write_atomic(self.path, b"".join(map(_encoded, known.values())))

    def on_step_end(self, trainer: Loop) -> None:
        """Adds a line, if it is time."""
        if trainer.step % self.every == 0:
            measured = measure_parameters(dict(trainer.task.module().named_parameters()))
            append(self.path, _encoded({"step": trainer.step, "epoch": trainer.epoch, **measured}))


def measure_parameters(parameters: Mapping[str, Tensor]) -> dict[str, Any]:
    """gradient_norm and parameters of a line; parameters without elements are left out."""
    some = {name: p for name, p in parameters.items() if p.array.size}
    gradients = {name: p.grad.array for name, p in some.items() if p.grad is not None}
    rows = _statistics([*[p.array for p in some.values()], *gradients.values()])
    values = {name: next(rows) for name in some}
    slopes = {name: next(rows) for name in gradients}
    norm = sqrt(sum(row["norm"] ** 2 for row in slopes.values()))
    lines = {name: {"value": values[name], "gradient": slopes.get(name)} for name in some}
    return {"gradient_norm": norm, "parameters": lines}


def read_trace(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """The lines of a trace. What follows the end of the last one was cut when the power failed, and is left out.

    Raises DataError, naming the line, for a file that is none.
    """
    lines = []
    for number, text in enumerate(lines_of("trace", path), 1):
        line = trace_of(text)
        if line is None and text.endswith(b"\n"):
            hint = "To go on with its training leaves out what is damaged"
            expected = f"a JSON object with step and parameters in line {number}"
            raise DataError(f"trace {path}", expected, text[:60], hint)
        if line is not None and text.endswith(b"\n"):
            lines.append(line)
    return lines


def _statistics(arrays: list[Array]) -> Iterator[dict[str, float]]:
    """The statistics of each array, all read together."""
    if not arrays:
        return
    xp = namespaces[type(arrays[0])]
    dtype = xp.result_type(*arrays)
    parts = [xp.astype(xp.stack(_five(xp, xp.reshape(x, (-1,)))), dtype) for x in arrays]
    for row in Tensor(xp.stack(parts)).tolist():
        yield dict(zip(STATISTICS, row, strict=True))


def _five(xp: Any, x: Array) -> list[Array]:
    """STATISTICS of x (n,): sums of squares are taken about the mean, which keeps small stds exact."""
    n, mean = x.shape[0], xp.mean(x)
    centred = x - mean
    squares = xp.vecdot(centred, centred)
    return [mean, (squares / n) ** 0.5, (squares + n * mean * mean) ** 0.5, xp.min(x), xp.max(x)]


def _encoded(line: dict[str, Any]) -> bytes:
    return json.dumps(_without_nan(line), allow_nan=False).encode() + b"\n"


def _without_nan(value: Any) -> Any:
    """nan and infinity, which JSON lacks, as None."""
    if isinstance(value, dict):
        return {name: _without_nan(part) for name, part in value.items()}
    return None if isinstance(value, float) and not isfinite(value) else value
