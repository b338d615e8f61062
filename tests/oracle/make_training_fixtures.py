"""Writes training.npz: what PyTorch gives for optimizers, schedules, clipping, averaging, and for torch.func.

python -m tests.oracle.make_training_fixtures
"""

import warnings
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np

from tests.func.functions import numbers
from tests.functional.namespaces import Torch
from tests.optim import around, closures
from tests.optim.runs import RUNS, trajectory
from tests.optim.schedules import SCHEDULES, follow

FILE = Path(__file__).with_name("training.npz")
KEPT = [0, 1, 2, 5, 9, 14, 19]  # of the 20 steps of an optimizer; `pytest -m torch` compares all


@contextmanager
def unrounded(torch):
    """PyTorch's Muon computes in bfloat16: here in the parameter's dtype."""
    with patch.object(torch.Tensor, "bfloat16", torch.Tensor.clone):
        yield


@contextmanager
def exact(torch):
    """PyTorch keeps numbers of its state, such as NAdam's mu_product, in the default dtype: here in float64."""
    torch.set_default_dtype(torch.float64)
    try:
        with unrounded(torch):
            yield
    finally:
        torch.set_default_dtype(torch.float32)


def fixtures():
    """{id: array}; trajectories, rates, clipped gradients and norms in float64, averages in float32."""
    F = Torch()
    found = {f"average {name}": around.average(F, name) for name in around.AVERAGES}
    found["update_bn"] = around.statistics(F)
    found["clip value"] = around.clip_value(F, 0.3)
    found |= {f"clip {name}": around.clip_norm(F, *given) for name, given in around.CLIPS.items()}
    found |= {f"func {name}": values for name, values in numbers(F, F.torch.func).items()}
    with exact(F.torch):
        found |= {f"optimizer {run.id}": trajectory(F, run)[KEPT] for run in RUNS}
        found |= {f"LBFGS {name}": closures.run(F, name) for name in closures.LBFGS}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The epoch parameter")
        found |= {f"schedule {schedule.id}": follow(F, schedule) for schedule in SCHEDULES}
    return found


@cache
def read():
    """What `fixtures` returned when the file was written."""
    with np.load(FILE, allow_pickle=False) as file:
        return dict(file)


if __name__ == "__main__":
    np.savez_compressed(FILE, **fixtures())
    print(f"{FILE.name}: {FILE.stat().st_size} bytes")
