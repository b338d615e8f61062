"""What PyTorch computes of Boltzmann machines by formulas written out there: `energies.json`.

python -m tests.models.energy.oracle
"""

import json
from itertools import product
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("energies.json")
VISIBLE, HIDDEN, SAMPLES = 5, 3, 4


def inputs(kind):
    """W, b, c and v of a machine."""
    draw = np.random.RandomState(5)
    W, b, c = draw.randn(HIDDEN, VISIBLE), draw.randn(VISIBLE), draw.randn(HIDDEN)
    v = draw.randn(SAMPLES, VISIBLE)
    return W, b, c, v if kind == "GaussianRBM" else (v > 0).astype("float64")


def by_torch(kind):
    """{what: list}: free energies, the mean of ln p(v), and its gradients, by PyTorch's tape, in float64."""
    import torch

    W, b, c, v = (torch.tensor(x) for x in inputs(kind))
    for parameter in (W, b, c):
        parameter.requires_grad_()
    h = torch.tensor(list(product([0.0, 1.0], repeat=HIDDEN)), dtype=torch.float64)
    if kind == "GaussianRBM":
        of_visible = ((v - b) ** 2).sum(1) / 2
        means = b + h @ W
        of_states = ((means**2 - b**2) / 2 + np.log(2 * np.pi) / 2).sum(1)
    else:
        of_visible = -v @ b
        of_states = torch.log1p(torch.exp(h @ W + b)).sum(1)
    free = of_visible - torch.log1p(torch.exp(v @ W.T + c)).sum(1)
    likelihood = (-free - torch.logsumexp(of_states + h @ c, 0)).mean()
    likelihood.backward()
    gradients = {name: x.grad.tolist() for name, x in (("weight", W), ("visible_bias", b), ("hidden_bias", c))}
    return {"free_energy": free.tolist(), "log_likelihood": likelihood.item(), **gradients}


def fixtures():
    """For both machines."""
    return {kind: by_torch(kind) for kind in ("RBM", "GaussianRBM")}


if __name__ == "__main__":
    FILE.write_text(json.dumps(fixtures(), indent=1) + "\n")
