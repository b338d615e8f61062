"""The generator of the last good checkpoint, where a training goes astray: `xdl predict` then has something to ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from xdl import nn
from xdl.errors import CollapseError, NonFiniteError
from xdl.experiments.shared.fit import last_checkpoint
from xdl.runs.run import Run
from xdl.train import Checkpoints, Loop


@contextmanager
def keeps_the_good(run: Run, loop: Loop, generator: nn.Module) -> Iterator[None]:
    """Inside, a collapse or a loss that is not finite takes the loop back to its last checkpoint and goes on upwards.

    generator: of the loop's task, or the average of its weights that the loop keeps; written to model.safetensors
    """
    try:
        yield
    except (CollapseError, NonFiniteError):
        last = run.folder.path / Checkpoints.last
        if last.is_file():
            loop.load_state_dict(last_checkpoint(last))
            run.folder.save_model(generator, run.identity)
            run.say(f"model.safetensors is the generator of the last good checkpoint, after step {loop.step}")
        raise
