"""Attention and transformers: every setting against PyTorch, decoding step by step, rows that see nothing, refusals."""

from itertools import product

import numpy as np
import pytest

import xdl
from xdl import nn
from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.functional import scaled_dot_product_attention

N, L, S, E, H = 2, 3, 4, 6, 2
RANDOM = np.random.default_rng(0)
CAUSAL = np.triu(np.ones((L, L), bool), 1)
PADDING = np.array([[False] * L, [False] * (L - 1) + [True]])


def twins(torch, name, *args, **kwargs):
    """The module of PyTorch and xdl's with the same weights, in float64."""
    theirs = getattr(torch.nn, name)(*args, **kwargs).double()
    ours = getattr(nn, name)(*args, **kwargs, dtype="float64")
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for p in theirs.parameters():
        p.data = torch.tensor(RANDOM.normal(size=p.shape) * 0.5)
    ours.load_state_dict({key: xdl.tensor(value.numpy()) for key, value in theirs.state_dict().items()})
    return theirs, ours


def same(torch, modules, call, *hosts):
    """Outputs and all gradients of both are equal."""
    found = []
    for library, module in zip((torch, xdl), modules, strict=True):
        inputs = [library.tensor(x, dtype=library.float64, requires_grad=True) for x in hosts]
        results = call(library, module, *inputs)
        results = [r for r in (results if isinstance(results, tuple) else (results,)) if r is not None]
        sum((r * r * (i + 1)).sum() for i, r in enumerate(results)).backward()
        gradients = [t.grad for t in (*inputs, *module.parameters()) if t.grad is not None]
        found.append([t.detach().numpy() for t in (*results, *gradients)])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


@pytest.mark.torch
@pytest.mark.parametrize("mask", [None, "bool", "float", "each head"])
@pytest.mark.parametrize("kdim", [None, 5])
def test_multihead_attention_is_pytorchs(mask, kdim):
    import torch

    for first, bias, learned, zero, pad, average in product((False, True), repeat=6):
        settings = {"bias": bias, "add_bias_kv": learned, "add_zero_attn": zero, "batch_first": first}
        modules = twins(torch, "MultiheadAttention", E, H, **settings, kdim=kdim, vdim=kdim)
        query = RANDOM.normal(size=(N, L, E) if first else (L, N, E))
        keys = RANDOM.normal(size=(N, S, kdim or E) if first else (S, N, kdim or E))
        each = RANDOM.normal(size=(N * H, L, S)) > 1
        each[:, :, 0] = False
        hidden = {None: None, "bool": np.triu(np.ones((L, S), bool), 1), "float": RANDOM.normal(size=(L, S))}
        chosen = {**hidden, "each head": each}[mask]
        padding = np.array([[False] * S, [False] * (S - 1) + [True]]) if pad else None

        def call(library, module, q, k, v, chosen=chosen, padding=padding, average=average):
            masks = [None if m is None else library.tensor(m) for m in (padding, chosen)]
            return module(q, k, v, masks[0], True, masks[1], average)

        same(torch, modules, call, query, keys, RANDOM.normal(size=keys.shape))


@pytest.mark.torch
@pytest.mark.parametrize("form", ["together", "alone"])
def test_self_attention_is_pytorchs(form):
    import torch

    modules = twins(torch, "MultiheadAttention", E, H)
    shape = (L, E) if form == "alone" else (L, N, E)
    same(torch, modules, lambda library, m, x: m(x, x, x, attn_mask=library.tensor(CAUSAL)), RANDOM.normal(size=shape))


@pytest.mark.torch
@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_transformers_are_pytorchs(norm_first, batch_first):
    import torch

    for activation, bias in product(("relu", "gelu"), (True, False)):
        settings = {"dropout": 0.0, "activation": activation, "norm_first": norm_first, "batch_first": batch_first}
        settings["bias"] = bias
        x, y = (RANDOM.normal(size=(N, T, E) if batch_first else (T, N, E)) for T in (S, L))

        def encode(library, module, y):
            return module(y, library.tensor(CAUSAL), library.tensor(PADDING))

        same(torch, twins(torch, "TransformerEncoderLayer", E, H, 8, **settings), encode, y)

        def translate(library, module, x, y):
            mask = library.nn.Transformer.generate_square_subsequent_mask(L, dtype=library.float64)
            return module(x, y, tgt_mask=mask, tgt_is_causal=True)

        same(torch, twins(torch, "Transformer", E, H, 2, 2, 8, **settings), translate, x, y)


