"""How many floating-point operations one call of a layer takes; a product and its addition count as two.

    Linear              2 I per output, and 1 with bias
    Bilinear            2 (I + 1) J per output, and 1 with bias
    Conv2d              2 (C / groups) KH KW per output, and 1 with bias; so with other dimensions
    ConvTranspose2d     2 (O / groups) KH KW per input, and 1 per output with bias; so with other dimensions
    LSTM, GRU           per step, sample and layer: 2 (I + H) per gate unit, and 2 with bias; the gates themselves not
    RNN and variants    the same; a projection as a matrix of its own
    MultiheadAttention  its projections, and 4 E per query and key, of which there are as many as queries
    pooling             one per element of a window and output, KH KW for images
    adaptive pooling    one per element of the input
    batch norm          4 per element (difference, scale, weight, bias) with running statistics
    other norms         8 per element: mean and variance as well
    Upsample            3 per element and dimension (7 when bicubic), 1 per input with "area", 0 with "nearest"
    Fold                one per element of the input
    CosineSimilarity    6 per element of the first input; PairwiseDistance 4

Each layer's method `flops` says so. Activations, dropout, embedding, padding and what only moves elements count 0: they
take little time beside. Children count for themselves. A layer without a method of its own, such as a loss, is not
counted (None); a user's layer gets one by `def flops(self, input, output)`.
"""

from __future__ import annotations

Shape = tuple[int, ...]


class Negligible:
    """Layers that count 0, because they take little time beside those that multiply: a base beside Module."""

    def flops(self, input: Shape, output: Shape) -> int:
        """0."""
        return 0
