"""Conversions of dtypes and devices in all spellings, copies of tensors, and NumPy's functions on them."""

import copy

import numpy as np
import pytest

import xdl
from xdl.errors import DtypeError, GraphError, XdlError


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("float", "float32"),
        ("double", "float64"),
        ("long", "int64"),
        ("int", "int32"),
        ("short", "int16"),
        ("char", "int8"),
        ("byte", "uint8"),
        ("bool", "bool"),
    ],
)
def test_conversions_by_method(name, dtype):
    x = xdl.tensor([0, 3, 1])
    assert getattr(x, name)().dtype == dtype == x.type(dtype).dtype
    assert x.type(x.to(dtype).type()).dtype == dtype
    same = x.to(dtype)
    assert getattr(same, name)() is same


def test_dtypes_in_other_spellings():
    assert xdl.float == "float32"
    assert xdl.double == "float64"
    assert xdl.long == "int64"
    assert xdl.int == "int32"
    assert xdl.zeros(2, dtype=xdl.long).dtype == "int64"
    assert xdl.zeros(1, dtype=float).dtype == "float64"
    assert xdl.zeros(1, dtype=int).dtype == "int64"
    assert xdl.zeros(1, dtype=bool).dtype == "bool"
    assert xdl.zeros(1, dtype=np.float32).dtype == "float32"
    assert xdl.zeros(1, dtype=np.dtype("int16")).dtype == "int16"
    assert xdl.ones(1).to(np.float64).dtype == "float64"
    assert xdl.tensor([1], dtype=float).dtype == "float64"


@pytest.mark.parametrize("dtype", [xdl.half, xdl.bfloat16, xdl.float16, np.float16])
@pytest.mark.parametrize(
    "call",
    [
        lambda dtype: xdl.zeros(2, dtype=dtype),
        lambda dtype: xdl.ones(2).to(dtype),
        lambda dtype: xdl.tensor([1.0], dtype=dtype),
        lambda dtype: xdl.rand(2, dtype=dtype),
        lambda dtype: xdl.linspace(0, 1, 2, dtype=dtype),
    ],
)
def test_half_precision_is_refused_by_name(call, dtype):
    with pytest.raises(DtypeError, match=r"no half precision.*float16"):
        call(dtype)


def test_half_precision_methods_are_refused():
    for call in (xdl.ones(2).half, xdl.ones(2).bfloat16):
        with pytest.raises(DtypeError, match="no half precision"):
            call()


@pytest.mark.parametrize("wrong", ["complex64", "cats", object(), 1.5, "cuda:1:1"])
def test_a_wrong_goal_is_refused(wrong):
    with pytest.raises(XdlError):
        xdl.ones(2).to(wrong)


def test_to_in_all_spellings():
    x = xdl.ones(2)
    y = x.to("cpu", "float64", True, True)
    assert y.dtype == "float64"
    assert x.to("float32") is x
    assert x.to("float32", copy=True) is not x
    assert x.to("cpu", None, False, True) is not x
    assert x.to(device="cpu", dtype=xdl.long, non_blocking=True).dtype == "int64"
    assert x.to(xdl.ones(1, dtype="float64")).dtype == "float64"
    assert x.type_as(xdl.arange(2)).dtype == "int64"


def test_new_tensors_like_one():
    x = xdl.ones(2, dtype="float64")
    assert x.new_zeros(2, 3).dtype == "float64"
    assert x.new_zeros((2, 3)).shape == (2, 3)
    assert x.new_ones(2, dtype="int64").tolist() == [1, 1]
    assert x.new_full((2,), 7).tolist() == [7.0, 7.0]
    assert x.new_empty(3).shape == (3,)
    assert x.new_tensor([1, 2]).dtype == "float64"
    assert x.new_zeros(2, requires_grad=True).requires_grad
    assert (x.element_size(), x.nelement(), x.is_floating_point()) == (8, 2, True)


