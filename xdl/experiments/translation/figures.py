"""The figures of a translator: losses, scores by length, and where the attention looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xdl import plot
from xdl.experiments.shared.claims import counted
from xdl.experiments.translation.scores import HeldOut, by_length
from xdl.runs.run import Run
from xdl.train import Record


def draw_curves(run: Run, history: Sequence[Record]) -> None:
    """Nats a token of training and validation, and the norm of the gradient before clipping, over epochs."""
    epochs = [record["epoch"] for record in history]
    losses = {name: (epochs, [record[f"{name}_loss"] for record in history]) for name in ("train", "validation")}
    norms = {"mean over the epoch": (epochs, [record["train_gradient_norm"] for record in history])}
    panels = {"nats a token": losses, "gradient's norm before clipping": norms}
    last = history[-1]
    losses_then = f"{last['train_loss']:.3g} nats in training, {last['validation_loss']:.3g} held out"
    see = f"after {counted(len(history), 'epoch')}: {losses_then}"
    run.figure("curves", plot.lines_data(panels, f"{run.caption}: loss and gradient", "epoch"), see)


def draw_scores(run: Run, held: HeldOut, ways: Mapping[str, Sequence[str]], name: str = "length") -> None:
    """chrF of each way by the sentences' length: a greedy decoding beside a beam, a model beside another."""
    scores = by_length(held, ways)
    lengths = scores.pop("lengths")
    panels = {"held-out sentences": {way: (lengths, values) for way, values in scores.items()}}
    title = f"{run.caption}: chrF by length"
    see = "; ".join(
        f"{way}: {values[0]:.2f} for the shortest, {values[-1]:.2f} for the longest" for way, values in scores.items()
    )
    run.figure(name, plot.lines_data(panels, title, "tokens of the sentence"), see)


def draw_attention(
    run: Run, source: Sequence[str], target: Sequence[str], weights: Sequence[Sequence[float]], name: str = "attention"
) -> None:
    """Where each token that was written looked in the source.

    weights: a row for each of target, a number for each of source. Where no font of this machine has the tokens'
             letters, numbers stand in the figure, and a table says what they mean
    """
    target, source = ([_visible(token) for token in tokens] for tokens in (target, source))
    rows, columns = plot.drawable(target), plot.drawable(source)
    strongest = [max(range(len(source)), key=row.__getitem__) for row in weights]
    pairs = [f"{row} at {columns[j]}" for row, j in zip(rows, strongest, strict=True)]
    names: dict[str, Any] = {"x": "tokens of the source", "y": "tokens written", "value": "weight", "numbers": False}
    data = plot.heat_data(weights, target, source, f"{run.caption}: attention, a held-out sentence", **names)
    run.figure(name, data, f"looked at most: {', '.join(pairs)}")
    if (rows, columns) != (target, source):
        headings = ("written", *(f"{i + 1} {token}" for i, token in enumerate(source)))
        numbered = [f"{i + 1} {token}" for i, token in enumerate(target)]
        run.table(headings, [(one, *(f"{w:.2f}" for w in row)) for one, row in zip(numbered, weights, strict=True)])


def _visible(token: str) -> str:
    return "␣" if token.isspace() else token
