"""Writes generative.npz: what PyTorch gives for the losses and bounds of models that generate, in float64.

python -m tests.oracle.make_generative_fixtures
"""

from functools import cache
from pathlib import Path

import numpy as np

from tests.oracle.generative import GIVEN, torch_forms

FILE = Path(__file__).with_name("generative.npz")


def fixtures():
    """{"name value i" or "name gradient argument": array}; gradients are those of the sum of all values."""
    import torch

    found = {}
    for name, (function, arguments) in torch_forms().items():
        tensors = [torch.tensor(GIVEN[argument], requires_grad=True) for argument in arguments]
        values = function(*tensors)
        gradients = torch.autograd.grad(sum(value.sum() for value in values), tensors)
        found |= {f"{name} value {i}": value.detach().numpy() for i, value in enumerate(values)}
        found |= {f"{name} gradient {a}": g.numpy() for a, g in zip(arguments, gradients, strict=True)}
    return found


@cache
def read():
    """What `fixtures` returned when the file was written."""
    with np.load(FILE, allow_pickle=False) as file:
        return dict(file)


if __name__ == "__main__":
    np.savez_compressed(FILE, **fixtures())
    print(f"{FILE.name}: {FILE.stat().st_size} bytes")
