"""Compiled attention: what is cut into blocks, what is hidden and what is kept, and when the composed one runs."""

import tracemalloc

import numpy as np
import pytest

import xdl
from xdl import backend, kernel, nn, threads
from xdl import functional as F
from xdl.functional.attention.attention_pair import NO_DROPOUT, attention_pair
from xdl.functional.attention.scaled_dot_product import attend

backend.load("numpy")
PLAN = "xdl.kernels.numba.attention.plan"
CAUSAL = np.where(np.tril(np.ones((150, 150), bool)), 0.0, -np.inf)
FIRST = CAUSAL[:6, :6].astype(np.float32)


def made(*shape, seed=0, dtype=np.float32):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def both_ways(q, k, v, mask=None, causal=False, dropped=NO_DROPOUT, version=None):
    """y and the gradients, by the compiled version or another."""
    args = q, k, v, mask, causal, 0.3, *dropped
    version = version or attention_pair.versions["numpy"][0]
    assert version.name != "attention_compiled" or version.when(*args)
    y, saved = version.forward(*args)
    return [y, *version.backward(made(*y.shape, seed=9, dtype=y.dtype), saved, [True] * 3)]


@pytest.mark.parametrize("few", [0, 1 << 20], ids=["again", "kept"])
@pytest.mark.parametrize("mask", [None, "numbers", "bool"])
@pytest.mark.parametrize("dropped", [NO_DROPOUT, (20_000, (3, 4), 5)], ids=["", "dropped"])
def test_no_bit_depends_on_the_threads(few, mask, dropped, monkeypatch):
    for name, value in {"BLOCK": 1 << 12, "QUERIES": 16, "FEW": few, "LEAST": 1}.items():
        monkeypatch.setattr(f"{PLAN}.{name}", value)
    monkeypatch.setattr("xdl.kernels.numba.sharing.WORTH", 0)
    monkeypatch.setattr("xdl.kernels.numba.sharing.FORK", 0)
    q, k, v, bits = made(5, 3, 150, 12), made(5, 3, 150, 12, seed=1), made(5, 3, 150, 7, seed=2), set()
    given = {None: None, "numbers": CAUSAL.astype(np.float32), "bool": made(5, 1, 150, 150, seed=3) > 0}[mask]
    expected = both_ways(q, k, v, given, mask is None, dropped, attention_pair.reference)
    for count in (1, 2, 3, 7):
        threads.set_num_threads(count)
        found = both_ways(q, k, v, given, mask is None, dropped)
        bits.add(tuple(x.tobytes() for x in found))
        for x, y in zip(found, expected, strict=True):
            np.testing.assert_allclose(x, y, atol=1e-5)
    assert len(bits) == 1


def test_results_lie_in_memory_as_queries_do():
    qkv = made(2, 6, 3, 4, 5).transpose(2, 0, 3, 1, 4)  # (3, N, H, L, E) of projections (N, L, 3, H, E)
    y, dq, dk, dv = both_ways(*qkv)
    for x in (y, dq, dk, dv):
        assert x.transpose(0, 2, 1, 3).flags.c_contiguous
    plain = both_ways(*(np.ascontiguousarray(x) for x in qkv))
    assert all(x.flags.c_contiguous for x in plain)
    assert [x.tolist() for x in plain] == [x.tolist() for x in (y, dq, dk, dv)]


def test_keys_that_a_mask_hides_from_all_queries_of_a_block_are_left_out():
    from xdl.kernels.numba.attention.plan import Plan, masks_of

    hidden = CAUSAL.copy()
    for mask, causal in ((hidden, False), (hidden == 0, False), (None, True)):
        masks = None if mask is None else masks_of(mask, (2, 3), 150, np.float64)
        blocks = list(Plan((2, 3), 150, 150, causal, masks).blocks())
        assert blocks == [(0, 64, 64), (64, 128, 128), (128, 150, 150)]
    each = np.broadcast_to(hidden, (2, 1, 150, 150))
    assert {seen for *_, seen in Plan((2, 3), 150, 150, False, masks_of(each, (2, 3), 150, np.float64)).blocks()} == {
        150
    }


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("few", [0, 1 << 20], ids=["again", "kept"])
@pytest.mark.parametrize("mask", [None, FIRST, FIRST == 0], ids=["", "numbers", "bool"])
def test_what_is_no_number_stays_where_it_is_seen(mask, value, few, monkeypatch):
    monkeypatch.setattr(f"{PLAN}.FEW", few)
    q, k, v = made(1, 1, 6, 4), abs(made(1, 1, 6, 4, seed=1)), made(1, 1, 6, 3, seed=2)
    k[0, 0, 4] = value
    with np.errstate(invalid="ignore"):
        found = both_ways(q, k, v, mask, mask is None)
        expected = both_ways(q, k, v, mask, mask is None, version=attention_pair.reference)
    np.testing.assert_array_equal(np.isnan(found[0]), np.isnan(expected[0]))
    assert np.isfinite(found[0][0, 0, :4]).all()
    assert np.isnan(found[0][0, 0, 4:]).any()


