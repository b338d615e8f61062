"""Keywords in PyTorch's spelling that are no cases of the table: what is written in place, and what is refused."""

import numpy as np
import pytest

import xdl
import xdl.nn.functional as F
from xdl.errors import DataError, DtypeError, GraphError, SettingError, ShapeError

IN_PLACE = {
    "relu": (),
    "relu6": (),
    "leaky_relu": (0.2,),
    "elu": (0.7,),
    "selu": (),
    "celu": (0.7,),
    "silu": (),
    "mish": (),
    "hardtanh": (-0.5, 0.5),
    "hardswish": (),
    "hardsigmoid": (),
    "threshold": (0.1, -3.0),
    "rrelu": (0.1, 0.3, False),
    "dropout": (0.5, True),
    "dropout1d": (0.5, True),
    "dropout2d": (0.5, True),
    "dropout3d": (0.5, True),
    "alpha_dropout": (0.5, True),
    "feature_alpha_dropout": (0.5, True),
}


@pytest.mark.parametrize("name", IN_PLACE)
@pytest.mark.parametrize("positional", [False, True])
def test_inplace_writes_into_the_input_and_gives_the_same(name, positional):
    args, function = IN_PLACE[name], getattr(F, name)
    start = xdl.randn(2, 3, 4, 5) if "dropout" in name else xdl.randn(7)
    start = start[0] if name == "dropout1d" else start
    leaf, other = (start.clone().requires_grad_() for _ in range(2))
    xdl.manual_seed(3)
    plain = function(leaf * 1, *args)
    xdl.manual_seed(3)
    x = other * 1
    view = x[...]
    y = function(x, *args, True) if positional else function(x, *args, inplace=True)
    assert y is x
    np.testing.assert_array_equal(y.numpy(), plain.numpy())
    np.testing.assert_array_equal(view.numpy(), y.numpy())
    plain.sum().backward()
    y.sum().backward()
    np.testing.assert_allclose(other.grad.numpy(), leaf.grad.numpy(), rtol=1e-6)


def test_inplace_on_a_leaf_is_refused():
    with pytest.raises(GraphError, match="leaf"):
        F.relu(xdl.ones(2, requires_grad=True), inplace=True)


@pytest.mark.parametrize("name", [name for name in IN_PLACE if "dropout" in name])
@pytest.mark.parametrize(("p", "training"), [(0.5, False), (0.0, True)])
def test_dropout_that_drops_nothing_writes_nothing(name, p, training):
    x = xdl.ones(2, 3, 4, 5)[0 if name == "dropout1d" else ...].requires_grad_()
    assert getattr(F, name)(x, p, training, inplace=True) is x
    with pytest.raises(SettingError):
        getattr(F, name)(x, -1.0, training, inplace=True)


def test_functions_that_write_in_place():
    for name in ("relu_", "leaky_relu_", "elu_", "selu_", "celu_", "hardtanh_", "rrelu_"):
        x = xdl.tensor([-2.0, 3.0])
        assert getattr(F, name)(x) is x
        np.testing.assert_array_equal(x.numpy(), getattr(F, name[:-1])(xdl.tensor([-2.0, 3.0])).numpy())
    x = xdl.tensor([-2.0, 3.0])
    assert F.threshold_(x, 0.0, 9.0).tolist() == [9.0, 3.0]


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.var(1, True, correction=0),
        lambda x: xdl.div(x, 2, rounding_mode="up"),
        lambda x: xdl.searchsorted(xdl.ones(2), x, side="middle"),
        lambda x: xdl.searchsorted(xdl.ones(2), x, side="left", right=True),
        lambda x: F.interpolate(x[None], (2,), mode="linear", antialias=True),
        lambda x: F.interpolate(x[None], (2,), mode="linear", recompute_scale_factor=True),
        lambda x: F.embedding(xdl.tensor([0]), x, sparse=True),
    ],
)
def test_what_is_refused(call):
    with pytest.raises(SettingError):
        call(xdl.ones(2, 3))


