"""PCA beside autoencoders: error by the numbers of the code, and a linear one that finds PCA's plane (hwdong 8.2.3).

A linear autoencoder with squared error has no other best solution than the plane of the first principal components
(Baldi and Hornik 1989); its own code is any basis of that plane. How much of the plane it has found is the mean squared
cosine between the two,

    overlap = ||U^T V||^2 / k,   U (D, k) an orthonormal basis of the decoder's columns, V (D, k) the first components,

1 for the same plane and k / D by chance. What hidden layers with ReLU win beyond that is what in the images is not
flat. The linear ones are trained by L-BFGS on images less their mean: small steps tell directions of nearly equal
variance apart only slowly.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import Any

from xdl import linalg, nn, optim, plot
from xdl.data import LabelledImages, TensorDataset
from xdl.experiments.autoencoders.coder_task import ImageCoder
from xdl.experiments.autoencoders.pixels import Plane, in_batches, pixels_of, tensors_of
from xdl.experiments.autoencoders.training import Coder, TrainingSettings, check_code, train_coder
from xdl.experiments.shared.claims import claim, in_words
from xdl.functional import mse_loss
from xdl.models import DenseAutoencoder
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {"epochs": 10, "codes": (2, 8), "seeds": 1, "steps": 100}
FEW = 8  # numbers of a code for which hidden layers are claimed to win
IMAGES = 10_000  # the most that a linear autoencoder is trained on, all of them in each step
PRESETS = {"mnist": {"epochs": 15, "batch_size": 128, "hidden": (512, 256), "seeds": 1, "lr_decay": 0.9}}


@dataclass(frozen=True)
class Settings(TrainingSettings):
    """The codes, the layers and the training."""

    hidden: tuple[int, ...] = setting(
        (128, 64), "units of the encoder's hidden layers; the decoder has them back", low=1
    )
    codes: tuple[int, ...] = setting(
        (1, 2, 4, 8, 16, 32), "numbers of a code, each with autoencoders of its own", low=1
    )
    steps: int = setting(300, "steps of L-BFGS for a linear autoencoder", low=1)
    seeds: int = setting(2, "trainings of each kind, one a seed", low=1)


def linear(images: Tensor, code: int, steps: int) -> DenseAutoencoder:
    """A trained autoencoder of two linear layers for images (N, C, H, W) whose mean is 0, by L-BFGS."""
    model = DenseAutoencoder(images.shape[1:], (code,), nn.Identity, output=nn.Identity)
    rules: dict[str, Any] = {"tolerance_grad": 1e-7, "history_size": 20, "line_search_fn": "strong_wolfe"}
    optimizer = optim.LBFGS(model.parameters(), max_iter=steps, **rules)

    def loss() -> Tensor:
        optimizer.zero_grad()
        error = mse_loss(model(images), images)
        error.backward()
        return error

    optimizer.step(loss)
    return model


def build(settings: Any, shape: tuple[int, ...], classes: int) -> DenseAutoencoder:
    """The untrained autoencoder of the largest code: the run's model."""
    return DenseAutoencoder(shape, (*settings.hidden, max(settings.codes)))


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains a linear and a deep autoencoder for each code size and seed; both beside PCA, on new images."""
    data = pixels_of(run, settings.samples)
    codes = sorted(set(settings.codes))
    check_code("codes", codes[-1], data)
    plane = Plane.of(data.train, codes[-1])
    test = tensors_of(data.test)[0]
    kinds: dict[str, list[list[float]]] = {"linear": [], "deep": []}
    overlaps, rows = [], []
    for k in codes:
        found = [_linear(run, settings, data, k, repeat) for repeat in range(settings.seeds)]
        deep = _deep(run, settings, data, k, codes[-1])
        kinds["linear"].append([error for error, _ in found])
        kinds["deep"].append([coder.error for coder in deep])
        overlaps.append([share for _, share in found])
        by_pca, of_linear, share, of_deep = (
            plane.error(test, k), fmean(kinds["linear"][-1]), fmean(overlaps[-1]), fmean(kinds["deep"][-1])
        )  # fmt: skip
        rows.append((k, by_pca, of_linear, share, of_deep, 1 - of_deep / by_pca))
        run.say(f"{k} numbers: PCA {by_pca:.5f}, linear {of_linear:.5f}, with hidden layers {of_deep:.5f}")
    headings = (
        "numbers",
        "PCA",
        "linear autoencoder",
        "overlap with PCA's plane",
        "with hidden layers",
        "less than PCA",
    )
    table = run.table(headings, rows)
    pca = [row[1] for row in rows]
    seeds = range(settings.seeds)
    least = min(map(min, overlaps))
    seen = [
        claim(
            run,
            f"a linear autoencoder ends within 1 % of PCA's error with every code, in PCA's plane (overlap {least:.3f} "
            "or more)",
            [all(e[i] < 1.01 * row[1] for e, row in zip(kinds["linear"], rows, strict=True)) for i in seeds],
        ),
    ]
    if codes[0] <= FEW:
        seen.append(
            claim(
                run,
                f"hidden layers make the error smaller than PCA's with codes of at most {FEW} numbers",
                [
                    all(e[i] < row[1] for e, row in zip(kinds["deep"], rows, strict=True) if row[0] <= FEW)
                    for i in seeds
                ],
            )
        )
    if behind := [row[0] for row in rows if row[4] > row[1]]:
        seen.append(run.see(f"PCA is ahead with {', '.join(map(str, behind))} numbers: it needs no training"))
    pca = [row[1] for row in rows]
    lines = {"PCA": Line(codes, pca, look="thick")}
    for name, errors in kinds.items():
        label = "linear autoencoder" if name == "linear" else "with hidden layers"
        lines[label] = Line.of_seeds(codes, [[e[i] for e in errors] for i in seeds])
    title = f"pca-vs-autoencoder on {data.name}: test error by code size ({in_words(settings.seeds)})"
    drawn = plot.lines_data({"squared error a pixel": lines}, title, "numbers of the code", log=True, x_log=True)
    run.figure("errors", drawn, "\n".join(seen))
    return {
        "data_description": data.description,
        "codes": table,
        "test_error": kinds["deep"][-1][0],
        "pca_error": pca[-1],
    }


def overlap(model: DenseAutoencoder, plane: Plane, k: int) -> float:
    """||U^T V||^2 / k of the columns of a linear decoder and the first k components."""
    weight: Tensor = next(model.decoder.parameters()).detach()  # (D, k)
    basis = linalg.qr(weight)[0]
    return float((basis.T @ plane.directions[:, :k]).square().sum()) / k


def _linear(run: Run, settings: Settings, data: LabelledImages, k: int, repeat: int) -> tuple[float, float]:
    """The test error of a linear autoencoder, and its overlap with the plane of the same images."""
    run.reseed(repeat)
    few = TensorDataset(*(array[:IMAGES] for array in data.train.arrays))
    images, _ = tensors_of(few)
    mean = images.mean(0)
    model = linear(images - mean, k, settings.steps)
    test = tensors_of(data.test)[0] - mean
    error = float((in_batches(model, test) - test).square().mean())
    return error, overlap(model, Plane.of(few, k), k)


def _deep(run: Run, settings: Settings, data: LabelledImages, k: int, largest: int) -> list[Coder]:
    """The autoencoders with hidden layers and k numbers, one a seed; the first one of the largest code is the run's."""
    coders = []
    for repeat in range(settings.seeds):
        run.reseed(repeat)
        again = f"-again-{repeat}" if repeat else ""
        own = "" if k == largest and not repeat else f"deep-{k}{again}"
        model = DenseAutoencoder(data.image_shape, (*settings.hidden, k))
        coders.append(train_coder(run.part(own), model, data, settings))
    return coders


TASK = ImageCoder(build)
