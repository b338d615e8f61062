"""ctc_loss: against all paths one by one, its gradient, what no path gives, and what is refused."""

from itertools import groupby, product

import numpy as np
import pytest

import xdl
from xdl import functional as F
from xdl import nn
from xdl.errors import DataError, DtypeError, SettingError, ShapeError

PROBABILITIES = np.random.RandomState(1).dirichlet(np.ones(3), (4, 2))
LABELS, STEPS, COUNTS = [[1, 2], [1, 1]], (4, 3), (2, 2)


def log_probabilities(**options):
    return xdl.tensor(np.log(PROBABILITIES), **options)


def labels(values):
    return xdl.tensor(np.array(values))


def by_paths(n):
    """The probability of the labels of sequence n: the sum over all paths that collapse to them."""
    total = 0.0
    for path in product(range(3), repeat=STEPS[n]):
        if [label for label, _ in groupby(path) if label] == LABELS[n]:
            total += np.prod([PROBABILITIES[t, n, label] for t, label in enumerate(path)])
    return total


def test_it_is_the_sum_over_all_paths():
    found = F.ctc_loss(log_probabilities(), labels(LABELS), STEPS, COUNTS, reduction="none")
    np.testing.assert_allclose(found.numpy(), [-np.log(by_paths(n)) for n in (0, 1)], rtol=1e-12)


def test_the_gradient_is_that_of_the_argument():
    """Each step is in one class: the gradient of log-probabilities sums to -1, and behind log_softmax to 0."""
    x = log_probabilities(requires_grad=True)
    F.ctc_loss(x, labels(LABELS), STEPS, COUNTS, reduction="sum").backward()
    np.testing.assert_allclose(x.grad.sum(2).numpy(), [[-1, -1], [-1, -1], [-1, -1], [-1, 0]], atol=1e-12)
    z = log_probabilities(requires_grad=True)
    F.ctc_loss(F.log_softmax(z, 2), labels(LABELS), STEPS, COUNTS, reduction="sum").backward()
    softmax = PROBABILITIES.copy()
    softmax[3, 1] = 0
    np.testing.assert_allclose(z.grad.numpy(), x.grad.numpy() + softmax, atol=1e-12)


@pytest.mark.parametrize("zero_infinity", [False, True])
def test_labels_that_no_path_gives(zero_infinity):
    x = log_probabilities(requires_grad=True)
    loss = F.ctc_loss(x, labels(LABELS), (4, 2), COUNTS, reduction="none", zero_infinity=zero_infinity)
    assert loss[1].item() == (0.0 if zero_infinity else np.inf)
    loss.sum().backward()
    g = x.grad.numpy()
    assert np.isfinite(g[:, 0]).all()
    assert (g[:2, 1] == 0).all() if zero_infinity else np.isnan(g[:2, 1, :2]).all()
    assert (g[2:, 1] == 0).all()


def test_a_class_of_probability_0():
    host = np.log(PROBABILITIES)
    host[:, :, 2] = -np.inf
    x = xdl.tensor(host, requires_grad=True)
    loss = F.ctc_loss(x, labels([[1, 2], [1, 1]]), STEPS, COUNTS, reduction="none", zero_infinity=True)
    assert loss[0].item() == 0
    assert np.isfinite(loss[1].item())
    loss.sum().backward()
    assert np.isfinite(x.grad.numpy()).all()


def test_long_sequences_do_not_underflow():
    x = xdl.full((3000, 1, 2), -0.6931472, dtype="float32", requires_grad=True)
    loss = F.ctc_loss(x, xdl.ones(1, 100, dtype="int64"), (3000,), (100,), reduction="sum")
    loss.backward()
    assert 0 < loss.item() < 3000
    np.testing.assert_allclose(x.grad.sum(2).numpy(), -1, atol=1e-5)


def test_lengths_may_be_tensors_lists_or_a_number():
    x, t = log_probabilities(), labels(LABELS)
    expected = F.ctc_loss(x, t, STEPS, COUNTS).item()
    assert F.ctc_loss(x, t, labels(STEPS), list(COUNTS)).item() == expected
    assert nn.CTCLoss()(x, labels([1, 2, 1, 1]), STEPS, labels(COUNTS)).item() == expected
    one = F.ctc_loss(x[:, 0], t[0], (4,), (2,)).item()
    assert F.ctc_loss(x[:, 0], t[0], 4, 2).item() == F.ctc_loss(x[:, 0], t[0], labels(4), labels(2)).item() == one


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"blank": 3}, SettingError, r"blank in \[0, 3\)"),
        ({"reduction": "men"}, SettingError, "'mean'"),
        ({"targets": [[1, 3], [1, 1]]}, DataError, r"targets in \[0, 3\)"),
        ({"targets": [[1, 0], [1, 1]]}, DataError, "other than blank"),
        ({"targets": [[1.0, 2.0], [1.0, 1.0]]}, DtypeError, "integer labels"),
        ({"targets": [1, 2, 1]}, ShapeError, r"\(4,\) end to end"),
        ({"targets": [[1, 2]]}, ShapeError, r"targets \(2, S\)"),
        ({"input_lengths": (4, 5)}, DataError, r"input_lengths in \[0, 4\]"),
        ({"input_lengths": (4,)}, ShapeError, "2 input_lengths"),
        ({"target_lengths": (2, 3)}, DataError, r"target_lengths in \[0, 2\]"),
        ({"target_lengths": (2, -1)}, DataError, r"target_lengths in \[0, 2\]"),
        ({"target_lengths": (2, 1.5)}, DtypeError, "whole numbers as target_lengths"),
        ({"log_probs": np.zeros((0, 2, 3))}, ShapeError, "at least one step"),
        ({"log_probs": np.zeros(3)}, ShapeError, r"\(T, N, C\)"),
        ({"log_probs": np.zeros((4, 2, 3), np.int64)}, DtypeError, "floating"),
    ],
)
def test_what_is_refused(change, error, message):
    given = {"log_probs": np.log(PROBABILITIES), "targets": LABELS, "input_lengths": STEPS, "target_lengths": COUNTS}
    given |= change
    given |= {name: xdl.tensor(np.array(given[name])) for name in ("log_probs", "targets")}
    with pytest.raises(error, match=message):
        F.ctc_loss(**given)
