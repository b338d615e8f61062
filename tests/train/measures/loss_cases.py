"""Losses with targets that they average over in all ways, cut into batches, and a task that learns them."""

from functools import partial
from itertools import pairwise

import numpy as np

import xdl
from xdl import nn, optim
from xdl.train import Supervised

N, C, PLACES = 11, 4, 3  # samples, classes, and labels of each sample where it has several
CUTS = (0, 5, 6, 9, N)  # batches of 5, 1, 3 and 2 samples
RNG = np.random.default_rng(0)
WEIGHT = [0.2, 3.0, 0.7, 1.6]


def labels(*shape):
    """Labels of which some are ignored, all in the third batch and none in the first."""
    found = RNG.integers(0, C, (N, *shape))
    found[5:][RNG.random((N - 5, *shape)) < 0.4] = -100
    found[6:9] = -100
    return found


ONE, MANY = labels(), labels(PLACES)
REAL, POSITIVE = RNG.normal(size=(N, C)), RNG.random((N, C)) / 2 + 0.1
SIGNS, BITS = np.sign(REAL), (REAL > 0) * 1.0
PROBABILITIES = POSITIVE / POSITIVE.sum(1, keepdims=True)
MANY_PROBABILITIES = np.repeat(PROBABILITIES[:, :, None], PLACES, 2)


def weight():
    return xdl.tensor(WEIGHT, dtype="float64")


def output(kind):
    """Puts the logits into the domain of a loss."""
    return {
        "logits": lambda y: y,
        "log": lambda y: y.log_softmax(1),
        "share": lambda y: y.sigmoid(),
        "places": lambda y: xdl.stack([y, y * 0.5, -y], 2),
        "log places": lambda y: xdl.stack([y, y * 0.5, -y], 2).log_softmax(1),
    }[kind]


LOSSES = {
    "mse": (nn.MSELoss, "logits", REAL),
    "l1": (nn.L1Loss, "logits", REAL),
    "smooth l1": (nn.SmoothL1Loss, "logits", REAL),
    "huber": (nn.HuberLoss, "logits", REAL),
    "kl": (nn.KLDivLoss, "log", PROBABILITIES),
    "kl batchmean": (partial(nn.KLDivLoss, reduction="batchmean"), "log", PROBABILITIES),
    "poisson": (nn.PoissonNLLLoss, "logits", POSITIVE),
    "soft margin": (nn.SoftMarginLoss, "logits", SIGNS),
    "hinge": (nn.HingeEmbeddingLoss, "logits", SIGNS),
    "bce": (nn.BCELoss, "share", BITS),
    "bce weight": (lambda: nn.BCELoss(weight()), "share", BITS),
    "bce logits": (nn.BCEWithLogitsLoss, "logits", BITS),
    "bce logits weights": (lambda: nn.BCEWithLogitsLoss(weight(), pos_weight=weight()), "logits", BITS),
    "cross entropy": (nn.CrossEntropyLoss, "logits", np.where(ONE < 0, 0, ONE)),
    "ignored": (nn.CrossEntropyLoss, "logits", ONE),
    "ignored 2": (partial(nn.CrossEntropyLoss, ignore_index=2), "logits", np.where(ONE < 0, 2, ONE)),
    "weights": (lambda: nn.CrossEntropyLoss(weight()), "logits", np.where(ONE < 0, 0, ONE)),
    "ignored, weights": (lambda: nn.CrossEntropyLoss(weight()), "logits", ONE),
    "smoothing": (partial(nn.CrossEntropyLoss, label_smoothing=0.2), "logits", ONE),
    "smoothing, weights": (lambda: nn.CrossEntropyLoss(weight(), label_smoothing=0.2), "logits", ONE),
    "places": (nn.CrossEntropyLoss, "places", MANY),
    "places, weights": (lambda: nn.CrossEntropyLoss(weight(), label_smoothing=0.1), "places", MANY),
    "probabilities": (nn.CrossEntropyLoss, "logits", PROBABILITIES),
    "probabilities, weights": (lambda: nn.CrossEntropyLoss(weight()), "places", MANY_PROBABILITIES),
    "nll": (nn.NLLLoss, "log", ONE),
    "nll weights": (lambda: nn.NLLLoss(weight()), "log places", MANY),
    "no label of weight": (
        lambda: nn.NLLLoss(weight() * xdl.tensor([0.0, 1.0, 1.0, 1.0], dtype="float64")),
        "log",
        ONE,
    ),
}


class Net(nn.Module):
    """Logits in the domain of a loss."""

    def __init__(self, kind):
        self.linear, self.kind = nn.Linear(3, C), kind

    def forward(self, x):
        return output(self.kind)(self.linear(x))


def batches(target, cuts):
    """x (n, 3) and the target, cut there."""
    x = np.random.default_rng(1).normal(size=(N, 3))
    return [(xdl.tensor(x[a:b]), xdl.tensor(target[a:b])) for a, b in pairwise(cuts)]


def task_of(loss, kind, **options):
    xdl.manual_seed(0)
    model = Net(kind).to("float64")
    return Supervised(model, loss, optim.SGD(model.parameters(), lr=0.1), **options)


def gradients(task):
    return np.concatenate([p.grad.numpy().ravel() for p in task.model.parameters()])
