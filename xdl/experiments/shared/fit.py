"""One training with all that belongs to it: measures of every epoch, events, checkpoints, and going on after a stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xdl.errors import CheckpointError
from xdl.runs.run import Run
from xdl.train import Callback, Checkpoints, Events, Loop, MetricsFile, Progress, Record, load_state
from xdl.train.loader import Loader


def watchers(run: Run, best: str | None = "validation_loss") -> list[Callback]:
    """The callbacks that every training of a run has.

    best: the measure whose least value says which epoch best.safetensors is of; None keeps the last epoch alone
    """
    checkpoints = Checkpoints(run.folder.path, best=best, about=run.about)
    return [MetricsFile(run.folder), Events(run.events, run.name), Progress(run.stream), checkpoints]


def fit(
    run: Run, loop: Loop, train: Loader, validation: Loader | None = None, epochs: int = 1, steps: int | None = None
) -> list[Record]:
    """`Loop.fit`, from where the run's last checkpoint stands if the run is resumed.

    loop: with the callbacks of `watchers` among its own

        loop = Loop(task, [Schedule(...), *watchers(run)])
        history = fit(run, loop, batches, validation, settings.epochs)
        run.folder.save_model(task.model, run.identity)

    Raises CheckpointError, with the way out, for a damaged checkpoint; else as `Loop.fit`.
    """
    last = run.folder.path / Checkpoints.last
    if run.resumed and last.is_file():
        loop.load_state_dict(last_checkpoint(last))
        stopped = ", where it was stopped early" if loop.stopped else ""
        run.say(f"goes on after step {loop.step}, with {len(loop.history)} epochs done{stopped}")
    return loop.fit(train, validation, epochs, steps=steps)


def last_checkpoint(last: Path) -> Any:
    """The state to go on from. Raises CheckpointError, with the way out, for a damaged file."""
    try:
        return load_state(last)
    except CheckpointError as error:
        best = last.with_name(Checkpoints.best)
        try:
            load_state(best)
            hint = f"Copy {best} over it to go on from the best epoch, or remove it to begin anew"
        except CheckpointError:
            hint = "Remove it to begin anew: the run ends as it would have"
        raise CheckpointError(error.operation, error.expected, error.found, hint) from error
