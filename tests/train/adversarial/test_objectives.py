"""What critic and generator minimize: values by hand and by other losses, gradients of first and second order."""

from math import log

import numpy as np
import pytest

import xdl
from xdl import functional as F
from xdl import gradcheck, nn
from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.train.adversarial import LogOdds, Wasserstein, gradient_penalty

RNG = np.random.default_rng(0)
OBJECTIVES = {
    "non-saturating": LogOdds(),
    "minimax": LogOdds(minimax=True),
    "smoothed": LogOdds(smoothing=0.1),
    "wasserstein": Wasserstein(),
}


def scores(seed=0):
    rng = np.random.default_rng(seed)
    return [xdl.tensor(3 * rng.normal(size=(5, 1)), requires_grad=True) for _ in range(2)]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_gradients(name):
    real, made = scores()
    assert gradcheck(OBJECTIVES[name].critic_loss, [real, made])
    assert gradcheck(OBJECTIVES[name].generator_loss, [made])


def test_log_odds_are_cross_entropies():
    real, made = scores()
    one, zero = xdl.ones_like(real), xdl.zeros_like(real)
    bce = F.binary_cross_entropy_with_logits
    expected = bce(real, one) + bce(made, zero)
    assert LogOdds().critic_loss(real, made).item() == pytest.approx(expected.item(), abs=1e-12)
    smoothed = bce(real, 0.9 * one) + bce(made, zero)
    assert LogOdds(smoothing=0.1).critic_loss(real, made).item() == pytest.approx(smoothed.item(), abs=1e-12)
    assert LogOdds().generator_loss(made).item() == pytest.approx(bce(made, one).item(), abs=1e-12)
    minimax = LogOdds(minimax=True).generator_loss(made).item()
    assert minimax == pytest.approx(-bce(made, zero).item(), abs=1e-12)


def test_a_critic_that_sees_through_gives_a_gradient_only_without_saturation():
    made = xdl.tensor([-20.0], requires_grad=True)
    slopes = {}
    for minimax in (True, False):
        made.grad = None
        LogOdds(minimax=minimax).generator_loss(made).backward()
        slopes[minimax] = abs(made.grad.item())
    assert slopes[True] < 1e-8
    assert slopes[False] == pytest.approx(1, abs=1e-6)


def test_a_critic_that_knows_nothing_has_the_loss_log_4():
    nothing = xdl.zeros(7, 1)
    assert LogOdds().critic_loss(nothing, nothing).item() == pytest.approx(log(4), abs=1e-6)
    assert Wasserstein().critic_loss(nothing + 2, nothing).item() == -2


@pytest.mark.parametrize("smoothing", [-0.1, 0.5, float("nan")])
def test_a_smoothing_out_of_range_is_refused(smoothing):
    with pytest.raises(SettingError, match="smoothing"):
        LogOdds(smoothing=smoothing)


def test_the_penalty_of_a_line_is_that_of_its_slope():
    """f(x) = w.x has the slope |w| everywhere."""
    w = xdl.tensor([3.0, 4.0], dtype="float64", requires_grad=True)
    real, made = (xdl.tensor(RNG.normal(size=(6, 2))) for _ in range(2))
    share = xdl.rand(6, dtype="float64")
    penalty = gradient_penalty(lambda x: x @ w, real, made, share)
    assert penalty.item() == pytest.approx(16)
    penalty.backward()
    np.testing.assert_allclose(w.grad.numpy(), 2 * 4 * np.array([0.6, 0.8]), rtol=1e-12)


@pytest.mark.parametrize("shape", [(4, 3), (4, 2, 3, 3)])
def test_gradients_of_the_penalty_by_the_weights(shape):
    """The penalty is a gradient's: its own gradient is one of second order, and gradgradcheck takes a third."""
    size = int(np.prod(shape[1:]))
    real, made = (xdl.tensor(RNG.normal(size=shape)) for _ in range(2))
    share = xdl.tensor(RNG.uniform(size=shape[0]))
    weights = [xdl.tensor(RNG.normal(size=size_) / 2, requires_grad=True) for size_ in ((5, size), (1, 5))]

    def penalty(first, second):
        return gradient_penalty(lambda x: F.linear(F.linear(x.flatten(1), first).tanh(), second), real, made, share)

    assert gradcheck(penalty, weights)
    assert xdl.gradgradcheck(penalty, weights)


def test_a_flat_critic_has_a_penalty_and_a_gradient():
    layer = nn.Linear(2, 1)
    with xdl.no_grad():
        layer.weight.zero_()
    penalty = gradient_penalty(layer, xdl.randn(3, 2), xdl.randn(3, 2), xdl.rand(3))
    penalty.backward()
    assert penalty.item() == 1
    assert np.isfinite(layer.weight.grad.numpy()).all()


def test_conditions_reach_the_critic_and_shapes_are_checked():
    seen = []

    def critic(x, labels):
        seen.append(labels)
        return x.sum(1)

    x, labels = xdl.randn(3, 2), xdl.tensor([0, 1, 2])
    gradient_penalty(critic, x, x, xdl.rand(3), labels)
    assert seen == [labels]
    with pytest.raises(ShapeError, match=r"gradient_penalty: expected made of \(3, 2\), found \(4, 2\)"):
        gradient_penalty(critic, x, xdl.randn(4, 2), xdl.rand(3), labels)
    with pytest.raises(ShapeError, match=r"share of \(3,\)"):
        gradient_penalty(critic, x, x, xdl.rand(3, 1), labels)


def test_a_penalty_asks_for_tensors_and_a_critic_that_gives_one():
    x, share = xdl.randn(3, 2), xdl.rand(3)
    for name, given in (("real", (x.numpy(), x, share)), ("made", (x, x.numpy(), share)), ("share", (x, x, 0.5))):
        with pytest.raises(DtypeError, match=f"gradient_penalty: expected a Tensor as {name}"):
            gradient_penalty(nn.Linear(2, 1), *given)
    with pytest.raises(DtypeError, match="a critic that gives a Tensor, found int"):
        gradient_penalty(lambda _: 3, x, x, share)
