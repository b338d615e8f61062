"""The same points to scikit-learn's logistic regression, where it is installed (hwdong 3.5, the notebook)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xdl.estimators import LogisticRegression
from xdl.experiments.shared.claims import claim
from xdl.runs.run import Run

INSTALL = "pip install scikit-learn"
WITHIN = 1e-4
TOLERANCE = 1e-10  # of its gradient; the usual 1e-4 leaves more than WITHIN

Sets = Sequence[tuple[Any, Any, Any]]  # points (N, D), their labels (N,), and new points (M, D), one of each a seed


def beside(run: Run, sets: Sets) -> dict[str, Any] | None:
    """A table of both libraries' coefficients, the largest difference, and on how many new points they differ.

    Both have the penalty |w|^2 / (2 C) with C = 1 beside the sum of the losses, which scikit-learn takes where nothing
    is said. Without scikit-learn it says so, and returns None.
    """
    linear_model = _linear_model()
    if linear_model is None:
        run.see(f"scikit-learn is not installed, so nothing is compared. Install it, {INSTALL}, and run this again")
        return None
    rows, differences, unlike = [], [], 0
    for number, (points, labels, new) in enumerate(sets):
        ours = LogisticRegression().fit(points, labels)
        theirs = linear_model.LogisticRegression(tol=TOLERANCE, max_iter=1000).fit(points.astype("float64"), labels)
        pairs = [
            *zip(ours.coef_[0].tolist(), theirs.coef_[0].tolist(), strict=True),
            (float(ours.intercept_[0]), float(theirs.intercept_[0])),
        ]
        differences.append(max(abs(one - other) for one, other in pairs))
        unlike += int((ours.predict(new) != theirs.predict(new)).sum())
        if number == 0:
            names = (*(f"w{i}" for i in range(1, len(pairs))), "b")
            rows = [(name, *pair, abs(pair[0] - pair[1])) for name, pair in zip(names, pairs, strict=True)]
    table = run.table(("with C = 1", "xdl", "scikit-learn", "difference"), rows)
    sentence = f"the coefficients are scikit-learn's, within {max(differences):.1e}"
    claim(run, f"{sentence}; {unlike} new points get another class", [value < WITHIN for value in differences])
    return {"weights": table, "difference": max(differences), "unlike": unlike}


def _linear_model() -> Any:
    """scikit-learn's linear models, or None where it is not installed."""
    try:
        from sklearn import linear_model
    except ImportError:
        return None
    return linear_model
