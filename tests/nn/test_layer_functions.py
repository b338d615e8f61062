"""What the table cannot say of sampling by grids, bags, random slopes and categories, and what they refuse."""

import numpy as np
import pytest

import xdl
from xdl import functional as F
from xdl import nn
from xdl.errors import DataError, DtypeError, SettingError, ShapeError

f = lambda *shape: xdl.zeros(*shape)  # noqa: E731
i = lambda values: xdl.tensor(np.array(values))  # noqa: E731


def test_categories_come_as_often_as_softmax_says():
    xdl.manual_seed(0)
    logits = xdl.log(xdl.tensor([0.2, 0.5, 0.3])).expand(20_000, 3)
    y = F.gumbel_softmax(logits, hard=True)
    assert set(y.flatten().tolist()) == {0.0, 1.0}
    assert (y.sum(1) == 1).all()
    np.testing.assert_allclose(y.mean(0).tolist(), [0.2, 0.5, 0.3], atol=0.015)


def test_hard_samples_pass_the_gradient_of_soft_ones():
    gradients = []
    for hard in (False, True):
        xdl.manual_seed(3)
        x = xdl.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
        (F.gumbel_softmax(x, 0.5, hard) * xdl.tensor([1.0, 2.0, 4.0])).sum().backward()
        gradients.append(x.grad.numpy())
    np.testing.assert_array_equal(*gradients)
    assert gradients[0].any()


def test_random_numbers_follow_the_seed_and_do_not_repeat():
    x = -xdl.ones(50)
    for draw in (lambda: F.rrelu(x, training=True), lambda: F.gumbel_softmax(x)):
        xdl.manual_seed(5)
        first, second = draw(), draw()
        xdl.manual_seed(5)
        assert (draw() == first).all()
        assert (first != second).any()


def test_random_slopes_lie_between_the_bounds():
    layer = nn.RReLU(0.2, 0.4)
    y = -layer(-xdl.ones(20_000))
    assert 0.2 <= y.min().item() < 0.201
    assert 0.399 < y.max().item() <= 0.4
    np.testing.assert_allclose(layer.eval()(-xdl.ones(3)).tolist(), [-0.3] * 3, rtol=1e-6)
    inplace = nn.RReLU(inplace=True)
    x = xdl.tensor([-1.0, 2.0])
    assert inplace(x) is x
    assert x[0].item() > -1


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_places_that_are_no_numbers_read_nothing(mode):
    grid = xdl.tensor(np.array([[[[np.nan, 0.0], [1e30, 0.0], [-np.inf, 0.0]]]], np.float32))
    x = xdl.ones(1, 1, 2, 2, requires_grad=True)
    y = F.grid_sample(x, grid, mode)
    assert y.tolist() == [[[[0, 0, 0]]]]


def test_a_rotation_by_a_right_angle_is_exact():
    x = xdl.tensor(np.arange(9.0).reshape(1, 1, 3, 3))
    turn = xdl.tensor(np.array([[[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]]]))
    y = F.grid_sample(x, F.affine_grid(turn, x.shape, False), align_corners=False)
    np.testing.assert_allclose(y[0, 0].numpy(), np.rot90(x[0, 0].numpy()), atol=1e-12)


def test_a_group_norm_of_single_values_gives_its_bias():
    layer = nn.GroupNorm(2, 2)
    layer.load_state_dict({"weight": xdl.ones(2), "bias": xdl.tensor([3.0, 4.0])})
    for _ in range(2):
        assert layer(xdl.tensor([[5.0, 6.0]])).tolist() == [[3, 4]]
        layer.eval()


def test_the_eps_of_rms_norm_is_that_of_the_dtype():
    for dtype in ("float32", "float64"):
        x = xdl.full((1, 2), 1e-6, dtype=dtype)
        expected = 1e-6 / np.sqrt(1e-12 + np.finfo(dtype).eps)
        np.testing.assert_allclose(F.rms_norm(x, (2,)).numpy(), expected, rtol=1e-5)


