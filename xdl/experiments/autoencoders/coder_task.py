"""What a run that trained an autoencoder can be asked: its error on test images, and its view of pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import xdl
from xdl import nn
from xdl.data import load_images
from xdl.errors import SettingError, expect
from xdl.experiments.autoencoders.noise import Noise
from xdl.experiments.autoencoders.pixels import in_batches, scaled, tensors_of
from xdl.experiments.shared.generated.answers import as_text, draw, pictured, pictures_in
from xdl.experiments.shared.images import ImageForm, form_of
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.tensor import Tensor

Build = Callable[[Any, tuple[int, ...], int], nn.Module]  # (settings, image shape, classes) -> the untrained model


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    between: int = setting(0, "pictures on the way from each picture to the next, by their codes", low=0, high=100)
    background: str = setting("auto", "of pictures: dark, light, or auto: what most of the border's pixels are")
    out: str = setting("", "a PNG file for the pictures that are made; empty: none")


@dataclass(frozen=True)
class ImageCoder:
    """The task (`runs.task.RunTask`) of a run that trained an autoencoder of images.

    build:   makes the untrained model from the run's settings, the images' shape (C, H, W) and the number of classes
    corrupt: makes of the run's settings the noise under which it is measured; None: none

    The run's folder holds images.json, see `images.images_of`, and model.safetensors.
    """

    build: Build
    corrupt: Callable[[Any], Noise] | None = None
    measures: ClassVar[Mapping[str, str]] = {"test_error": "min", "validation_error": "min"}
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:  # noqa: ARG002 (the same for all settings)
        """The passes."""
        return ("epochs",)

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """The squared error of a pixel, of test images of the run's set or of another one.

        Raises SettingError for images that do not fit the model.
        """
        form = form_of(saved)
        name = data_name or saved.about["data"]
        data = load_images(name, size=form.shape[-1], data_dir=data_dir)
        if data.image_shape != form.shape:
            raise SettingError(f"xdl eval --data {name}", f"images of {form.shape}", data.image_shape)
        low, high = (float(edge) for edge in (data.train.arrays[0].min(), data.train.arrays[0].max()))
        images, _ = tensors_of(scaled(data.test, low, high))
        model = self.model(saved, form)
        with xdl.random.own_streams(saved.about["seed"]):
            given = images if self.corrupt is None else self.corrupt(saved.settings)(images)
        return {
            "run": str(saved.path),
            "model": type(model).__name__,
            "data": data.description,
            "images": len(images),
            "test_error": float((in_batches(model, given) - images).square().mean()),
        }

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """Each picture as the model gives it back, with the error; with `between`, pictures on the way to the next.

        inputs: files of pictures or of arrays of them, see `data.read_pictures`

        Returns {"run", "model", "pictures": [{"name", "error", "pixels"}]}, pixels (H, W) as lists, from 0 to 1. Raises
        DataError naming the first file that is wrong, SettingError for `between` with a single picture.
        """
        form = form_of(saved)
        model: Any = self.model(saved, form)
        names, given = pictures_in(inputs, form, options.background)
        expect(not options.between or len(names) > 1, SettingError, "between", "two pictures or more", len(names))
        codes = in_batches(model.encode, given)
        again = in_batches(model.decode, codes)
        errors = (again - given).square().flatten(1).mean(1).tolist()
        made = [pictured(name, one, error) for name, one, error in zip(names, again, errors, strict=True)]
        for i in range(len(names) - 1 if options.between else 0):
            for k, way in enumerate(in_batches(model.decode, between(codes[i], codes[i + 1], options.between)), 1):
                made.append(pictured(f"{names[i]} to {names[i + 1]}, {k}", way))
        draw(options.out, made)
        return {"run": str(saved.path), "model": type(model).__name__, "pictures": made}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """The pictures in letters, each below its name and error."""
        return as_text(predictions)

    def model(self, saved: SavedRun, form: ImageForm) -> nn.Module:
        """The trained model."""
        return saved.trained(self.build(saved.settings, form.shape, len(form.class_names)))


def between(start: Tensor, end: Tensor, count: int) -> Tensor:
    """(count, K): codes on the line from one code (K,) to another, without the ends."""
    shares = xdl.arange(1, count + 1, dtype=start.dtype).unsqueeze(1) / (count + 1)
    return start + shares * (end - start)
