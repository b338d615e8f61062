"""The divergence of Jensen and Shannon: its bounds, its symmetry, its gradient, and what is refused."""

from math import log

import numpy as np
import pytest

import xdl
from xdl.distributions import Bernoulli, Categorical, Normal, js_divergence, kl_divergence
from xdl.errors import ShapeError, XdlError
from xdl.gradcheck import gradcheck

P, Q = np.random.RandomState(0).dirichlet(np.ones(4), (2, 5))


def test_it_is_the_mean_of_two_divergences_and_symmetric():
    p, q = (Categorical(xdl.tensor(x)) for x in (P, Q))
    m = (P + Q) / 2
    by_hand = ((P * np.log(P / m)).sum(1) + (Q * np.log(Q / m)).sum(1)) / 2
    np.testing.assert_allclose(js_divergence(p, q).numpy(), by_hand, rtol=1e-12)
    np.testing.assert_allclose(js_divergence(q, p).numpy(), by_hand, rtol=1e-12)
    assert (kl_divergence(p, q).numpy() != kl_divergence(q, p).numpy()).all()


def test_it_lies_between_0_and_ln_2():
    p = xdl.tensor([[1.0, 0, 0], [0.5, 0.5, 0], [0.2, 0.3, 0.5]], dtype="float64")
    q = xdl.tensor([[0.0, 0.4, 0.6], [0.5, 0.5, 0], [0.5, 0.3, 0.2]], dtype="float64")
    apart, same, between = js_divergence(Categorical(p), Categorical(q)).tolist()
    assert apart == pytest.approx(log(2), rel=1e-12)
    assert same == pytest.approx(0, abs=1e-15)
    assert 0 < between < log(2)
    ends = js_divergence(Bernoulli(xdl.tensor([0.0, 1.0, 0.3])), Bernoulli(xdl.tensor([1.0, 1.0, 0.3]))).tolist()
    assert ends == pytest.approx([log(2), 0, 0], abs=1e-6)


def test_gradients():
    p, q = (xdl.tensor(np.log(x), requires_grad=True) for x in (P, Q))
    assert gradcheck(lambda p, q: js_divergence(Categorical(logits=p), Categorical(logits=q)), [p, q])
    a, b = (xdl.tensor([0.2, 0.7], dtype="float64", requires_grad=True) for _ in range(2))
    assert gradcheck(lambda a, b: js_divergence(Bernoulli(a), Bernoulli(logits=b)), [a, b])


def test_what_is_refused():
    with pytest.raises(XdlError, match="two Bernoulli, or two Categorical, found Normal and Normal"):
        js_divergence(Normal(0.0, 1.0), Normal(0.0, 1.0))
    with pytest.raises(ShapeError, match="as many classes in both"):
        js_divergence(Categorical(xdl.ones(3)), Categorical(xdl.ones(4)))
