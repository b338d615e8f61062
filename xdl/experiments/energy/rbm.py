"""A restricted Boltzmann machine with so few hidden units that its likelihood is known (article 6; hwdong 8.1).

A generative model gives every image a probability. This one is learned by contrastive divergence, which never computes
that probability: it lets a short Markov chain run from the data (CD-1, CD-5), or one that never ends (PCD), and what is
watched is how well images are reconstructed. With 16 hidden units the sum over all 65536 states of them takes
milliseconds, so that what was learned can be measured: and the reconstruction error ranks the methods otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import pi
from statistics import fmean
from typing import Any

from xdl import plot
from xdl.data import LabelledImages
from xdl.experiments.energy.fantasies import draw_chain, draw_fantasies
from xdl.experiments.energy.machine_task import Machine
from xdl.experiments.energy.rbm_training import KINDS, Settings, Trained, train
from xdl.experiments.energy.visible import Units
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.images import images_of, part_of
from xdl.models.energy import pseudo_log_likelihood
from xdl.runs.run import Run
from xdl.tensor import Tensor, no_grad
from xdl.train import Record

__all__ = ["QUICK", "TASK", "Settings", "run"]
QUICK = {"epochs": 4, "seeds": 1, "hidden": 12, "steps": 100}
PRESETS = {
    name: {"epochs": 5, "batch_size": 100, "lr": 0.1, "seeds": 1, "hidden": 14} for name in ("mnist", "fashion-mnist")
}
SPAN = 5  # passes over which a likelihood is compared with what it was
EXACT = "exact ln p(v), training images (nats)"
PANELS: dict[str, Callable[[Record], float]] = {
    EXACT: lambda record: log_likelihood_of_training(record),
    "reconstruction error, validation images": lambda record: record["validation_reconstruction_error"],
    "F(v): validation less training images (nats)": lambda record: record["validation_free_energy_gap"],
}

Found = Mapping[str, Sequence[Trained]]  # name of the method -> a training for each seed


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains by each method from each seed, ranks them by both measures, and draws what the machines dream of."""
    data = part_of(images_of(run), settings.samples)
    units = Units.of(data, settings.visible)
    parts = {name: units.part(getattr(data, name)) for name in ("train", "validation", "test")}
    found: dict[str, list[Trained]] = {name: [] for name in settings.methods}
    for repeat in range(settings.seeds):
        for method, trained in found.items():
            trained.append(train(run, settings, method, parts, repeat))
    (seen,), (held_out,) = parts["train"].tensors, parts["validation"].tensors
    alone = independent(seen, units.kind == "binary")
    table = _table(run, found, held_out, alone)
    _draw_measures(run, data, found, alone)
    last = found["PCD"][0].model
    run.folder.save_model(last, run.identity)
    weights = last.weight.detach().reshape(-1, *units.form.shape).numpy()
    title = f"rbm on {data.name}, PCD: what each hidden unit looks for"
    run.figure("filters", plot.filters_data(weights, title), "red: pixels that switch the unit on; blue: off")
    draw_fantasies(run, data, units, {name: of[0].model for name, of in found.items()}, settings.steps)
    draw_chain(run, data, units, last, settings.steps)
    return {
        "data_description": data.description,
        "methods": table,
        "independent_log_likelihood": alone,
        "validation_log_likelihood": found["PCD"][0].history[-1]["validation_log_likelihood"],
        **{f"test_{name}": value for name, value in found["PCD"][0].test.items()},
    }


def independent(v: Tensor, binary: bool) -> float:
    """The mean ln p(v) of v (N, V) where each unit has a probability, or a mean and a variance, of its own.

    Of binary units one image of each kind is counted more than there are, so that none is impossible.
    """
    if binary:
        p = (v.sum(0) + 1) / (len(v) + 2)
        return float((v * p.log() + (1 - v) * (1 - p).log()).sum(1).mean())
    variance = v.var(0, correction=0) + 0.01
    return float((-((v - v.mean(0)) ** 2) / variance - (2 * pi * variance).log()).sum(1).mean()) / 2


