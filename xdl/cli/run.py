"""`xdl run`: train, test, save, draw; or go on with a run that was interrupted."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from shlex import join
from typing import Annotated

import typer

from xdl.cli.asked import interrupted, settings_given, where
from xdl.cli.output import AsJson, Assignments, Backend, DataDir, complain, print_json
from xdl.errors import StorageError


def run(
    experiment: Annotated[str, typer.Argument(help="A name from xdl list; with --resume also the folder of a run.")],
    data: Annotated[str | None, typer.Option(help="digits (default), mnist or fashion-mnist.")] = None,
    data_dir: DataDir = None,
    backend: Backend = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training data.")] = None,
    seed: Annotated[int | None, typer.Option(help="Equal seeds give equal runs; 0 without it.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file with settings; --set comes before it.")] = None,
    assignments: Assignments = None,
    out: Annotated[Path, typer.Option(help="The run goes to OUT/EXPERIMENT/TIME/.")] = Path("runs"),
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the newest unfinished run of the experiment, or that folder's.")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Settings for a run of a few seconds; --set wins.")] = False,
    seeds: Annotated[
        int | None,
        typer.Option(min=1, max=10_000, help="Run with so many seeds, from SEED on, and show the spread."),
    ] = None,
    detect_anomaly: Annotated[
        bool, typer.Option("--detect-anomaly", help="Check every value for nan and infinity and name its origin; slow.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run an experiment: train, test, save the model, draw figures."""
    import xdl
    from xdl.runs.repeat import prepare
    from xdl.runs.start import RunRequest
    from xdl.train import Checkpoints

    request = RunRequest(settings_given(assignments, epochs), config, data, data_dir, backend, seed, quick, seeds)
    plan = prepare(experiment, request, resumed=resume, out=out, stream=sys.stderr if as_json else sys.stdout)
    command = ["xdl", "run", str(plan.run.folder.path), "--resume", *where(data_dir)]
    try:
        with xdl.detect_anomaly() if detect_anomaly else nullcontext():
            summary = plan.perform()
    except KeyboardInterrupt as stop:
        raise interrupted(stop, command) from None
    except Exception as error:
        if ended_by_machine(error) and (kept := plan.run.folder.files):
            # what was too large stays so: without a step that is kept, a resume would end where this has
            again = not isinstance(error, MemoryError) or any(Path(name).name == Checkpoints.last for name in kept)
            on = f". When the cause is gone, go on with: {join(command)}" if again else ""
            complain(f"the run has ended early and keeps {', '.join(kept)}{on}")
        raise
    if as_json:
        print_json(summary)


def ended_by_machine(error: BaseException) -> bool:
    """Whether the disk, the memory or a pipe ended the run, and not what was asked for."""
    return isinstance(error, OSError | MemoryError) or isinstance(error.__cause__, StorageError)
