"""The gradient penalty of a critic, which holds its slope near 1 by gradients of gradients."""

from __future__ import annotations

from collections.abc import Callable

from xdl import linalg
from xdl.errors import DtypeError, ShapeError, expect
from xdl.tape import grad
from xdl.tensor import Tensor


def gradient_penalty(
    critic: Callable[..., Tensor], real: Tensor, made: Tensor, share: Tensor, *conditions: Tensor
) -> Tensor:
    """mean_n (|df(x_n)/dx| - 1)**2, 0-d, at x_n = share_n real_n + (1 - share_n) made_n (Gulrajani et al. 2017).

    critic:     f, called with x and the conditions; what it says of a sample must not depend on the others of the batch
    real, made: (N, ...) of one floating dtype; no gradient flows into them
    share:      (N,) where each point lies between its two samples, drawn evenly from [0, 1)

    The norm is over all elements of a sample. Raises ShapeError for shapes that differ,
    DtypeError for what is no Tensor.
    """
    for name, given in {"real": real, "made": made, "share": share}.items():
        expect(isinstance(given, Tensor), DtypeError, "gradient_penalty", f"a Tensor as {name}", type(given).__name__)
    expect(real.shape == made.shape, ShapeError, "gradient_penalty", f"made of {real.shape}", made.shape)
    expect(share.shape == real.shape[:1], ShapeError, "gradient_penalty", f"share of {real.shape[:1]}", share.shape)
    weights = share.reshape(-1, *(1 for _ in real.shape[1:]))
    between = (weights * real + (1 - weights) * made).detach().requires_grad_()
    scores = critic(between, *conditions)
    found = type(scores).__name__
    expect(isinstance(scores, Tensor), DtypeError, "gradient_penalty", "a critic that gives a Tensor", found)
    (slopes,) = grad(scores.sum(), [between], create_graph=True)
    norms = linalg.vector_norm(slopes.flatten(1), dim=1)  # type: ignore[union-attr]
    return (norms - 1).square().mean()
