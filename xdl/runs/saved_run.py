"""Runs that lie on the disk: what they are, where they stand, and the files in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar

from xdl import nn
from xdl.errors import CheckpointError, SettingError
from xdl.io.claim import is_claimed
from xdl.io.json_text import shown
from xdl.io.reading import read_lines
from xdl.runs import lost
from xdl.runs.lost import about_in_checkpoints, read_json, whole_lines
from xdl.runs.registry import Experiment, find
from xdl.runs.settings import make
from xdl.runs.settings_file import from_values
from xdl.train import MetricsFile, load_model
from xdl.train.callbacks.lines import record_of

ABOUT = {"experiment": str, "settings": dict, "seed": int, "data": str | NoneType, "backend": str, "versions": dict}
SOMETIMES = {"quick": bool, "seeds": list, "resumed": list}  # what else run.json may say


Model = TypeVar("Model", bound=nn.Module)


@dataclass(frozen=True)
class SavedRun:
    """A run's folder. about: its run.json; settings: those in it, as the experiment's own type; notes: for people."""

    path: Path
    about: dict[str, Any]
    experiment: Experiment
    settings: Any
    notes: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether it came to its end: the summary is written last."""
        return (self.path / "summary.json").is_file()

    @property
    def whole(self) -> bool:
        """Whether it came to its end, and its summary can be read."""
        try:
            return self.finished and bool(self.summary())
        except SettingError:
            return False

    @property
    def astray(self) -> str:
        """The error, in words, of a run that nan, a divergence or a collapse has ended; empty for any other."""
        return "" if self.whole else lost.astray(self.path)

    def summary(self) -> dict[str, Any]:
        """Its results. Raises SettingError for a run that has not come to its end, or whose summary is damaged."""
        if not self.finished:
            raise SettingError(f"run {self.path}", "a finished run", "no summary.json in it", self.how_to_resume())
        try:
            summary = read_json(self.path / "summary.json")
        except SettingError as error:
            raise SettingError(error.operation, error.expected, error.found, self.how_to_resume()) from error
        seed, seconds, samples = (summary.get(name, 1) for name in ("seed", "seconds", "test_samples"))
        right = type(seed) is int and type(seconds) in (int, float) and type(samples) is int and samples > 0
        if not (right and {"seed", "seconds"} <= summary.keys()):
            expected = "seed, seconds and perhaps test_samples, numbers"
            raise SettingError(f"{self.path / 'summary.json'}", expected, "none", self.how_to_resume())
        return summary

    def history(self) -> list[dict[str, float]]:
        """The epochs that metrics.jsonl holds; empty where there is none."""
        path = self.path / MetricsFile.name
        return self.records(path) if path.is_file() else []

    def epochs_done(self) -> int:
        """The epochs of its longest training so far; lines that a power failure has cut or zeroed are not counted."""
        return max(map(whole_lines, self.path.rglob(MetricsFile.name)), default=0)

    def how_to_resume(self) -> str:
        """The command that goes on with it, and writes anew what is missing or damaged."""
        first = f"Remove {self.path / 'summary.json'} and go" if self.finished else "Go"
        return f"{first} on with it: xdl run {self.path} --resume"

    def content(self, name: str) -> dict[str, Any]:
        """A JSON file that its task has left. Raises SettingError where it is missing or damaged."""
        return read_json(self._file(name))

    def trained(self, model: Model) -> Model:
        """The model with the saved weights, in evaluation mode.

        Raises SettingError where there are none, CheckpointError for damaged ones or those of another model.
        """
        try:
            load_model(model, self._file("model.safetensors"))
        except CheckpointError as error:
            raise CheckpointError(error.operation, error.expected, error.found, self.how_to_resume()) from error
        model.eval()
        return model

    def _file(self, name: str) -> Path:
        if not (self.path / name).is_file():
            found, hint = f"no {name} in it", self.how_to_resume()
            if error := self.astray:
                found += f", as the training has ended so: {error.rstrip('.')}"
                hint = "A resume would end so again: start a new run with other settings"
            raise SettingError(f"run {self.path}", "a trained model", found, hint)
        return self.path / name

    def records(self, path: Path) -> list[dict[str, float]]:
        """The epochs in a file metrics.jsonl of one of its trainings. Raises SettingError for a damaged one."""
        try:
            found = [record_of(line) for line in read_lines(path)]
        except (OSError, ValueError) as error:
            raise SettingError(str(path), "a file of epochs", error, self.how_to_resume()) from error
        records = [record for record in found if record is not None]
        if len(records) < len(found):
            expected = f"a JSON object of numbers, with an epoch, in line {found.index(None) + 1}"
            raise SettingError(str(path), expected, "something else", self.how_to_resume())
        return records


