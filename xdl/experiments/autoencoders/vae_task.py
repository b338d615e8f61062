"""What a run that trained a variational autoencoder can be asked: its nats on test images, new images, ways between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import xdl
from xdl.data import LabelledImages, load_images
from xdl.errors import DataError, SettingError, expect
from xdl.experiments.autoencoders.coder_task import between
from xdl.experiments.autoencoders.nats import nats_of
from xdl.experiments.autoencoders.pixels import in_batches, scaled
from xdl.experiments.shared.generated.answers import as_text, draw, pictured, pictures_in
from xdl.experiments.shared.images import ImageForm, form_of
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.tensor import Tensor

Build = Callable[[Any, tuple[int, ...], int], Any]  # (settings, image shape, classes) -> the untrained model
SAMPLES = "samples"  # what is asked for in place of a file


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    count: int = setting(4, "new images, where samples are asked for", low=1, high=1000)
    seed: int = setting(0, "of the codes that are drawn", low=0)
    between: int = setting(0, "pictures on the way from each picture to the next, by their codes", low=0, high=100)
    label: str = setting("", "of conditional-vae: the class of the pictures or samples; empty: samples of each")
    background: str = setting("auto", "of pictures: dark, light, or auto: what most of the border's pixels are")
    out: str = setting("", "a PNG file for the pictures that are made; empty: none")


@dataclass(frozen=True)
class ImageGenerator:
    """The task (`runs.task.RunTask`) of a run that trained a variational autoencoder of binary images.

    build: makes the untrained model from the run's settings, the images' shape (C, H, W) and the number of classes

    The run's folder holds images.json, see `images.images_of`, and model.safetensors.
    """

    build: Build
    measures: ClassVar[Mapping[str, str]] = {"test_negative_elbo": "min", "test_bound": "min"}
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:  # noqa: ARG002 (the same for all settings)
        """The passes."""
        return ("epochs",)

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """The ELBO in its parts and the importance-weighted bound, in nats, of binarized test images.

        Raises SettingError for images that do not fit the model.
        """
        form = form_of(saved)
        name = data_name or saved.about["data"]
        data: LabelledImages = load_images(name, size=form.shape[-1], data_dir=data_dir)
        if (data.image_shape, data.class_names) != (form.shape, form.class_names):
            expected = f"images of {form.shape} of {', '.join(form.class_names)[:200]}"
            found = f"{data.image_shape} of {', '.join(data.class_names)}"
            raise SettingError(f"xdl eval --data {name}", expected, found, "Leave --data out")
        model = self.model(saved, form)
        low, high = (float(edge) for edge in (data.train.arrays[0].min(), data.train.arrays[0].max()))
        with xdl.random.own_streams(saved.about["seed"]):
            nats = nats_of(model, scaled(data.test, low, high, binary=True), saved.settings.bound)
        return {
            "run": str(saved.path),
            "model": type(model).__name__,
            "data": f"{data.description}; binarized at one half",
            "images": len(data.test),
            "test_negative_elbo": nats.negative_elbo,
            "test_reconstruction": nats.reconstruction,
            "test_kl": nats.kl,
            "test_bound": nats.bound,
        }

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """New images, for the input "samples"; or each picture as it comes back from the mean of its code.

        inputs: "samples" alone, or files of pictures, see `data.read_pictures`; with `between`, pictures on the way

        Returns {"run", "model", "pictures": [{"name", "error", "pixels"}]}, pixels (H, W) the probabilities of white.
        Raises DataError naming the first file that is wrong, SettingError for an option that does not fit.
        """
        form = form_of(saved)
        model = self.model(saved, form)
        label = self._label(model, form, options.label)
        if list(inputs) == [SAMPLES]:
            made = self._samples(model, form, options, label)
        else:
            expect(SAMPLES not in inputs, DataError, "inputs", f"{SAMPLES!r} alone, or files", list(inputs))
            made = self._of_pictures(model, form, inputs, options, label)
        draw(options.out, made)
        return {"run": str(saved.path), "model": type(model).__name__, "pictures": made}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """The pictures in letters, each below its name and error."""
        return as_text(predictions)

    def model(self, saved: SavedRun, form: ImageForm) -> Any:
        """The trained model."""
        return saved.trained(self.build(saved.settings, form.shape, len(form.class_names)))

    def _label(self, model: Any, form: ImageForm, name: str) -> int | None:
        """The number of the class that is asked for. Raises SettingError for an unknown one, or a model without."""
        if not name:
            return None
        expect(model.told, SettingError, "label", "a run of conditional-vae", type(model).__name__)
        expect(name in form.class_names, SettingError, "label", f"one of {', '.join(form.class_names)}", name)
        return form.class_names.index(name)

    def _samples(self, model: Any, form: ImageForm, options: Any, label: int | None) -> list[dict[str, Any]]:
        with xdl.random.own_streams(options.seed):
            z = xdl.randn(options.count, model.latent)
        if not model.told:
            return [pictured(f"sample {i}", image) for i, image in enumerate(in_batches(model.images, z), 1)]
        classes = [i % len(form.class_names) if label is None else label for i in range(options.count)]
        images = model.images(z, xdl.tensor(classes)).detach()
        return [pictured(f"{form.class_names[k]}, sample {i}", image)
                for i, (k, image) in enumerate(zip(classes, images, strict=True), 1)]  # fmt: skip

    def _of_pictures(
        self, model: Any, form: ImageForm, inputs: Sequence[str], options: Any, label: int | None
    ) -> list[dict[str, Any]]:
        expect(not model.told or label is not None, SettingError, "label", "the class of the pictures", "none")
        names, given = pictures_in(inputs, form, options.background)
        expect(not options.between or len(names) > 1, SettingError, "between", "two pictures or more", len(names))

        def told(x: Tensor) -> tuple[Tensor, ...]:
            return () if label is None else (xdl.tensor([label] * len(x)),)

        codes = in_batches(lambda x: model.encode(x, *told(x))[0], given)
        again = in_batches(lambda z: model.images(z, *told(z)), codes)
        errors = (again - given).square().flatten(1).mean(1).tolist()
        made = [pictured(name, one, error) for name, one, error in zip(names, again, errors, strict=True)]
        for i in range(len(names) - 1 if options.between else 0):
            way = between(codes[i], codes[i + 1], options.between)
            images = in_batches(lambda z: model.images(z, *told(z)), way)
            made += [pictured(f"{names[i]} to {names[i + 1]}, {k}", image) for k, image in enumerate(images, 1)]
        return made
