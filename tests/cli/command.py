"""Running the `xdl` command in a process of its own, as people and other programs do."""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from tests.house.source import ROOT

ONE_THREAD = {"XDL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # small networks, and tests share the machine
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("XDL_")} | ONE_THREAD | {"PYTHONPATH": str(ROOT)}


NO_FIGURES = ("-c", "import sys; sys.modules['matplotlib'] = None; from xdl.cli.app import main; main()")


def xdl(*arguments, cwd, start=None, figures=True, **environment):
    """The finished process, with its output as text.

    start: arguments of a fresh Python in place of a child of `server.py`, which starts sooner
    figures: False for runs whose figures nobody looks at; they then find no matplotlib
    """
    given = [*map(str, arguments)]
    if start is not None:
        command = [sys.executable, *start, *given]
        return subprocess.run(command, cwd=cwd, env=ENVIRONMENT | environment, capture_output=True, text=True)
    request = {"arguments": given, "cwd": str(cwd), "environment": ENVIRONMENT | environment}
    request["without"] = [] if figures else ["matplotlib"]
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as errors:
        process = _server()
        process.stdin.write(json.dumps({**request, "stdout": out.name, "stderr": errors.name}) + "\n")
        process.stdin.flush()
        code = int(process.stdout.readline())
        texts = [Path(file.name).read_text(encoding="utf-8") for file in (out, errors)]
    return subprocess.CompletedProcess(given, code, *texts)


@cache
def _server():
    command = [sys.executable, str(Path(__file__).with_name("server.py"))]
    process = subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(process.communicate)  # which closes its stdin
    return process


def refused(result, *parts):
    """Whether the command ended with one clear line, no traceback, and code 2."""
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert all(part in line for part in ("xdl: ", *parts)), line


def killed(*arguments, cwd, by, after):
    """(exit code, stderr) of a run that gets the signal `by` once a line of its output starts with `after`."""
    with subprocess.Popen(
        [sys.executable, *NO_FIGURES, *map(str, arguments)],
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
