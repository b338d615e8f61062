"""What a run that trained a Boltzmann machine can be asked: samples, reconstructions, and its measures again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from xdl.data import load_images
from xdl.errors import SettingError
from xdl.experiments.energy.fantasies import dream
from xdl.experiments.energy.visible import Units
from xdl.experiments.shared.generated.answers import as_text, draw, pictured, pictures_in
from xdl.experiments.shared.images import form_of
from xdl.models.energy import RBM, log_likelihood
from xdl.random import own_streams
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.tensor import no_grad


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    count: int = setting(4, "samples to draw", low=1, high=1000)
    steps: int = setting(1000, "steps of the Markov chain that each sample comes from", low=1)
    seed: int = setting(0, "of the chains that samples come from", low=0)
    background: str = setting("auto", "of pictures: dark, light, or auto: what most of the border's pixels are")
    out: str = setting("", "a PNG file for the pictures that are made; empty: none")


@dataclass(frozen=True)
class Machine:
    """The task (`runs.task.RunTask`) of a run that trained a machine of images.

    build: makes the untrained machine from the run's settings, of which `visible` is a kind of `Units`, and the pixels
    """

    build: Callable[[Any, int], RBM]
    measures: ClassVar[Mapping[str, str]] = {
        "validation_log_likelihood": "max",
        "test_log_likelihood": "max",
        "test_reconstruction_error": "min",
    }
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:
        """The passes, where the rate does not fall over all of them."""
        return () if settings.schedule == "linear" else ("epochs",)

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """The exact likelihood of test images of the run's data set or of another one, and the reconstruction error.

        Raises SettingError for images that do not fit the model.
        """
        units, model = self._read(saved)
        name = data_name or saved.about["data"]
        data = load_images(name, size=units.form.shape[-1], data_dir=data_dir)
        if data.image_shape != units.form.shape:
            raise SettingError(f"xdl eval --data {name}", f"images of {units.form.shape}", data.image_shape)
        v = Units.of(data, units.kind).from_images(data.test.arrays[0])
        with no_grad():
            likelihood, error = log_likelihood(model, v).mean(), ((v - model.reconstruct(v)) ** 2).mean()
        return {
            "run": str(saved.path),
            "data": data.description,
            "images": len(v),
            "test_log_likelihood": float(likelihood),
            "test_reconstruction_error": float(error),
        }

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """For the word "samples", images that chains from noise arrive at; for a file of pictures, each reconstructed.

        Returns {"run", "pictures": [{"name", "error", "pixels"}]}, pixels (H, W) as lists, from 0 to 1. Raises
        DataError naming the first file that is wrong.
        """
        units, model = self._read(saved)
        made = []
        for given in inputs:
            if given == "samples":
                with own_streams(options.seed):
                    images = units.pictures(dream(model, options.count, options.steps))
                made += [pictured(f"sample {i}", image) for i, image in enumerate(images, 1)]
                continue
            names, pixels = pictures_in([given], units.form, options.background)
            v = units.from_pixels(pixels)
            with no_grad():
                again = model.reconstruct(v)
            errors = ((again - v) ** 2).mean(1).tolist()
            made += [pictured(*one) for one in zip(names, units.pictures(again), errors, strict=True)]
        draw(options.out, made)
        return {"run": str(saved.path), "pictures": made}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """The pictures in letters."""
        return as_text(predictions)

    def _read(self, saved: SavedRun) -> tuple[Units, RBM]:
        form = form_of(saved)
        pixels = form.shape[0] * form.shape[1] * form.shape[2]
        return Units(form, saved.settings.visible), saved.trained(self.build(saved.settings, pixels))