@pytest.mark.torch
def test_scaled_dot_product_attention_is_pytorchs():
    import torch

    class Nothing:
        def parameters(self):
            return []

    for grouped, causal, mask, scale in product((False, True), (False, True), (None, "bool", "float"), (None, 0.3)):
        if causal and mask:
            continue
        q, k, v = (RANDOM.normal(size=(N, heads, T, size)) for heads, T, size in ((4, L, E), (4, S, E), (4, S, 3)))
        k, v = (k[:, :2], v[:, :2]) if grouped else (k, v)
        host = None if mask is None else RANDOM.normal(size=(L, S))
        host = host > -0.3 if mask == "bool" else host
        if mask == "bool":
            host[0] = False

        def call(library, _, q, k, v, host=host, causal=causal, scale=scale, grouped=grouped):
            given = None if host is None else library.tensor(host)
            function = library.nn.functional.scaled_dot_product_attention
            return function(q, k, v, given, is_causal=causal, scale=scale, enable_gqa=grouped)

        same(torch, (Nothing(), Nothing()), call, q, k, v)


@pytest.mark.parametrize("norm_first", [False, True])
def test_decoding_step_by_step_is_the_full_pass(norm_first):
    layer = nn.TransformerDecoderLayer(E, H, 8, 0.0, norm_first=norm_first, batch_first=True)
    model = nn.TransformerDecoder(layer, 2, nn.LayerNorm(E)).eval()
    x, memory = xdl.randn(N, L, E), xdl.randn(N, S, E)
    whole = model(x, memory, tgt_is_causal=True)
    cache, steps = model.new_cache(), []
    for t in range(L):
        steps.append(model(x[:, t : t + 1], memory, tgt_is_causal=True, cache=cache))
        assert (len(cache[0][0]), len(cache[1][1])) == (t + 1, S)
    np.testing.assert_allclose(xdl.cat(steps, 1).numpy(), whole.numpy(), atol=1e-5)


@pytest.mark.parametrize("first", [1, 2])
def test_an_encoder_goes_on_from_its_cache(first):
    layer = nn.TransformerEncoderLayer(E, H, 8, 0.0, batch_first=True)
    model, x = nn.TransformerEncoder(layer, 2).eval(), xdl.randn(N, S, E)
    whole, cache = model(x, is_causal=True), model.new_cache()
    parts = [model(part, is_causal=True, cache=cache) for part in (x[:, :first], x[:, first:])]
    np.testing.assert_allclose(xdl.cat(parts, 1).numpy(), whole.numpy(), atol=1e-5)


@pytest.mark.parametrize("kind", ["bool", "-inf"])
def test_a_query_that_sees_nothing_gets_zeros_and_no_nan(kind):
    mask = np.array([[True, True], [False, False]])
    mask = xdl.tensor(mask if kind == "bool" else np.where(mask, 0.0, -np.inf))
    q, k, v = (xdl.randn(2, 3, dtype="float64", requires_grad=True) for _ in range(3))
    y = scaled_dot_product_attention(q, k, v, mask)
    y.sum().backward()
    assert not y[1].detach().numpy().any()
    assert all(np.isfinite(t.grad.numpy()).all() for t in (q, k, v))
    assert not q.grad[1].numpy().any()
    module, x = nn.MultiheadAttention(E, H), xdl.randn(L, N, E)
    outputs, weights = module(x, x, x, key_padding_mask=xdl.ones(N, L, dtype="bool"))
    assert np.isfinite(outputs.detach().numpy()).all()
    assert not weights.detach().numpy().any()


def test_weights_are_dropped_in_training_only():
    module, x = nn.MultiheadAttention(E, H, dropout=0.5), xdl.randn(L, N, E)
    trained, evaluated = module(x, x, x)[1], module.eval()(x, x, x)[1]
    np.testing.assert_allclose(evaluated.detach().numpy().sum(2), 1, rtol=1e-6)
    assert not np.allclose(trained.detach().numpy(), evaluated.detach().numpy())