def test_copies_of_tensors_keep_what_they_are():
    x = xdl.tensor([1.0, 2.0], requires_grad=True)
    x.grad = xdl.ones(2)
    twin = copy.deepcopy(x)
    assert twin.requires_grad
    assert twin.tolist() == [1.0, 2.0]
    assert twin.grad.tolist() == [1.0, 1.0]
    with xdl.no_grad():
        twin += 1
    assert x.tolist() == [1.0, 2.0]
    same = copy.copy(x)
    y = (same**2).sum()
    with xdl.no_grad():
        x += 1
    assert same.tolist() == [2.0, 3.0]
    with pytest.raises(GraphError, match="detach"):
        copy.deepcopy(y)
    assert copy.copy(y).node is not None
    with pytest.raises(GraphError, match="written in place"):
        y.backward()


def test_numpy_takes_tensors():
    x = xdl.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
    assert np.mean(x) == 2.75
    assert np.std(x, axis=0).tolist() == [1.0, 1.5]
    assert np.sum(x) == 11
    assert np.concatenate([x, x]).shape == (4, 2)
    assert np.allclose(x, x.numpy())
    assert np.asarray(x, dtype="float64").dtype == np.float64
    assert [*range(xdl.tensor(3))] == [0, 1, 2]
    assert "abc"[xdl.tensor(1)] == "b"
    assert f"{xdl.tensor(2.0):.2f}" == "2.00"


def test_limits_and_properties_of_dtypes():
    for name in ("float32", "float64"):
        ours, numpys = xdl.finfo(name), np.finfo(name)
        assert (ours.eps, ours.max, ours.min, ours.tiny, ours.bits) == (
            float(numpys.eps),
            float(numpys.max),
            float(numpys.min),
            float(numpys.tiny),
            numpys.bits,
        )
    for name in ("int8", "uint8", "int64", "uint64"):
        ours, numpys = xdl.iinfo(name), np.iinfo(name)
        assert (ours.min, ours.max, ours.bits) == (numpys.min, numpys.max, numpys.bits)
    for call in (lambda: xdl.finfo("int8"), lambda: xdl.iinfo(xdl.float), lambda: xdl.finfo("cats")):
        with pytest.raises(DtypeError):
            call()
    dtype = xdl.zeros(1).dtype
    assert (dtype.is_floating_point, dtype.is_signed, dtype.itemsize, dtype.is_complex) == (True, True, 4, False)
    assert not xdl.uint8.is_signed
    assert xdl.bool.itemsize == 1
    assert xdl.int64.itemsize == 8


def test_matplotlib_draws_tensors(tmp_path):
    pyplot = pytest.importorskip("matplotlib.figure")
    axes = pyplot.Figure().subplots(1, 3)
    axes[0].imshow(xdl.rand(4, 4))
    axes[1].plot(xdl.arange(3), xdl.rand(3, requires_grad=True))
    axes[2].hist(xdl.rand(9))
    axes[0].figure.savefig(tmp_path / "figure.png")
    np.save(tmp_path / "values.npy", xdl.ones(2))
    assert np.load(tmp_path / "values.npy").tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("name", "dtype"), [("Float", "float32"), ("Long", "int64"), ("Byte", "uint8"), ("Bool", "bool")]
)
def test_dtypes_by_the_names_of_pytorchs_older_types(name, dtype):
    assert xdl.ones(2).type(f"torch.{name}Tensor").dtype == dtype


def test_a_type_of_half_precision_is_refused():
    with pytest.raises(DtypeError, match="half precision"):
        xdl.ones(2).type("torch.HalfTensor")


def test_the_name_of_a_type_is_pytorchs():
    assert xdl.zeros(1).type() == "torch.FloatTensor"
    assert xdl.zeros(1).long().type() == "torch.LongTensor"
    assert xdl.zeros(1, dtype="uint16").type() == "uint16"
