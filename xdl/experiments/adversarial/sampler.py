"""What a run that trained a generator of points or numbers can be asked: samples from seeds, and ways between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import xdl
from xdl.errors import DataError, SettingError
from xdl.experiments.adversarial.recipe import generator_of
from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import setting
from xdl.tensor import Tensor, no_grad


@dataclass(frozen=True)
class Options:
    """Of a prediction."""

    number: int = setting(8, "samples for each seed, or steps of a way", low=1, high=10_000)
    to: int = setting(-1, "the seed that a way leads to, by even steps of the noise; -1: samples of one seed", low=-1)


def seeds_of(inputs: Sequence[str]) -> list[int]:
    """The seeds that inputs name. Raises DataError for one that is no whole number of at least 0."""
    for text in inputs:
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise DataError(f"xdl predict {text[:40]!r}", "a seed: a whole number of at least 0", "none")
    return [int(text) for text in inputs]


def noise_of(seed: int, shape: tuple[int, ...], options: Any) -> Tensor:
    """Normal noise (number, *shape) of a seed; on a way from one seed to another, by even steps on the sphere.

    Straight lines between two normal vectors run through lengths that noise hardly has, so directions and lengths are
    mixed apart (Shoemake 1985; White 2016, "Sampling generative networks").
    """
    with xdl.random.own_streams(seed):
        own = xdl.randn(options.number if options.to < 0 else 1, *shape)
    if options.to < 0:
        return own
    with xdl.random.own_streams(options.to):
        other = xdl.randn(1, *shape)
    share = xdl.linspace(0, 1, options.number).reshape(-1, *(1 for _ in shape))
    length, goal = own.square().sum().sqrt(), other.square().sum().sqrt()
    angle = ((own * other).sum() / (length * goal)).clamp(-1, 1).acos().clamp(1e-4)
    one, two = own / length, other / goal
    turned = (((1 - share) * angle).sin() * one + (share * angle).sin() * two) / angle.sin()
    return turned * ((1 - share) * length + share * goal)


@dataclass(frozen=True)
class PointSampler:
    """The task (`runs.task.RunTask`) of a run that left a generator of `recipe.generator_of`."""

    dimensions: int
    measures: ClassVar[Mapping[str, str]] = {"samples_near": "max", "samples_mmd": "min"}
    options: ClassVar[type[Any]] = Options

    def may_change(self, settings: Any) -> tuple[str, ...]:  # noqa: ARG002
        """Nothing: its steps are laid out from the start."""
        return ()

    def evaluate(self, saved: SavedRun, data_name: str | None, data_dir: Path | None) -> dict[str, Any]:  # noqa: ARG002
        """The measures of its samples that the run has taken. Raises SettingError for a run that is not finished."""
        if data_name not in (None, saved.about["data"]):
            raise SettingError("xdl eval", "no other data: samples are compared with the run's own", data_name)
        summary = saved.summary()
        return {"run": str(saved.path), **{name: summary[name] for name in summary if name.startswith("samples_")}}

    def predict(self, saved: SavedRun, inputs: Sequence[str], options: Any) -> dict[str, Any]:
        """Samples for each seed: {"run", "model", "samples": [{"seed", "to", "points": [[...], ...]}]}.

        Raises DataError for an input that is no seed.
        """
        seeds = seeds_of(inputs)
        model = saved.trained(generator_of(saved.settings, self.dimensions))
        with no_grad():
            made = [model(noise_of(seed, (saved.settings.noise,), options)).tolist() for seed in seeds]
        to = options.to if options.to >= 0 else None
        samples = [{"seed": seed, "to": to, "points": points} for seed, points in zip(seeds, made, strict=True)]
        return {"run": str(saved.path), "model": type(model).__name__, "samples": samples}

    def as_text(self, predictions: Mapping[str, Any]) -> str:
        """A line for each sample."""
        lines = []
        for one in predictions["samples"]:
            lines.append(f"seed {one['seed']}" + ("" if one["to"] is None else f" to {one['to']}"))
            lines += ["  ".join(f"{value:9.4f}" for value in point) for point in one["points"]]
        return "\n".join(lines)
