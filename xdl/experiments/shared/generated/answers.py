"""Pictures that a model makes when it is asked: as numbers, as letters, and as a PNG file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xdl import creation, plot
from xdl.data import prepare, read_pictures
from xdl.errors import DataError, SettingError, expect
from xdl.experiments.shared.images import ImageForm
from xdl.functional import stack
from xdl.tensor import Tensor

SHADES = " .:-=+*#%@"  # from black to white


def pictures_in(files: Sequence[str], form: ImageForm, background: str) -> tuple[list[str], Tensor]:
    """(names, pixels (N, C, H, W) from 0 to 1) of all pictures in the files. Raises DataError naming the wrong one."""
    expect(len(files) > 0, DataError, "inputs", "a file with a picture", "none")
    read = [picture for file in files for picture in read_pictures(Path(file))]
    pixels = [creation.tensor(prepare(one, form.shape, background)[0], dtype="float32") for _, one in read]
    return [name for name, _ in read], stack(pixels)


def pictured(name: str, image: Tensor, error: float | None = None) -> dict[str, Any]:
    """{"name", "error", "pixels"} of an image (C, H, W); error: mean squared, of a pixel, where it is known."""
    pixels = [[round(value, 4) for value in row] for row in image.mean(0).tolist()]
    return {"name": name, "error": error, "pixels": pixels}


def draw(out: str, made: Sequence[Mapping[str, Any]]) -> None:
    """Writes the pictures to a PNG file, where one is named. Raises SettingError for another kind of file."""
    if not out:
        return
    expect(out.endswith(".png"), SettingError, "out", "the name of a PNG file", out)
    images = creation.tensor([picture["pixels"] for picture in made], dtype="float32")
    names = [Path(picture["name"]).name for picture in made]
    plot.gallery(out, images.numpy(), names, min(8, len(names)))


def as_text(predictions: Mapping[str, Any]) -> str:
    """The pictures in letters, two a pixel, each below its name and its error."""
    lines = []
    for picture in predictions["pictures"]:
        error = "" if picture["error"] is None else f": squared error {picture['error']:.5f} a pixel"
        lines.append(f"{picture['name']}{error}")
        lines += lettered(picture["pixels"])
    return "\n".join(lines)


def lettered(pixels: Sequence[Sequence[float]]) -> list[str]:
    """A line of letters for each row of pixels (H, W) from 0 to 1, two a pixel, dark ones for bright pixels."""
    return ["".join(2 * SHADES[min(len(SHADES) - 1, max(0, int(value * len(SHADES))))] for value in row).rstrip()
            for row in pixels]  # fmt: skip
