"""Samples from distributions that tensors give, and random numbers written in place."""

import numpy as np
import pytest

import xdl
from xdl.errors import DataError, DtypeError, GraphError, SettingError, ShapeError, XdlError


@pytest.fixture(autouse=True)
def _seed():
    xdl.manual_seed(7)


def test_bernoulli_has_the_frequencies_of_its_input():
    p = xdl.tensor([0.0, 0.2, 0.9, 1.0]).expand(20_000, 4)
    drawn = xdl.bernoulli(p)
    assert drawn.dtype == "float32"
    assert set(np.unique(drawn.numpy())) == {0.0, 1.0}
    assert np.allclose(drawn.mean(0).numpy(), [0.0, 0.2, 0.9, 1.0], atol=0.01)
    assert drawn[:, 0].sum() == 0
    assert drawn[:, 3].sum() == 20_000
    assert abs(xdl.bernoulli(xdl.zeros(20_000), 0.3).mean().item() - 0.3) < 0.01


@pytest.mark.parametrize("replacement", [True, False])
def test_multinomial_has_the_frequencies_of_its_weights(replacement):
    weights = xdl.tensor([[1.0, 0.0, 3.0, 6.0], [0.0, 2.0, 2.0, 0.0]]).repeat(10_000, 1)
    drawn = xdl.multinomial(weights, 1, replacement)
    assert drawn.dtype == "int64"
    assert drawn.shape == (20_000, 1)
    first = np.bincount(drawn[::2, 0].numpy(), minlength=4) / 10_000
    second = np.bincount(drawn[1::2, 0].numpy(), minlength=4) / 10_000
    assert np.allclose(first, [0.1, 0, 0.3, 0.6], atol=0.02)
    assert np.allclose(second, [0, 0.5, 0.5, 0], atol=0.02)


def test_multinomial_without_replacement_takes_each_once():
    drawn = xdl.multinomial(xdl.tensor([1.0, 0.0, 2.0, 3.0]), 3)
    assert sorted(drawn.tolist()) == [0, 2, 3]
    one_after_another = xdl.multinomial(xdl.tensor([1.0, 1.0, 8.0]).expand(20_000, 3), 2).numpy()
    share = (one_after_another == [2, 0]).all(1).mean()
    assert abs(share - 0.8 * 0.5) < 0.01  # first 2, then one of two equal ones
    assert len(set(xdl.multinomial(xdl.tensor([0.5, 0.5]), 50, replacement=True).tolist())) == 2


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: xdl.multinomial(xdl.tensor([1.0, 0.0]), 2), DataError),
        (lambda: xdl.multinomial(xdl.tensor([1.0, -1.0]), 1), DataError),
        (lambda: xdl.multinomial(xdl.tensor([1.0, float("nan")]), 1), DataError),
        (lambda: xdl.multinomial(xdl.zeros(2), 1, True), DataError),
        (lambda: xdl.multinomial(xdl.ones(2), 3), SettingError),
        (lambda: xdl.multinomial(xdl.ones(2), 0), SettingError),
        (lambda: xdl.multinomial(xdl.ones(1, 2, 3), 1), ShapeError),
        (lambda: xdl.multinomial(xdl.ones(0), 1), ShapeError),
        (lambda: xdl.multinomial(xdl.arange(3), 1), DtypeError),
        (lambda: xdl.bernoulli(xdl.tensor([1.1])), DataError),
        (lambda: xdl.bernoulli(xdl.tensor([float("nan")])), DataError),
        (lambda: xdl.bernoulli(xdl.arange(2)), DtypeError),
        (lambda: xdl.bernoulli([0.5]), DtypeError),
        (lambda: xdl.normal(0.0, -1.0, (2,)), SettingError),
        (lambda: xdl.normal(0.0, 1.0), SettingError),
        (lambda: xdl.randint(3, 1, (2,)), SettingError),
        (lambda: xdl.randint(1.5, (2,)), SettingError),
        (lambda: xdl.randint(300, (2,), dtype="int8"), DtypeError),
        (lambda: xdl.ones(2).uniform_(1, 0), SettingError),
        (lambda: xdl.ones(2).exponential_(0), SettingError),
        (lambda: xdl.arange(2).normal_(), DtypeError),
        (lambda: xdl.ones(2, requires_grad=True).uniform_(), GraphError),
    ],
)
def test_what_is_refused(call, error):
    with pytest.raises(error):
        call()


