"""Memory that came from elsewhere and holds an element twice, or may only be read: what writes to it, what it receives.

PyTorch's expanded tensors and NumPy's windows say that they are writable, and a write to one element changes others.
"""

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from xdl import backend
from xdl.errors import BackendError, GraphError
from xdl.tensor import Tensor


def read_only(x):
    x.flags.writeable = False
    return x


def repeated(memory, strides):
    return lambda: np.lib.stride_tricks.as_strided(np.ones(memory, np.float32), (2, 3), strides)


FOREIGN = {
    "expanded": repeated(3, (0, 4)),
    "one number": repeated(1, (0, 0)),
    "windows": repeated(4, (4, 4)),
    "windows from behind": lambda: repeated(4, (4, 4))()[::-1, ::-1],
    "read-only": lambda: read_only(np.ones((2, 3), np.float32)),
    "broadcast": lambda: np.broadcast_to(np.ones(3, np.float32), (2, 3)),
}
OWN = {
    "contiguous": lambda x: x,
    "transposed": lambda x: x.transpose(2, 0, 1),
    "sliced backwards": lambda x: x[:, ::-2, 1:3],
    "channels last": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1),
    "diagonal": lambda x: np.lib.stride_tricks.as_strided(x, (4, 2), (8, 12 * 8 + 4 * 8)),
    "windows apart": lambda x: np.lib.stride_tricks.as_strided(x, (2, 3), (3 * 8, 8)),
    "one element": lambda x: x[:1, :1, :1],
    "one of a dimension, stride 0": lambda x: np.lib.stride_tricks.as_strided(x, (1, 4), (0, 8)),
    "no elements": lambda x: np.lib.stride_tricks.as_strided(x, (0, 4), (0, 0)),
    "0-d": lambda x: np.lib.stride_tricks.as_strided(x, (), ()),
}


@pytest.mark.parametrize("name", OWN)
def test_memory_of_ones_own_is_writable(name):
    assert backend.writable(OWN[name](np.zeros((2, 3, 4))))


@pytest.mark.parametrize("kind", ["numpy", pytest.param("cuda-on-host", marks=needs_compiler)])
@pytest.mark.parametrize("name", FOREIGN)
def test_a_write_is_refused(name, kind):
    xdl.use(kind)
    values = xdl.tensor(np.arange(6, dtype="float32").reshape(2, 3))
    memory = FOREIGN[name]()
    for write in (
        lambda x: x.add_(1),
        lambda x: x.copy_(values),
        lambda x: x.fill_(2),
        lambda x: x.__setitem__(0, 5.0),
        lambda x: x.__setitem__((slice(None), 0), values[:, 0]),
    ):
        x = xdl.from_dlpack(memory) if kind == "numpy" else Tensor(memory.view(type(values.array)))
        with pytest.raises(GraphError, match="each element once"):
            write(x)
    np.testing.assert_array_equal(memory, np.ones((2, 3)))


@pytest.mark.parametrize("name", FOREIGN)
def test_data_takes_other_memory_in_its_place(name):
    memory = FOREIGN[name]()
    x = xdl.from_numpy(memory)
    x.data = xdl.arange(6).reshape(2, 3).float()
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]]
    np.testing.assert_array_equal(memory, np.ones((2, 3)))


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("name", FOREIGN)
def test_backward_adds_to_a_gradient_that_was_given(name, create_graph):
    memory = FOREIGN[name]()
    x = xdl.ones(2, 3, requires_grad=True)
    x.grad = xdl.from_numpy(memory)
    (x * xdl.arange(6).reshape(2, 3)).sum().backward(create_graph=create_graph)
    assert x.grad.tolist() == [[1, 2, 3], [4, 5, 6]]
    np.testing.assert_array_equal(memory, np.ones((2, 3)))


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("name", FOREIGN)
def test_gradients_lie_in_memory_of_their_own(name, create_graph):
    """One cotangent reaches two leaves, and stays as it was when one of the gradients is written."""
    memory = FOREIGN[name]()
    a, b = (xdl.ones(2, 3, requires_grad=True) for _ in range(2))
    (a + b).backward(xdl.from_numpy(memory), create_graph=create_graph)
    with xdl.no_grad():
        a.grad.mul_(3)
    assert a.grad.tolist() == [[3, 3, 3], [3, 3, 3]]
    assert b.grad.tolist() == [[1, 1, 1], [1, 1, 1]]
    np.testing.assert_array_equal(memory, np.ones((2, 3)))


def test_a_gradient_of_a_sum_can_be_set_to_zero():
    for create_graph in (False, True):
        x = xdl.ones(2, 3, requires_grad=True)
        x.sum().backward(create_graph=create_graph)
        with xdl.no_grad():
            x.grad.zero_()
        assert not x.grad.any()


def test_a_gradient_with_a_graph_still_has_it():
    x = xdl.tensor([2.0, 3.0], requires_grad=True)
    (x**3).sum().backward(create_graph=True)
    (second,) = xdl.grad(x.grad.sum(), [x])
    assert second.tolist() == [12, 18]


def test_an_overlapping_view_goes_out_as_a_copy():
    memory = FOREIGN["windows"]()
    out = np.from_dlpack(xdl.from_numpy(memory))
    out[0] = 7
    np.testing.assert_array_equal(memory, np.ones((2, 3)))
    with pytest.raises(BufferError, match="copy"):
        np.from_dlpack(xdl.from_numpy(memory), copy=False)


class WithoutMemory:
    """As PyTorch's meta tensors."""

    def __dlpack__(self, **options):
        raise AssertionError

    def __dlpack_device__(self):
        raise ValueError("Unknown device type meta for Dlpack")


def test_what_has_no_memory_is_refused():
    with pytest.raises(BackendError, match=r"from_dlpack: .*Unknown device type meta"):
        xdl.from_dlpack(WithoutMemory())


@pytest.mark.torch
def test_pytorch_refuses_the_same_writes():
    import torch

    expanded = torch.ones(1, 3).expand(2, 3)
    with pytest.raises(RuntimeError, match="single memory location"):
        expanded.add_(1)
    with pytest.raises(GraphError):
        xdl.from_dlpack(expanded).add_(1)
    x = torch.ones(2, 3, requires_grad=True)
    x.sum().backward(create_graph=True)
    assert x.grad.data_ptr() != 0
    with torch.no_grad():
        assert not x.grad.zero_().any()
    with pytest.raises(BackendError, match="meta"):
        xdl.from_dlpack(torch.ones(2, device="meta"))
