"""Starts the `xdl` command many times: a process that has loaded the packages xdl depends on, and forks.

Most of a command's start is loading NumPy, Typer and matplotlib. A child of this process has them, and loads xdl itself
anew, in the folder and with the environment that it is given. Requests are lines of JSON on stdin:
{"arguments", "cwd", "environment", "stdout", "stderr", "without"}; the answer to each is the exit code. `without` names
packages that the child finds missing.
"""

import atexit
import json
import os
import runpy
import sys
import threading
import traceback
from importlib import import_module

import typer

LOADED = ("numpy", "rich.progress", "rich.table", "matplotlib.figure", "matplotlib.backends.backend_agg")


def become(request):
    """Turns this child into the command; never returns."""
    for number, path in enumerate((os.devnull, request["stdout"], request["stderr"])):
        os.dup2(os.open(path, os.O_RDWR), number)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    for name in [*sys.modules]:
        if name.partition(".")[0] in request["without"]:
            del sys.modules[name]
    sys.modules.update(dict.fromkeys(request["without"]))
    sys.argv = ["xdl", *request["arguments"]]
    try:
        runpy.run_module("xdl", run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # waits for threads and runs exit functions, as the end of a program does
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # taking down all that was loaded takes longer than the command


def nothing(much: bool = False):
    """A command."""


def serve():
    """Answers requests until stdin ends."""
    for name in LOADED:
        import_module(name)
    app = typer.Typer()
    app.command()(nothing)
    app([], standalone_mode=False)  # Typer loads a part of itself with the first command
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
