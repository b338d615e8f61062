"""The `xdl` command. Errors that a user can cause are one line on stderr; the exit code tells their kind.

0: done; 1: a run that failed on its way (a loss that is not finite, a full disk, a reader of a pipe that left);
2: input that is refused before anything runs; 130 and 143: stopped by Ctrl-C and by SIGTERM.
"""

from __future__ import annotations

import signal
import sys
import warnings
from types import FrameType
from typing import Annotated

import typer

from xdl.cli import data as cli_data
from xdl.cli import results as cli_results
from xdl.cli.docs import docs
from xdl.cli.output import AsJson, print_json, print_tree
from xdl.cli.parity import parity
from xdl.cli.plot import plot
from xdl.cli.profile import profile
from xdl.cli.run import ended_by_machine, run
from xdl.errors import NonFiniteError, XdlError
from xdl.experiments import EXPERIMENTS, find, rows_shown
from xdl.runs.settings import describe

FAILED, REFUSED = 1, 2

app = typer.Typer(
    name="xdl",
    help="Deep learning that reads from model(x) down to the GEMM and back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command("list")
def list_experiments(
    rows: Annotated[bool, typer.Option("--rows", help="Show which checklist row runs where.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the experiments, one line each."""
    content = rows_shown() if rows else {experiment.name: experiment.summary for experiment in EXPERIMENTS.values()}
    if as_json:
        print_json(content)
    else:
        width = max(map(len, content))
        for name, text in content.items():
            print(f"{name:{width}}  {text}")


@app.command()
def settings(
    experiment: Annotated[str, typer.Argument(help="A name from xdl list.")],
    data: Annotated[str | None, typer.Option(help="Show the defaults for this data set.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what an experiment is about, and its settings with their defaults and ranges."""
    from xdl.runs.start import data_set, presets

    found = find(experiment)
    used = data_set(found, data)
    described = describe(found.load().Settings, presets(found, used))
    if as_json:
        print_json(
            {
                name.partition("=")[0]: {"default": name.partition("=")[2], "allowed": allowed, "help": text}
                for name, allowed, text in described
            }
        )
        return
    on = f" (defaults on {used})" if used else ""
    print(f"{found.summary}{on}\n{found.shows}\n")
    for default, allowed, text in described:
        print(f"{default}\n    {text}: {allowed}")
    if described:
        print(f"\nFor example: xdl run {experiment} --set {described[0][0]}")


@app.command()
def info(
    kernels: Annotated[bool, typer.Option("--kernels", help="Show what runs each operation, by backend.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show versions, BLAS and threads, backends, data, and kernels."""
    from xdl.report import info

    report = info.report()
    if kernels:
        report["kernels"] = info.kernels()
    if as_json:
        print_json(report)
    else:
        print_tree(report)


app.command()(run)
app.add_typer(cli_data.app, name="data")
app.command("eval")(cli_results.evaluate)
app.command()(cli_results.predict)
app.command()(cli_results.compare)
app.command()(plot)
app.command()(parity)
app.command()(profile)
app.command()(docs)


def main() -> None:
    """The entry point."""
    signal.signal(signal.SIGTERM, _terminated)
    # a loss that is no number is an error of its own, with the step: NumPy's warnings before it say less
    warnings.filterwarnings("ignore", r".*encountered in", RuntimeWarning)
    try:
        app()
    except XdlError as error:
        failed = isinstance(error, NonFiniteError) or ended_by_machine(error)
        _end(str(error), FAILED if failed else REFUSED)
    except OSError as error:
        _end(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", FAILED)
    except MemoryError:
        _end("the memory of this machine is used up; a smaller batch_size needs less", FAILED)


def _terminated(number: int, _: FrameType | None) -> None:
    _end("stopped by SIGTERM", 128 + number)


def _end(message: str, code: int) -> None:
    print(f"xdl: {message}", file=sys.stderr)
    sys.exit(code)
