"""Tensor: how it is made, shown, read and handed over; which dtypes meet."""

import numpy as np
import pytest

import xdl
from xdl.errors import BackendError, DtypeError, GraphError, ShapeError

DTYPES = xdl.backend.DTYPES
FLOATS = ("float32", "float64")


def test_printing():
    assert repr(xdl.tensor([1.0, 2.0])) == "tensor([1., 2.])"
    assert repr(xdl.tensor([1, 2])) == "tensor([1, 2])"
    x = xdl.tensor(1.5, dtype="float64", requires_grad=True)
    assert repr(x) == "tensor(1.5, dtype=float64, requires_grad=True)"
    assert repr(xdl.tensor([1, 2], dtype="int8")) == "tensor([1, 2], dtype=int8)"
    assert repr(xdl.zeros(0, 2)) == "tensor([], shape=(0, 2))"


def test_dtypes_of_new_tensors():
    assert xdl.tensor([1.0, 2]).dtype == "float32"
    assert xdl.tensor([1, 2]).dtype == "int64"
    assert xdl.tensor([True]).dtype == "bool"
    assert xdl.tensor(np.array([1.0])).dtype == "float64"
    assert xdl.tensor([1, 2], dtype="float64").dtype == "float64"
    assert xdl.arange(3).dtype == "int64"
    assert xdl.arange(0, 1, 0.25).tolist() == [0.0, 0.25, 0.5, 0.75]
    assert xdl.zeros(2, 3).shape == xdl.ones((2, 3)).shape == (2, 3)
    assert xdl.zeros_like(xdl.arange(2)).dtype == "int64"


def test_a_new_tensor_is_a_copy_and_from_numpy_is_none():
    host = np.ones(2)
    copied, shared = xdl.tensor(host), xdl.from_numpy(host)
    host[0] = 5.0
    assert copied.tolist() == [1.0, 1.0]
    assert shared.tolist() == [5.0, 1.0]


def test_numpy_is_read_only():
    x = xdl.ones(2)
    view = x.numpy()
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 2.0
    assert np.shares_memory(view, x.array)
    with xdl.no_grad():
        x[0] = 3.0
    assert view.tolist() == [3.0, 1.0]


def test_item_and_numbers():
    x = xdl.tensor([[2.5]])
    assert (x.item(), float(x), int(x), bool(x)) == (2.5, 2.5, 2, True)
    assert isinstance(xdl.tensor(3).item(), int)
    with pytest.raises(ShapeError, match=r"\(2,\)"):
        xdl.ones(2).item()
    with pytest.raises(ShapeError):
        bool(xdl.ones(2))


def test_length_and_iteration():
    x = xdl.tensor([[1, 2], [3, 4]])
    assert len(x) == 2
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    with pytest.raises(ShapeError, match="0-d"):
        len(xdl.tensor(1))


def test_dlpack_with_numpy():
    x = xdl.arange(3)
    shared = np.from_dlpack(x)
    with xdl.no_grad():
        x[0] = 9
    assert shared.tolist() == [9, 1, 2]
    host = np.ones(2)
    y = xdl.from_dlpack(host)
    host[1] = 4.0
    assert y.tolist() == [1.0, 4.0]
    with pytest.raises(GraphError, match="detach"):
        np.from_dlpack(xdl.ones(2, requires_grad=True))
    with pytest.raises(BackendError, match="__dlpack__"):
        xdl.from_dlpack([1.0])


@pytest.mark.torch
def test_dlpack_with_torch():
    import torch

    x = xdl.arange(3)
    assert torch.from_dlpack(x).tolist() == [0, 1, 2]
    t = torch.ones(2)
    y = xdl.from_dlpack(t)
    t[0] = 7.0
    assert y.tolist() == [7.0, 1.0]


def test_numpy_scalars_and_arrays_as_operands():
    x = xdl.tensor([1.0, 2.0])
    assert (np.float64(2) * x).dtype == "float32"
    with pytest.raises(DtypeError, match="ndarray"):
        np.ones(2) * x


def test_gradients_need_floats():
    with pytest.raises(DtypeError, match="int64"):
        xdl.tensor([1], requires_grad=True)
    y = xdl.ones(1, requires_grad=True) * 2
    with pytest.raises(GraphError, match="leaf"):
        y.requires_grad_(False)
    with pytest.raises(ShapeError, match="grad"):
        xdl.ones(2).grad = xdl.ones(3)


def test_sizes_by_pytorchs_names():
    x = xdl.zeros(2, 3)
    assert (x.dim(), x.numel(), x.size(), x.size(-1)) == (2, 6, (2, 3), 3)
    with pytest.raises(ShapeError, match=r"size.*\[-2, 2\).*found 2"):
        x.size(2)


def test_a_clone_has_memory_of_its_own():
    x = xdl.ones(2)
    y = x.clone()
    y[0] = 5
    assert (x.tolist(), y.tolist()) == ([1, 1], [5, 1])
