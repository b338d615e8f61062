"""Clipping: nothing is read from the device, nothing is lost at the edges; and penalties."""

import math

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.functional.namespaces import Xdl
from tests.optim import around
from xdl import backend, nn
from xdl.errors import BackendError, NonFiniteError, SettingError
from xdl.gradcheck import gradcheck, gradgradcheck
from xdl.nn.utils import clip_grad_norm_, clip_grad_value_, get_total_norm, l1_penalty, l2_penalty

F = Xdl()
BACKENDS = ["numpy", pytest.param("cuda-on-host", marks=needs_compiler)]


@pytest.mark.parametrize("name", around.CLIPS)
def test_norms_on_strict_arrays_without_looking_at_values(name, strict, no_synchronization):
    norm_type, limit = around.CLIPS[name]
    expected = around.clip_norm(F, norm_type, limit)
    backend.use(strict.name)
    parameters = around.with_gradients(F)
    with no_synchronization():
        total = clip_grad_norm_(parameters, limit, norm_type)
    found = [F.host(total).reshape(-1), around.gradients(F, parameters)]
    np.testing.assert_allclose(np.concatenate(found), expected, rtol=1e-12)


def test_values_on_strict_arrays_without_looking_at_values(strict, no_synchronization):
    expected = around.clip_value(F, 0.3)
    backend.use(strict.name)
    parameters = around.with_gradients(F)
    with no_synchronization():
        clip_grad_value_(parameters, 0.3)
    np.testing.assert_array_equal(around.gradients(F, parameters), expected)
    assert np.abs(expected).max() == 0.3


def test_a_gradient_that_someone_holds_is_clipped_in_place():
    p = xdl.zeros(3, requires_grad=True)
    p.grad = held = xdl.tensor([3.0, 0.0, -4.0])
    assert clip_grad_norm_(p, 1.0).item() == 5
    np.testing.assert_allclose(held.numpy(), [0.6, 0, -0.8], rtol=1e-6)
    clip_grad_value_([p], 0.7)
    np.testing.assert_allclose(held.numpy(), [0.6, 0, -0.7], rtol=1e-6)


def test_gradients_that_numpy_holds_as_scalars():
    p = xdl.tensor(2.0, requires_grad=True)
    for _ in range(2):
        (p * p * p).backward()
    clip_grad_norm_([p], 3.0)
    assert p.grad.item() == pytest.approx(3)
    clip_grad_value_([p], 1.0)
    assert p.grad.item() == 1


@pytest.mark.parametrize("name", BACKENDS)
def test_an_array_that_is_two_gradients_is_scaled_twice_and_strides_are_kept(name):
    xdl.use(name)
    p = [xdl.zeros(4, 3, requires_grad=True) for _ in range(3)]
    both = xdl.arange(12.0).reshape(4, 3)
    p[0].grad = p[2].grad = both
    p[1].grad = xdl.arange(12.0).reshape(3, 4).T
    norm = clip_grad_norm_(p, 10.0)
    assert norm.item() == pytest.approx((3 * 506) ** 0.5)
    factor, plain = 10 / norm.item(), np.arange(12)
    np.testing.assert_allclose(both.numpy(), plain.reshape(4, 3) * factor**2, rtol=1e-6)
    np.testing.assert_allclose(p[1].grad.numpy(), plain.reshape(3, 4).T * factor, rtol=1e-6)
    clip_grad_value_(p, 0.4)
    assert [t.grad.numpy().max() for t in p] == [np.float32(0.4)] * 3


def test_gradients_that_record():
    p = xdl.tensor([3.0, 4.0], requires_grad=True)
    (p * p).sum().backward(create_graph=True)
    clip_grad_norm_([p], 5.0)
    np.testing.assert_allclose(p.grad.detach().numpy(), [3, 4], rtol=1e-6)


