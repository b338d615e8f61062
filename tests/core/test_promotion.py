"""The dtype of a result, on every backend, as PyTorch 2.13 says (promotion.json), and gradients in their tensor's."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import xdl
from xdl.errors import DataError, DtypeError
from xdl.promotion import DEFAULTS, category

TABLE = json.loads((Path(__file__).parent / "promotion.json").read_text())
UNSIGNED = ("uint16", "uint32", "uint64")  # PyTorch has no common dtype for them with other integers


def operand(name, backend):
    """ "float32:1" is a tensor (2,), "float32:0" a 0-d one, "float" a Python number."""
    dtype, _, ndim = name.partition(":")
    if not ndim:
        return {"bool": True, "int": 3, "float": 1.5}[dtype]
    return xdl.Tensor(backend.asarray(np.ones((2,) * int(ndim)), dtype))


@pytest.mark.parametrize("first", sorted({pair.split()[0] for pair in TABLE}))
def test_results_have_the_dtype_of_pytorch(first, each_backend):
    for pair, expected in TABLE.items():
        left, right = pair.split()
        if left != first:
            continue
        a, b = operand(left, each_backend), operand(right, each_backend)
        assert xdl.result_type(a, b) == expected, pair
        if ":" in pair:
            assert (a * b).dtype == (a + b).dtype == expected, pair
            assert (a == b).dtype == "bool"
            assert xdl.where(xdl.Tensor(each_backend.asarray(np.ones(2), "bool")), a, b).dtype == expected, pair
            assert (a / b).dtype == (expected if category(expected) == "float" else "float32"), pair


@pytest.mark.torch
def test_the_table_is_that_of_the_installed_pytorch():
    import torch

    numbers = {"bool": True, "int": 3, "float": 1.5}

    def make(name):
        return torch.ones((2,) * int(name[-1]), dtype=getattr(torch, name[:-2])) if ":" in name else numbers[name]

    for pair, expected in TABLE.items():
        assert str(torch.result_type(*map(make, pair.split()))) == f"torch.{expected}", pair


@pytest.mark.parametrize(("a", "b"), list(product(UNSIGNED, ["uint8", *UNSIGNED, "int8", "int64", "float32"])))
def test_unsigned_integers_get_the_smallest_type_that_holds_both(a, b, each_backend):
    if a == "uint64" and b.startswith("int"):
        with pytest.raises(DtypeError, match=f"{a} and {b}"):
            xdl.promote_types(a, b)
    else:
        expected = b if b == "float32" else str(np.promote_types(a, b))
        assert (operand(f"{a}:1", each_backend) * operand(f"{b}:1", each_backend)).dtype == expected


def test_the_code_of_every_day(each_backend):
    t = lambda data, dtype=None: xdl.Tensor(each_backend.asarray(data, dtype))  # noqa: E731
    a, b = t([1, 2, 3]), t([1, 5, 3])
    assert ((a == b).sum() / 3).item() == np.float32(2 / 3)
    assert (a / 2).tolist() == [0.5, 1.0, 1.5]
    assert (a + 1.5).tolist() == [2.5, 3.5, 4.5]
    assert a.exp().dtype == "float32"
    assert xdl.where(a > 1, a, 0.0).tolist() == [0.0, 2.0, 3.0]
    assert xdl.where(a > 1, 1.0, 0.0).tolist() == [0.0, 1.0, 1.0]
    assert (t([0.5, 1.5, 2.5]) * (a > 1)).tolist() == [0.0, 1.5, 2.5]
    assert (t([True, False]) + t([True, True])).tolist() == [True, True]
    assert (t([True, False]) * t([True, True])).tolist() == [True, False]
    assert (t([200], "uint8") == 300).tolist() == [False]
    assert xdl.maximum(t([1]), t([1.5])).tolist() == [1.5]


def test_what_has_no_result_says_so(each_backend):
    t = lambda data, dtype=None: xdl.Tensor(each_backend.asarray(data, dtype))  # noqa: E731
    with pytest.raises(DtypeError, match="two bool"):
        t([True]) - t([True])
    with pytest.raises(DtypeError, match="logical_not"):
        -t([True])
    with pytest.raises(DtypeError, match="300"):
        t([1], "int8") + 300
    with pytest.raises(DtypeError, match="1180591620717411303424"):
        t([1]) * 2**70
    for operation in (lambda x: x // 0, lambda x: x % 0, lambda x: xdl.fmod(x, 0), lambda x: x ** (-1)):
        with pytest.raises(DataError):
            operation(t([3]))


@pytest.mark.parametrize("operation", ["floor_divide", "remainder", "fmod"])
def test_integer_zeros_in_a_tensor_of_divisors(operation):
    with pytest.raises(DataError, match=rf"{operation}: .* other than 0"):
        getattr(xdl, operation)(xdl.tensor([3, 4]), xdl.tensor([1, 0]))
    with pytest.raises(DataError, match=">= 0"):
        xdl.tensor([2, 2]) ** xdl.tensor([1, -1])


@pytest.mark.parametrize("wrong", ["float64", "int32", "bool"])
@pytest.mark.parametrize("function", ["relu", "sigmoid", "exp", "sum", "softmax"])
def test_a_cotangent_of_another_dtype_is_converted(function, wrong, each_backend):
    x = xdl.Tensor(each_backend.asarray([1.0, 2.0, 3.0], "float32"), requires_grad=True)
    f = (lambda x: x.softmax(0)) if function == "softmax" else lambda x: getattr(x, function)()
    ones = xdl.Tensor(each_backend.asarray(np.ones(f(x).shape), wrong))
    f(x).backward(ones)
    (expected,) = xdl.grad(f(x), [x], ones.to("float32"))
    assert x.grad.dtype == "float32"
    assert x.grad.tolist() == expected.tolist()


@pytest.mark.parametrize("other", ["float64", "int64", "bool"])
@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("operation", ["add", "sub", "mul", "div", "pow", "maximum", "atan2", "where"])
def test_mixed_operands_leave_gradients_in_their_tensors_dtype(operation, create_graph, other, each_backend):
    x = xdl.Tensor(each_backend.asarray([1.5, 2.0], "float32"), requires_grad=True)
    y = xdl.Tensor(each_backend.asarray([[1, 1], [1, 1]], other), requires_grad=other == "float64")
    condition = xdl.Tensor(each_backend.asarray([True, False], "bool"))
    apply = (lambda a, b: xdl.where(condition, a, b)) if operation == "where" else getattr(xdl, operation)
    inputs = [x, y] if y.requires_grad else [x]
    gradients = xdl.grad(apply(x, y).sum(), inputs, create_graph=create_graph)
    assert [g.dtype for g in gradients] == [t.dtype for t in inputs]
    same = [t.detach().to("float64").requires_grad_() for t in (x, y)]
    expected = xdl.grad(apply(*same).sum(), same)
    for g, e in zip(gradients, expected, strict=False):
        np.testing.assert_allclose(g.numpy(), e.numpy(), rtol=1e-6)


def test_defaults_are_the_dtypes_of_new_tensors():
    assert [xdl.tensor([v]).dtype for v in (True, 1, 1.0)] == list(DEFAULTS.values())