def read_run(path: Path) -> SavedRun:
    """The run in a folder. Raises SettingError where there is none, or its run.json is damaged: with the way out."""
    if not (path / "run.json").is_file():
        hint = "Runs lie in runs/EXPERIMENT/TIME; xdl run makes them"
        raise SettingError("run folder", "a folder that xdl run has made", f"no {path / 'run.json'}", hint)
    try:
        about = read_json(path / "run.json")
        wrong = _wrong(about)
        found = f"none, or damaged ones: {', '.join(wrong)}"
        if wrong:
            raise SettingError(f"{path / 'run.json'}", ", ".join(ABOUT), found)
    except SettingError as error:
        if about_in_checkpoints(path, _fits) is not None:
            hint = f"To go on writes it anew: xdl run {path} --resume"
        else:
            hint = f"Nothing else says what this run was: start a new one, and remove {path}"
        raise SettingError(error.operation, error.expected, error.found, hint) from error
    return _saved(path, about)


def run_to_resume(path: Path) -> SavedRun:
    """The run in a folder; where its run.json is damaged, as its checkpoints tell. Raises as `read_run` does."""
    try:
        saved = read_run(path)
    except SettingError:
        about = about_in_checkpoints(path, _fits)
        if about is None:
            raise
        return replace(_saved(path, about), notes=(f"note: {path / 'run.json'} was damaged: taken from a checkpoint",))
    if saved.astray:
        note = f"note: this run has ended so: {saved.astray}. The same steps come again"
        return replace(saved, notes=(note,))
    return saved


def newest_unfinished(out: Path, experiment: Experiment) -> SavedRun:
    """The newest run of the experiment under `out` that has not come to its end and that no process works on.

    One that went astray would end so again, and one whose run.json is lost cannot go on: they are
    passed over, and named. Raises SettingError for none.
    """
    folders = [path.parent for path in (out / experiment.name).glob("*/run.json")]
    passed = []
    for folder in sorted(folders, key=lambda folder: (folder / "run.json").stat().st_mtime_ns, reverse=True):
        if is_claimed(folder):
            continue
        try:
            run = run_to_resume(folder)
        except SettingError as error:
            passed.append(f"passed over {folder}: {error}")
            continue
        if run.astray:
            passed.append(f"passed over {folder}, which has ended so: {run.astray}. xdl run {folder} --resume")
        elif not run.whole:
            return replace(run, notes=(*passed, *run.notes))
    expected = f"an unfinished run of {experiment.name} in {out}"
    hint = f"Start one: xdl run {experiment.name}; or name the folder of a finished run to train it longer"
    others = len(folders) - len(passed)
    found = "1 run that is finished or running" if others == 1 else f"{others} runs that are finished or running"
    raise SettingError("xdl run --resume", expected, "; ".join([found, *passed]), hint)


def _saved(path: Path, about: dict[str, Any]) -> SavedRun:
    experiment = find(about["experiment"])
    if experiment.data and about["data"] not in experiment.data:
        expected = f"data: one of {', '.join(experiment.data)}"
        raise SettingError(f"{path / 'run.json'}", expected, shown(about["data"]))
    kind = experiment.load().Settings
    return SavedRun(path, about, experiment, make(kind, from_values(kind, about["settings"], str(path / "run.json"))))


def _wrong(about: Mapping[str, Any]) -> list[str]:
    """What run.json lacks, or has of another type."""
    present = {name: kind for name, kind in SOMETIMES.items() if name in about}
    kinds = (ABOUT | present).items()
    wrong = [name for name, kind in kinds if name not in about or not isinstance(about[name], kind)]
    if "seeds" not in wrong and not all(type(seed) is int for seed in about.get("seeds", [0]) or [None]):
        wrong.append("seeds")
    return wrong


def _fits(about: Any) -> bool:
    return isinstance(about, dict) and not _wrong(about)
