"""WeightSnapshots: a layer's weights as images, during training (hwdong 3.7.3; 徐彬, section 2.10)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from math import isqrt
from pathlib import Path
from typing import Any

from xdl.errors import CheckpointError, SettingError, ShapeError, expect
from xdl.io.files import storing
from xdl.nn import Module
from xdl.tensor import Tensor
from xdl.train.callbacks.callback import Callback, Record
from xdl.train.loop import Loop
from xdl.train.state import expect_form, is_count

LEADING = (1, 2, 5)  # the steps of the strip: 0, then these times every power of ten, where most changes, and the last


class WeightSnapshots(Callback):
    """Writes a layer's weights as a picture, `step-0000050.png`, ..., and at the end a strip of steps, `strip.png`.

    folder:       made if needed
    parameter:    the path of the weights, "features.0.weight"; None for the first parameter of two or more dimensions
    every_epochs: epochs between two pictures, None for none
    every_steps:  steps of the optimizer between two more, None for none
    shape:        (H, W) or (C, H, W) of the images that a linear layer's rows see; None for square ones
    title, names: of the strip, and of its columns, the first filters; no names for none

    Pictures: one tile for each of up to 64 filters or rows, on one colour scale, blue below 0 and red above; before
    the first step, too.
    The strip has the weights after 0, 1, 2, 5, 10, 20, 50, ... steps and after the last, so that as many rows show the
    first changes as the late ones, and a training of a million steps keeps 20. It needs matplotlib (the extra `plot`);
    strip=False leaves it out.

    Raises SettingError for a setting out of range and, when training starts, for an unknown parameter or one that is
    no image; XdlError with the install command without matplotlib; StorageError where a file cannot be written.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        parameter: str | None = None,
        every_epochs: int | None = 1,
        every_steps: int | None = None,
        shape: tuple[int, ...] | None = None,
        strip: bool = True,
        title: str = "",
        names: Sequence[str] = (),
    ) -> None:
        for name, value in (("every_epochs", every_epochs), ("every_steps", every_steps)):
            expect(value is None or value >= 1, SettingError, "WeightSnapshots", f"{name} >= 1 or None", value)
        self.folder, self.parameter, self.shape, self.strip = Path(folder), parameter, shape, strip
        self.every_epochs, self.every_steps, self.title, self.names = every_epochs, every_steps, title, tuple(names)
        self._steps: list[int] = []
        self._weights: list[Any] = []  # host arrays, for the strip
        self._due = 0  # the next step of the strip
        self._resumed = False  # whether the next fit goes on, so that its start is none

    def on_fit_start(self, trainer: Loop) -> None:
        """Makes the folder, and the picture of where training starts, if it does not go on."""
        if self.strip:
            from xdl.plot.figure import new_figure

            new_figure(1, 1)  # says now, and not when hours are spent, if matplotlib is missing
        with storing(self.folder / "strip.png"):
            self.folder.mkdir(parents=True, exist_ok=True)
        if not self._resumed:
            self._take(trainer)
            self._keep(trainer)
        self._due = _next_of_the_strip(trainer.step)
        self._resumed = False

    def on_step_end(self, trainer: Loop) -> None:
        """Takes a picture, and keeps the weights for the strip, if it is time."""
        if trainer.step == self._due:
            self._keep(trainer)
            self._due = _next_of_the_strip(trainer.step)
        if self.every_steps is not None and trainer.step % self.every_steps == 0:
            self._take(trainer)

    def on_epoch_end(self, trainer: Loop, record: Record) -> None:  # noqa: ARG002
        """Takes a picture, if it is time."""
        if self.every_epochs is not None and trainer.epoch % self.every_epochs == 0:
            self._take(trainer)

    def on_fit_end(self, trainer: Loop) -> None:
        """Draws the strip, and keeps its data in strip.safetensors, for `xdl plot`."""
        if self.strip:
            from xdl.plot import draw, save_data, snapshots_data

            self._keep(trainer)
            data = snapshots_data(self._steps, self._weights, self.title, self.names)
            save_data(data, self.folder / "strip.safetensors")
            draw(data, self.folder / "strip.png")

    def state_dict(self) -> dict[str, Any]:
        """The snapshots so far."""
        return {"steps": list(self._steps), "weights": list(self._weights)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state_dict`. Raises CheckpointError for one that does not fit."""
        expect_form("WeightSnapshots", {"steps": list, "weights": list}, state)
        steps, weights = state["steps"], [w.numpy() if isinstance(w, Tensor) else w for w in state["weights"]]
        alike = all(hasattr(w, "shape") for w in weights) and len({(w.shape, str(w.dtype)) for w in weights}) <= 1
        ordered = all(map(is_count, steps)) and steps == sorted(set(steps))
        if not alike or not ordered or len(steps) != len(weights):
            expected = "growing steps, and weights of one shape for each"
            raise CheckpointError("WeightSnapshots", expected, f"{steps} and {len(weights)} weights")
        self._steps, self._weights, self._resumed = list(steps), weights, True

    def _take(self, trainer: Loop) -> None:
        from xdl.plot import save_tiles

        path = self.folder / f"step-{trainer.step:07}.png"
        save_tiles(path, _images(self.chosen(trainer.task.module()), self.shape))

    def _keep(self, trainer: Loop) -> None:
        """For the strip; the last step of an earlier fit, if it is none of the strip's, makes way."""
        if not self.strip or (self._steps and self._steps[-1] == trainer.step):
            return
        if self._steps and not _is_of_the_strip(self._steps[-1]):
            del self._steps[-1], self._weights[-1]
        self._steps.append(trainer.step)
        self._weights.append(_images(self.chosen(trainer.task.module()), self.shape))

    def chosen(self, model: Module) -> Tensor:
        """The parameter whose pictures are taken."""
        if self.parameter is not None:
            return model.get_parameter(self.parameter)
        first = next((p for p in model.parameters() if p.ndim >= 2), None)
        if first is None:
            raise SettingError("WeightSnapshots", "a parameter of two or more dimensions", "none in the model")
        return first


def _is_of_the_strip(step: int) -> bool:
    """Whether it is 0, or 1, 2 or 5 times a power of ten."""
    power = 10 ** (len(str(step)) - 1)
    return step == 0 or (step % power == 0 and step // power in LEADING)


def _next_of_the_strip(step: int) -> int:
    """The first one after this step that is."""
    power = int(10 ** (len(str(step)) - 1))
    return next(leading * power for leading in (*LEADING, 10) if leading * power > step)


def _images(weights: Tensor, shape: tuple[int, ...] | None) -> Any:
    """A copy on the host as (O, H, W) or (O, C, H, W)."""
    host = weights.numpy().copy()
    if host.ndim in (3, 4) and shape is None:
        return host
    rows = host.reshape(host.shape[0], -1)
    side = isqrt(rows.shape[1])
    wanted = tuple(shape or (side, side))
    try:
        return rows.reshape(rows.shape[0], *wanted)
    except ValueError:
        hint = "Give the images' shape=(H, W), or the name of another parameter"
        raise ShapeError("WeightSnapshots", f"weights that are images of {wanted}", weights.shape, hint) from None
