"""Images as points of as many features as they have pixels: their components, for `pca-whitening` (hwdong 5.1.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xdl
from xdl import plot
from xdl.data import LabelledImages
from xdl.experiments.improving.principal import Components, covariance, principal, reduced, restored, whitened
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.tensor import Tensor

SHOWN = 4  # images that are drawn by component
DOTS = 60  # images of each class in the plane


@dataclass(frozen=True)
class Pixels:
    """Training and test images (N, D) float64, black 0 and white 1, and the components of the training images."""

    train: Tensor
    train_labels: Tensor
    test: Tensor
    labels: Tensor
    found: Components
    shape: tuple[int, ...]
    class_names: tuple[str, ...]
    about: str

    @classmethod
    def of(cls, data: LabelledImages, samples: int) -> Pixels:
        """Of the first training images, and of all test images."""
        parts = [xdl.tensor(part.arrays[0]).flatten(1).to("float64") for part in (data.train, data.test)]
        low, high = parts[0].min(), parts[0].max()
        train, test = ((part - low) / (high - low) for part in parts)
        train = train[:samples]
        labels = [xdl.tensor(part.arrays[1]) for part in (data.train, data.test)]
        about = f"pca-whitening on {data.name}"
        shape, names = data.image_shape[-2:], data.class_names
        return cls(train, labels[0][:samples], test, labels[1], principal(train), shape, names, about)


def errors_of(run: Run, pixels: Pixels, kept: list[int]) -> list[dict[str, Any]]:
    """The error of new images by how many numbers are kept of them: figures/errors and figures/reprojected."""
    train, test, found = pixels.train, pixels.test, pixels.found
    total = float(found.variances.sum())
    by_variance = train.var(0).argsort(descending=True)
    rows, images, titles = [], [], []
    shown = [int((pixels.labels == k).to("int64").argmax()) for k in range(SHOWN)]
    for k in kept:
        again = restored(reduced(test, found, k), found)
        error = float((again - test).square().mean())
        lost = by_variance[k:]
        of_pixels = float((test - found.mean)[:, lost].square().sum() / test.numel()) if len(lost) else 0.0
        share = float(found.variances[:k].sum()) / total
        rows.append((k, error, of_pixels, round(share, 4), float(found.variances[k:].sum()) / test.shape[1]))
        images.append(again[shown])
        titles.append(f"{k} component{'s' if k > 1 else ''}")
    headings = ("kept", "error a pixel", "of pixels kept", "variance explained", "error in training")
    run.say(f"{len(train)} images find the directions, {len(test)} others are measured; black is 0 and white is 1:")
    table = run.table(headings, rows)
    most = next((row for row in rows if row[3] >= 0.9), rows[-1])
    see = run.see(
        f"{most[0]} of {test.shape[1]} directions explain {most[3]:.0%} of the variance; as many pixels, those that "
        f"vary most, leave {most[2] / max(most[1], 1e-12):.1f} times the error"
    )
    lines = {
        "components, new images": Line(kept, [row[1] for row in rows]),
        "components, training images": Line(kept, [row[4] for row in rows], look="dashed"),
        "pixels, new images": Line(kept, [row[2] for row in rows]),
    }
    title = f"{pixels.about}: what is lost where k numbers are kept"
    drawn = plot.lines_data({"squared error a pixel": lines}, title, "k", x_log=True)
    run.figure("errors", drawn, see)
    pictures = xdl.stack([*images, test[shown]], 1).reshape(-1, *pixels.shape).numpy()  # an image a row
    names = [*titles, "the image"] * SHOWN
    drawn = plot.gallery_data(pictures, names, len(titles) + 1, f"{pixels.about}: re-projected")
    run.figure("reprojected", drawn, see)
    return table


def in_the_plane(run: Run, pixels: Pixels) -> None:
    """New images by their first two coordinates, a colour a class: figures/plane; how well these tell classes."""
    z, labels = reduced(pixels.test, pixels.found, 2), pixels.labels
    classes = range(len(pixels.class_names))
    known, truth = reduced(pixels.train, pixels.found, 2), pixels.train_labels
    centres = xdl.stack([known[truth == k].mean(0) for k in classes])
    away = (z.unsqueeze(1) - centres).square().sum(2)
    right = float((away.argmin(1) == labels).to("float64").mean())
    whole = xdl.stack([pixels.train[truth == k].mean(0) for k in classes])
    all_of_it = xdl.stack([(pixels.test - centre).square().sum(1) for centre in whole], 1)
    full = float((all_of_it.argmin(1) == labels).to("float64").mean())
    see = run.see(
        f"by the nearest class mean {right:.0%} of the new images are told from two coordinates, {full:.0%} from all "
        f"{pixels.test.shape[1]} pixels, {1 / len(classes):.0%} by chance"
    )
    chosen = {name: z[labels == k][:DOTS] for k, name in zip(classes, pixels.class_names, strict=True)}
    dots = {name: Line(at[:, 0].tolist(), at[:, 1].tolist(), look="dots") for name, at in chosen.items()}
    title = f"{pixels.about}: new images by their first two components"
    run.figure("plane", plot.lines_data({"": dots}, title, "component 1; upwards component 2", equal=True), see)


def whiten(run: Run, pixels: Pixels, eps: float) -> None:
    """The mean, the first directions, and images whitened by ZCA: figures/directions."""
    found = pixels.found
    white = whitened(pixels.train, zca=True, eps=eps)
    there = found.variances > eps
    variances = covariance(whitened(pixels.train, eps=eps)).diagonal()[there]
    see = run.see(
        f"{int(there.sum())} of {len(there)} directions have a variance above eps = {eps:g}: whitened, theirs is "
        f"{float(variances.min()):.2f} to {float(variances.max()):.2f}; ZCA leaves images that can be read: their "
        "edges stand out, and plain areas are near 0"
    )
    count = min(7, len(found.directions))
    first = [int((pixels.train_labels == k).to("int64").argmax()) for k in range(min(8, len(pixels.class_names)))]
    rows = [found.mean, *found.directions[:count], *(pixels.train[i] for i in first), *(white[i] for i in first)]
    titles = ["mean", *(f"direction {k + 1}" for k in range(count)), *["image"] * len(first), *["ZCA"] * len(first)]
    pictures = xdl.stack(rows).reshape(-1, *pixels.shape).numpy()
    run.figure("directions", plot.gallery_data(pictures, titles, 8, f"{pixels.about}: directions and whitening"), see)