def test_normal_of_numbers_and_of_tensors():
    drawn = xdl.normal(3.0, 0.5, size=(10_000,))
    assert abs(drawn.mean().item() - 3) < 0.03
    assert abs(drawn.std().item() - 0.5) < 0.02
    drawn = xdl.normal(xdl.tensor([0.0, 5.0]).expand(10_000, 2), xdl.tensor([1.0, 0.1]))
    assert np.allclose(drawn.mean(0).numpy(), [0, 5], atol=0.05)
    assert np.allclose(drawn.std(0).numpy(), [1, 0.1], atol=0.03)
    assert xdl.normal(0.0, xdl.ones(4, dtype="float64")).dtype == "float64"
    assert not xdl.normal(xdl.zeros(2, requires_grad=True), 1.0).requires_grad
    assert xdl.normal(0.0, 1.0, (2,), dtype="float64", requires_grad=True).requires_grad


def test_whole_numbers_in_both_spellings():
    assert set(xdl.randint(3, (500,)).tolist()) == {0, 1, 2}
    assert set(xdl.randint(5, 7, (500,)).tolist()) == {5, 6}
    assert xdl.randint(0, 2, size=(3,), dtype="float32").dtype == "float32"
    assert xdl.randint(high=4, low=3, size=2).tolist() == [3, 3]
    assert xdl.randint_like(xdl.ones(2), 1).tolist() == [0.0, 0.0]


def test_numbers_written_in_place():
    x = xdl.zeros(20_000)
    view = x[:10_000]
    assert x.uniform_(-1, 3) is x
    assert abs(x.mean().item() - 1) < 0.05
    assert -1 <= x.min().item() < x.max().item() < 3
    assert view.tolist() == x[:10_000].tolist()
    assert abs(x.normal_(2, 3).std().item() - 3) < 0.1
    assert abs(x.mean().item() - 2) < 0.1
    assert abs(x.exponential_(4).mean().item() - 0.25) < 0.01
    assert x.min().item() >= 0
    assert abs(x.bernoulli_(0.25).mean().item() - 0.25) < 0.01
    assert abs(x.log_normal_(0, 0.5).log().std().item() - 0.5) < 0.02
    assert set(xdl.zeros(500, dtype="int8").random_(3).tolist()) == {0, 1, 2}
    assert set(xdl.zeros(500, dtype="int64").random_(2, 4).tolist()) == {2, 3}
    assert xdl.zeros(500, dtype="uint8").random_().numpy().max() > 200
    assert xdl.zeros(50, dtype="bool").random_().any()
    assert xdl.zeros(50, dtype="int64").bernoulli_().dtype == "int64"


def test_a_written_sample_is_a_constant_on_the_tape():
    x = xdl.ones(3, requires_grad=True)
    y = x * 2
    y.normal_()
    (y.sum() + x.sum()).backward()
    assert x.grad.tolist() == [1.0, 1.0, 1.0]


def test_generators_are_streams():
    mine = [xdl.random.Stream(5, "mine") for _ in range(2)]
    for draw in (
        lambda g: xdl.normal(0.0, 1.0, (3,), generator=g),
        lambda g: xdl.multinomial(xdl.ones(9), 3, generator=g),
        lambda g: xdl.bernoulli(xdl.full((9,), 0.5), generator=g),
        lambda g: xdl.zeros(3).uniform_(generator=g),
        lambda g: xdl.rand_like(xdl.ones(2), generator=g),
    ):
        assert draw(mine[0]).tolist() == draw(mine[1]).tolist()


@pytest.mark.parametrize("size", [(2.0,), (-1,), ("a",), (None,), ([1, "x"],), (1 << 70,)])
@pytest.mark.parametrize("make", [xdl.zeros, xdl.empty, xdl.rand, xdl.randn, xdl.eye, lambda s: xdl.full(s, 1)])
def test_sizes_that_are_none(make, size):
    with pytest.raises(XdlError):
        make(*size)
