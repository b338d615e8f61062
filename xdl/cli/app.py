"""The `xdl` command. Errors that a user can cause are one line on stderr; the exit code tells their kind.

0: done; 1: a run that failed on its way (a loss that is not finite, a full disk, a reader of a pipe that left);
2: input that is refused before anything runs; 130 and 143: stopped by Ctrl-C and by SIGTERM.
"""

from __future__ import annotations

import errno
import signal
import sys
import warnings
from types import FrameType
from typing import Annotated, cast

import typer

import xdl
from xdl.cli import data as cli_data
from xdl.cli.books import books
from xdl.cli.compare import compare
from xdl.cli.docs import docs
from xdl.cli.evaluate import evaluate
from xdl.cli.follow import follow
from xdl.cli.info import info
from xdl.cli.list import list_experiments
from xdl.cli.output import complain, show
from xdl.cli.parity import parity
from xdl.cli.plot import plot
from xdl.cli.predict import predict
from xdl.cli.profile import profile
from xdl.cli.run import ended_by_machine, run
from xdl.cli.settings import settings
from xdl.cli.streams import finished, open_streams, reason
from xdl.cli.tune import tune
from xdl.cli.warm import warm
from xdl.errors import CollapseError, Interrupted, NonFiniteError, XdlError

FAILED, REFUSED = 1, 2

app = typer.Typer(
    name="xdl",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
UsageError = cast(
    type[Exception], typer.BadParameter.__base__
)  # Typer's or Click's own: it depends on the version whose it is


def _version(wanted: bool) -> None:
    if wanted:
        show(f"xdl {xdl.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Deep learning that reads from model(x) down to the GEMM and back."""


app.command("list")(list_experiments)
app.command()(settings)
app.command()(info)
app.command()(warm)
app.command()(run)
app.add_typer(cli_data.app, name="data")
app.command()(tune)
app.command("eval")(evaluate)
app.command()(predict)
app.command()(compare)
app.command()(follow)
app.command()(plot)
app.command()(parity)
app.command()(profile)
app.command()(books)
app.command()(docs)


def main() -> None:
    """The entry point."""
    code = FAILED
    try:
        _take_signals()
        open_streams()
        # a loss that is no number is an error of its own, with the step: NumPy's warnings before it say less
        warnings.filterwarnings("ignore", r".*encountered in", RuntimeWarning)
        code, message = _perform(sys.argv[1:])
        left = finished(sys.stdout)
        if left is not None and code == 0:
            code, message = FAILED, left
        if message:
            complain(message)
        finished(sys.stderr)
    except KeyboardInterrupt as stop:  # while all that was on its way out
        code = getattr(stop, "exit_code", 128 + signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python would end in a traceback
    sys.exit(code)


def _perform(arguments: list[str]) -> tuple[int, str]:
    """Runs the command of these arguments; returns the exit code, and what there is to say on stderr."""
    command = typer.main.get_command(app)
    try:
        with command.make_context("xdl", arguments) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code, ""
    except UsageError as error:
        return REFUSED, _usage(error)
    except XdlError as error:
        failed = isinstance(error, CollapseError | NonFiniteError) or ended_by_machine(error)
        return FAILED if failed else REFUSED, str(error)
    except OSError as error:
        return REFUSED if error.errno == errno.ENAMETOOLONG else FAILED, reason(error)
    except MemoryError as error:
        return FAILED, f"the memory of this machine is used up{f': {error}' if str(error) else ''}"
    except KeyboardInterrupt as stop:
        return getattr(stop, "exit_code", 128 + signal.SIGINT), str(stop) or "interrupted"
    return 0, ""


def _usage(error: Exception) -> str:
    """What is wrong with the command line, in a line; a command that was given nothing says all that it takes."""
    context, message = getattr(error, "ctx", None), getattr(error, "format_message", error.__str__)()
    if type(error).__name__ == "NoArgsIsHelpError":
        print(message, file=sys.stderr)
        return ""
    return f"{message} See: {context.command_path if context else 'xdl'} --help"


def _take_signals() -> None:
    """Ctrl-C and SIGTERM end the command by an exception, unless they are ignored, as Ctrl-C is under nohup."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, _terminated)):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _terminated(number: int, _: FrameType | None) -> None:
    raise Interrupted(number, "has stopped the command")
