"""Memory shared with NumPy, PyTorch and array_api_strict: any layout, read-only or not, and what is refused."""

import array_api_strict
import numpy as np
import pytest

import xdl
from xdl.errors import BackendError, DtypeError, ExchangeError, GraphError

HOST = np.arange(24.0).reshape(2, 3, 4)
SHARED = {  # views of a writable array whose memory goes out as it is
    "contiguous": lambda x: x,
    "transposed": lambda x: x.transpose(2, 0, 1),
    "sliced": lambda x: x[:, 1:, ::2],
    "one element": lambda x: x[1:2, 2:3, 3:],
    "of one row, reversed": lambda x: x[:1][::-1],
    "no elements": lambda x: x[:, :0],
    "no elements, reversed": lambda x: x[:, :0, ::-1],
    "Fortran order": lambda x: np.asfortranarray(x),
    "bool": lambda x: x > 5,
    "bytes": lambda x: x.astype("uint8"),
}
COPIED = {
    "reversed": lambda x: x[:, ::-1],
    "reversed everywhere": lambda x: x[::-1, ::-1, ::-1],
    "expanded": lambda x: np.broadcast_to(x[:, :1], (2, 3, 4)),
    "expanded, writable": lambda x: np.lib.stride_tricks.as_strided(x, (5, 4), (0, 8)),
    "read-only": lambda x: read_only(x),
    "read-only slice": lambda x: read_only(x)[:, 1:, ::2],
    "fields": lambda _: np.zeros(3, [("a", "i4"), ("b", "f8")])["b"],
}
VIEWS = {**SHARED, **COPIED}


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def consumers():
    """name -> (from_dlpack, values of what it gives)."""
    found = {
        "numpy": (np.from_dlpack, np.array),
        "array_api_strict": (array_api_strict.from_dlpack, lambda x: np.array(x._array)),
        "xdl": (xdl.from_dlpack, lambda x: x.numpy()),
    }
    try:
        import torch
    except ImportError:
        return found
    return found | {"torch": (torch.from_dlpack, lambda x: x.numpy())}


@pytest.mark.parametrize("consumer", [*(n for n in consumers() if n != "torch"),
                                      pytest.param("torch", marks=pytest.mark.torch)])  # fmt: skip
@pytest.mark.parametrize("name", VIEWS)
def test_every_layout_arrives(name, consumer):
    x = VIEWS[name](HOST.copy())
    take, values = consumers()[consumer]
    y = values(take(xdl.Tensor(x)))
    assert y.dtype == x.dtype
    np.testing.assert_array_equal(y, x)


@pytest.mark.parametrize("name", VIEWS)
def test_memory_is_shared_where_writing_to_it_harms_nobody(name):
    x = VIEWS[name](HOST.copy())
    y = np.from_dlpack(xdl.Tensor(x))
    assert np.may_share_memory(x, y) == (name in SHARED and x.size > 0)
    assert y.flags.writeable
    assert all(step > 0 or size < 2 for size, step in zip(y.shape, y.strides, strict=True)) or not y.size


@pytest.mark.torch
@pytest.mark.parametrize("name", VIEWS)
def test_pytorch_writes_only_where_it_may(name):
    import torch

    x = VIEWS[name](HOST.copy())
    before = x.copy()
    t = torch.from_dlpack(xdl.Tensor(x))
    t.fill_(1)
    expected = np.ones_like(before) if name in SHARED else before
    np.testing.assert_array_equal(x, expected)


