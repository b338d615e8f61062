"""The figures of `sentiment`: words by their effect, calibration, dropout; and the table of negations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xdl import plot
from xdl.experiments.shared.claims import in_words
from xdl.experiments.words.effects import calibration, calibration_error, effects, in_digits, probe_negation, turns
from xdl.experiments.words.preparation import Preparation
from xdl.experiments.words.review_sets import ReviewSet
from xdl.nn import Module
from xdl.runs.run import Run
from xdl.train import Record

TEXTS, LONGEST = 8, 60  # texts in the figure, and tokens of the longest
FULL = 8.0  # log odds that have the full colour
Judge = Callable[[Sequence[Sequence[str]]], list[float]]


def draw_effects(
    run: Run,
    data: ReviewSet,
    model: Module,
    preparation: Preparation,
    tokens: Sequence[Sequence[str]],
    says: Sequence[float],
) -> None:
    """Test texts, right and wrong ones of both classes, with their words coloured by leave-one-out effect."""
    labels = data.test.labels.tolist()
    chosen = _chosen(says, labels, [len(some) for some in tokens])
    values = [effects(model, preparation, tokens[i]) for i in chosen]
    names = [
        f"{data.test.class_names[labels[i]]}; taken for {data.test.class_names[says[i] > 0.5]} "
        f"(P(positive) = {says[i]:.2f}){'' if (says[i] > 0.5) == bool(labels[i]) else ' WRONG'}"
        for i in chosen
    ]
    sizes = sorted((abs(value) for row in values for value in row), reverse=True)
    strongest = max(
        (
            (value, word)
            for i, row in zip(chosen, values, strict=True)
            for value, word in zip(row, tokens[i], strict=True)
        ),
        key=lambda pair: abs(pair[0]),
    )
    quarter = sum(sizes[: max(1, len(sizes) // 4)]) / max(sum(sizes), 1e-12)
    said = run.see(
        f"of the words in {len(chosen)} texts, the quarter with the largest effects has {quarter:.0%} of all effect; "
        f"the strongest is {strongest[1]!r} ({in_digits(strongest[0])})"
    )
    title = f"Words by their effect on the verdict (with the word, less without it), {data.title}"
    figure = plot.coloured_text_data(
        [tokens[i] for i in chosen],
        values,
        title,
        names=names,
        value="log odds of positive",
        diverging=True,
        most=max(min(FULL, sizes[0]), 1e-6),
        spaced=True,
    )
    run.figure("effects", figure, said)


def _chosen(says: Sequence[float], labels: Sequence[int], lengths: Sequence[int]) -> list[int]:
    """Texts of both classes, those that are judged right and those that are not, in turn, each the first such."""
    short = [i for i in range(len(labels)) if 3 <= lengths[i] <= LONGEST] or list(range(len(labels)))
    kinds: dict[tuple[int, bool], list[int]] = {(label, right): [] for right in (False, True) for label in (0, 1)}
    for i in short:
        kinds[labels[i], (says[i] > 0.5) == bool(labels[i])].append(i)
    wrong = [i for (_, right), some in kinds.items() if not right for i in some[: TEXTS // 4]]
    room = TEXTS - len(wrong)
    right = [kinds[label, True][: (room + 1 - label) // 2] for label in (0, 1)]
    return [*right[0], *right[1], *wrong] or short[:1]


def show_probes(run: Run, data: ReviewSet, judges: Mapping[str, Judge]) -> list[dict[str, Any]]:
    """The table of P(positive) for plain and negated sentences, and how often each judge turns round."""
    rows = probe_negation(dict(judges))
    heads = ("the film is (not) ...", *(name for name in rows[0] if name != "word"))
    run.table(
        heads, [[row["word"], *(f"{value:.3f}" for name, value in row.items() if name != "word")] for row in rows]
    )
    told = ", ".join(f"{name} {turns(rows, name)}" for name in judges)
    run.see(f"for how many of {len(rows)} words a negation turns the verdict round, {data.title}: {told}")
    return rows


def draw_calibration(run: Run, data: ReviewSet, says: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """The share of positive texts against what was said of them."""
    labels = data.test.labels.tolist()
    lines: dict[str, Any] = {"as it should be": plot.Line([0, 1], [0, 1], look="thick", colour=7)}
    errors = {}
    for name, of in says.items():
        means, shares, _ = calibration(of, labels)
        lines[name] = plot.Line(means, shares)
        errors[name] = calibration_error(of, labels)
    told = ", ".join(f"{name} {error:.3f}" for name, error in errors.items())
    said = run.see(f"what is said is off by, on average over {len(labels)} test texts: {told}")
    panel = {"share of texts that are positive": lines}
    run.figure("calibration", plot.lines_data(panel, f"Calibration, {data.title}", "P(positive), as it is said"), said)
    return {"calibration_error": errors}


def draw_dropout(run: Run, data: ReviewSet, histories: Mapping[str, Sequence[Sequence[Record]]], said: str) -> None:
    """Training and validation loss with and without dropout, mean and range of the seeds."""
    panels: dict[str, dict[str, Any]] = {}
    for part in ("train", "validation"):
        panels[f"{part} loss"] = {
            name: plot.Line.of_seeds(
                [record["epoch"] for record in of[0]], [[record[f"{part}_loss"] for record in one] for one in of]
            )
            for name, of in histories.items()
        }
    seeds = len(next(iter(histories.values())))
    title = f"BiGRU with and without dropout, {data.title} ({in_words(seeds)})"
    run.figure("dropout", plot.lines_data(panels, title, "epoch", share=True), said)
