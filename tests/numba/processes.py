"""Programs with compiled kernels in processes of their own, each with the cache that a test gives it."""

import os
import subprocess
import sys

from tests.house.source import ROOT

RELU = "import xdl; print(xdl.tensor([-1.0, 2.0]).relu().tolist())"


def start(code, cache, **variables):
    """A process that runs the code."""
    environment = {**os.environ, "XDL_FAST": "now", "XDL_CACHE": str(cache), **variables}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True
    )


def finished(process):
    """(what it printed, what it said on stderr) of a process that ends well."""
    printed, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return printed.strip(), said


def run(code, cache, **variables):
    """Both of `finished`, for a process that is started and waited for."""
    return finished(start(code, cache, **variables))
