"""A deep belief network: layers learned one by one without labels, then fine-tuned with few or many (article 6;
generative models: hwdong 8.1).

Each layer is a Boltzmann machine that learns what the layer below makes of the images. The stack dreams: a Markov chain
in its two top layers, then downwards. And it is where a classifier may begin. Deep networks of sigmoids did not learn
from the small random weights of 2006; Glorot's and He's rules (2010, 2015) give weights that do, without any of this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from xdl import nn, plot
from xdl.experiments.energy.dbn_task import Belief
from xdl.experiments.energy.dbn_training import (
    FEW,
    FOLDERS,
    PRE_TRAINED,
    RANDOM,
    RELU,
    Data,
    Settings,
    Tuned,
    pretrain,
    starts,
    tune,
)
from xdl.experiments.energy.fantasies import COLUMNS
from xdl.experiments.energy.visible import Units
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.generated.mosaics import show_rows
from xdl.experiments.shared.images import images_of, part_of
from xdl.models.energy import DBN
from xdl.runs.run import Run
from xdl.runs.statistics import wilson_interval
from xdl.tensor import no_grad
from xdl.train import Record

__all__ = ["PRESETS", "QUICK", "TASK", "Settings", "run"]
MUCH = 0.5  # of the first layer's norm: above, labels made what it looks for
LEARNED = 0.5  # accuracy: a network below has learned too little to be called the better one
QUICK = {"passes": 3, "steps": 60, "few_steps": 30, "seeds": 1, "chain": 20}
MNIST = {"passes": 5, "batch_size": 100, "rbm_lr": 0.05, "steps": 8000, "few_steps": 500, "lr": 0.001, "seeds": 1}
PRESETS = {"mnist": MNIST, "fashion-mnist": MNIST}

Found = Mapping[str, Mapping[int, Sequence[Tuned]]]  # start -> labels -> a network for each seed


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains the stack, then networks from it and from random starts; draws what was learned and dreamed."""
    images = part_of(images_of(run), settings.samples)
    units = Units.of(images, "grey")
    data = Data.of(images, units)
    stack, histories = pretrain(run, settings, data)
    _draw_machines(run, data, histories)
    _draw_fantasies(run, settings, data, units, stack)
    labels = [n for n in FEW if n < len(data.train)] + [len(data.train)]
    found: dict[str, dict[int, list[Tuned]]] = {}
    for name, make in starts(settings, stack, len(images.class_names)).items():
        for n in labels:
            part = run.part(f"{FOLDERS[name]}-{n}")
            networks = [
                tune(run.part(f"{part.name}-again-{repeat}") if repeat else part, settings, data, make, n, repeat)
                for repeat in range(settings.seeds)
            ]
            found.setdefault(name, {})[n] = networks
            run.say(f"{name}, {n} labels: test accuracy {fmean(one.test_accuracy for one in networks):.4f}")
    best = found[PRE_TRAINED][labels[-1]][0]
    run.folder.save_model(nn.ModuleDict({"stack": stack, "classifier": best.network}), run.identity)
    _draw_filters(run, data, units, stack, best)
    return {
        "data_description": images.description,
        "accuracies": _draw_labels(run, data, found),
        "test_accuracy": best.test_accuracy,
        "test_accuracy_interval": wilson_interval(best.test_accuracy * len(data.test), len(data.test)),
        "test_samples": len(data.test),
        "reconstruction_errors": [history[-1]["validation_reconstruction_error"] for history in histories],
    }


def _draw_machines(run: Run, data: Data, histories: Sequence[Sequence[Record]]) -> None:
    """The reconstruction error of each machine by pass."""
    curves = {
        f"machine {i}": plot.Line(
            range(1, len(history) + 1), [record["validation_reconstruction_error"] for record in history]
        )
        for i, history in enumerate(histories, 1)
    }
    falls = [of[0]["validation_reconstruction_error"] / of[-1]["validation_reconstruction_error"] for of in histories]
    said = run.see(
        "the reconstruction error of validation images falls in every machine, from the first pass on by a factor of "
        + ", ".join(f"{fall:.1f}" for fall in falls)
        if min(falls) > 1
        else "the reconstruction error does not fall in every machine"
    )
    title = f"dbn on {data.images.name}: machine after machine, without labels"
    panel = {"reconstruction error of its own visible units": curves}
    run.figure("machines", plot.lines_data(panel, title, "pass"), said)


