"""Special values beside an installed PyTorch, each element by itself, in both dtypes (`pytest -m torch`).

Huge and tiny numbers stand among them, where float32 and float64 differ, so that the table's cases cannot hold them.
Left out is what differs by decision: `xdl/docs/differences-from-pytorch.md`.
"""

# ruff: noqa: ARG005 (every call takes a namespace)
import numpy as np
import pytest

import xdl
from tests.functional.special.cases import UNARY
from xdl import functional as F

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]
INF, NAN = np.inf, np.nan
VALUES = [NAN, INF, -INF, 0.0, -0.0, 1e30, -1e30, 1e-40, 88.0, -88.0, 100.0, -100.0, 20.0, -20.0, 1.0, -1.0, 3.0, 0.5]
ROWS = [[a, b] for a in VALUES for b in VALUES]
FINITE = [row for row in ROWS if np.isfinite(row).all()]
TOLERANCE = {"float32": 2e-5, "float64": 1e-9}
TINY = {"float32": 1e-6, "float64": 2e-15}  # what rounding leaves where the rest cancels
ALONE = {
    **{name: lambda F, x, n=name: getattr(F, n)(x) for name in UNARY if name != "nan_to_num"},
    "softplus beta": lambda F, x: F.softplus(x, 2.0, 3.0),
    "threshold": lambda F, x: F.threshold(x, 0.1, 20.0),
    "clamp": lambda F, x: x.clamp(-1, 1),
    **{f"pow {p}": lambda F, x, p=p: x**p for p in (0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5, INF, NAN)},
    **{f"pow of {b}": lambda F, x, b=b: b**x for b in (0, 1, 2.0, -1.0, INF, NAN)},
}
OVER_ROWS = {
    **{
        name: lambda F, x, n=name: getattr(x, n)(1)
        for name in ("sum", "mean", "logsumexp", "amax", "amin", "argmax", "argmin", "cumsum")
    },
    **{name: lambda F, x, n=name: getattr(F, n)(x, 1) for name in ("softmax", "log_softmax")},
    **{name: lambda F, x, n=name: getattr(x, n)(1)[0] for name in ("max", "min", "median")},
    "logsumexp over columns": lambda F, x: x.T.logsumexp(0),
    "softmax over columns": lambda F, x: F.softmax(x.T, 0).T,
    "norm 2": lambda F, x: x.norm(2, 1),
    "norm 3": lambda F, x: x.norm(3, 1),
}
PAIRS = ("maximum", "minimum", "hypot", "atan2", "mul", "add", "div", "pow", "logaddexp")
LOSSES = ("mse_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy_with_logits")


def compare(call, torch_call, hosts, dtype, tiny=0.0):
    """Both values, and both gradients of the sum of the values."""
    import torch

    ours = [xdl.tensor(np.array(x, dtype), requires_grad=True) for x in hosts]
    theirs = [torch.tensor(x, dtype=getattr(torch, dtype), requires_grad=True) for x in hosts]
    y, expected = call(*ours), torch_call(*theirs)
    pairs = [("y", y.numpy(), expected.detach().numpy())]
    if expected.requires_grad:
        y.backward(xdl.ones_like(y))
        expected.backward(torch.ones_like(expected))
        pairs += [(f"d{i}", x.grad.numpy(), t.grad.numpy()) for i, (x, t) in enumerate(zip(ours, theirs, strict=True))]
    for what, found, wanted in pairs:
        smallest = tiny + (1e-37 if dtype == "float32" else 1e-300)
        np.testing.assert_allclose(found, wanted, rtol=TOLERANCE[dtype], atol=smallest, err_msg=what)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ALONE)
def test_of_one_operand(name, dtype):
    import torch

    tiny = TINY[dtype] if name in ("sigmoid", "tanhshrink", "tanh", "erf", "erfc") else 0.0
    library = torch if hasattr(torch, name) else torch.nn.functional
    compare(lambda x: ALONE[name](F, x), lambda x: ALONE[name](library, x), [VALUES], dtype, tiny)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", PAIRS)
def test_of_two_operands(name, dtype):
    import torch

    compare(getattr(F, name), getattr(torch, name), list(zip(*ROWS, strict=True)), dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OVER_ROWS)
def test_over_rows(name, dtype):
    import torch

    call = OVER_ROWS[name]
    compare(lambda x: call(F, x), lambda x: call(torch.nn.functional, x), [ROWS], dtype, TINY[dtype])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["std", "var"])
def test_spread_of_rows(name, dtype):
    rows = FINITE if name == "std" else [row for row in FINITE if np.abs(row).max() < 1e30]
    compare(lambda x: getattr(x, name)(1), lambda x: getattr(x, name)(1), [rows], dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, dtype):
    import torch

    ours, theirs = getattr(F, name), getattr(torch.nn.functional, name)
    compare(
        lambda x, t: ours(x, t, reduction="none"),
        lambda x, t: theirs(x, t, reduction="none"),
        list(zip(*ROWS, strict=True)),
        dtype,
        TINY[dtype],
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("row", ROWS[::5], ids=str)
def test_cross_entropy_of_a_row(row, dtype):
    import torch

    call = torch.nn.functional.cross_entropy
    label = np.array([len(str(row)) % 2])
    compare(
        lambda x: F.cross_entropy(x, xdl.tensor(label)),
        lambda x: call(x, torch.tensor(label)),
        [[row]],
        dtype,
        TINY[dtype],
    )
