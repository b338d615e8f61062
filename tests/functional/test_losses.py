"""What the table cannot say of losses, norms and distances: certainty, labels to ignore, values in extremis, errors."""

import numpy as np
import pytest

import xdl
from xdl import functional as F
from xdl.errors import DataError, DtypeError, SettingError, ShapeError


def leaf(values):
    return xdl.tensor(np.asarray(values, np.float64), requires_grad=True)


def labels(*values):
    return xdl.tensor(np.array(values))


def test_gradients_of_certainty_are_pytorchs():
    x, t = leaf([0.0, 0.0, 1.0, 1.0, 1e-300]), leaf([0.0, 1.0, 0.0, 1.0, 1.0]).detach()
    F.binary_cross_entropy(x, t, reduction="sum").backward()
    steep = 1 / 9.999999960041972e-13
    np.testing.assert_allclose(x.grad.numpy(), [0, -steep, steep, 0, -steep], rtol=1e-12)


def test_ignored_rows_get_no_gradient_even_where_they_are_not_finite():
    host = np.random.RandomState(0).standard_normal((4, 3))
    host[1] = np.inf
    x, t = leaf(host), labels(0, -100, 2, 1)
    for reduction in ("mean", "sum", "none"):
        x.grad = None
        loss = F.cross_entropy(x, t, reduction=reduction)
        loss.sum().backward()
        if reduction == "mean":
            kept = leaf(host[[0, 2, 3]])
            expected = F.cross_entropy(kept, labels(0, 2, 1))
            expected.backward()
            assert loss.item() == pytest.approx(expected.item(), rel=1e-12)
            np.testing.assert_array_equal(x.grad.numpy()[1], 0)
            np.testing.assert_allclose(x.grad.numpy()[[0, 2, 3]], kept.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("t", [[0, 3, 2], [0, -100, 2]])
def test_a_retained_graph_of_cross_entropy_gives_its_gradient_again(t):
    x = leaf(np.random.RandomState(0).standard_normal((3, 4)))
    loss = F.cross_entropy(x, labels(*t))
    (first,) = xdl.grad(loss, x, retain_graph=True)
    before = first.numpy().copy()
    (second,) = xdl.grad(loss, x, xdl.tensor(3.0, dtype="float64"), retain_graph=True)
    loss.backward()
    np.testing.assert_array_equal(first.numpy(), before)
    np.testing.assert_allclose(second.numpy(), 3 * before, rtol=1e-15)
    np.testing.assert_array_equal(x.grad.numpy(), before)


def test_labels_of_any_integer_type():
    x = leaf(np.random.RandomState(0).standard_normal((3, 4)))
    expected = F.cross_entropy(x, labels(0, 3, 2)).item()
    for dtype in (np.int8, np.uint8, np.int32, np.uint64):
        assert F.cross_entropy(x, xdl.tensor(np.array([0, 3, 2], dtype))).item() == expected


def test_all_labels_ignored_give_nan_and_zero_gradients():
    x = leaf(np.ones((2, 3)))
    loss = F.cross_entropy(x, labels(-100, -100))
    assert np.isnan(loss.item())
    loss.backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.zeros((2, 3)))


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_labels_out_of_range_are_refused(name):
    function, x = getattr(F, name), leaf(np.ones((2, 3)))
    for bad in (3, -1):
        with pytest.raises(DataError, match=rf"target in \[0, 3\) or -100, which is ignored, found {bad}"):
            function(x, labels(0, bad))
        with pytest.raises(DataError):
            function(x, labels(0, bad), reduction="sum")
    with pytest.raises(ShapeError, match="target"):
        function(x, labels(0, 1, 2))
    with pytest.raises(ShapeError, match=r"weight \(3,\)"):
        function(x, labels(0, 1), leaf([1.0, 2.0]).detach())
    with pytest.raises(SettingError, match="Did you mean 'mean'"):
        function(x, labels(0, 1), reduction="meen")


