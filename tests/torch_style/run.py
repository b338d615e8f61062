"""Runs a script written for PyTorch with either library; for xdl only its import lines are changed.

python -m tests.torch_style.run        writes losses.json, with an installed PyTorch
"""

import importlib
import json
import re
from pathlib import Path

from tests.torch_style.fixed import Fixed

HERE = Path(__file__).parent
SCRIPTS = sorted(path.stem for path in (HERE / "scripts").glob("*.py"))
LOSSES = HERE / "losses.json"
SEED = 5
CHANGED = (  # of an import line: what is written for PyTorch, what for xdl
    (r"^import torch$", "import xdl as torch"),
    (r"^(import|from) torch\.utils\.data\b", r"\1 xdl.data"),
    (r"^(import|from) torch\b", r"\1 xdl"),
)


def source(name, library):
    """A script's text, as it is written or with xdl's imports."""
    text = (HERE / "scripts" / f"{name}.py").read_text()
    for line, other in CHANGED if library == "xdl" else ():
        text = re.sub(line, other, text, flags=re.MULTILINE)
    return text


def losses(name, library):
    """The numbers that a script returns."""
    names = {"__name__": name}
    exec(compile(source(name, library), f"{name} with {library}", "exec"), names)
    loaded = importlib.import_module(library)
    loaded.manual_seed(0)
    return [float(value) for value in names["main"](Fixed(loaded, SEED))]


if __name__ == "__main__":
    LOSSES.write_text(json.dumps({name: losses(name, "torch") for name in SCRIPTS}, indent=1) + "\n")
