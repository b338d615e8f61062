"""Running the `xdl` command in a process of its own, as people and other programs do."""

import os
import signal
import subprocess
import sys

from tests.house.source import ROOT

ONE_THREAD = {"XDL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # small networks, and tests share the machine
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("XDL_")} | ONE_THREAD | {"PYTHONPATH": str(ROOT)}


def xdl(*arguments, cwd, start=("-m", "xdl"), **environment):
    """The finished process, with its output as text."""
    command = [sys.executable, *start, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=ENVIRONMENT | environment, capture_output=True, text=True)


def refused(result, *parts):
    """Whether the command ended with one clear line, no traceback, and code 2."""
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert all(part in line for part in ("xdl: ", *parts)), line


def killed(*arguments, cwd, by, after):
    """(exit code, stderr) of a run that gets the signal `by` once a line of its output starts with `after`."""
    with subprocess.Popen(
        [sys.executable, "-m", "xdl", *map(str, arguments)],
        cwd=cwd,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # shells ignore it in background jobs
    ) as process:
        try:
            while not process.stdout.readline().startswith(after):
                assert process.poll() is None
            process.send_signal(by)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    return process.returncode, errors
