"""Cases of attention (N sequences, L queries, S keys, E and V their sizes and those of values)."""

import numpy as np

from tests.functional.cases.case import case, normal

N, L, S, E, V = 2, 3, 4, 4, 2
MASK = np.array([[True, False, True, True], [False, False, False, False], [True, True, True, False]])
QKV = (normal(N, L, E), normal(N, S, E), normal(N, S, V))
ATTENTION = {"in_proj_weight": (3 * E, E), "in_proj_bias": (3 * E,), "out_proj.weight": (E, E), "out_proj.bias": (E,)}
FEED = {"linear1.weight": (3, E), "linear1.bias": (3,), "linear2.weight": (E, 3), "linear2.bias": (E,)}


def inside(name):
    """The parameters of the attention of that name."""
    return {f"{name}.{key}": shape for key, shape in ATTENTION.items()}


def norms(n):
    return {f"norm{i}.{key}": (E,) for i in range(1, n + 1) for key in ("weight", "bias")}


def functions():
    """scaled_dot_product_attention."""
    name = "scaled_dot_product_attention"
    yield case(name, lambda F, q, k, v: F.scaled_dot_product_attention(q, k, v), *QKV, second="skipped")
    yield case(f"{name} causal", lambda F, q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), *QKV,
               second="skipped")  # fmt: skip
    yield case(f"{name} masked", lambda F, q, k, v, m: F.scaled_dot_product_attention(q, k, v, m, scale=0.3), *QKV,
               lambda _: MASK.copy())  # fmt: skip
    yield case(f"{name} biased", lambda F, q, k, v, m: F.scaled_dot_product_attention(q, k, v, m), *QKV, normal(L, S))


def with_weights():
    """The modules that have PyTorch's keys, with all their weights as inputs."""
    parts = (
        ("MultiheadAttention", lambda F: F.nn.MultiheadAttention(E, 2), ATTENTION, lambda x: (x, x, x), 1),
        (
            "TransformerEncoderLayer",
            lambda F: F.nn.TransformerEncoderLayer(E, 2, 3, 0.0, "gelu", batch_first=True),
            inside("self_attn") | FEED | norms(2),
            lambda x: (x,),
            1,
        ),
        (
            "TransformerDecoderLayer",
            lambda F: F.nn.TransformerDecoderLayer(E, 2, 3, 0.0, "gelu", norm_first=True),
            inside("self_attn") | inside("multihead_attn") | FEED | norms(3),
            lambda tgt, memory: (tgt, memory),
            2,
        ),
    )
    for name, make, shapes, inputs, n in parts:

        def call(F, *tensors, make=make, shapes=shapes, inputs=inputs, n=n):
            state = dict(zip(shapes, tensors[n:], strict=True))
            return F.run(make(F), *inputs(*tensors[:n]), **state)

        xs = [normal(L, N, E) for _ in range(n)]
        second = "compared" if name == "MultiheadAttention" else "skipped"  # PyTorch's fast ways have none
        yield case(name, call, *xs, *[normal(*shape) for shape in shapes.values()], second=second)


def seeded():
    """Modules with weights of their own: their parts are compared with PyTorch above, they in tests/nn."""

    def layer(F, kind):
        return getattr(F.nn, kind)(E, 2, 3, 0.0)

    whole = {
        "Transformer": (lambda F: F.nn.Transformer(E, 2, 1, 1, 3, 0.0), 2),
        "TransformerEncoder": (lambda F: F.nn.TransformerEncoder(layer(F, "TransformerEncoderLayer"), 2), 1),
        "TransformerDecoder": (lambda F: F.nn.TransformerDecoder(layer(F, "TransformerDecoderLayer"), 1), 2),
        "DotAttention": (lambda F: F.nn.DotAttention(), 2),
        "GeneralAttention": (lambda F: F.nn.GeneralAttention(E, E), 2),
        "AdditiveAttention": (lambda F: F.nn.AdditiveAttention(E, E, 3), 2),
        "SinusoidalPositions": (lambda F: F.nn.SinusoidalPositions(E, 9), 1),
        "LearnedPositions": (lambda F: F.nn.LearnedPositions(E, 9), 1),
    }
    for name, (make, n) in whole.items():

        def call(F, *xs, make=make):
            return make(F.seeded()).to(xs[0].dtype)(*xs)

        yield case(name, call, *[normal(N, L, E) for _ in range(n)], oracle=False)


def cases():
    """All of this file."""
    yield from functions()
    yield from with_weights()
    yield from seeded()
