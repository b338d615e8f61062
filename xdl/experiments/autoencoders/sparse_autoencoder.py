"""Sparse autoencoders: many numbers, of which few are on for an image; features before and after (hwdong 8.2.2).

With more numbers than pixels a code could simply copy the image. Sparse ones may not: by a penalty each unit is to be
on in a share `target` of the images (its mean activation, between 0 and 1), or the k largest numbers of each code are
kept and all others are 0. Each unit then stands for a part that images are made of: the column of the decoder's weights
that it adds to the picture. Beside them stands the same network without either. A dead unit is on for no image at all:
what is never among the k largest gets no gradient and stays out, unless batch norm gives all units the same chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

import xdl
from xdl import nn, plot
from xdl.data import LabelledImages
from xdl.errors import SettingError, expect
from xdl.experiments.autoencoders.coder_task import ImageCoder
from xdl.experiments.autoencoders.pictures import show_pictures
from xdl.experiments.autoencoders.pixels import in_batches, pixels_of, tensors_of
from xdl.experiments.autoencoders.training import Coder, TrainingSettings, train_coder
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.generated.mosaics import mosaic
from xdl.models import DenseAutoencoder, TopK, kl_sparsity
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {"epochs": 10, "seeds": 1}
PRESETS = {"mnist": {"epochs": 12, "batch_size": 128, "units": 400, "k": 20, "lr": 0.005, "seeds": 1, "lr_decay": 0.85}}
KINDS = ("KL penalty", "largest k", "largest k, normalized", "neither")
ON = 0.1  # an activation below this counts as off
SHOWN = 64  # features
LOWEST = 1e-4  # activation that is drawn, on a logarithmic axis


@dataclass(frozen=True)
class Settings(TrainingSettings):
    """The code and the training."""

    lr: float = setting(0.02, "learning rate of the first epoch", above=0)
    lr_decay: float = setting(0.96, "factor of the rate after each epoch", above=0, high=1)
    units: int = setting(100, "numbers of the code", low=1)
    target: float = setting(0.05, "KL penalty: the mean activation that each unit is to have", above=0, high=0.5)
    weight: float = setting(5e-3, "KL penalty: its factor in the loss", low=0)
    k: int = setting(8, "largest k: how many numbers of a code are kept", low=1)


def build(settings: Any, shape: tuple[int, ...], classes: int, kind: str = KINDS[0]) -> DenseAutoencoder:
    """The untrained autoencoder: of the run's model, the one with the penalty."""
    codes: dict[str, Callable[[], nn.Module]] = {
        "largest k": lambda: TopK(settings.k),
        "largest k, normalized": lambda: nn.Sequential(nn.BatchNorm1d(settings.units), TopK(settings.k)),
    }
    return DenseAutoencoder(shape, (settings.units,), code=codes.get(kind, nn.Sigmoid))


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains with the penalty, with the k largest and with neither, from each seed; counts, and draws features."""
    expect(settings.k <= settings.units, SettingError, "k", f"at most the {settings.units} units", settings.k)
    data = pixels_of(run, settings.samples)
    test = tensors_of(data.test)[0]
    features: dict[str, Tensor] = {}
    found: dict[str, list[tuple[Coder, Tensor]]] = {}
    for kind in KINDS:
        found[kind] = []
        for repeat in range(settings.seeds):
            run.reseed(repeat)
            model = build(settings, data.image_shape, 0, kind)
            if kind == KINDS[0] and not repeat:
                features["before"] = features_of(model, data)
            name = kind.replace(",", "").replace(" ", "-") + (f"-again-{repeat}" if repeat else "")
            part = run.part("" if kind == KINDS[0] and not repeat else name)
            sparsity = (lambda code: kl_sparsity(code, settings.target)) if kind == KINDS[0] else None
            coder = train_coder(part, model, data, settings, sparsity=sparsity, weight_of_sparsity=settings.weight)
            found[kind].append((coder, in_batches(model.encode, test)))
        features[kind] = features_of(found[kind][0][0].model, data)
    rows = [(kind, coder.error, *counts_of(codes)) for kind in KINDS for coder, codes in found[kind][:1]]
    table = run.table(("code", "test error a pixel", "mean activation", "on in an image", "dead units"), rows)
    means = [float(codes.mean()) for _, codes in found[KINDS[0]]]
    plain = [float(codes.mean()) for _, codes in found["neither"]]
    seen = [
        claim(
            run,
            f"with the penalty the mean activation of new images is within a fifth of the target {settings.target:g} "
            f"(seed {run.about['seed']}: {means[0]:.4f}; without {plain[0]:.3f})",
            [abs(mean - settings.target) < 0.2 * settings.target for mean in means],
        ),
        run.see(
            f"of {settings.units} units there are on in an image, and dead: "
            + "; ".join(f"{kind}: {on:.0f} and {dead}" for kind, _, _, on, dead in rows)
        ),
    ]
    alive = [[counts_of(codes)[2] for _, codes in found[kind]] for kind in KINDS[1:3]]
    seen.append(
        claim(
            run,
            "of the largest k fewer units die where batch norm comes before the choice",
            [normalized < plain for plain, normalized in zip(*alive, strict=True)],
        )
    )
    _draw_activations(run, data, settings, {kind: found[kind][0][1] for kind in KINDS}, seen[0])
    title = f"sparse-autoencoder on {data.name}: what a unit adds to the picture, each on its own scale"
    show_pictures(run, "features", features, title, "\n".join(seen[1:]))
    return {
        "data_description": data.description,
        "codes": table,
        "test_error": found[KINDS[0]][0][0].error,
        "mean_activation": means[0],
        "test_samples": len(data.test),
    }


def counts_of(codes: Tensor) -> tuple[float, float, int]:
    """Mean activation of codes (N, K), how many units are on in one, and how many are on in none."""
    on = codes > ON
    return float(codes.mean()), float(on.to("float32").sum(1).mean()), int((~on.any(0)).sum())


def features_of(model: Any, data: LabelledImages) -> Tensor:
    """One picture of the columns of the decoder's weights, as images between 0 and 1; 0 becomes a half."""
    weight = next(model.decoder.parameters()).detach()  # (D, K)
    units = min(SHOWN, weight.shape[1])
    columns = weight[:, :units].T
    scaled = columns / columns.abs().amax(1, keepdim=True).clamp(min=1e-12) * 0.5 + 0.5
    side = ceil(units**0.5)
    images = scaled.reshape(units, *data.image_shape).mean(1, keepdim=True)
    empty = xdl.full((side * side - units, 1, *data.image_shape[1:]), 0.5, dtype=images.dtype)
    return mosaic(xdl.cat([images, empty]), side, gap=1)


def _draw_activations(run: Run, data: LabelledImages, settings: Settings, codes: dict[str, Tensor], see: str) -> None:
    """figures/activations: the mean activation of each unit, the largest first."""
    lines = {}
    for kind, of_kind in codes.items():
        means = of_kind.mean(0).sort(descending=True)[0]
        lines[kind] = Line(range(1, len(means) + 1), means.clamp(min=LOWEST).tolist())
    lines["target of the penalty"] = Line([1, settings.units], [settings.target] * 2, look="dashed")
    title = f"sparse-autoencoder on {data.name}: mean activation of each unit over new images"
    panels = {f"mean activation; below {LOWEST:g}: drawn there": lines}
    run.figure("activations", plot.lines_data(panels, title, "unit, by its mean", log=True), see)


TASK = ImageCoder(build)