@pytest.mark.torch
def test_views_of_pytorch_arrive_and_share_memory():
    import torch

    t = torch.arange(24.0).reshape(2, 3, 4)
    for view in (t, t.permute(2, 0, 1), t[:, 1:, ::2], t[:, :1].expand(2, 3, 4), t[:, :0], t[1, 2, 3], t.flip(0)):
        x = xdl.from_dlpack(view)
        np.testing.assert_array_equal(x.numpy(), view.numpy())
        assert x.array.ctypes.data == view.data_ptr() or not view.numel()
    for dtype in (torch.float16, torch.bfloat16, torch.complex64):
        with pytest.raises(DtypeError, match=f"from_dlpack: .*found {str(dtype)[6:]}"):
            xdl.from_dlpack(t.to(dtype))
    with pytest.raises(BackendError, match="detach"):
        xdl.from_dlpack(t.clone().requires_grad_())
    x = torch.from_numpy(np.array(xdl.arange(6).reshape(2, 3).T))
    assert x.tolist() == [[0, 3], [1, 4], [2, 5]]


def test_what_is_asked_is_done_or_refused():
    x = xdl.arange(3)
    owned = np.from_dlpack(x, copy=True)
    owned[0] = 9
    assert x.tolist() == [0, 1, 2]
    assert np.may_share_memory(np.from_dlpack(x, copy=False), x.array)
    assert np.may_share_memory(np.from_dlpack(x, device="cpu"), x.array)
    assert "dltensor" in repr(x.__dlpack__())
    assert "dltensor_versioned" in repr(x.__dlpack__(max_version=(1, 0)))
    assert "dltensor_versioned" in repr(x[::-1].__dlpack__(max_version=(1, 0), copy=True, dl_device=(1, 0)))
    with pytest.raises(BufferError, match="read-only, expanded or reversed"):
        np.from_dlpack(x[::-1], copy=False)
    for asked in ({"dl_device": (2, 0)}, {"stream": 1}):
        with pytest.raises(ExchangeError, match="__dlpack__"):
            x.__dlpack__(**asked)
    with pytest.raises(GraphError, match="detach"):
        np.from_dlpack(xdl.ones(2, requires_grad=True))


class Elsewhere:
    """An array that says it lies on another device, or has no place."""

    def __init__(self, device):
        self.device = device

    def __dlpack__(self, **options):
        raise BufferError("must not be asked")

    def __dlpack_device__(self):
        return self.device


def test_the_device_is_looked_at_before_the_memory():
    with pytest.raises(BackendError, match=r"memory of numpy's device \(DLPack device type 1\), found type 2"):
        xdl.from_dlpack(Elsewhere((2, 0)))
    with pytest.raises(BackendError, match="device 0, found device 1"):
        xdl.from_dlpack(Elsewhere((1, 1)))
    with pytest.raises(BackendError, match="must not be asked"):
        xdl.from_dlpack(Elsewhere((1, 0)))
    with pytest.raises(BackendError, match="__dlpack__, found float"):
        xdl.from_dlpack(1.0)


@pytest.mark.parametrize("dtype", ["float16", "complex64", "complex128", ">f4", ">i8"])
def test_numbers_that_xdl_lacks_are_refused_by_name(dtype):
    with pytest.raises(DtypeError, match=f"from_dlpack: .*found {dtype}"):
        xdl.from_dlpack(np.ones(2).astype(dtype))


def test_memory_comes_in_as_it_is():
    x = HOST.copy()
    for view in (x[::-1], x.T, np.broadcast_to(x[0], (5, 3, 4)), read_only(x)):
        y = xdl.from_dlpack(view)
        np.testing.assert_array_equal(y.numpy(), view)
        assert np.may_share_memory(y.array, view)
        assert y.array.flags.writeable == view.flags.writeable
        z = xdl.from_numpy(view)
        assert z.array is view
        assert not np.may_share_memory(xdl.from_dlpack(view, copy=True).array, view)
    assert xdl.from_dlpack(x, device="cpu").device == xdl.device("cpu")


def test_on_another_backend(strict):
    xdl.use(strict.name)
    x = xdl.tensor([[1.0, 2.0]])
    host = array_api_strict.asarray([[3.0]])
    assert np.from_dlpack(xdl.Tensor(host)).tolist() == [[3.0]]
    with pytest.raises(ExchangeError):
        x.__dlpack__(dl_device=(2, 0))
