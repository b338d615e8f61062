"""Losses: values, gradients, and what happens far out (hwdong 3.6.2 to 3.6.6, 4.1.6; 徐彬 2.3 to 2.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdl import functional as F
from xdl.creation import tensor
from xdl.experiments.regression.loss_curves import curves
from xdl.functional import one_hot
from xdl.gradcheck import gradcheck
from xdl.random import randn
from xdl.runs.run import Run
from xdl.tensor import Tensor

N, K = 5, 4  # samples and classes of the checks


QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """Nothing to set: inputs are drawn from the run's seed."""


def svm_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """mean over samples of sum over wrong classes j of max(0, 1 + s_j - s_label): the hinge loss of 徐彬's code.

    scores: (N, K); labels: (N,) integers
    """
    right = scores.gather(1, labels.reshape(-1, 1))
    margins = (scores - right + 1).relu()
    return (margins.sum() - len(labels)) / len(labels)  # the right class adds 1 a sample


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """One line a loss, its gradient beside a directional numerical derivative in float64; then what happens far out."""
    z, target = randn(N, K, dtype="float64"), randn(N, K, dtype="float64")
    labels = tensor([0, 3, 1, 1, 2])
    marks = one_hot(labels, K).to("float64")
    yes = tensor([[1.0, 0.0, 1.0, 0.0]] * N, dtype="float64")
    weight = randn(K, 3, dtype="float64")
    x = randn(N, 3, dtype="float64")
    losses: dict[str, tuple[Callable[[Tensor], Tensor], Tensor]] = {
        "mean squared error": (lambda y: F.mse_loss(y, target), z),
        "binary cross entropy of probabilities": (lambda p: F.binary_cross_entropy(p, yes), z.sigmoid()),
        "binary cross entropy of logits": (lambda y: F.binary_cross_entropy_with_logits(y, yes), z),
        "cross entropy, class numbers": (lambda y: F.cross_entropy(y, labels), z),
        "cross entropy, one-hot": (lambda y: F.cross_entropy(y, marks), z),
        "softmax regression with L2, its weights": (
            lambda w: F.cross_entropy(F.linear(x, w), labels) + 0.1 * (w * w).sum(),
            weight,
        ),
        "hinge (SVM)": (lambda y: svm_loss(y, labels), z),
    }
    rows = []
    for name, (loss, at) in losses.items():
        gradcheck(loss, [at.detach().requires_grad_()])
        rows.append((name, loss(at).item(), "gradient right within 1e-6"))
    table = run.table(("loss", "value", "check"), rows)

    huge = tensor([[100.0, 1000.0]])
    probabilities = huge.softmax(1).tolist()[0]
    loss = F.cross_entropy(huge, tensor([0])).item()
    run.say(f"softmax([100, 1000]) = {probabilities}; cross entropy of the first class there: {loss:g}")
    by_number, by_mark = rows[3][1], rows[4][1]
    run.say(f"class numbers and one-hot rows agree: {by_number:.12g} and {by_mark:.12g}")
    jacobian = softmax_jacobian(tensor([1.0, 2.0, 3.0], dtype="float64"))
    run.say("Jacobian of softmax at (1, 2, 3): diag(p) - p pᵀ; each row sums to 0")
    run.table(("", "d/dz1", "d/dz2", "d/dz3"), [(f"dp{i}", *row) for i, row in enumerate(jacobian, 1)])
    figure, sentences = curves()
    run.figure("losses", figure, " ".join(run.see(sentence) for sentence in sentences))
    return {"losses": table, "softmax_of_100_1000": probabilities, "far_loss": loss, "jacobian": jacobian}


def softmax_jacobian(z: Tensor) -> list[list[float]]:
    """dp_i / dz_j (K, K) of softmax at z (K,), one row a backward pass."""
    rows = []
    for i in range(len(z)):
        leaf = z.detach().requires_grad_()
        leaf.softmax(0)[i].backward()
        assert leaf.grad is not None
        rows.append(leaf.grad.tolist())
    return rows
