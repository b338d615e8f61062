"""Results that are written afterwards: whether the input sees it, as in PyTorch."""

# ruff: noqa: ARG005 (every call takes the namespace F)

import numpy as np
import pytest

import xdl

CALLS = {
    "repeat": lambda F, x: x.repeat(1, 1),
    "tile": lambda F, x: x.tile(1),
    "repeat_interleave": lambda F, x: x.repeat_interleave(1, 0),
    "flip": lambda F, x: x.flip(0),
    "flip nothing": lambda F, x: x.flip(()),
    "fliplr": lambda F, x: F.fliplr(x),
    "flipud": lambda F, x: F.flipud(x),
    "rot90": lambda F, x: F.rot90(x, 1),
    "rot90 by nothing": lambda F, x: F.rot90(x, 0),
    "diag": lambda F, x: F.diag(x),
    "diag_embed": lambda F, x: F.diag_embed(x),
    "roll": lambda F, x: F.roll(x, 0),
    "cat": lambda F, x: F.cat([x]),
    "pow": lambda F, x: x**1,
    "sum": lambda F, x: x[:1].sum(0),
    "amax": lambda F, x: x[:1].amax(0),
    "clamp": lambda F, x: x.clamp(-9, 99),
    "einsum": lambda F, x: F.einsum("ij->ji", x),
    "pad": lambda F, x: F.nn.functional.pad(x, (0, 0)),
    "dropout": lambda F, x: F.nn.functional.dropout(x, 0.5, False),
    "avg_pool2d": lambda F, x: F.nn.functional.avg_pool2d(x[None], 1),
    "x[indices]": lambda F, x: x[[0, 1, 2]],
    "reshape": lambda F, x: x.reshape(4, 3),
    "mT": lambda F, x: x.mT,
    "diagonal": lambda F, x: F.diagonal(x),
    "narrow": lambda F, x: x.narrow(0, 1, 1),
    "squeeze": lambda F, x: x[:1].squeeze(0),
    "chunk": lambda F, x: x.chunk(1)[0],
    "contiguous": lambda F, x: x.contiguous(),
    "to": lambda F, x: x.to(F.float64),
    "detach": lambda F, x: x.detach(),
}


def seen(F, call):
    x = F.tensor(np.arange(12.0).reshape(3, 4))
    call(F, x).add_(1)
    return x.numpy().tolist()


@pytest.mark.torch
@pytest.mark.parametrize("name", CALLS)
def test_who_sees_a_write_is_as_in_pytorch(name):
    import torch

    assert seen(xdl, CALLS[name]) == seen(torch, CALLS[name])


@pytest.mark.parametrize("name", ["repeat", "tile", "repeat_interleave", "flip", "fliplr", "flipud", "rot90", "diag"])
def test_copies_are_copies(name):
    assert seen(xdl, CALLS[name]) == np.arange(12.0).reshape(3, 4).tolist()