def test_positions_are_added_from_an_offset_on():
    positions = nn.SinusoidalPositions(4, 6)
    waves = positions(xdl.zeros(6, 4)).numpy()
    np.testing.assert_allclose(waves[:, 0], np.sin(np.arange(6)), rtol=1e-6)
    np.testing.assert_allclose(waves[:, 3], np.cos(np.arange(6) / 100), rtol=1e-6)
    np.testing.assert_array_equal(positions(xdl.zeros(1, 2, 4), offset=3).numpy()[0], waves[3:5])
    assert list(positions.state_dict()) == []
    assert nn.SinusoidalPositions(5, 6).weight.shape == (6, 5)


@pytest.mark.parametrize("kind", [nn.DotAttention(), nn.GeneralAttention(3, 3), nn.AdditiveAttention(3, 3, 4)])
def test_other_scores_weigh_what_is_seen(kind):
    query, keys = xdl.randn(N, L, 3), xdl.randn(N, S, 3)
    context, weights = kind(query, keys, mask=xdl.tensor([[True] * S, [True, False, False, False]]))
    np.testing.assert_allclose(weights.detach().numpy().sum(2), 1, rtol=1e-6)
    np.testing.assert_allclose(context[1].detach().numpy(), np.repeat(keys[1, :1].numpy(), L, 0), rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: nn.MultiheadAttention(6, 4), SettingError, "num_heads that divides 6"),
        (lambda: nn.MultiheadAttention(E, H)(*[xdl.ones(L, N, 5)] * 3), ShapeError, r"query \(L, N, 6\), key"),
        (
            lambda: nn.MultiheadAttention(E, H)(xdl.ones(L, 2, E), *[xdl.ones(S, 3, E)] * 2),
            ShapeError,
            r"key \(S, N, 6\), .* found \(\(3, 2, 6\), \(4, 3, 6\), \(4, 3, 6\)\)",
        ),
        (lambda: nn.MultiheadAttention(E, H)([1.0], [1.0], [1.0]), DtypeError, "a Tensor as query, found list"),
        (lambda: nn.MultiheadAttention(E, H, dropout=2), SettingError, "0 <= dropout <= 1, found 2"),
        (lambda: nn.TransformerEncoderLayer(E, H)(xdl.ones(E)), ShapeError, r"query \(L, N, 6\), .* without N"),
        (
            lambda: nn.MultiheadAttention(E, H)(*[xdl.ones(L, N, E)] * 3, xdl.ones(L, N, dtype="bool")),
            ShapeError,
            r"key_padding_mask \(2, 3\)",
        ),
        (
            lambda: nn.MultiheadAttention(E, H)(*[xdl.ones(L, N, E)] * 3, attn_mask=xdl.ones(2, 2, dtype="bool")),
            ShapeError,
            r"attn_mask \(3, 3\) or \(4, 3, 3\)",
        ),
        (
            lambda: nn.MultiheadAttention(E, H)(*[xdl.ones(L, N, E)] * 3, attn_mask=xdl.ones(L, L, dtype="int64")),
            DtypeError,
            "masks of bool or floating",
        ),
        (lambda: scaled_dot_product_attention(xdl.ones(2, 3), xdl.ones(2, 4), xdl.ones(2, 4)), ShapeError, "query"),
        (
            lambda: scaled_dot_product_attention(*[xdl.ones(L, E)] * 3, attn_mask=xdl.ones(L, 2)),
            ShapeError,
            r"scaled_dot_product_attention: expected a mask that broadcasts to \(3, 3\), found \(3, 2\)",
        ),
        (lambda: nn.TransformerEncoderLayer(E, H, activation="sine"), SettingError, "relu, gelu or a function"),
        (lambda: nn.Transformer(E, H, 1, 1, 8)(xdl.ones(L, N, E), xdl.ones(L, N, 5)), ShapeError, "src and tgt"),
        (
            lambda: nn.Transformer(E, H, 1, 1, 8)(xdl.ones(L, 2, E), xdl.ones(L, 3, E)),
            ShapeError,
            "src and tgt of one N, dimension 1",
        ),
        (lambda: nn.DotAttention()(xdl.ones(1, 3, 2), xdl.ones(2, 3, 2)), ShapeError, r"keys \(N, S, K\)"),
        (lambda: nn.LearnedPositions(E, 4)(xdl.ones(3, E), offset=2), ShapeError, r"offset \+ T <= 4"),
        (lambda: nn.DotAttention()(xdl.ones(3, 2), xdl.ones(3, 2)), ShapeError, r"query \(N, L, E\)"),
        (lambda: nn.KeyValueCache().known(), SettingError, "at least one step"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()
