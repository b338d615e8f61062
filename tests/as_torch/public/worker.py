"""One model in one process: python worker.py LIBRARY FOLDERS WEIGHTS MODULE MODEL INPUTS.

LIBRARY is torch or xdl. PyTorch writes its first weights to the file WEIGHTS, from which xdl takes them. Prints the
losses of three steps of plain descent as JSON after the word losses; the loss is the mean of the squares of all that the model returns.
"""

import importlib
import json
import sys

import numpy as np

STEPS, RATE = 3, 0.01


def floats(result, torch):
    """The floating tensors of a nested result."""
    if isinstance(result, torch.Tensor):
        return [result] if result.is_floating_point() else []
    parts = result.values() if isinstance(result, dict) else result if isinstance(result, list | tuple) else ()
    return [t for part in parts for t in floats(part, torch)]


def main(library, folders, weights, module, model, inputs):
    if library == "xdl":
        from xdl import as_torch

        as_torch.install()
    sys.path[:0] = json.loads(folders)
    import torch

    if library == "torch":  # torchvision's compiled operators need another build of PyTorch; no model here uses them
        torch.library.register_fake = lambda *_, **__: lambda function: function
    torch.manual_seed(0)
    random = np.random.RandomState(0)
    made = {
        "normal": lambda *shape: torch.from_numpy(random.standard_normal(shape).astype(np.float32)),
        "below": lambda high, *shape: torch.from_numpy(random.randint(0, high, shape).astype(np.int64)),
    }
    names = vars(importlib.import_module(module))
    net = eval(model, dict(names))
    given = [eval(one, made) for one in inputs.split(";")]
    net.train()
    for part in net.modules():
        if "Dropout" in type(part).__name__ or "DropPath" in type(part).__name__:
            part.eval()
    if library == "torch":
        np.savez(weights, **{name: t.detach().numpy() for name, t in net.state_dict().items()})
    else:
        with np.load(weights) as stored:
            net.load_state_dict({name: torch.tensor(stored[name]) for name in stored})
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE) if list(net.parameters()) else None
    losses = []
    for _ in range(STEPS):
        parts = floats(net(*given), torch)
        loss = sum((t**2).mean() for t in parts) / len(parts)
        if optimizer:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    print("losses", json.dumps(losses))


if __name__ == "__main__":
    main(*sys.argv[1:])
