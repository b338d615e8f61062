"""Rows of models.toml in one process: python worker.py LIBRARY FOLDERS WEIGHTS ROWS DTYPE.

LIBRARY is torch or xdl, ROWS a list of rows as JSON, DTYPE float32 or float64. PyTorch writes each row's first weights
into the folder WEIGHTS, from which xdl takes them. Prints a line for each row: the losses of three steps of plain
descent, or of the row's optimizer, as JSON, or what was raised. The loss is the mean of the squares of all that the
model returns.
"""

import importlib
import json
import re
import sys
from pathlib import Path

import numpy as np

STEPS, RATE = 3, 0.01
NAMED = re.compile(r"\s*(\w+)=(.*)", re.DOTALL)  # an input by its name


def floats(result, torch):
    """The floating tensors of a nested result."""
    if isinstance(result, torch.Tensor):
        return [result] if result.is_floating_point() else []
    parts = result.values() if isinstance(result, dict) else result if isinstance(result, list | tuple) else ()
    return [t for part in parts for t in floats(part, torch)]


def losses(torch, row, file, dtype, first):
    """Those of one row. first: whether its first weights are written to the file, or taken from there."""
    torch.manual_seed(0)
    random = np.random.RandomState(0)
    made = {
        "normal": lambda *shape: torch.from_numpy(random.standard_normal(shape).astype(dtype)),
        "below": lambda high, *shape: torch.from_numpy(random.randint(0, high, shape).astype(np.int64)),
    }
    names = {"torch": torch, **vars(importlib.import_module(row["module"]))}
    net = eval(row["build"], names)
    parts = [NAMED.fullmatch(one) or one for one in row["inputs"].split(";")]
    given = [eval(one.strip(), made) for one in parts if isinstance(one, str)]
    named = {}
    for one in parts:
        if not isinstance(one, str):
            named[one[1]] = eval(one[2], {**made, **named})
    if dtype == "float64":
        net.double()
    net.train()
    for part in net.modules():
        if "Dropout" in type(part).__name__ or "DropPath" in type(part).__name__:
            part.eval()
    if first:
        np.savez(file, **{name: t.detach().numpy() for name, t in net.state_dict().items()})
    else:
        with np.load(file) as stored:
            net.load_state_dict({name: torch.tensor(stored[name]) for name in stored})
    torch.manual_seed(1)  # for models that draw, as PyTorch by xdl's numbers
    wanted = row.get("optimizer", f"torch.optim.SGD(parameters, lr={RATE})")
    parameters = [p for p in net.parameters() if p.requires_grad]
    optimizer = eval(wanted, {**names, "parameters": parameters}) if parameters else None
    found = []
    for _ in range(STEPS):
        results = floats(net(*given, **named), torch)
        loss = sum((t**2).mean() for t in results) / len(results)
        if optimizer:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        found.append(loss.item())
    return found


def main(library, folders, weights, rows, dtype):
    """Runs the rows, and prints what each gave."""
    if library == "xdl":
        from xdl import as_torch

        as_torch.install()
    sys.path[:0] = json.loads(folders)
    import torch

    if library == "torch":  # torchvision's compiled operators need another build of PyTorch; no model here uses them
        torch.library.register_fake = lambda *_, **__: lambda function: function
        from xdl.as_torch.beside.answers import Answers

        Answers(torch).put()
    for i, row in json.loads(rows):
        try:
            file = str(Path(weights) / f"{i}-{dtype}.npz")
            said = losses(torch, row, file, dtype, library == "torch")
        except Exception as error:
            said = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        print(f"\nrow {i} {json.dumps(said)}", flush=True)  # packages print too


if __name__ == "__main__":
    main(*sys.argv[1:])
