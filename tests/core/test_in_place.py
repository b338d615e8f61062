"""In-place writes: what aliases see, what the tape makes of them, and what it refuses."""

import numpy as np
import pytest

import xdl
from xdl.errors import DtypeError, GraphError, ShapeError


def leaf(*values):
    return xdl.tensor(list(values), dtype="float64", requires_grad=True)


OPERATORS = {
    "+=": lambda x: x.__iadd__(2),
    "-=": lambda x: x.__isub__(2),
    "*=": lambda x: x.__imul__(2),
    "/=": lambda x: x.__itruediv__(2),
    "//=": lambda x: x.__ifloordiv__(2),
    "%=": lambda x: x.__imod__(2),
    "**=": lambda x: x.__ipow__(2),
    "add_": lambda x: x.add_(xdl.tensor([1.0, 2.0, 3.0]), alpha=2),
    "mul_": lambda x: x.mul_(x),
    "exp_": lambda x: x.exp_(),
    "clamp_": lambda x: x.clamp_(2, 3),
    "masked_fill_": lambda x: x.masked_fill_(x > 2, 0.0),
    "copy_": lambda x: x.copy_(xdl.tensor(7)),
    "fill_": lambda x: x.fill_(4),
    "zero_": lambda x: x.zero_(),
    "index_add_": lambda x: x.index_add_(0, xdl.tensor([0, 0]), xdl.tensor([1.0, 2.0])),
}


@pytest.mark.parametrize("write", OPERATORS.values(), ids=OPERATORS)
def test_everything_that_shares_the_memory_sees_it(write, each_backend):
    make = lambda: xdl.Tensor(each_backend.asarray([1.0, 2.0, 3.0], "float32"))  # noqa: E731
    x, expected = make(), write(make().clone()).tolist()
    aliases = x, x.detach(), x[:], x.reshape(1, 3)[0]
    assert write(x) is x
    for alias in aliases:
        assert alias.tolist() == expected
    assert expected != [1.0, 2.0, 3.0]


def test_bits_in_place():
    x = xdl.tensor([True, False, True])
    same = x
    x &= xdl.tensor([True, True, False])
    x |= xdl.tensor([False, True, False])
    x ^= xdl.tensor([True, True, True])
    assert same.tolist() == [False, False, True]


def test_a_hand_written_update_trains():
    p = leaf(3.0, -2.0)
    for _ in range(50):
        (p * p).sum().backward()
        with xdl.no_grad():
            p -= 0.1 * p.grad
        p.grad.zero_()
    assert p.requires_grad
    assert p.is_leaf
    np.testing.assert_allclose(p.numpy(), 0, atol=1e-4)


def test_data_is_the_same_memory_outside_the_tape():
    p = leaf(3.0, -2.0)
    (p * p).sum().backward()
    home = p.array
    p.data -= 0.5 * p.grad
    assert (p.tolist(), p.requires_grad, p.data.requires_grad) == ([0.0, 0.0], True, False)
    p.data = xdl.tensor([4.0, -5.0], dtype="float64")
    p.data.clamp_(-1, 1)
    assert p.tolist() == [1.0, -1.0]
    assert p.array is home
    y = p * p
    p.data.zero_()
    with pytest.raises(GraphError, match="written in place"):
        y.sum().backward()
    p.data = xdl.zeros(3)
    assert (p.shape, p.dtype) == ((3,), "float32")


def test_a_buffer_keeps_the_gradient_of_what_is_written_into_it():
    v = leaf(1.0, 2.0)
    b = xdl.zeros(3, 2, dtype="float64")
    b[0] = v * 2
    (b.sum() + v.sum()).backward()
    assert v.grad.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    "key",
    [0, (0, slice(None)), (slice(0, 2),), (Ellipsis, 0), (None, 1), [0, 1], [1, 1], ([0, 1], [1, 0]), "mask"],
    ids=str,
)
def test_written_places_belong_to_the_value(key):
    key = xdl.tensor([[True, False], [False, True], [True, True]]) if key == "mask" else key
    x, v = leaf([1.0, 2.0], [3.0, 4.0], [5.0, 6.0]), leaf(0.5)
    weight = xdl.arange(1, 7).reshape(3, 2).to("float64")

    def function(x, v):
        b = x * 1
        b[key] = v.reshape(()) * 3
        return b * weight

    assert xdl.gradcheck(function, [x, v])
    assert xdl.gradgradcheck(function, [x, v])


def test_views_and_bases_follow_each_other():
    w = leaf(1.0, 2.0)
    h = w * 1
    row, both = h[0], h.reshape(1, 2)
    h *= w
    (h.sum() + row + 10 * both.sum()).backward()
    assert w.grad.tolist() == [24.0, 44.0]

    w = leaf(1.0, 2.0)
    h = w * 1
    row = h[0]
    row *= 5
    h[1].mul_(w[0])
    (row + h.sum()).backward()
    assert w.grad.tolist() == [12.0, 1.0]

    w = leaf(1.0, 2.0)
    plain = xdl.zeros(2, 2, dtype="float64")
    turned = plain.T
    turned[0] += w
    (plain * xdl.tensor([[1.0, 2.0], [3.0, 4.0]], dtype="float64")).sum().backward()
    assert w.grad.tolist() == [1.0, 3.0]


