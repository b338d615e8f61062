"""`xdl profile`: where the time and the memory of an experiment's training steps go."""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from xdl.cli.output import Assignments, Backend, DataDir, print_json, show
from xdl.runs.settings import split


def profile(
    experiment: Annotated[str, typer.Argument(help="A name from xdl list.")],
    steps: Annotated[int, typer.Option(min=1, help="Steps to measure; as many more are taken without measuring.")] = 10,
    batch_size: Annotated[int | None, typer.Option(min=1, help="As --set batch_size=N.")] = None,
    data: Annotated[str | None, typer.Option(help="digits (default), mnist or fashion-mnist.")] = None,
    data_dir: DataDir = None,
    top: Annotated[int, typer.Option(min=1, help="Rows of each table.")] = 20,
    backend: Backend = None,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal weights and batches.")] = 0,
    assignments: Assignments = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object with all rows.")] = False,
) -> None:
    """Measure the first training steps of an experiment: time and memory by layer and by operation.

    Nothing is kept of the training. The measures of a batch count as operations; loading data is outside of them.
    """
    from xdl.profiling.steps import measure
    from xdl.profiling.table import as_text
    from xdl.runs.start import RunRequest, start

    given = split(assignments or [])
    if batch_size is not None:
        given["batch_size"] = str(batch_size)
    with TemporaryDirectory(prefix="xdl-profile-") as folder:
        request = RunRequest(given, data=data, data_dir=data_dir, backend=backend, seed=seed)
        plan = start(experiment, request, out=Path(folder), stream=io.StringIO())
        content = measure(plan.perform, steps)
    if as_json:
        print_json(content)
    else:
        show(as_text(content, top))
