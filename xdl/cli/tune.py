"""`xdl tune`: a search for good settings of an experiment, by one process or several, on one machine or several."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from xdl.cli.asked import interrupted, settings_given, where
from xdl.cli.output import AsJson, Backend, DataDir, print_json


def tune(
    experiment: Annotated[str, typer.Argument(help="A name from xdl list.")],
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=RANGE",
            help='What a setting may be: "lr=log(1e-4, 1e-1)", uniform(a, b), int(a, b), "hidden=choice(32, 64)"; '
            "or a value for all trials. May be given several times.",
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(min=1, max=10_000, help="How many the study has in the end; 20, or the whole grid."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Processes that work on the study at once.")] = 1,
    study: Annotated[str | None, typer.Option(help="Go on with this study, or begin it; otherwise a new one.")] = None,
    sampler: Annotated[str | None, typer.Option(help="tpe (default), random or grid.")] = None,
    points: Annotated[int | None, typer.Option(min=1, max=100, help="Of a grid, values of a range; 5.")] = None,
    pruner: Annotated[
        str | None, typer.Option(help="none (default) or halving: a third goes on after 1, 3, 9, ... epochs.")
    ] = None,
    measure: Annotated[
        str | None, typer.Option(help="The result that counts; otherwise the first validation measure.")
    ] = None,
    mode: Annotated[str | None, typer.Option(help="min or max: which is better, where that is not known.")] = None,
    retrain: Annotated[
        int | None, typer.Option(min=0, max=1000, help="Runs of the best settings, from fresh seeds; 3.")
    ] = None,
    data: Annotated[str | None, typer.Option(help="The data set of all trials.")] = None,
    data_dir: DataDir = None,
    backend: Backend = None,
    epochs: Annotated[int | None, typer.Option(help="As --set epochs=N.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all trials and of what is tried; 0 without it.")] = None,
    out: Annotated[Path, typer.Option(help="The study goes to OUT/EXPERIMENT/STUDY/.")] = Path("runs"),
    quick: Annotated[bool, typer.Option("--quick", help="Trials of a few seconds, as xdl run --quick.")] = False,
    only_trials: Annotated[
        bool, typer.Option("--only-trials", help="Help with the trials of a study, and leave the rest to others.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Search for good settings of an experiment: trials, their ranking, a figure, the best again from fresh seeds.

    Everything is kept in the study's folder. The same command with --study NAME goes on with it after an interruption,
    and joins it while others work on it, also from another machine that sees the folder.
    """
    from xdl.runs.tuning.journal import require
    from xdl.runs.tuning.search import opened
    from xdl.runs.tuning.tune import do_trials, in_processes, report, say

    require()
    asked = {"set": settings_given(assignments, epochs), "seed": seed, "quick": quick, "measure": measure}
    asked |= {"data": data, "backend": backend, "mode": mode, "sampler": sampler, "points": points}
    asked |= {"pruner": pruner, "trials": trials, "retrain": retrain}
    name = study or datetime.now().strftime("tune-%Y-%m-%d_%H-%M-%S")
    folder, search = opened(out, experiment, name, asked)
    wanted, stream = trials or search.trials, sys.stderr if as_json else sys.stdout
    runs = search.retrain if retrain is None else retrain
    again = ["tune", experiment, "--study", name, "--out", str(out), "--trials", str(wanted), *where(data_dir)]
    again += [] if runs == search.retrain else ["--retrain", str(runs)]
    if not only_trials:
        say(stream, f"study: {folder}")
    try:
        if jobs > 1:
            helper = [sys.executable, "-m", "xdl", *again, "--only-trials"]
            in_processes(helper, jobs, sys.__stderr__.fileno() if as_json and sys.__stderr__ else None)
        do_trials(search, folder, wanted, data_dir, stream)
        content = None if only_trials else report(search, folder, runs, data_dir, stream)
    except KeyboardInterrupt as stop:
        raise interrupted(stop, ["xdl", *again, *(["--jobs", str(jobs)] if jobs > 1 else [])]) from None
    if as_json:
        print_json(content or {"folder": str(folder)})