def test_overwritten_values_get_no_gradient():
    w = leaf(1.0, 2.0)
    h = w * 2
    h[1].zero_()
    (h * 3).sum().backward()
    assert w.grad.tolist() == [6.0, 0.0]


def test_what_another_operation_still_reads_is_refused():
    w = leaf(1.0, 2.0)
    h = w * 2
    y = h.exp()
    z = h * h
    h += 1
    y.sum().backward()  # exp reads its result only
    with pytest.raises(GraphError, match="written in place"):
        z.sum().backward()


def test_what_cannot_be_written():
    w = leaf(1.0, 2.0)
    for write in (lambda: w.add_(1), lambda: w[0].add_(1), lambda: w.__setitem__(0, 1.0), lambda: w.T.zero_()):
        with pytest.raises(GraphError, match=r"no_grad\(\)"):
            write()
    with pytest.raises(GraphError, match="expanded"):
        xdl.zeros(1, 2).expand(3, 2).add_(1)
    frozen = np.ones(2)
    frozen.flags.writeable = False
    with pytest.raises(GraphError, match="read-only"):
        xdl.from_numpy(frozen)[0] = 2.0
    with pytest.raises(ShapeError, match="add_"):
        xdl.zeros(2).add_(xdl.zeros(3, 2))
    with pytest.raises(DtypeError, match="add_"):
        xdl.tensor([1]).add_(0.5)
    assert w.tolist() == [1.0, 2.0]
    assert frozen.tolist() == [1.0, 1.0]


PROGRAMS = 100


def program(seed, w, exp, zeros, ones, factor):
    """A loss of w (3, 4) after random views and writes. exp: that of w; factor: of a tensor that is multiplied."""
    rng = np.random.default_rng(seed)
    pool = [w * 1.5, exp, zeros, ones]
    for _ in range(rng.integers(3, 9)):
        t = pool[rng.integers(len(pool))]
        kind = rng.integers(9)
        if kind == 0 and t.ndim > 1:
            pool.append(t[int(rng.integers(t.shape[0]))])
        elif kind == 1:
            pool.append(t.reshape(-1))
        elif kind == 2 and t.ndim == 2:
            pool.append(t.T)
        elif kind == 3:
            pool.append(t[1:])
        elif kind == 4:
            t *= float(rng.normal())
        elif kind == 5:
            t += w.sum()
        elif kind == 6 and t.ndim and t.shape[0]:
            t[int(rng.integers(t.shape[0]))] = w[0, 0] * float(rng.normal())
        elif kind == 7:
            t.mul_(factor(t))
        else:
            t[t > 0] = w[1, 1] * 2
    return sum((t * (i + 1)).sum() for i, t in enumerate(pool))


def former_values(t):
    """A factor that no gradient goes through."""
    return t.detach().clone() + 1


def loss_and_gradient(lib, dtype, seed, values, exp=lambda w: w.exp(), factor=former_values):
    w = lib.tensor(values.tolist(), dtype=dtype, requires_grad=True)
    loss = program(seed, w, exp(w), lib.zeros(3, 4, dtype=dtype), lib.ones(4, 3, dtype=dtype), factor)
    loss.backward()
    return loss.item(), w.grad.numpy()


@pytest.mark.parametrize("seed", range(12))
def test_random_programs_have_the_gradient_of_differences(seed):
    def loss_and_gradient_at(values):
        return loss_and_gradient(xdl, "float64", seed, values, factor=lambda t: xdl.full(t.shape, 1.5, dtype="float64"))

    values = np.random.default_rng(seed).normal(size=(3, 4))
    _, gradient = loss_and_gradient_at(values)
    direction = np.random.default_rng(seed + 1).normal(size=(3, 4)) * 1e-6
    up, down = (loss_and_gradient_at(values + d)[0] for d in (direction, -direction))
    np.testing.assert_allclose((gradient * direction).sum(), (up - down) / 2, rtol=1e-4, atol=1e-9)


@pytest.mark.torch
@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_random_programs_are_those_of_pytorch(seed):
    """The same values and gradients. PyTorch gets a copy of the exponential, since its node keeps none of its own."""
    import torch

    values = np.random.default_rng(seed).normal(size=(3, 4))
    try:
        loss, gradient = loss_and_gradient(torch, torch.float64, seed, values, lambda w: w.exp().clone())
    except RuntimeError:
        return  # what else PyTorch refuses may work in xdl
    found, found_gradient = loss_and_gradient(xdl, "float64", seed, values)
    np.testing.assert_allclose(found, loss, rtol=1e-10)
    np.testing.assert_allclose(found_gradient, gradient, rtol=1e-10, atol=1e-10)