def test_bags_of_pretrained_rows():
    table = xdl.tensor([[1.0, 2.0], [3.0, 4.0]])
    layer = nn.EmbeddingBag.from_pretrained(table, mode="sum")
    assert not layer.weight.requires_grad
    assert layer(i([0, 1, 1]), i([0, 1])).tolist() == [[1, 2], [6, 8]]
    assert repr(layer) == "EmbeddingBag(2, 2, mode='sum')"
    made = nn.EmbeddingBag(3, 2, padding_idx=0)
    assert made.weight[0].tolist() == [0, 0]
    assert made.weight.requires_grad


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("starts", [None, [0, 2]])
def test_bags_shorten_the_rows_that_they_read(mode, starts):
    layer = nn.EmbeddingBag.from_pretrained(xdl.tensor([[3.0, 4.0], [0.3, 0.4], [6.0, 8.0]]), max_norm=1.0, mode=mode)
    ids = i([0, 0, 1, 1]) if starts else i([[0, 0], [1, 1]])
    y = layer(ids, i(starts) if starts else None)
    np.testing.assert_allclose(layer.weight.numpy(), [[0.6, 0.8], [0.3, 0.4], [6, 8]], rtol=1e-6)
    times = 2 if mode == "sum" else 1
    np.testing.assert_allclose(y.numpy(), times * np.array([[0.6, 0.8], [0.3, 0.4]]), rtol=1e-6)


def test_the_frequency_in_bags_is_that_of_the_row_itself():
    table = xdl.zeros(3, 1, requires_grad=True)
    layer = nn.EmbeddingBag.from_pretrained(table, freeze=False, scale_grad_by_freq=True, mode="mean")
    layer(i([0, 0, 1, 1, 2, 0]), i([0, 2])).sum().backward()
    np.testing.assert_allclose(layer.weight.grad.numpy(), [[(0.5 + 0.5 + 0.25) / 3], [0.5 / 2], [0.25]], rtol=1e-6)


def test_places_have_a_gradient_of_0_where_the_nearest_pixel_is_read():
    grid = xdl.zeros(1, 1, 2, 2, requires_grad=True)
    F.grid_sample(xdl.ones(1, 1, 2, 2), grid, "nearest").sum().backward()
    assert grid.grad.tolist() == [[[[0, 0], [0, 0]]]]


