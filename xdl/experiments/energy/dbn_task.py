"""What a run that trained a deep belief network can be asked: fantasies, and pictures read and reconstructed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, ClassVar

from xdl import nn
from xdl.creation import tensor
from xdl.data import load_images
from xdl.errors import SettingError
from xdl.experiments.energy.machine_task import Options
from xdl.experiments.energy.visible import Units
from xdl.experiments.shared.generated.answers import as_text, draw, pictured, pictures_in
from xdl.experiments.shared.images import form_of
from xdl.models.energy import DBN
from xdl.random import own_streams
from xdl.runs.saved_run import SavedRun
from xdl.tensor import no_grad
from xdl.train import accuracy


@dataclass(frozen=True)
class Belief:
    """The task (`runs.task.RunTask`) of a run that left a stack and the classifier that was made of it."""

    measures: ClassVar[Mapping[str, str]] = {"test_accuracy": "max"}
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:  # noqa: ARG002 (the rates fall over all steps)
        """Nothing."""
        return ()

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """The classifier's accuracy on test images, and the stack's reconstruction error.

        Raises SettingError for images that do not fit the model.
        """
        units, stack, classifier = self._read(saved)
        name = data_name or saved.about["data"]
        data = load_images(name, size=units.form.shape[-1], data_dir=data_dir)
        if (data.image_shape, data.class_names) != (units.form.shape, units.form.class_names):
            expected = f"images of {units.form.shape} of {', '.join(units.form.class_names)}"
            raise SettingError(f"xdl eval --data {name}", expected, f"{data.image_shape}")
        images, labels = data.test.arrays
        v = Units.of(data, "grey").from_images(images)
        with no_grad():
            right, error = accuracy(classifier(v), tensor(labels)), ((v - stack.reconstruct(v)) ** 2).mean()
        return {
            "run": str(saved.path),
            "data": data.description,
            "images": len(v),
            "test_accuracy": float(right),
            "test_reconstruction_error": float(error),
        }

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """For the word "samples", fantasies; for a file of pictures, each as the top layer sees it, and its class.

        Returns {"run", "pictures": [{"name", "error", "pixels"}]}, pixels (H, W) as lists, from 0 to 1; the name of a
        picture that was read tells its class and the probability of it. Raises DataError naming the first wrong file.
        """
        units, stack, classifier = self._read(saved)
        made = []
        for given in inputs:
            if given == "samples":
                with own_streams(options.seed):
                    images = units.pictures(stack.generate(options.count, options.steps))
                made += [pictured(f"sample {i}", image) for i, image in enumerate(images, 1)]
                continue
            names, pixels = pictures_in([given], units.form, options.background)
            v = units.from_pixels(pixels)
            with no_grad():
                again, says = stack.reconstruct(v), classifier(v).softmax(1)
            classes = [units.form.class_names[k] for k in says.argmax(1).tolist()]
            read = [f"{n}: {c} {p:.1%}" for n, c, p in zip(names, classes, says.amax(1).tolist(), strict=True)]
            errors = ((again - v) ** 2).mean(1).tolist()
            made += [pictured(*one) for one in zip(read, units.pictures(again), errors, strict=True)]
        draw(options.out, made)
        return {"run": str(saved.path), "pictures": made}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """The pictures in letters."""
        return as_text(predictions)

    def _read(self, saved: SavedRun) -> tuple[Units, DBN, nn.Module]:
        form = form_of(saved)
        stack = DBN((prod(form.shape), *saved.settings.hidden))
        both = saved.trained(nn.ModuleDict({"stack": stack, "classifier": stack.classifier(len(form.class_names))}))
        return Units(form, "grey"), stack, both["classifier"]
