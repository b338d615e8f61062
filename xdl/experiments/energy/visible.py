"""Images as the visible units of a Boltzmann machine, and units as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.creation import tensor
from xdl.data import DataLoader, LabelledImages, TensorDataset
from xdl.experiments.shared.images import HALF, ImageForm
from xdl.tensor import Tensor


@dataclass(frozen=True)
class Units:
    """How images of a form become visible units (N, V).

    kind: "binary": 1 where a pixel is at least half white, else 0; "grey": pixels from 0 to 1, taken for probabilities;
          "gaussian": the standardized pixels
    """

    form: ImageForm
    kind: str

    @classmethod
    def of(cls, data: LabelledImages, kind: str) -> Units:
        """For the images of a data set, black and white as in its training part."""
        pixels = data.train.arrays[0]
        return cls(ImageForm(data.image_shape, data.class_names, float(pixels.min()), float(pixels.max())), kind)

    def from_pixels(self, pixels: Any) -> Tensor:
        """Of values (N, ...) from 0 to 1."""
        x = tensor(pixels, dtype="float32").flatten(1)
        if self.kind == "gaussian":
            return self.form.darkest + x * self._range
        return (x > HALF).to("float32") if self.kind == "binary" else x

    def from_images(self, images: Any) -> Tensor:
        """Of a data set's standardized images (N, C, H, W)."""
        return self.from_pixels(((images - self.form.darkest) / self._range).clip(0, 1))

    def part(self, images: TensorDataset) -> TensorDataset:
        """A part of a data set as visible units alone."""
        return TensorDataset(self.from_images(images.arrays[0]))

    def pictures(self, v: Tensor) -> Tensor:
        """The images (N, 1, H, W) of visible units, or of their means, from 0 to 1."""
        x = ((v - self.form.darkest) / self._range).clamp(0, 1) if self.kind == "gaussian" else v
        return x.reshape(len(v), *self.form.shape)

    @property
    def _range(self) -> float:
        return self.form.brightest - self.form.darkest


def all_at_once(part: TensorDataset) -> DataLoader:
    """A loader of one batch."""
    return DataLoader(part, len(part))
