"""Runs both, and prints their first losses."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from xdl.errors import BackendError, expect

STEPS, TOLERANCE = 3, 1e-5
SHOWN = 12  # lines of an error


def beside(arguments: list[str]) -> int:
    """The exit code: 0 where the losses agree to 1e-5, 1 where they do not, 2 where a run failed.

    arguments: a script or `-m module`, and its own arguments. Raises BackendError where PyTorch is not installed.
    """
    expect(find_spec("torch") is not None, BackendError, "--beside", "an installed PyTorch", "none")
    found = {}
    with TemporaryDirectory() as folder:
        for library in ("xdl", "torch"):
            command = [sys.executable, "-m", "xdl.as_torch.beside.child", library, folder, str(STEPS), *arguments]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            file = Path(folder) / f"{library}.json"
            found[library] = json.loads(file.read_text()) if file.exists() else []
            if done.returncode or not found[library]:
                said = done.stderr.strip().splitlines()[-SHOWN:] or [f"{library}: no call of backward()"]
                sys.stdout.write("\n".join([f"the run on {library} failed:", *said, ""]))
                return 2
    sys.stdout.write(table(found["xdl"], found["torch"]))
    return 0 if worst(found["xdl"], found["torch"]) <= TOLERANCE else 1


def worst(ours: list[float], theirs: list[float]) -> float:
    """The largest relative difference; infinite where one has more losses, or nan where the other has none."""
    if len(ours) != len(theirs):
        return float("inf")
    return max(difference(a, b) for a, b in zip(ours, theirs, strict=True))


def difference(a: float, b: float) -> float:
    """|a - b| / |b|; 0 for two that are nan or infinite alike."""
    if a == b or (a != a and b != b):
        return 0.0
    found = abs(a - b) / max(abs(b), 1e-8)
    return found if found == found else float("inf")


def table(ours: list[float], theirs: list[float]) -> str:
    """A line for each loss."""
    lines = [f"{'loss':>4}  {'PyTorch':>16}  {'xdl':>16}  relative difference"]
    for i, (a, b) in enumerate(zip(ours, theirs, strict=False), 1):
        lines.append(f"{i:4}  {b:16.9g}  {a:16.9g}  {difference(a, b):.0e}")
    if len(ours) != len(theirs):
        lines.append(f"PyTorch's script has {len(theirs)} losses, xdl's {len(ours)}")
    return "\n".join(lines) + "\n"
