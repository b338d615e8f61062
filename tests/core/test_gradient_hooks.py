"""Hooks on tensors: when they run, what they change, and that they go with their tensor."""

import gc
import weakref

import pytest

import xdl
from xdl import gradient_hooks
from xdl.errors import DtypeError, GraphError, ShapeError


@pytest.fixture(autouse=True)
def _first_hooks(monkeypatch):
    """Other tests run as if there had never been a hook."""
    monkeypatch.setattr(gradient_hooks, "registered", registered := [0])
    monkeypatch.setattr("xdl.tape.registered", registered)


def test_a_hook_sees_the_whole_gradient_of_a_result():
    x = xdl.tensor([1.0, 2.0], requires_grad=True)
    h = x * 3
    y = (h * h).sum() + h.sum()
    seen = []
    h.register_hook(seen.append)
    y.backward()
    assert [g.tolist() for g in seen] == [[7.0, 13.0]]
    assert x.grad.tolist() == [21.0, 39.0]


def test_a_hook_replaces_the_gradient_and_the_next_one_sees_it():
    x = xdl.tensor([1.0], requires_grad=True)
    h = x * 3
    order = []
    h.register_hook(lambda g: order.append(g.item()) or g * 2)
    h.register_hook(lambda g: order.append(g.item()))
    h.sum().backward()
    assert order == [1.0, 2.0]
    assert x.grad.tolist() == [6.0]


def test_hooks_of_leaves_run_before_the_gradient_is_added():
    w = xdl.tensor([1.0, 1.0], requires_grad=True)
    kept = []
    handle = w.register_hook(lambda g: kept.append(g) or g * 10)
    (w * xdl.tensor([1.0, 2.0])).sum().backward()
    assert w.grad.tolist() == [10.0, 20.0]
    (w * xdl.tensor([1.0, 2.0])).sum().backward()
    assert w.grad.tolist() == [20.0, 40.0]
    assert [g.tolist() for g in kept] == [[1.0, 2.0]] * 2
    handle.remove()
    handle.remove()
    (w * xdl.tensor([1.0, 2.0])).sum().backward()
    assert w.grad.tolist() == [21.0, 42.0]
    assert len(kept) == 2


def test_a_gradient_that_a_hook_keeps_is_not_written_later():
    w = xdl.tensor([1.0, 1.0], requires_grad=True)
    kept = []
    w.register_hook(kept.append)
    for _ in range(3):
        (w.exp() * w).sum().backward()
    assert len({tuple(g.tolist()) for g in kept}) == 1


def test_hooks_of_one_result_of_several():
    x = xdl.tensor([3.0, 1.0, 2.0], requires_grad=True)
    values, _ = x.sort()
    seen = []
    values.register_hook(lambda g: seen.append(g.tolist()) or g * 2)
    (values * xdl.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert seen == [[1.0, 2.0, 3.0]]
    assert x.grad.tolist() == [6.0, 2.0, 4.0]


def test_hooks_in_grad_and_in_recorded_passes():
    x = xdl.tensor([2.0], requires_grad=True)
    h = x * x
    h.register_hook(lambda g: g * h)
    (g,) = xdl.grad((h * 3).sum(), [x], create_graph=True)
    assert g.tolist() == [3 * 4 * 4.0]
    (second,) = xdl.grad(g.sum(), [x])
    assert second.item() == 24 + 4 * 48  # of 3h 2x: by x, and by h, where the hook works again, as in PyTorch
    (of_h,) = xdl.grad((x * x).sum(), [x])
    assert of_h.tolist() == [4.0]


def test_retained_gradients():
    x = xdl.tensor([2.0], requires_grad=True)
    h = x * x
    h.retain_grad()
    x.retain_grad()
    (h * 3).sum().backward(retain_graph=True)
    (h * 3).sum().backward()
    assert h.grad.tolist() == [6.0]
    assert x.grad.tolist() == [24.0]


def test_what_a_hook_may_not_return():
    x = xdl.ones(2, requires_grad=True)
    for returned, error in ((xdl.ones(3), ShapeError), (1.0, DtypeError)):
        h = x * 2
        h.register_hook(lambda _, returned=returned: returned)
        with pytest.raises(error, match="register_hook"):
            h.sum().backward()
    with pytest.raises(GraphError, match="requires_grad"):
        xdl.ones(2).register_hook(print)
    h = x * 2
    h.register_hook(lambda g: g.to("float64"))
    h.sum().backward()
    assert x.grad.dtype == "float32"


def test_hooks_go_with_their_tensors():
    x = xdl.ones(2, requires_grad=True)
    h = x * 2
    h.register_hook(lambda _, h=h: print(h))
    h.retain_grad()
    gone = weakref.ref(h)
    del h
    gc.collect()
    assert gone() is None
    with x.register_hook(lambda g: g * 0):
        x.sum().backward()
    x.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
