"""The training of what makes samples in slow motion: what it makes of the same noise, some twenty times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl import random
from xdl.runs.run import Run
from xdl.tensor import Tensor
from xdl.train import SampleFrames

FRAMES = 20  # of a training


def frames_of(make: Callable[[Any], Tensor], epochs: int) -> SampleFrames:
    """Keeps make(task) before the first of so many epochs and some FRAMES times after.

    What `make` draws is the same in each frame, and the training's random numbers are those of one without frames.
    """

    def again(task: Any) -> Tensor:
        with random.own_streams(0):
            return make(task)

    return SampleFrames(again, max(1, epochs // FRAMES))


def save_frames(run: Run, frames: SampleFrames) -> None:
    """Writes frames.safetensors into the run's folder."""
    frames.save(run.folder.path / "frames.safetensors")
