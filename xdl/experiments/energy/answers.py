"""Pictures that a model makes when it is asked: as numbers, as letters, and as a PNG file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xdl import plot
from xdl.creation import tensor
from xdl.data import prepare, read_pictures
from xdl.errors import SettingError, expect
from xdl.experiments.shared.images import ImageForm
from xdl.runs.settings import setting
from xdl.tensor import Tensor

SHADES = " .:-=+*#%@"  # from black to white


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    count: int = setting(4, "samples to draw", low=1, high=1000)
    steps: int = setting(1000, "steps of the Markov chain that each sample comes from", low=1)
    background: str = setting("auto", "of pictures: dark, light, or auto: what most of the border's pixels are")
    out: str = setting("", "a PNG file for the pictures that are made; empty: none")


def pictures_in(file: str, form: ImageForm, background: str) -> tuple[list[str], Tensor]:
    """Names, and pixels (N, C, H, W) from 0 to 1, of the pictures in a file. Raises DataError naming it."""
    found = [(name, prepare(pixels, form.shape, background)[0]) for name, pixels in read_pictures(Path(file))]
    return [name for name, _ in found], tensor([pixels.tolist() for _, pixels in found])


def pictured(name: str, image: Tensor, error: float | None = None) -> dict[str, Any]:
    """{"name", "error", "pixels"} of an image (C, H, W); error: mean squared, of a pixel, where it is known."""
    pixels = [[round(value, 4) for value in row] for row in image.mean(0).tolist()]
    return {"name": name, "error": error, "pixels": pixels}


def draw(out: str, made: Sequence[Mapping[str, Any]]) -> None:
    """Writes the pictures to a PNG file, where one is named. Raises SettingError for another kind of file."""
    if not out:
        return
    expect(out.endswith(".png"), SettingError, "out", "the name of a PNG file", out)
    images = tensor([picture["pixels"] for picture in made])
    plot.gallery(out, images.numpy(), [Path(picture["name"]).name for picture in made], min(8, len(made)))


def as_text(predictions: Mapping[str, Any]) -> str:
    """The pictures in letters, two a pixel, each below its name and its error."""
    lines = []
    for picture in predictions["pictures"]:
        error = "" if picture["error"] is None else f": squared error {picture['error']:.5f} a pixel"
        lines.append(f"{picture['name']}{error}")
        lines += ["".join(2 * _letter(value) for value in row).rstrip() for row in picture["pixels"]]
    return "\n".join(lines)


def _letter(value: float) -> str:
    return SHADES[min(len(SHADES) - 1, max(0, int(value * len(SHADES))))]
