"""Rules of the tape: what is freed, kept, accumulated, refused and left alone."""

import gc
import weakref
from threading import Thread

import numpy as np
import pytest

import xdl
from xdl.errors import GraphError, ShapeError
from xdl.tape import record


def leaf(*values):
    return xdl.tensor(np.array(values), requires_grad=True)


def test_a_graph_is_freed_by_backward():
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    y.backward()
    with pytest.raises(GraphError, match="retain_graph"):
        y.backward()


def test_retain_graph_keeps_it_and_gradients_accumulate():
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [4.0, 8.0]
    (x * 3).sum().backward()
    assert x.grad.tolist() == [7.0, 11.0]
    x.grad = None
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    "make",
    [lambda x: x, lambda x: x.reshape(2, 1), lambda x: x[1:], lambda x: x.detach(), lambda x: x.mT],
    ids=["itself", "reshape", "slice", "detach", "transpose"],
)
def test_a_write_through_any_view_is_noticed(make):
    x = xdl.tensor(np.ones((2, 1)))
    w = xdl.tensor(np.ones((2, 1)), requires_grad=True)
    y = (x * w).sum()
    make(x)[...] = 5.0
    with pytest.raises(GraphError, match="written in place"):
        y.backward()


def test_a_write_to_the_base_of_a_view_is_noticed():
    x, w = xdl.tensor(np.ones(3)), leaf(1.0, 1.0)
    y = (x[1:] * w).sum()
    x[...] = 0.0
    with pytest.raises(GraphError, match="written in place"):
        y.backward()


def test_a_write_to_a_kept_output_is_noticed():
    x = leaf(1.0, 2.0)
    y = x.exp()
    with xdl.no_grad():
        y[0] = 9.0
    with pytest.raises(GraphError, match="output"):
        y.sum().backward()


def test_a_write_to_what_no_rule_reads_is_allowed():
    x, w = leaf(1.0, 2.0), xdl.tensor(np.ones(2))
    y = (x + w).sum()
    w[...] = 7.0
    y.backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_a_write_before_the_forward_is_no_fault():
    x, w = leaf(1.0, 2.0), xdl.tensor(np.ones(2))
    w[0] = 4.0
    (x * w).sum().backward()
    assert x.grad.tolist() == [4.0, 1.0]


def test_a_recorded_tensor_is_not_written():
    x = leaf(1.0)
    with pytest.raises(GraphError, match="no_grad"):
        x[0] = 2.0
    with xdl.no_grad():
        x[0] = 2.0
    assert x.tolist() == [2.0]


def test_no_reference_cycles():
    gc.collect()
    gc.disable()
    try:
        x = leaf(1.0, 2.0)
        middle = x * x
        y = middle.exp().sum()
        gone = [weakref.ref(middle), weakref.ref(middle.array)]
        del middle
        y.backward()
        assert [ref() for ref in gone] == [None, None]
        z = (x * x).exp()
        gone = weakref.ref(z)
        del z
        assert gone() is None
    finally:
        gc.enable()


def test_memory_is_freed_as_backward_passes():
    x = leaf(1.0, 2.0)
    alive = []

    def look(needs, g, y, saved, a):
        alive.append(late() is not None)
        return (g,)

    first = record(x.array * 1.0, (x,), look)
    middle = first * 2.0
    late = weakref.ref(middle.array)
    y = (middle * middle).sum()
    del middle
    assert late() is not None
    y.backward()
    assert alive == [False]


@pytest.mark.parametrize("call", [
    lambda a, b: a + b,
    lambda a, b: (a + b) + (a + b),
    lambda a, b: xdl.cat([a, b]).reshape(2, 2).sum(0),
    lambda a, b: a.reshape(2) + b.reshape(2),
    lambda a, b: xdl.where(xdl.tensor([True, False]), a + b, a + b),
], ids=["add", "add twice", "cat", "reshape", "where"])  # fmt: skip
def test_leaves_never_share_a_gradient(call):
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    cotangent = xdl.tensor(np.array([1.0, 1.0]))
    call(a, b).backward(cotangent)
    before = b.grad.tolist()
    with xdl.no_grad():
        a.grad[...] = -50.0
    assert b.grad.tolist() == before
    assert cotangent.tolist() == [1.0, 1.0]
    call(a, b).backward(cotangent)
    assert cotangent.tolist() == [1.0, 1.0]
    assert b.grad.tolist() == [2 * value for value in before]


def test_a_leaf_as_root_keeps_its_own_gradient():
    x, g = leaf(1.0, 2.0), xdl.tensor(np.array([5.0, 6.0]))
    x.backward(g)
    with xdl.no_grad():
        x.grad[...] = 0.0
    assert g.tolist() == [5.0, 6.0]


def test_grad_of_inner_tensors_and_unused_ones():
    x, unused = leaf(2.0), leaf(1.0)
    inner = x * 3
    y = (inner * inner).sum()
    for_inner, for_x, for_unused = xdl.grad(y, [inner, x, unused])
    assert for_inner.tolist() == [12.0]
    assert for_x.tolist() == [36.0]
    assert for_unused is None
    assert x.grad is None


def test_grad_of_several_roots_adds_up():
    x = leaf(2.0)
    (g,) = xdl.grad([(x * x).sum(), (x * 5).sum()], x)
    assert g.tolist() == [9.0]


def test_higher_derivatives():
    x = leaf(2.0)
    y = (x**4).sum()
    for expected in (32.0, 48.0, 48.0, 24.0):
        (y,) = xdl.grad(y.sum(), x, create_graph=True)
        assert y.tolist() == pytest.approx([expected])


def test_roots_are_checked():
    x = leaf(1.0, 2.0)
    with pytest.raises(GraphError, match=r"shape \(2,\), found none"):
        (x * 2).backward()
    with pytest.raises(GraphError, match="requires_grad"):
        x.detach().sum().backward()
    with pytest.raises(ShapeError, match=r"\(2,\)"):
        (x * 2).backward(xdl.ones(3, dtype="float64"))


def test_switches_nest():
    x = leaf(1.0)
    with xdl.no_grad():
        assert not (x * 2).requires_grad
        with xdl.enable_grad():
            assert (x * 2).requires_grad
            with xdl.no_grad():
                assert not xdl.is_grad_enabled()
        assert not xdl.is_grad_enabled()
    assert (x * 2).requires_grad


def test_switches_survive_errors_and_decorate():
    @xdl.no_grad()
    def quiet(x):
        return x * 2

    assert not quiet(leaf(1.0)).requires_grad
    with pytest.raises(ZeroDivisionError), xdl.no_grad():
        raise ZeroDivisionError
    assert xdl.is_grad_enabled()


def test_switches_belong_to_a_thread():
    seen = []
    with xdl.no_grad():
        thread = Thread(target=lambda: seen.append(xdl.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


@pytest.mark.parametrize("backward", [True, False])
def test_deep_chains(backward):
    x = leaf(1.0)
    y = x
    for _ in range(20_000):
        y = y * 1.0
    if backward:
        y.backward()
        assert x.grad.tolist() == [1.0]
    del y


def test_deep_chains_of_second_order():
    x = leaf(1.0)
    y = x
    for _ in range(5_000):
        y = y * 1.0
    (g,) = xdl.grad(y * x, x, create_graph=True)
    g.backward()
    assert x.grad.tolist() == [2.0]