def _draw_fantasies(run: Run, settings: Settings, data: Data, units: Units, stack: DBN) -> None:
    """Images, what is left of them at the top, and what the stack dreams."""
    run.reseed()
    v, _ = data.test.tensors
    v = v[:COLUMNS]
    with no_grad():
        rows = {"test images": v, "from the top again": stack.reconstruct(v)}
    rows |= {name: stack.generate(COLUMNS, settings.chain) for name in ("fantasies", " ")}
    title = f"dbn on {data.images.name}: the top layer's view, and fantasies"
    see = f"fantasies: {settings.chain} steps of the chain in the two top layers from noise, then down"
    show_rows(run, "fantasies", {name: units.pictures(images) for name, images in rows.items()}, title, see)


def _draw_filters(run: Run, data: Data, units: Units, stack: DBN, tuned: Tuned) -> None:
    """The first layer's weights without labels, and after the fine-tuning."""
    first = next(layer for layer in tuned.network.layers if isinstance(layer, nn.Linear))
    order = (-(stack.machines[0].weight ** 2).sum(1)).argsort()
    alone, after = (
        weight.detach()[order].reshape(-1, *units.form.shape).numpy()
        for weight in (stack.machines[0].weight, first.weight)
    )
    moved = first.weight - stack.machines[0].weight
    change = float(((moved**2).sum() / (stack.machines[0].weight ** 2).sum()) ** 0.5)
    found = "what it looks for, it found without them" if change < MUCH else "what it looks for came with them"
    said = run.see(f"labels change the first layer by {change:.0%} of its norm: {found}")
    title = f"dbn on {data.images.name}: the first layer, before and after training with labels"
    run.figure("filters", plot.filters_data(after, title, (), alone), said)


def _draw_labels(run: Run, data: Data, found: Found) -> list[dict[str, Any]]:
    """Test accuracy by the number of labels, and what is claimed of it."""
    labels = list(found[RANDOM])
    accuracies = {name: {n: [one.test_accuracy for one in found[name][n]] for n in labels} for name in found}
    table = run.table(("labels", *found), [(n, *(fmean(of[n]) for of in accuracies.values())) for n in labels])
    seen = []
    for name in (RANDOM, RELU):
        pairs = zip(accuracies[PRE_TRAINED][labels[0]], accuracies[name][labels[0]], strict=True)
        said = f"with {labels[0]} labels the pre-trained network beats the one with {name}"
        seen.append(claim(run, said, [one > max(other, LEARNED) for one, other in pairs]))
    weak = {name: fmean(of[labels[-1]]) for name, of in accuracies.items() if fmean(of[labels[-1]]) < LEARNED}
    if weak:
        of_each = ", ".join(f"{name} ({accuracy:.2f})" for name, accuracy in weak.items())
        seen.append(run.see(f"fewer than half of the images right, even with {labels[-1]} labels: {of_each}"))
    gaps = [fmean(accuracies[PRE_TRAINED][n]) - fmean(accuracies[RANDOM][n]) for n in (labels[0], labels[-1])]
    seen.append(
        run.see(
            f"over {RANDOM} pre-training is worth {100 * gaps[0]:+.1f} points of accuracy with {labels[0]} "
            f"labels, {100 * gaps[1]:+.1f} with {labels[-1]}"
        )
    )
    lines = {
        name: plot.Line.of_seeds(labels, [list(values) for values in zip(*of.values(), strict=True)])
        for name, of in accuracies.items()
    }
    seeds = len(found[RANDOM][labels[0]])
    title = f"dbn on {data.images.name}: what pre-training is worth ({in_words(seeds)})"
    panel = {f"accuracy on {len(data.test)} test images": lines}
    run.figure("labels", plot.lines_data(panel, title, "labels", x_log=True), "\n".join(seen))
    return table


TASK = Belief()
