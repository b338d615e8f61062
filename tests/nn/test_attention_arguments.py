"""Attention and embeddings: arguments of another kind are refused by name, and the corners of sizes are PyTorch's."""

import numpy as np
import pytest

import xdl
from xdl import functional as F
from xdl import nn
from xdl.errors import DtypeError, KindError, SettingError, ShapeError

Q, K = xdl.ones(2, 3, 4), xdl.ones(2, 5, 4)
OTHERS = [nn.DotAttention(), nn.GeneralAttention(4, 4), nn.AdditiveAttention(4, 4, 3)]


def attention(**settings):
    return F.scaled_dot_product_attention(Q, K, K, **settings)


def multihead(**settings):
    return nn.MultiheadAttention(4, 2, batch_first=True)(Q, K, K, **settings)


def test_key_and_value_may_have_heads_of_their_own_numbers():
    rng = np.random.default_rng(0)
    query, key, value = (xdl.tensor(rng.normal(size=(2, heads, 3, 2))) for heads in (4, 2, 1))
    found = F.scaled_dot_product_attention(query, key, value, enable_gqa=True)
    whole = key.repeat_interleave(2, 1), value.repeat_interleave(4, 1)
    np.testing.assert_array_equal(found.numpy(), F.scaled_dot_product_attention(query, *whole).numpy())


def test_keys_without_features_are_all_alike():
    value = xdl.tensor([[1.0], [3.0]])
    assert F.scaled_dot_product_attention(xdl.ones(1, 0), xdl.ones(2, 0), value).tolist() == [[2.0]]


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_no_bags_give_no_rows(mode):
    bag = nn.EmbeddingBag(5, 2, mode=mode)
    assert bag(xdl.tensor([1, 2, 3]), xdl.zeros(0, dtype="int64")).shape == (0, 2)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: attention(attn_mask=xdl.ones(4, 2, 3, 5)), ShapeError, r"a mask that broadcasts to \(2, 3, 5\)"),
        (lambda: attention(attn_mask=xdl.ones(1, 2, 3, 5)), ShapeError, r"a mask that broadcasts to \(2, 3, 5\)"),
        (lambda: attention(attn_mask=xdl.ones(3, 5, dtype="float64")), DtypeError, "that fit float32, found float64"),
        (lambda: attention(dropout_p=None), SettingError, "0 <= dropout_p <= 1, found None"),
        (lambda: attention(is_causal="x"), KindError, "is_causal: True or False"),
        (lambda: F.scaled_dot_product_attention(Q, None, K), DtypeError, "a Tensor as key"),
        (lambda: F.scaled_dot_product_attention(Q, K.double(), K), DtypeError, "one dtype for query and key"),
        (lambda: F.scaled_dot_product_attention(Q.long(), K, K), DtypeError, "a floating dtype as query, found int64"),
        (
            lambda: F.scaled_dot_product_attention(*(xdl.ones(n, 3, 2) for n in (2, 3, 3))),
            ShapeError,
            r"scaled_dot_product_attention: expected query \(\.\.\., L, E\)",
        ),
        (
            lambda: F.scaled_dot_product_attention(*(xdl.ones(n, 3, 2) for n in (4, 2, 3)), enable_gqa=True),
            ShapeError,
            r"value with heads that divide those of query \(4, 3, 2\), found \(3, 3, 2\)",
        ),
        (lambda: multihead(attn_mask=1), DtypeError, "MultiheadAttention: expected a Tensor as attn_mask"),
        (lambda: multihead(key_padding_mask=[1]), DtypeError, "a Tensor as key_padding_mask, found list"),
        (lambda: nn.Transformer(4, 2, 1, 1, 8)(Q, None), DtypeError, "Transformer: expected a Tensor as tgt"),
        (lambda: nn.LearnedPositions(4, 5)(None), DtypeError, "LearnedPositions: expected a Tensor as x"),
        (lambda: nn.LearnedPositions(4, 5)(Q, "1"), KindError, "offset: a whole number, found '1'"),
        (lambda: nn.SinusoidalPositions(4, 5)(Q, 1.0), KindError, "offset: a whole number, found 1.0"),
        (lambda: nn.SinusoidalPositions(4, 5, dtype="int64"), DtypeError, "SinusoidalPositions: .* found int64"),
        (
            lambda: nn.Embedding(5, 2, "a"),
            SettingError,
            r"Embedding: expected padding_idx in \[-5, 5\), a whole number",
        ),
        (lambda: nn.EmbeddingBag(5, 2, padding_idx=1.5), SettingError, "padding_idx in .* a whole number"),
        (lambda: F.embedding(xdl.tensor([1]), xdl.ones(5, 2), 1.5), SettingError, "padding_idx in .* found 1.5"),
        (
            lambda: F.embedding_bag(xdl.tensor([[1]]), xdl.ones(5, 2), padding_idx=7),
            SettingError,
            r"embedding_bag: expected padding_idx in \[-5, 5\), a whole number, found 7",
        ),
        (lambda: nn.Embedding(5, 2, _weight=5), DtypeError, "a Tensor as _weight, found int"),
        (lambda: nn.Embedding.from_pretrained([[1.0]]), DtypeError, "Embedding: expected a Tensor as embeddings"),
        (lambda: nn.EmbeddingBag.from_pretrained(None), DtypeError, "EmbeddingBag: expected a Tensor as embeddings"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()


@pytest.mark.parametrize("module", OTHERS)
@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ((None, K), DtypeError, "a Tensor as query, found NoneType"),
        ((Q, K, 5), DtypeError, "a Tensor as values, found int"),
        ((Q, K, None, 1), DtypeError, "a Tensor as mask, found int"),
        ((Q, K, None, xdl.ones(2, 4)), ShapeError, "a mask that broadcasts"),
        ((Q, K, None, xdl.ones(2, 2, 3, 5)), ShapeError, "a mask that broadcasts"),
        ((Q, K, None, xdl.ones(2, 5, dtype="int64")), DtypeError, "a mask of bool"),
    ],
)
def test_other_scores_name_themselves(module, arguments, error, says):
    with pytest.raises(error, match=f"{type(module).__name__}: expected {says}"):
        module(*arguments)
