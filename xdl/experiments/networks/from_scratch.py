"""No framework underneath: LeNet is trained in a Python that can load nothing but xdl and NumPy.

Both books build their libraries on NumPy alone (hwdong 4.3; 徐彬 3.7); so does xdl.

A process of its own locks out every package but these two, trains, and tells what it has loaded, see `alone`. The same
training without the lock gives the same losses. NumPy's arrays and its matrix products, which a BLAS computes
(`xdl info` names it), are what the arithmetic stands on; gradients, layers, optimizers and convolutions are xdl's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import xdl
from xdl import plot
from xdl.errors import XdlError
from xdl.experiments.networks import alone
from xdl.experiments.shared.claims import claim
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK: dict[str, Any] = {"steps": 60}
FRAMEWORKS = (
    *("torch", "tensorflow", "jax", "keras", "flax", "paddle", "mxnet", "mindspore", "oneflow", "theano", "aesara"),
    *("chainer", "caffe2", "cntk", "dynet", "tinygrad", "autograd", "onnxruntime", "triton"),
    *("cupy", "numba", "sklearn", "scipy"),  # none that learns, but these compute or learn in part
)


@dataclass(frozen=True)
class Settings:
    """A short training."""

    steps: int = setting(200, "steps of 32 digits", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """What a locked training has loaded, by package; which frameworks are among it; its losses beside free ones."""
    seed = run.about["seed"]
    locked = _locked(settings.steps, seed)
    losses, accuracy = alone.train(settings.steps, seed)
    own = {name: count for name, count in locked["modules"].items() if name in sys.stdlib_module_names}
    others = {name: count for name, count in locked["modules"].items() if name not in own}
    rows = [("Python's own", sys.version.split()[0], sum(own.values()))]
    rows += [(name, _version(name), count) for name, count in sorted(others.items())]
    packages = run.table(("package", "version", "modules loaded"), rows)
    parts = run.table(("part of xdl", "lines of code loaded"), sorted(locked["lines"].items()))

    found = [name for name in FRAMEWORKS if name in locked["modules"]]
    there = [name for name in FRAMEWORKS if find_spec(name) is not None]
    run.say(f"frameworks and their kind that this Python has, and that were not loaded: {', '.join(there) or 'none'}")
    lines = sum(locked["lines"].values())
    among = f"none of {len(FRAMEWORKS)} frameworks is" if not found else f"{', '.join(found)} are"
    see = run.see(
        f"{among} among the {len(others)} packages loaded ({', '.join(sorted(others))}); LeNet gets "
        f"{locked['accuracy']:.3f} of the test digits right, and {lines} lines of xdl were loaded for it"
    )
    difference = max(abs(a - b) for a, b in zip(losses, locked["losses"], strict=True))
    same = claim(
        run,
        f"the losses of a training that may load everything are the same ({difference:.1g} apart at most)",
        [difference < 1e-4],
    )
    steps = range(1, settings.steps + 1)
    curves = {
        "only xdl and NumPy": plot.Line(steps, locked["losses"]),
        "everything": plot.Line(steps, losses, look="dashed"),
    }
    run.figure("losses", plot.lines_data({"LeNet on digits": curves}, "Loss of a training", "step"), f"{see}\n{same}")
    return {
        "frameworks_loaded": len(found),
        "packages": packages,
        "parts": parts,
        "lines": lines,
        "refused": locked["refused"],
        "test_accuracy": locked["accuracy"],
        "test_accuracy_with_everything": accuracy,
        "loss_difference": difference,
    }


def _locked(steps: int, seed: int) -> dict[str, Any]:
    """What `alone` tells. Raises XdlError with its last line where it fails."""
    variables = {**os.environ, "XDL_BACKEND": "numpy", "XDL_NUM_THREADS": str(xdl.get_num_threads())}
    folders = [str(Path(xdl.__file__).parents[1]), variables.get("PYTHONPATH", "")]
    variables["PYTHONPATH"] = os.pathsep.join(filter(None, folders))
    command = [sys.executable, "-P", alone.__file__, str(steps), str(seed)]
    ended = subprocess.run(command, capture_output=True, text=True, env=variables, check=False)
    if ended.returncode:
        last = (ended.stderr.strip() or "no word").splitlines()[-1]
        raise XdlError("from-scratch", f"a training with nothing but {', '.join(alone.ALLOWED)}", last)
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def _version(package: str) -> str:
    if package == "xdl":
        return xdl.__version__
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"
