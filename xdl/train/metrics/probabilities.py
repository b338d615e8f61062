"""How good predicted probabilities are: scores that are lowest, on average, for the true probabilities."""

from __future__ import annotations

from math import fsum, inf, log
from typing import Any

from xdl.errors import DataError
from xdl.train.metrics.values import check_lengths, labels_of, rows_of

ROUNDING = 1e-4  # how far probabilities of float32 and float16 may be from summing to 1


def brier_score(target: Any, probabilities: Any) -> float:
    """mean over samples of sum_k (probability_k - [target is k])**2, from 0, perfect, to 2.

    target: (N,) integers in [0, K); probabilities: (N, K), rows that sum to 1

    Of two classes that is twice mean((probability_1 - target)**2), the form in which it is often given.
    G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78 (1950), 1-3.
    Raises ShapeError, DtypeError, DataError.
    """
    labels, rows = _checked("brier_score", target, probabilities)
    squares = [(p - (k == label)) ** 2 for label, row in zip(labels, rows, strict=True) for k, p in enumerate(row)]
    return fsum(squares) / len(labels)


def log_loss(target: Any, probabilities: Any) -> float:
    """mean of -log(probability of the right class), in nats; arguments as of `brier_score`.

    Infinite where a right class was given probability 0: that was called impossible. Of logits take
    `functional.cross_entropy`, which is the same and does not overflow. Raises ShapeError, DtypeError, DataError.
    """
    labels, rows = _checked("log_loss", target, probabilities)
    right = [row[label] for label, row in zip(labels, rows, strict=True)]
    return inf if min(right) == 0 else -fsum(map(log, right)) / len(right)


def _checked(operation: str, target: Any, probabilities: Any) -> tuple[list[int], list[list[float]]]:
    rows = rows_of(operation, "probabilities", probabilities)
    labels = labels_of(operation, "target", target, len(rows[0]) if rows else 0)
    check_lengths(operation, target=labels, probabilities=rows)
    for row in rows:
        if min(row) < 0 or abs(fsum(row) - 1) > ROUNDING:
            raise DataError(operation, "probabilities >= 0 that sum to 1 in each row", row)
    return labels, rows