def test_an_unknown_keyword_stays_pythons_error():
    with pytest.raises(TypeError, match="unexpected keyword argument 'axes'"):
        xdl.sum(xdl.ones(2), axes=0)
    with pytest.raises(TypeError, match="keepdims"):
        xdl.sum(xdl.ones(2), keepdim=True, keepdims=True)


def test_max_norm_shortens_the_rows_that_are_read():
    weight = xdl.tensor([[3.0, 4.0], [0.3, 0.4], [6.0, 8.0]], requires_grad=True)
    y = F.embedding(xdl.tensor([0, 1, 0]), weight, max_norm=1.0)
    np.testing.assert_allclose(y.numpy(), [[0.6, 0.8], [0.3, 0.4], [0.6, 0.8]], rtol=1e-6)
    np.testing.assert_allclose(weight.numpy(), [[0.6, 0.8], [0.3, 0.4], [6.0, 8.0]], rtol=1e-6)
    y.sum().backward()
    assert weight.grad.tolist() == [[2.0, 2.0], [1.0, 1.0], [0.0, 0.0]]
    table = xdl.nn.Embedding(3, 2, max_norm=0.5, norm_type=1.0)
    assert (table(xdl.tensor([0, 1, 2])).abs().sum(1) <= 0.5 + 1e-6).all()


@pytest.mark.parametrize("settings", [{}, {"padding_idx": 2}, {"scale_grad_by_freq": True}])
def test_a_table_with_max_norm_may_be_read_twice_in_one_step(settings):
    """The second time writes rows in place, and no gradient of the first reads them."""
    weight = xdl.tensor([[3.0, 4.0], [6.0, 8.0], [0.3, 0.4]], requires_grad=True)
    y = [F.embedding(xdl.tensor([row]), weight, max_norm=1.0, **settings) for row in (0, 1)]
    bag = F.embedding_bag(xdl.tensor([[1, 1]]), weight, max_norm=0.5, mode="sum")
    (y[0].sum() + y[1].sum() + bag.sum()).backward()
    assert weight.grad.tolist() == [[1.0, 1.0], [3.0, 3.0], [0.0, 0.0]]


def test_what_read_the_table_before_max_norm_wrote_it_is_refused():
    weight = xdl.tensor([[3.0, 4.0]], requires_grad=True)
    squares = (weight * weight).sum()
    F.embedding(xdl.tensor([0]), weight, max_norm=1.0)
    with pytest.raises(GraphError, match="written in place"):
        squares.backward()


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (ShapeError, "for input", lambda: xdl.searchsorted(xdl.ones(2, 3), xdl.ones(3, 1))),
        (ShapeError, "for input", lambda: xdl.searchsorted(xdl.ones(2, 3), 1.0)),
        (ShapeError, "boundaries", lambda: xdl.bucketize(xdl.ones(2, 3), xdl.ones(2, 3))),
        (ShapeError, "a sorter", lambda: xdl.searchsorted(xdl.ones(3), 1.0, sorter=xdl.arange(2))),
        (DataError, "sorter", lambda: xdl.searchsorted(xdl.ones(2), 1.0, sorter=xdl.tensor([0, 2]))),
        (DtypeError, "nanmean", lambda: xdl.nanmean(xdl.tensor([1, 2]))),
    ],
)
def test_what_does_not_fit(error, message, call):
    with pytest.raises(error, match=message):
        call()


def test_in_place_methods_know_the_keywords():
    x = xdl.tensor([7, -7])
    assert x.divide_(2, rounding_mode="trunc").tolist() == [3, -3]
    assert x.cumsum_(0, dtype="int32").tolist() == [3, 0]
    assert x.dtype == "int64"
    assert xdl.tensor([3.0]).true_divide_(2).tolist() == [1.5]


def test_frequency_divides_the_gradient():
    weight = xdl.zeros(3, 2, requires_grad=True)
    F.embedding(xdl.tensor([0, 1, 0]), weight, scale_grad_by_freq=True).sum().backward()
    assert weight.grad.tolist() == [[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]]