def _table(run: Run, found: Found, validation: Tensor, alone: float) -> list[dict[str, Any]]:
    """What the methods came to, in the mean of the seeds."""
    rows: list[Any] = [("each pixel for itself", None, alone, None, None, None)]
    for name, trained in found.items():
        ends = [one.history[-1] for one in trained]
        error, likelihood = (
            fmean(end[f"validation_{key}"] for end in ends) for key in ("reconstruction_error", "log_likelihood")
        )
        of_training = fmean(map(log_likelihood_of_training, ends))
        stand_in = None
        if type(trained[0].model) is KINDS["binary"]:
            with no_grad():
                stand_in = fmean(float(pseudo_log_likelihood(one.model, validation).mean()) for one in trained)
        rows.append(
            (name, error, of_training, likelihood, fmean(of.test["log_likelihood"] for of in trained), stand_in)
        )
    heads = ("learned by", "reconstruction error", "ln p(v), train", "validation", "test", "pseudo ln p(v)")
    return run.table(heads, rows)


def _draw_measures(run: Run, data: LabelledImages, found: Found, alone: float) -> None:
    """The measures by pass, mean and range of the seeds, and what is claimed of them."""
    ends = {name: [one.history[-1] for one in of] for name, of in found.items()}
    pairs = list(zip(ends["CD-1"], ends["PCD"], strict=True))
    seen = [
        claim(
            run,
            "by the exact likelihood of the images that they learn from, PCD ends above CD-1",
            [log_likelihood_of_training(pcd) > log_likelihood_of_training(cd) for cd, pcd in pairs],
        ),
        claim(
            run,
            "by the reconstruction error CD-1 seems the better one",
            [pcd["validation_reconstruction_error"] > cd["validation_reconstruction_error"] for cd, pcd in pairs],
        ),
        claim(
            run,
            f"within {SPAN} passes of PCD ln p(v) falls by at least 0.3 nats while the reconstruction error falls",
            [worst_fall(one.history) >= 0.3 for one in found["PCD"]],
        ),
        claim(
            run,
            "free energies of validation and training images part: over-fitting, which they tell without Z",
            [
                one.history[-1]["validation_free_energy_gap"] > one.history[0]["validation_free_energy_gap"]
                for of in found.values()
                for one in of
            ],
            "trainings",
        ),
    ]
    passes = range(1, len(found["PCD"][0].history) + 1)
    panels: dict[str, dict[str, plot.Line]] = {
        title: {
            name: plot.Line.of_seeds(passes, [[value(record) for record in one.history] for one in of])
            for name, of in found.items()
        }
        for title, value in PANELS.items()
    }
    panels[EXACT]["each pixel for itself"] = plot.Line([passes[0], passes[-1]], [alone, alone], look="dashed")
    title = f"rbm on {data.name}: what is meant, and what is watched ({in_words(len(pairs))})"
    run.figure("likelihood", plot.lines_data(panels, title, "pass"), "\n".join(seen))


def log_likelihood_of_training(record: Record) -> float:
    """The mean ln p(v) of the training images: ln Z is the same for them, so the free energies say how much it is."""
    return record["validation_log_likelihood"] + record["validation_free_energy_gap"]


def worst_fall(history: Sequence[Record]) -> float:
    """By how much ln p(v) falls at most within SPAN passes over which the reconstruction error falls too, or 0."""
    falls = [0.0]
    for before, after in zip(history, history[SPAN:], strict=False):
        if after["validation_reconstruction_error"] < before["validation_reconstruction_error"]:
            falls.append(log_likelihood_of_training(before) - log_likelihood_of_training(after))
    return max(falls)


TASK = Machine(lambda settings, pixels: KINDS[settings.visible](pixels, settings.hidden))