def test_a_query_that_sees_nothing_gets_zeros():
    for mask in (np.zeros((5, 6), bool), np.full((5, 6), -np.inf, np.float32)):
        for x in both_ways(made(2, 1, 5, 4), made(2, 1, 6, 4), made(2, 1, 6, 3), mask):
            assert not x.any()


def tensors(*shapes):
    return [xdl.tensor(made(*shape, seed=i)).requires_grad_() for i, shape in enumerate(shapes)]


@pytest.mark.parametrize("p", [0.0, 0.3])
def test_it_is_the_composed_attention_with_the_same_dropout(p):
    q, k, v = tensors((2, 3, 7, 4), (2, 3, 9, 4), (2, 3, 9, 5))
    found = []
    for composed in (False, True):
        xdl.manual_seed(3)
        y = attend(q, k, v, None, p)[0] if composed else F.scaled_dot_product_attention(q, k, v, dropout_p=p)
        after = xdl.rand(2).tolist(), F.dropout(xdl.ones(40), 0.5).tolist()
        found.append((y.detach().numpy(), *(g.numpy() for g in xdl.grad(y.square().sum(), [q, k, v])), after))
    (*ours, last), (*others, their_last) = found
    assert last == their_last
    for x, y in zip(ours, others, strict=True):
        np.testing.assert_allclose(x, y, atol=1e-5)


def operation(y):
    return y.node.rule.func.__name__


def test_what_needs_the_weights_or_a_mask_s_gradient_is_composed(monkeypatch):
    q, k, v = tensors((2, 3, 4), (2, 5, 4), (2, 5, 4))
    mask = xdl.zeros(3, 5)
    assert operation(F.scaled_dot_product_attention(q, k, v, mask)) == "_scaled_dot_product_attention_rule"
    calls = []
    monkeypatch.setattr(kernel.Kernel, "has_version", lambda *_: calls.append(1) or False)
    F.scaled_dot_product_attention(q, k, v)
    assert len(calls) == 1
    F.scaled_dot_product_attention(q, k, v, mask.requires_grad_())
    F.scaled_dot_product_attention(q, k, v, dropout_p=1.0)
    nn.MultiheadAttention(4, 2)(q, q, q)
    assert len(calls) == 1
    nn.MultiheadAttention(4, 2)(q, q, q, need_weights=False)
    assert len(calls) == 2


class UsersSoftmax:
    """Counts its calls."""

    calls = 0

    @classmethod
    def forward(cls, *args):
        cls.calls += 1
        return kernel.slots["softmax"].reference.forward(*args)


def test_versions_of_users_for_its_parts_run():
    slot = kernel.slots["softmax"]
    slot.register("numpy")(UsersSoftmax)
    try:
        F.scaled_dot_product_attention(*tensors((2, 3, 4), (2, 5, 4), (2, 5, 4)))
    finally:
        slot.versions["numpy"][:] = [v for v in slot.versions["numpy"] if v.name != "UsersSoftmax"]
        slot.forget()
    assert UsersSoftmax.calls == 1


def test_a_long_sequence_takes_no_matrix_of_scores(monkeypatch):
    monkeypatch.setattr("xdl.kernels.common.buffers.pool._segments", [])
    monkeypatch.setattr("xdl.kernels.common.buffers.SEGMENT", 0)  # each array has memory that is seen
    n = 2048
    q, k, v = (made(1, 1, n, 16, seed=i) for i in range(3))
    both_ways(q[:, :, :9], k, v)  # compiled
    threads.set_num_threads(1)
    tracemalloc.start()
    both_ways(q, k, v, causal=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < n * n * 4 / 3