def test_settings_out_of_range_are_refused():
    x, t = leaf(np.ones((2, 3))), leaf(np.ones((2, 3))).detach()
    for call, match in (
        (lambda: F.cross_entropy(x, labels(0, 1), label_smoothing=1.5), "label_smoothing"),
        (lambda: F.huber_loss(x, t, delta=0.0), "delta"),
        (lambda: F.smooth_l1_loss(x, t, beta=-1.0), "beta"),
        (lambda: F.gaussian_nll_loss(x, t, t, eps=0.0), "eps"),
        (lambda: F.local_response_norm(leaf(np.ones((1, 2, 3))), 0), "size"),
        (lambda: F.embedding(labels(0), x, padding_idx=2), "padding_idx"),
        (lambda: F.kl_div(x, t, reduction="batchmeen"), "reduction"),
    ):
        with pytest.raises(SettingError, match=match):
            call()


def test_shapes_that_do_not_fit_are_refused():
    x, t = leaf(np.ones((2, 3))), leaf(np.ones((2, 3))).detach()
    row = leaf(np.ones(3)).detach()
    for call in (
        *(lambda n=name: getattr(F, n)(x, row) for name in ("mse_loss", "l1_loss", "huber_loss", "kl_div")),
        lambda: F.binary_cross_entropy(x * 0.5, row),
        lambda: F.binary_cross_entropy(row * 0.5, row, weight=t),
        lambda: F.gaussian_nll_loss(x, t, row),
        lambda: F.margin_ranking_loss(x, t, row),
        lambda: F.cosine_embedding_loss(x, t, row),
        lambda: F.triplet_margin_loss(x, t, row),
        lambda: F.layer_norm(x, (2,)),
        lambda: F.layer_norm(x, (3,), leaf([1.0, 2.0])),
        lambda: F.group_norm(x, 2),
        lambda: F.instance_norm(x),
        lambda: F.instance_norm(leaf(np.ones((2, 3, 1)))),
        lambda: F.bilinear(x, t, leaf(np.ones((2, 3, 4)))),
        lambda: F.cosine_similarity(x, leaf(np.ones((2, 4)))),
        lambda: F.unflatten(x, 1, (2, 2)),
    ):
        with pytest.raises(ShapeError):
            call()


def test_values_out_of_range_are_refused_on_the_host():
    t = leaf([0.5, 0.5]).detach()
    with pytest.raises(DataError, match=r"input in \[0, 1\]"):
        F.binary_cross_entropy(leaf([0.5, 1.5]), t)
    with pytest.raises(DataError, match="var of at least 0"):
        F.gaussian_nll_loss(leaf([0.5, 1.5]), t, leaf([1.0, -1.0]).detach())
    with pytest.raises(DataError, match=r"input in \[0, 2\)"):
        F.embedding(labels(0, 2), leaf(np.ones((2, 3))), padding_idx=0)


def test_integer_targets_are_no_probabilities():
    with pytest.raises(DtypeError, match="target"):
        F.binary_cross_entropy_with_logits(leaf([0.5, 1.5]), labels(0, 1))


def test_the_padding_row_keeps_its_gradient_of_zero():
    w = leaf(np.ones((4, 2)))
    F.embedding(labels(0, 1, 1, 3), w, padding_idx=1).sum().backward()
    assert w.grad.tolist() == [[1, 1], [0, 0], [0, 0], [1, 1]]


def test_far_logits_stay_finite():
    x = leaf([-1e5, 1e5])
    loss = F.binary_cross_entropy_with_logits(x, leaf([1.0, 0.0]).detach(), reduction="none")
    assert loss.tolist() == [1e5, 1e5]
    loss.sum().backward()
    assert x.grad.tolist() == [-1, 1]
    assert F.soft_margin_loss(leaf([-1e5]), leaf([1.0]).detach()).item() == 1e5
