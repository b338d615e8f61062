"""Trains LeNet on digits in a Python where everything but xdl and NumPy is locked out: the program of `from-scratch`.

python -P alone.py 60 0 takes 60 steps with seed 0, and writes JSON to stdout. Run as a file, it imports xdl behind the
lock.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ALLOWED = ("xdl", "numpy", "threadpoolctl")  # the last one sets how many threads NumPy's matrix products take


class Gate:
    """Stands first among Python's finders of modules: refuses what is neither Python's own nor allowed.

    refused: the packages that were asked for in vain
    """

    def __init__(self) -> None:
        self.refused: set[str] = set()

    def find_spec(self, name: str, *_: Any) -> None:
        """None, so that the next finder is asked. Raises ModuleNotFoundError for a package that is locked out."""
        package = name.partition(".")[0]
        if package not in ALLOWED and package not in sys.stdlib_module_names:
            self.refused.add(package)
            raise ModuleNotFoundError(f"{package} is locked out", name=name)


def train(steps: int, seed: int) -> tuple[list[float], float]:
    """LeNet by Adam on 28x28 digits, 32 in a step: the loss before each step, and the test accuracy."""
    import xdl
    from xdl.data import DataLoader, load_digits
    from xdl.models import LeNet5
    from xdl.train import accuracy

    xdl.manual_seed(seed)
    data, model, loss = load_digits(size=28), LeNet5(), xdl.nn.CrossEntropyLoss()
    optimizer = xdl.optim.Adam(model.parameters(), lr=0.002)
    losses: list[Any] = []
    while len(losses) < steps:
        for images, labels in DataLoader(data.train, 32, shuffle=True):
            value = loss(model(images), labels)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            losses.append(value.detach())
            if len(losses) == steps:
                break
    images, labels = (xdl.tensor(values) for values in data.test.arrays)
    with xdl.no_grad():
        return [value.item() for value in losses], float(accuracy(model.eval()(images), labels).item())


def loaded(before: set[str]) -> dict[str, Any]:
    """Since: "modules", {package: how many were imported}, and "lines", {part of xdl: lines of its files}."""
    new = {
        name: module for name, module in sys.modules.items() if name not in before and getattr(module, "__spec__", None)
    }
    lines: Counter[str] = Counter()
    for name, module in new.items():
        if name.partition(".")[0] == "xdl" and module.__file__ and module.__file__.endswith(".py"):
            lines[".".join(name.split(".")[:2])] += len(Path(module.__file__).read_bytes().splitlines())
    return {"modules": dict(Counter(name.partition(".")[0] for name in new)), "lines": dict(lines)}


def main() -> None:
    """The program: locks, trains, and tells."""
    gate, before = Gate(), set(sys.modules)
    sys.meta_path.insert(0, gate)
    losses, accuracy = train(int(sys.argv[1]), int(sys.argv[2]))
    told = {"losses": losses, "accuracy": accuracy, "refused": sorted(gate.refused), **loaded(before)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
