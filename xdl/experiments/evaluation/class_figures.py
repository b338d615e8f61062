"""The figures of `class_measures`: the confusion matrix, and the curves of the rare class against the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xdl import plot
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.train.metrics import confusion_matrix, precision_recall_curve, roc_curve


def draw_confusion(run: Run, title: str, labels: Sequence[int], predicted: Sequence[int], names: Sequence[str]) -> None:
    """Writes figures/confusion.png."""
    matrix = confusion_matrix(labels, predicted, len(names))
    run.figure("confusion", plot.confusion_data(matrix, names, title), "softmax regression, the first seed")


def draw_curves(
    run: Run, title: str, target: Sequence[bool], scores: Mapping[str, Sequence[Sequence[float]]], more: int, see: str
) -> None:
    """Writes figures/curves.png: ROC and precision-recall, twice: with the test images, and with more of the rest.

    target: whether an image is of the rare class
    scores: for each kind of training, for each seed, one an image
    more:   how many times as many images of the rest the last panel has
    """
    few = [not yes for yes in target]
    rest = [i for i, other in enumerate(few) if other] * (more - 1)
    rocs: dict[str, Line] = {"chance": Line([0, 1], [0, 1], look="dashed", colour=7)}
    measured: dict[str, Line] = {}
    thinner: dict[str, Line] = {}
    for colour, (kind, several) in enumerate(scores.items()):
        for seed, one in enumerate(several):
            name, look = (kind, "line") if seed == 0 else (f"{kind}, seed {seed}", "faint")
            roc = roc_curve(target, one)
            rocs[name] = Line(roc.false_positive_rate, roc.true_positive_rate, look=look, colour=colour)
            measured[name] = _precision_recall(target, one, look, colour)
            thinner[name] = _precision_recall(
                [*target, *[False] * len(rest)], [*one, *[one[i] for i in rest]], look, colour
            )
    for curves, factor in ((measured, 1), (thinner, more)):
        share = sum(target) / (sum(target) + factor * sum(few))
        curves["chance"] = Line([0, 1], [share, share], look="dashed", colour=7)
    panels = {
        "true against false positive rate (ROC)": rocs,
        "precision against recall": measured,
        f"the same, {more} times the rest": thinner,
    }
    heading = f"{title}: the first seed, faint the others"
    run.figure("curves", plot.lines_data(panels, heading, share=True, one_legend=True), see)


def _precision_recall(target: Sequence[bool], scores: Sequence[float], look: str, colour: int) -> Line:
    curve = precision_recall_curve(target, scores)
    return Line(curve.recall, curve.precision, look=look, colour=colour)
