"""Minus the logarithm of the likelihood of labels, of two classes and of more, with a penalty on the weights.

A (N, E): the features, with a last column of 1 where there is an intercept. count (N,): how much each sample counts.
penalty (E,): the factor of each column's squared weights, 0 for the intercept's. Gradients and Hessians are derived by
hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdl.creation.filled import eye, ones
from xdl.functional.elementwise.activation import softplus
from xdl.functional.index.order import one_hot
from xdl.functional.products.einsum import einsum
from xdl.tensor import Tensor


@dataclass(frozen=True)
class TwoClassLoss:
    """sum of count (log(1 + e^z) - y z) for z = A w, plus sum penalty w^2 / 2; y (N,) is 0 or 1."""

    a: Tensor
    y: Tensor
    count: Tensor
    penalty: Tensor

    def value(self, w: Tensor) -> Tensor:
        """The loss at w (E,)."""
        z = self.a @ w
        return (self.count * (softplus(z) - self.y * z)).sum() + (self.penalty * w**2).sum() / 2

    def derivatives(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """A^T (p - y) + penalty w and A^T diag(p (1 - p)) A + diag(penalty), for p = sigmoid(z); all rows by count."""
        p = (self.a @ w).sigmoid()
        gradient = self.a.T @ (self.count * (p - self.y)) + self.penalty * w
        curvature = (self.count * p * (1 - p)).unsqueeze(1)
        return gradient, self.a.T @ (curvature * self.a) + self.penalty.diag()


@dataclass(frozen=True)
class SoftmaxLoss:
    """sum of count (log(sum_k e^z_k) - z_y) for z = A W^T, plus sum penalty W^2 / 2; y (N,) in [0, K).

    The unknowns are W (K, E) as one row (K E,). The same number added to all K weights of a column changes no
    probability. The Hessian has a curvature of its own there, without which Newton's step would not be defined; the
    gradient has no part there, so that no step goes that way and the weights of a column sum to 0, as they begin.
    """

    a: Tensor
    y: Tensor
    count: Tensor
    penalty: Tensor
    classes: int

    def value(self, w: Tensor) -> Tensor:
        """The loss at W (K E,)."""
        rows = w.reshape(self.classes, -1)
        z = self.a @ rows.T
        right = z.gather(1, self.y.unsqueeze(1)).squeeze(1)
        return (self.count * (z.logsumexp(1) - right)).sum() + (self.penalty * rows**2).sum() / 2

    def derivatives(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """(P - Y)^T A + penalty W, and blocks A^T diag(p_k (1[k = l] - p_l)) A + 1[k = l] diag(penalty).

        P = softmax(z), Y are the labels as rows of 0 and 1; all rows by count.
        """
        K, E = self.classes, self.a.shape[1]
        rows = w.reshape(K, E)
        p = (self.a @ rows.T).softmax(1)
        marks = one_hot(self.y, K).to(p.dtype)
        gradient = (self.count.unsqueeze(1) * (p - marks)).T @ self.a + self.penalty * rows
        weighted = (p.unsqueeze(2) * self.a.unsqueeze(1)).reshape(-1, K * E)
        counted = self.count.unsqueeze(1) * weighted
        own = einsum("nke,nf->kef", counted.reshape(-1, K, E), self.a) + self.penalty.diag()
        same = eye(K, dtype=p.dtype, device=p.device)
        hessian = einsum("kl,kef->kelf", same, own).reshape(K * E, K * E) - counted.T @ weighted
        together = ones(K, K, dtype=p.dtype, device=p.device)
        lift = einsum("kl,ef->kelf", together, eye(E, dtype=p.dtype, device=p.device)).reshape(K * E, K * E)
        return gradient.reshape(-1), hessian + lift * (hessian.diagonal().mean() / K)
