"""What a run that trained a generator of images can be asked: pictures from seeds, and ways from one to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import xdl
from xdl.data import load_images
from xdl.errors import SettingError
from xdl.experiments.adversarial.images.pictures import Kind, PictureLook, Scale
from xdl.experiments.adversarial.sampler import noise_of, seeds_of
from xdl.experiments.shared.generated.answers import lettered
from xdl.experiments.shared.generated.scorer import FILE, Scorer, build
from xdl.experiments.shared.images import form_of
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.tensor import no_grad
from xdl.train import load_model


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    number: int = setting(1, "pictures for each seed, or steps of a way", low=1, high=1000)
    to: int = setting(-1, "the seed that a way leads to, by even steps of the noise; -1: pictures of one seed", low=-1)
    label: int = setting(0, "the class to make, by its number, of a run that was given labels", low=0, high=1000)


@dataclass(frozen=True)
class PictureSampler:
    """The task (`runs.task.RunTask`) of a run that left a generator of a `Kind`, images.json and a scorer."""

    kind: Kind
    measures: ClassVar[Mapping[str, str]] = {
        "samples_frechet": "min",
        "samples_confidence": "max",
        "samples_entropy": "max",
    }
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:  # noqa: ARG002
        """The epochs."""
        return ("epochs",)

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """The scores of its samples, by the run's own scorer, beside the run's images or another set of the same form.

        Raises SettingError for images that do not fit.
        """
        form, name = form_of(saved), data_name or saved.about["data"]
        data = load_images(name, size=form.shape[-1], data_dir=data_dir)
        if (data.image_shape, data.class_names) != (form.shape, form.class_names):
            expected = f"images of {form.shape} of {len(form.class_names)} classes"
            raise SettingError(f"xdl eval --data {name}", expected, data.image_shape, "Leave --data out")
        model = build(form.shape, len(form.class_names))
        load_model(model, saved.path / FILE)
        scorer = Scorer(model, data)
        task = self.kind.task(saved.settings, form.shape, len(form.class_names))
        saved.trained(task.generator)
        task.eval()
        look = PictureLook(scorer, Scale(form.darkest, form.brightest), saved.settings, saved.about["seed"])
        with no_grad():
            found = look(task)
        about = {"run": str(saved.path), "model": type(task.generator).__name__, "data": data.description}
        return {**about, "frechet_real": scorer.floor.frechet, **{f"samples_{k}": v for k, v in found.items()}}

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """Pictures for each seed: {"run", "model", "samples": [{"seed", "to", "label", "pictures": [[[...]]]}]}.

        pictures: (number, H, W), from 0 (dark) to 1; label: None where the networks were given none. Raises DataError
        for an input that is no seed, SettingError for a label that there is not.
        """
        seeds, form, settings = seeds_of(inputs), form_of(saved), saved.settings
        classes = len(form.class_names)
        if settings.labels and options.label >= classes:
            raise SettingError("--set label", f"a class below {classes}", options.label)
        task = self.kind.task(settings, form.shape, classes)
        model = saved.trained(task.generator)
        samples = []
        for seed in seeds:
            noise = noise_of(seed, (settings.noise,), options)
            labels = [xdl.full((len(noise),), options.label, dtype="int64")] if settings.labels else []
            with no_grad():
                pictures = ((model(noise, *labels).mean(1) + 1) / 2).tolist()
            to, label = options.to if options.to >= 0 else None, options.label if settings.labels else None
            samples.append({"seed": seed, "to": to, "label": label, "pictures": pictures})
        return {"run": str(saved.path), "model": type(model).__name__, "samples": samples}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """Each picture in letters, dark ones for bright pixels."""
        lines = []
        for one in predictions["samples"]:
            way = "" if one["to"] is None else f" to {one['to']}"
            label = "" if one["label"] is None else f", label {one['label']}"
            for picture in one["pictures"]:
                lines.append(f"seed {one['seed']}{way}{label}")
                lines += lettered(picture)
        return "\n".join(lines)
