"""What a run that trained a diffusion model can be asked: samples, and its measures again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from xdl.errors import DataError, SettingError, expect
from xdl.experiments.energy.diffusion_target import Pictures
from xdl.experiments.energy.diffusion_training import build, target_of
from xdl.experiments.shared.generated.answers import as_text, draw, pictured
from xdl.random import own_streams
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.runs.text_table import aligned


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    count: int = setting(4, "samples to draw", low=1, high=1000)
    steps: int = setting(0, "steps of the sampler; 0: all times", low=0)
    seed: int = setting(0, "of the noise that is drawn", low=0)
    eta: float = setting(1.0, "new noise in each step: 1 as in DDPM, 0 none, as in DDIM", low=0, high=1)
    out: str = setting("", "of images: a PNG file for the samples; empty: none")


@dataclass(frozen=True)
class Sampler:
    """The task (`runs.task.RunTask`) of a run that trained a diffusion model."""

    measures: ClassVar[Mapping[str, str]] = {"mmd": "min", "near": "max", "loss": "min"}
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:  # noqa: ARG002 (the rate falls over all steps)
        """Nothing."""
        return ()

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:
        """The measures of samples beside held-out data of the run's set, or of another one of the same size."""
        name = data_name or saved.about["data"]
        target = target_of(saved.settings, name, data_dir)
        model = saved.trained(build(saved.settings, target.size))
        with own_streams(saved.about["seed"]):
            samples = model.sample((saved.settings.samples, target.size))
        return {"run": str(saved.path), "data": name, **target.measures(samples, target.held_out(saved.about["seed"]))}

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """For the word "samples": {"run", "points": [[x, y], ...]}, or of images {"run", "pictures": [{"name", "error",
        "pixels"}]}, pixels (H, W) as lists, from 0 to 1. Raises DataError for another word.
        """
        wrong = [given for given in inputs if given != "samples"]
        expect(bool(inputs) and not wrong, DataError, "xdl predict", 'the word "samples"', wrong or "nothing")
        target = target_of(saved.settings, saved.about["data"], None)
        model = saved.trained(build(saved.settings, target.size))
        with own_streams(options.seed):
            samples = model.sample((options.count, target.size), options.steps or None, options.eta)
        if not isinstance(target, Pictures):
            expect(not options.out, SettingError, "out", "no file: samples of this run are points", options.out)
            return {"run": str(saved.path), "points": samples.tolist()}
        made = [pictured(f"sample {i}", image) for i, image in enumerate(target.images(samples), 1)]
        draw(options.out, made)
        return {"run": str(saved.path), "pictures": made}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """Points as a table, pictures in letters."""
        return as_text(predictions) if "pictures" in predictions else aligned(["x", "y"], predictions["points"])
