"""The `xdl` command. Errors that a user can cause are one line on stderr; the exit code tells their kind.

0: done; 1: a run that failed on its way (a loss that is not finite, a full disk, a reader of a pipe that left);
2: input that is refused before anything runs; 130 and 143: stopped by Ctrl-C and by SIGTERM.
"""

from __future__ import annotations

import signal
import sys
import warnings
from types import FrameType

import typer

from xdl.cli import data as cli_data
from xdl.cli.compare import compare
from xdl.cli.docs import docs
from xdl.cli.evaluate import evaluate
from xdl.cli.follow import follow
from xdl.cli.info import info
from xdl.cli.list import list_experiments
from xdl.cli.parity import parity
from xdl.cli.plot import plot
from xdl.cli.predict import predict
from xdl.cli.profile import profile
from xdl.cli.run import ended_by_machine, run
from xdl.cli.settings import settings
from xdl.errors import NonFiniteError, XdlError

FAILED, REFUSED = 1, 2

app = typer.Typer(
    name="xdl",
    help="Deep learning that reads from model(x) down to the GEMM and back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


app.command("list")(list_experiments)
app.command()(settings)
app.command()(info)
app.command()(run)
app.add_typer(cli_data.app, name="data")
app.command("eval")(evaluate)
app.command()(predict)
app.command()(compare)
app.command()(follow)
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
