"""Losses, distances and layers' functions of operands of several dtypes: the wider one, or refused as by PyTorch."""

import numpy as np
import pytest

import xdl
from tests.functional.special.test_special_values import leaf
from xdl import functional as F
from xdl.errors import DtypeError

ELEMENTS = ("mse_loss", "l1_loss", "smooth_l1_loss", "poisson_nll_loss", "soft_margin_loss")
MIXED = ("kl_div", "binary_cross_entropy_with_logits", "cross_entropy", "multilabel_soft_margin_loss")
PAIRS = ("cosine_similarity", "pairwise_distance")


@pytest.mark.parametrize("name", [*ELEMENTS, *MIXED, *PAIRS])
def test_two_floating_dtypes_give_the_wider_one(name):
    values, targets = [[0.25, -0.5, 0.75]], [[0.5, 0.25, 0.25]]
    function = getattr(F, name)
    expected = function(leaf(values, "float64"), leaf(targets, "float64")).tolist()
    for dtypes in (("float32", "float64"), ("float64", "float32")):
        x, t = leaf(values, dtypes[0]), leaf(targets, dtypes[1])
        y = function(x, t)
        assert (y.dtype, y.tolist()) == ("float64", pytest.approx(expected))
        assert [d.dtype for d in xdl.grad(y.sum(), [x, t])] == list(dtypes)


@pytest.mark.parametrize("name", [*ELEMENTS, "huber_loss", "hinge_embedding_loss", "multilabel_soft_margin_loss"])
def test_integer_targets_count_as_numbers(name):
    x, t = leaf([[0.25, -0.5]]), np.array([[1, 2]])
    expected = getattr(F, name)(x, xdl.tensor(t.astype("float32")))
    for dtype in ("int64", "uint8"):
        y = getattr(F, name)(x, xdl.tensor(t.astype(dtype)))
        assert (y.dtype, y.item()) == ("float32", expected.item())


def test_targets_that_only_choose_do_not_widen():
    a, b, t = leaf([[1.0, 2.0]]), leaf([[2.0, 1.0]]), xdl.tensor([1.0], dtype="float64")
    assert F.cosine_embedding_loss(a, b, t).dtype == F.hinge_embedding_loss(a, a.double()).dtype == "float32"
    assert F.huber_loss(a, b.double()).dtype == "float32"


def test_weights_of_another_dtype():
    x, t, wide = leaf([[0.25, 0.5]]), leaf([[1.0, 0.0]]), xdl.tensor([1.0, 2.0], dtype="float64")
    for loss in (
        F.binary_cross_entropy(x, t, weight=wide),
        F.binary_cross_entropy_with_logits(x, t, weight=wide),
        F.binary_cross_entropy_with_logits(x, t, pos_weight=wide),
        F.multilabel_soft_margin_loss(x, t, weight=wide),
        F.cross_entropy(x, t, weight=wide),
        F.gaussian_nll_loss(x, t, wide.reshape(1, 2)),
        F.margin_ranking_loss(x, t, wide.reshape(1, 2)),
        F.triplet_margin_loss(x, t, wide.reshape(1, 2)),
    ):
        assert loss.dtype == "float64"
        assert xdl.grad(loss, x)[0].dtype == "float32"
    assert F.rms_norm(x, (2,), wide).dtype == "float32"
    assert F.outer(x[0], wide).dtype == F.outer(xdl.tensor([1, 2]), wide).dtype == "float64"


@pytest.mark.parametrize(
    "call",
    [
        lambda x, w: F.linear(x, w.double()),
        lambda x, w: F.linear(x, w, w[0].double()),
        lambda x, w: F.matmul(x, w.double()),
        lambda x, w: F.conv1d(x, w.unsqueeze(2).double()),
        lambda x, w: F.binary_cross_entropy(x.sigmoid(), w.double()),
        lambda x, w: F.binary_cross_entropy_with_logits(x, w.long()),
        lambda x, w: F.kl_div(x, w.long()),
        lambda x, w: F.cross_entropy(x, xdl.tensor([0, 1]), w[0].double()),
        lambda x, w: F.nll_loss(x, xdl.tensor([0, 1]), w[0].double()),
        lambda x, w: F.mse_loss(x.detach().long(), w.long()),
    ],
)
def test_what_pytorch_refuses_is_refused(call):
    with pytest.raises(DtypeError):
        call(leaf([[0.25, 0.5], [0.5, 0.25]]), leaf([[1.0, 0.0], [0.0, 1.0]]))