REFUSED = {
    "gumbel tau": (lambda: F.gumbel_softmax(f(2), 0.0), SettingError, "tau above 0"),
    "gumbel dim": (lambda: F.gumbel_softmax(f(2), dim=1), ShapeError, r"\[-1, 1\)"),
    "rrelu bounds": (lambda: F.rrelu(f(2), 0.5, 0.2), SettingError, "lower <= upper"),
    "shuffle": (lambda: F.channel_shuffle(f(1, 4, 2), 3), ShapeError, "multiple of 3"),
    "shuffle by 0": (lambda: F.channel_shuffle(f(1, 4, 2), 0), SettingError, "at least 1"),
    "grid mode": (lambda: F.grid_sample(f(1, 1, 2, 2), f(1, 2, 2, 2), "bilinera"), SettingError, "'bilinear'"),
    "grid padding": (
        lambda: F.grid_sample(f(1, 1, 2, 2), f(1, 2, 2, 2), padding_mode="zero"), SettingError, "'zeros'",
    ),
    "grid cubic": (lambda: F.grid_sample(f(1, 1, 2, 2, 2), f(1, 2, 2, 2, 3), "bicubic"), ShapeError, "2 sizes"),
    "grid shape": (lambda: F.grid_sample(f(2, 1, 2, 2), f(1, 2, 2, 2)), ShapeError, r"grid \(N, 2 sizes, 2\)"),
    "grid dtype": (lambda: F.grid_sample(f(1, 1, 2, 2), f(1, 2, 2, 2).double()), DtypeError, "one dtype"),
    "affine": (lambda: F.affine_grid(f(2, 2, 3), (1, 1, 2, 2)), ShapeError, r"theta \(N, 2, 3\)"),
    "affine size": (lambda: F.affine_grid(f(1, 2, 3), (1, 1, 2)), ShapeError, r"size \(N, C, H, W\)"),
    "rms": (lambda: F.rms_norm(f(2, 3), (4,)), ShapeError, r"\(4,\)"),
    "rms weight": (lambda: F.rms_norm(f(2, 3), (3,), f(2)), ShapeError, r"weight \(3,\)"),
    "RMSNorm": (lambda: nn.RMSNorm(0), SettingError, "at least 1"),
    "Softmax2d": (lambda: nn.Softmax2d()(f(2, 3)), ShapeError, r"\(C, H, W\)"),
    "bag mode": (lambda: F.embedding_bag(i([[0]]), f(2, 2), mode="men"), SettingError, "'mean'"),
    "bag scaled": (
        lambda: F.embedding_bag(i([[0]]), f(2, 2), mode="max", scale_grad_by_freq=True), SettingError, "scale_grad",
    ),
    "bag weights": (
        lambda: F.embedding_bag(i([[0]]), f(2, 2), per_sample_weights=f(1, 1)), SettingError, 'mode "sum"',
    ),
    "bag weights' shape": (
        lambda: F.embedding_bag(i([[0]]), f(2, 2), mode="sum", per_sample_weights=f(2, 1)), ShapeError, r"\(1, 1\)",
    ),
    "bag without offsets": (lambda: F.embedding_bag(i([0]), f(2, 2)), ShapeError, "with offsets"),
    "bag with both": (lambda: F.embedding_bag(i([[0]]), f(2, 2), i([0])), ShapeError, "without offsets"),
    "bag offsets": (lambda: F.embedding_bag(i([0, 1]), f(2, 2), i([1])), DataError, "rise from 0"),
    "bag offsets fall": (lambda: F.embedding_bag(i([0, 1]), f(2, 2), i([0, 2, 1])), DataError, "rise from 0"),
    "bag offsets' end": (
        lambda: F.embedding_bag(i([0, 1]), f(2, 2), i([0, 1]), include_last_offset=True), DataError, "at the end",
    ),
    "bag offsets' dtype": (lambda: F.embedding_bag(i([0]), f(2, 2), f(1)), DtypeError, "integer offsets"),
    "bag indices": (lambda: F.embedding_bag(i([[2]]), f(2, 2)), DataError, r"\[0, 2\)"),
    "bag dtype": (lambda: F.embedding_bag(f(1, 1), f(2, 2)), DtypeError, "integer input"),
    "multi margin p": (lambda: F.multi_margin_loss(f(2, 3), i([0, 1]), 3), SettingError, "1 or 2"),
    "multi margin label": (lambda: F.multi_margin_loss(f(2, 3), i([0, 3])), DataError, r"\[0, 3\)"),
    "multi margin shape": (lambda: F.multi_margin_loss(f(2, 3), i([0])), ShapeError, r"target \(2,\)"),
    "multi margin weight": (lambda: F.multi_margin_loss(f(2, 3), i([0, 1]), weight=f(2)), ShapeError, r"\(3,\)"),
    "label sets": (lambda: F.multilabel_margin_loss(f(1, 2), i([[3, -1]])), DataError, r"\[0, 2\)"),
    "label sets' shape": (lambda: F.multilabel_margin_loss(f(1, 2), i([[0]])), ShapeError, r"\(1, 2\)"),
    "label sets' dtype": (lambda: F.multilabel_margin_loss(f(1, 2), f(1, 2)), DtypeError, "integer labels"),
    "triplet margin": (
        lambda: F.triplet_margin_with_distance_loss(f(2, 3), f(2, 3), f(2, 3), margin=0.0), SettingError, "above 0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    call, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        call()
