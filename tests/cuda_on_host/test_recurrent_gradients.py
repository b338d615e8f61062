"""The CUDA kernel for any recurrent cell, on the CPU: every cell's gradients against finite differences."""

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from xdl import backend, kernel
from xdl.functional.recurrent.cells import CELLS
from xdl.functional.recurrent.recurrence import recurrence, recurrence_pair

STEPS, N, INPUTS, H = 3, 3, 2, 3
SIZES = (3, 2, 2)


@needs_compiler
@pytest.mark.parametrize("name", CELLS)
def test_gradients_are_those_of_finite_differences(name):
    backend.use("cuda-on-host")
    kernel.set_mode("required")
    cell, rng = CELLS[name], np.random.default_rng(7)
    k = H if name.startswith("gru") else 2  # the size of the projection
    shapes = [
        (STEPS, N, INPUTS),
        (N, k),
        (N, H),
        (cell.gates * H, INPUTS),
        (cell.gates * H, k),
        (cell.gates * H,),
        (cell.gates * H,),
    ]
    shapes += [(k, H), (3, H)]
    there = [True, True, cell.remembers, *[True] * 4, k != H, cell.peepholes > 0]
    tensors = [xdl.tensor(rng.normal(size=shape), requires_grad=True) for shape in shapes]
    arguments = [t if is_there else None for t, is_there in zip(tensors, there, strict=True)]
    given = [t.array if t is not None else None for t in arguments]
    assert "recurrence_cuda runs" in recurrence_pair.explain(*given, name, SIZES, True)

    def run(*leaves):
        left = iter(leaves)
        inputs = [next(left) if is_there else None for is_there in there]
        results = recurrence(name, *inputs, SIZES, True)
        return tuple(result for result in results if result is not None)

    assert xdl.gradcheck(run, [t for t in arguments if t is not None])


@needs_compiler
def test_relu_lets_nan_through_as_relu_itself():
    backend.use("cuda-on-host")
    kernel.set_mode("required")
    x = xdl.tensor([[[float("nan")], [1.0], [-1.0]]], requires_grad=True)
    h, w = xdl.zeros(3, 1), xdl.ones(1, 1)
    recurrence("rnn_relu", x, h, None, w, w)[0].sum().backward()
    assert x.grad.reshape(3).tolist() == [1.0, 1.0, 0.0]
