"""Rows of models.toml in one process: python worker.py LIBRARY FOLDERS WEIGHTS ROWS DTYPE [DISTANCES].

LIBRARY is torch or xdl, ROWS a list of rows as JSON, DTYPE float32 or float64. PyTorch writes each row's first weights
into the folder WEIGHTS, from which xdl takes them. Prints a line for each row: the losses of three steps of plain
descent, or of the row's optimizer, as JSON, or what was raised. The loss is the mean of the squares of all that the
model returns.

DISTANCES: the losses' relative difference for each row. PyTorch then runs up to 24 times more, each time from other
neighbours of its first weights, until two of its runs are as far apart. Prints how far they came.
"""

import importlib
import json
import re
import sys
from pathlib import Path

import numpy as np

STEPS, RATE = 3, 0.01
DRAWS = 24
NAMED = re.compile(r"\s*(\w+)=(.*)", re.DOTALL)  # an input by its name


def floats(result, torch):
    """The floating tensors of a nested result."""
    if isinstance(result, torch.Tensor):
        return [result] if result.is_floating_point() else []
    parts = result.values() if isinstance(result, dict) else result if isinstance(result, list | tuple) else ()
    return [t for part in parts for t in floats(part, torch)]


def apart(ours, theirs):
    """The largest relative difference of two lists of losses."""
    return max(abs(a - b) / max(abs(b), 1e-8) for a, b in zip(ours, theirs, strict=True))


def neighbours(x, random):
    """Each number of an array moved to the next larger or the next smaller one, by chance; integers stay."""
    if x.dtype.kind != "f":
        return x
    return np.nextafter(x, np.where(random.random_sample(x.shape) < 0.5, -np.inf, np.inf).astype(x.dtype))


def moves(torch, row, file, dtype, wanted):
    """How far apart two of PyTorch's runs are from neighbours of its first weights, when they are as far as wanted."""
    runs, far = [losses(torch, row, file, dtype, False)], 0.0
    for draw in range(1, DRAWS + 1):
        if far >= wanted:
            break
        runs.append(losses(torch, row, file, dtype, False, np.random.RandomState(draw)))
        far = max(far, *(apart(one, runs[-1]) for one in runs))
    return far


def losses(torch, row, file, dtype, first, moved_by=None):
    """Those of one row. first: whether its first weights are written to the file, or taken from there; moved_by: the
    chance by which they are their neighbours.
    """
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
            state = {name: stored[name] if moved_by is None else neighbours(stored[name], moved_by) for name in stored}
        net.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
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


def main(library, folders, weights, rows, dtype, distances="{}"):
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
    wanted = json.loads(distances)
    for i, row in json.loads(rows):
        try:
            file = str(Path(weights) / f"{i}-{dtype}.npz")
            if wanted:
                said = moves(torch, row, file, dtype, wanted[str(i)])
            else:
                said = losses(torch, row, file, dtype, library == "torch")
        except Exception as error:
            said = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        print(f"\nrow {i} {json.dumps(said)}", flush=True)  # packages print too


if __name__ == "__main__":
    main(*sys.argv[1:])
