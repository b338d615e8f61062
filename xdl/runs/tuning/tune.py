"""A whole search: trials in one process or several, the ranking, a figure, and the best settings from fresh seeds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from signal import SIGTERM
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, TextIO

import xdl
from xdl import plot
from xdl.errors import XdlError
from xdl.io.run_folder import RunFolder
from xdl.printable import printable
from xdl.runs.text_table import aligned
from xdl.runs.tuning import results
from xdl.runs.tuning.journal import study_of
from xdl.runs.tuning.search import Search
from xdl.runs.tuning.worker import running as running_elsewhere
from xdl.runs.tuning.worker import work

if TYPE_CHECKING:
    from optuna.study import Study

FIGURE = "parallel"


def do_trials(search: Search, folder: Path, trials: int, data_dir: Path | None, stream: TextIO) -> None:
    """Does trials in this process, with a line about each; raises what `work` does."""

    def tell(study: Study, number: int) -> None:
        found = results.ranked(study, search)
        one = next(each for each in found if each.number == number)
        settings = ", ".join(f"{name}={results.shortly(value)}" for name, value in one.settings.items())
        value = "" if one.value is None else f"{search.measure} {one.value:.4g}, "
        best = f"; best so far: {found[0].value:.4g}, trial {found[0].number}" if found[0].is_finished else ""
        say(stream, f"trial {number}: {settings}: {value}{one.ended.partition(':')[0]}{best}")

    work(folder, search, trials, data_dir, tell)


def in_processes(command: Sequence[str], jobs: int, output: int | None) -> None:
    """Runs a command in several processes at once, and waits for them. What they print goes to `output`.

    Each gets its share of the threads. A signal that ends this process is passed on to them, once, and their ends are
    awaited: they are in process groups of their own, since Ctrl-C would reach them a second time otherwise. Their
    errors are shown when they have ended, unless by such a signal, of which this process says enough.
    """
    threads = {"XDL_NUM_THREADS": str(max(1, xdl.get_num_threads() // jobs))}
    started: list[subprocess.Popen[bytes]] = []
    with TemporaryFile() as errors:
        how = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": errors, "start_new_session": True}
        try:
            for _ in range(jobs):
                one = subprocess.Popen(command, env={**os.environ, **threads}, **how)  # type: ignore[call-overload]
                started.append(one)
            for process in started:
                process.wait()
        except BaseException as stop:
            number = getattr(stop, "signal", SIGTERM)
            for process in started:
                with suppress(ProcessLookupError):
                    process.send_signal(number)
            for process in started:
                process.wait()
            raise
        errors.seek(0)
        if said := errors.read().decode(errors="replace").rstrip():
            say(sys.stderr, said)


def report(search: Search, folder: Path, retrain: int, data_dir: Path | None, stream: TextIO) -> dict[str, Any]:
    """Shows the ranking, draws the figure, and runs the best settings again; returns all of it as in summary.json.

    While other processes still work on trials, the best one is not known: then nothing is run again, and it says so.
    """
    study = study_of(folder, search)
    found = results.ranked(study, search)
    others = running_elsewhere(study, folder)
    say(stream, "\n" + aligned(*results.table(search, found)) + "\n")
    best = found[0] if found and found[0].is_finished else None
    retrained = optimistic = None
    if others:
        running = results.several(len(others), "trial")
        say(stream, f"in other processes: {running} still running; the last one to end runs the best one again")
    elif best and retrain:
        say(stream, f"trial {best.number} is the best; its settings from {results.several(retrain, 'fresh seed')}:")
        retrained = results.retrain(search, best, retrain, folder, data_dir)
        say(stream, aligned(*results.again(retrained)) + "\n")
        optimistic = results.optimism(search, best, retrained)
    seen = results.in_words(search, found, optimistic)
    for sentence in seen:
        say(stream, f"what to see: {sentence}")
    content: dict[str, Any] = {
        **vars(search),
        "study": folder.name,
        "folder": str(folder),
        "running": len(others),
        "ranking": results.summary(search, found),
        "best": None if best is None else vars(best),
        "retrained": None if retrained is None else str(retrained),
        "optimism": None if optimistic is None else {**vars(optimistic), "again": optimistic.again._asdict()},
        "what_to_see": seen,
    }
    if (data := results.figure(search, found)) is not None:
        content |= _drawn(folder, data.captioned("\n".join([f"study {folder.name}", *seen])), stream)
    RunFolder.at(folder).write_json("summary.json", content)
    say(stream, f"runs of the trials: {folder / 'trials'}; all of it: {folder / 'summary.json'}")
    return content


def _drawn(folder: Path, data: plot.FigureData, stream: TextIO) -> dict[str, str]:
    """Writes the figure and its data; without matplotlib it says how to draw them."""
    path = folder / f"{FIGURE}.png"
    plot.save_data(data, path.with_suffix(".safetensors"))
    try:
        plot.draw(data, path)
    except XdlError as error:
        if not isinstance(error.__cause__, ImportError):
            raise
        say(stream, f"the figure is not drawn: matplotlib is missing. {error.hint}; xdl plot draws it then")
        return {"data": str(path.with_suffix(".safetensors"))}
    say(stream, f"figure: {path}")
    return {"figure": str(path), "data": str(path.with_suffix(".safetensors"))}


def say(stream: TextIO, text: str) -> None:
    """Writes a line for people."""
    print(printable(text), file=stream, flush=True)
