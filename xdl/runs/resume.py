"""Resuming a run: what may change, and what must be as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any, TextIO

import xdl
from xdl import backend, kernel
from xdl.errors import SettingError
from xdl.io.claim import claimed
from xdl.io.run_folder import RunFolder
from xdl.report import info
from xdl.runs.registry import EXPERIMENTS
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun, newest_unfinished, run_to_resume
from xdl.runs.settings import written
from xdl.runs.start import Plan, RunRequest
from xdl.runs.task import find_task


def find_run(target: str, out: Path) -> SavedRun:
    """The run to resume. target: its folder, or an experiment, whose newest unfinished run under `out` is meant.

    Raises SettingError where there is none.
    """
    return newest_unfinished(out, EXPERIMENTS[target]) if target in EXPERIMENTS else run_to_resume(Path(target))


def resume(saved: SavedRun, request: RunRequest, *, stream: TextIO) -> Plan:
    """A run that goes on from its last checkpoint, and ends as if never interrupted.

    Settings are those of the run. Raises SettingError where others are asked for that it cannot change on the way,
    naming both values, for a run that has nothing left to do, and for one that another process works on.
    """
    settings = replace(saved.settings, **_changes(saved, request))
    if saved.whole and settings == saved.settings:
        hint = "Ask for more epochs with --epochs, or start a new run without --resume"
        raise SettingError("xdl run --resume", "a run with something left to do", f"{saved.path} is finished", hint)
    backend.use(saved.about["backend"] if request.backend is None else request.backend)  # the same but for the card
    xdl.manual_seed(saved.about["seed"])
    folder = RunFolder.at(saved.path)
    resumed = [*saved.about.get("resumed", []), datetime.now().astimezone().isoformat(timespec="seconds")]
    differences = _differences(saved.about)
    now = {"settings": asdict(settings), "resumed": resumed, "versions": {**saved.about["versions"], **info.versions()}}
    about = {**saved.about, **kernel.options(), **now}
    if differences:
        changed = {name: [before, value] for name, before, value in differences}
        about["changed"] = [*saved.about.get("changed", []), {"resumed": resumed[-1], **changed}]
    with claimed(saved.path):
        folder.write_json("run.json", about)
        (saved.path / "summary.json").unlink(missing_ok=True)
    run = Run(folder, stream, about, request.data_dir, resumed=True)
    for note in saved.notes:
        run.say(note)
    for name, before, value in differences:
        run.say(f"note: {name} was {before} and is {value} now, so the last digits may differ")
    return Plan(saved.experiment, settings, run)


def _changes(saved: SavedRun, request: RunRequest) -> dict[str, Any]:
    """The settings that are asked for anew and may be. Raises SettingError naming all others, with both values."""
    old = asdict(saved.settings)
    new = {name: value for name, value in request.settings(saved.experiment).items() if value != old[name]}
    task = find_task(saved.experiment)
    may = task.may_change(saved.settings) if task else ()
    kept = {name: (old[name], value) for name, value in new.items() if name not in may}
    before = {"quick": False, **saved.about, "seeds": len(saved.about.get("seeds", [saved.about["seed"]]))}
    for name in ("seed", "data", "backend", "quick", "seeds"):
        value = getattr(request, name)
        if name == "backend" and value is not None:  # another card is as good
            kind = value.partition(":")[0]
            value = backend.DEVICES.get(kind, kind)
        if value is not None and value is not False and value != before[name]:
            kept[name] = (before[name], value)
    if kept:
        expected = ", ".join(f"{name} = {written(before)}" for name, (before, _) in kept.items())
        found = ", ".join(f"{name} = {written(now)}" for name, (_, now) in kept.items())
        hint = "Leave it out to go on, or start a new run without --resume"
        raise SettingError(f"xdl run {saved.path} --resume", f"{expected} as in the run", found, hint)
    if new.get("epochs", inf) < (done := saved.epochs_done()):
        hint = "Ask for more of them, or start a new run without --resume"
        raise SettingError(f"xdl run {saved.path} --resume", f"epochs >= {done}, which are done", new["epochs"], hint)
    return new


def _differences(about: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """What is not as it was and may change the last bits of the results: name, before, now."""
    now = {**kernel.options(), **info.versions()}
    before = {**about, **about["versions"]}
    return [(name, before[name], value) for name, value in now.items() if before.get(name, value) != value]