def test_dtypes_are_kept_and_the_norm_has_the_widest():
    p = [xdl.zeros(2, dtype=dtype, requires_grad=True) for dtype in ("float32", "float64")]
    for t in p:
        t.grad = xdl.ones(2, dtype=t.dtype)
    total = clip_grad_norm_(p, 1.0)
    assert (total.dtype, total.item()) == ("float64", 2)
    assert [t.grad.dtype for t in p] == ["float32", "float64"]
    assert [t.grad.tolist() for t in p] == [[pytest.approx(0.5)] * 2] * 2


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("norm_type", [1, 2, math.inf])
def test_nothing_to_clip(norm_type, name):
    xdl.use(name)
    assert clip_grad_norm_([xdl.zeros(2, requires_grad=True)], 1.0, norm_type).item() == 0
    empty = xdl.zeros(0, 3, requires_grad=True)
    empty.grad = xdl.zeros(0, 3)
    assert clip_grad_norm_([empty], 1.0, norm_type).item() == 0
    assert get_total_norm([xdl.zeros(0), xdl.tensor([-2.0])], norm_type).item() == 2


@pytest.mark.filterwarnings("ignore:invalid value")  # infinity by 0
@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("norm_type", [1, 2, 2.5, math.inf])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_norms_that_are_not_finite(bad, norm_type, name):
    xdl.use(name)
    p = xdl.zeros(2, requires_grad=True)
    p.grad = xdl.tensor([1.0, bad])
    with pytest.raises(NonFiniteError, match="finite norm"):
        clip_grad_norm_([p], 1.0, norm_type, error_if_nonfinite=True)
    assert p.grad.tolist()[0] == 1
    clip_grad_value_(p, 0.5)
    np.testing.assert_array_equal(p.grad.numpy(), [0.5, bad if math.isnan(bad) else 0.5])
    p.grad = xdl.tensor([1.0, bad])
    assert not math.isfinite(clip_grad_norm_([p], 1.0, norm_type).item())
    np.testing.assert_array_equal(p.grad.numpy(), [math.nan if math.isnan(bad) else 0, math.nan])


def test_what_is_refused(strict):
    p = xdl.zeros(1, requires_grad=True)
    p.grad = xdl.ones(1)
    for norm_type in (0, -1, math.nan):
        with pytest.raises(SettingError, match="norm_type"):
            clip_grad_norm_([p], 1.0, norm_type)
    with pytest.raises(SettingError, match="clip_value"):
        clip_grad_value_([p], -1.0)
    with pytest.raises(SettingError, match="at least one parameter"):
        l1_penalty([])
    backend.use(strict.name)
    other = xdl.zeros(1, requires_grad=True)
    other.grad = xdl.ones(1)
    with pytest.raises(BackendError, match="arrays of one backend"):
        clip_grad_norm_([p, other], 1.0)


def test_penalties():
    layer = nn.Linear(3, 2)
    every = np.concatenate([p.numpy().reshape(-1) for p in layer.parameters()])
    assert l1_penalty(layer.parameters()).item() == pytest.approx(np.abs(every).sum())
    assert l2_penalty(layer.parameters()).item() == pytest.approx((every**2).sum())
    x = [xdl.randn(2, 3, dtype="float64", requires_grad=True), xdl.randn(4, dtype="float64", requires_grad=True)]
    for penalty in (l1_penalty, l2_penalty):
        assert gradcheck(lambda *p, f=penalty: f(p) ** 2, x)
        assert gradgradcheck(lambda *p, f=penalty: f(p) ** 2, x)


def test_half_the_l2_penalty_is_weight_decay():
    a, b = (xdl.tensor([1.0, -2.0, 3.0], requires_grad=True) for _ in range(2))
    decayed, plain = xdl.optim.SGD([a], lr=0.1, weight_decay=0.3), xdl.optim.SGD([b], lr=0.1)
    (a * a * a).sum().backward()
    ((b * b * b).sum() + 0.3 / 2 * l2_penalty(b)).backward()
    decayed.step()
    plain.step()
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-6)
