"""What a run that trained a classifier of images can be asked: its measures on test images, its view of pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from xdl import nn
from xdl.creation import tensor
from xdl.data import DataLoader, load_images, prepare, read_pictures
from xdl.data.pictures.likeness import Likeness
from xdl.errors import SettingError
from xdl.experiments.shared.images import EVALUATION_BATCH, ImageForm, form_of, likeness_of
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.runs.text_table import aligned
from xdl.tensor import no_grad
from xdl.train import RunningMeans, accuracy

Build = Callable[[Any, tuple[int, ...], int], nn.Module]  # (settings, image shape, classes) -> the untrained model


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    top: int = setting(3, "how many of the likeliest classes to name", low=1)
    background: str = setting("auto", "dark, light, or auto: what most of the border's pixels are")


@dataclass(frozen=True)
class ImageClassifier:
    """The task (`runs.task.RunTask`) of a run that trained a classifier of images.

    build: makes the untrained model from the run's settings, the images' shape (C, H, W) and the number of classes

    The run's folder holds images.json, see `images.images_of`, and model.safetensors.
    """

    build: Build
    measures: ClassVar[Mapping[str, str]] = {
        "validation_loss": "min",
        "validation_accuracy": "max",
        "test_loss": "min",
        "test_accuracy": "max",
    }
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:
        """The epochs, unless the schedule was laid out over all of them."""
        return () if settings.schedule == "cosine" else ("epochs",)

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """Loss and accuracy on the test images of the run's data set or of another one, and which share is "unlike".

        Raises SettingError for images that do not fit the model.
        """
        form = form_of(saved)
        name = data_name or saved.about["data"]
        data = load_images(name, size=form.shape[-1], data_dir=data_dir)
        if (data.image_shape, data.class_names) != (form.shape, form.class_names):
            expected = f"images of {form.shape} of {', '.join(form.class_names)[:200]}"
            found = f"{data.image_shape} of {', '.join(data.class_names)}"
            raise SettingError(f"xdl eval --data {name}", expected, found, "Leave --data out")
        model, loss = self._model(saved, form), nn.CrossEntropyLoss()
        means = RunningMeans("xdl eval")
        with no_grad():
            for batch, (images, labels) in enumerate(DataLoader(data.test, EVALUATION_BATCH), 1):
                logits = model(images)
                means.add(batch, len(labels), {"loss": loss(logits, labels), "accuracy": accuracy(logits, labels)})
        return {
            "run": str(saved.path),
            "model": type(model).__name__,
            "data": data.description,
            "images": len(data.test),
            **{f"test_{name}": value for name, value in means.read().items()},
            **_share_unlike(likeness_of(saved, form), data.test.arrays[0]),
        }

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """The likeliest classes of each picture, with their probabilities.

        inputs:  files of pictures or of arrays of them, see `data.read_pictures`
        options: `Options`; for background see `data.light_on_dark`

        Returns {"run", "model", "images": [{"name", "treatment", "unlike", "classes": [{"class", "probability"}]}]};
        "unlike" says what is unlike anything seen in training: an empty list where nothing is, None where the run has
        kept no `Likeness`. Raises DataError naming the first file that is wrong.
        """
        form = form_of(saved)
        model, likeness = self._model(saved, form), likeness_of(saved, form)
        images = []
        for file in inputs:
            for name, pixels in read_pictures(Path(file)):
                prepared, treatment = prepare(pixels, form.shape, options.background)
                with no_grad():
                    x = tensor(form.darkest + prepared * (form.brightest - form.darkest), dtype="float32")
                    probabilities = model(x.unsqueeze(0)).softmax(1)[0].tolist()
                ranked = sorted(zip(probabilities, form.class_names, strict=True), reverse=True)[: options.top]
                classes = [{"class": name, "probability": probability} for probability, name in ranked]
                unlike = likeness.complaints(x.unsqueeze(0).numpy())[0] if likeness else None
                images.append({"name": name, "treatment": treatment, "unlike": unlike, "classes": classes})
        return {"run": str(saved.path), "model": type(model).__name__, "images": images}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """How each picture was read, whether it is unlike those of the training, then a table with its classes."""
        images = predictions["images"]
        headings = ["image", *(f"{i}." for i in range(1, len(images[0]["classes"]) + 1))]
        rows = [
            [image["name"], *(f"{found['class']} {found['probability']:.1%}" for found in image["classes"])]
            for image in images
        ]
        read = [line for image in images for line in _read(image)]
        return "\n".join([*read, "", aligned(headings, rows)])

    def _model(self, saved: SavedRun, form: ImageForm) -> nn.Module:
        return saved.trained(self.build(saved.settings, form.shape, len(form.class_names)))


def _read(image: Mapping[str, Any]) -> list[str]:
    """How a picture was read, and what is unlike the training pictures, for people."""
    lines = [f"{image['name']}: {image['treatment']}"]
    if image["unlike"]:
        lines.append(f"    unlike anything seen in training, so trust no class: {'; '.join(image['unlike'])}")
    return lines


def _share_unlike(likeness: Likeness | None, pictures: Any) -> dict[str, float]:
    """How many of the pictures `xdl predict` would call unlike the training's."""
    if likeness is None:
        return {}
    found = likeness.complaints(pictures)
    return {"unlike": sum(map(bool, found)) / len(found)}
