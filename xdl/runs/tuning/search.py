"""A search: what its trials have in common, as study.json in the study's folder says it for all who join."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from math import prod
from pathlib import Path
from types import NoneType
from typing import Any, get_type_hints

from xdl.errors import SettingError, expect, nearest
from xdl.io.claim import in_turn
from xdl.io.files import storing, write_atomic
from xdl.io.json_text import shown
from xdl.runs.lost import read_json
from xdl.runs.registry import Experiment, find
from xdl.runs.settings import written
from xdl.runs.start import RunRequest, checked, data_set
from xdl.runs.task import find_task
from xdl.runs.tuning.ranges import Range, divided, read

NAME = "study.json"
SAMPLERS, PRUNERS, MODES = ("tpe", "random", "grid"), ("none", "halving"), ("min", "max")
TRIALS, POINTS, RETRAIN, MOST = 20, 5, 3, 10_000
WORD = re.compile(r"[\w.+-]{1,100}")


@dataclass(frozen=True)
class Search:
    """What is tried, and what counts.

    ranges: {setting: what it may be, as the user writes it}; fixed: the other settings that were given, as text
    data, backend, seed, quick: as of a run; every trial has the same seed, so that they differ in their settings alone
    measure, mode: the result that counts, and whether less or more of it is better: min or max
    sampler: which settings come next; points: of a grid, the values of a range between numbers
    pruner:  which trials end early
    trials:  how many, where nobody says another number
    retrain: how often the best settings are run again from fresh seeds, where nobody says another number
    """

    experiment: str
    ranges: dict[str, str]
    fixed: dict[str, str]
    data: str | None
    backend: str | None
    seed: int
    quick: bool
    measure: str
    mode: str
    sampler: str
    points: int
    pruner: str
    trials: int
    retrain: int

    @property
    def parsed(self) -> list[Range]:
        """The ranges, in the order in which they were given."""
        types = get_type_hints(find(self.experiment).load().Settings)
        return [read(name, text, types[name]) for name, text in self.ranges.items()]

    @property
    def size(self) -> int | None:
        """How many trials a grid has; None for other samplers."""
        return prod(len(one.points(self.points)) for one in self.parsed) if self.sampler == "grid" else None

    def request(self, values: Mapping[str, Any], data_dir: Path | None) -> RunRequest:
        """The run with these values of the settings that are searched."""
        given = self.fixed | {name: written(value) for name, value in values.items()}
        return RunRequest(given, None, self.data, data_dir, self.backend, self.seed, self.quick)


def search(name: str, asked: Mapping[str, Any]) -> Search:
    """A new search. asked: the fields of `Search` but the ranges by name, None where nothing was said, and "set".

    Raises SettingError for whatever a run of the experiment or the search does not take, and for no range at all.
    """
    experiment = find(name)
    said = {key: value for key, value in asked.items() if value is not None}
    ranges, fixed = divided(experiment.load().Settings, said.pop("set", {}))
    hint = 'For example --set "lr=log(1e-4, 1e-1)"'
    if not ranges:
        raise SettingError(f"xdl tune {name} --set", "a range for one setting or more", "none", hint)
    measure, mode = measured(experiment, said.get("measure"), said.get("mode"))
    defaults = {"backend": None, "seed": 0, "quick": False, "sampler": SAMPLERS[0], "points": POINTS, "pruner": "none"}
    found = defaults | {"trials": TRIALS, "retrain": RETRAIN} | said
    found |= {"data": data_set(experiment, said.get("data")), "measure": measure, "mode": mode}
    made = Search(name, {key: one.text for key, one in ranges.items()}, fixed, **found)
    for option, words in (("sampler", SAMPLERS), ("pruner", PRUNERS)):
        word = getattr(made, option)
        if word not in words:
            raise SettingError(f"xdl tune --{option}", f"one of {', '.join(words)}", shown(word), nearest(word, words))
    if made.pruner != "none" and not measure.startswith("validation_"):
        hint = "Leave --pruner out, or choose a measure that begins with validation_"
        raise SettingError("xdl tune --pruner", "a measure of each epoch", measure, hint)
    if made.size is not None:
        expect(made.size <= MOST, SettingError, f"xdl tune {name}", f"a grid of at most {MOST} trials", made.size)
        if "trials" not in said:
            made = replace(made, trials=made.size)
    checked(name, made.request({one.name: one.points(1)[0] for one in made.parsed}, None))
    return made


def measured(experiment: Experiment, measure: str | None, mode: str | None) -> tuple[str, str]:
    """The result that counts and which way is better: as asked for, otherwise the first validation measure of the task.

    What is chosen by test results tells nothing of other data, so no test result is taken unless it is named.
    """
    task = find_task(experiment)
    known = dict(task.measures) if task else {}
    where = f"xdl tune {experiment.name}"
    if measure is None:
        measure = next((name for name in known if name.startswith("validation_")), None)
    if measure is None:
        hint = f"Its summary has them: xdl run {experiment.name} --quick --json"
        raise SettingError(f"{where} --measure", "the name of a result, as it has no validation measure", "none", hint)
    mode = mode or known.get(measure)
    if mode not in MODES:
        found = "none" if mode is None else shown(mode)
        raise SettingError(f"{where} --mode", f"min or max, which is better of {measure}", found)
    return measure, mode


def opened(out: Path, name: str, study: str, asked: Mapping[str, Any]) -> tuple[Path, Search]:
    """The folder of a study, `<out>/<experiment>/<study>`, and its search. asked: see `search`.

    The first process makes it, the others join, and may only ask for the same.

    Raises SettingError for a folder that holds something else, and for what differs, naming both.
    """
    right = WORD.fullmatch(study) and set(study) != {"."}
    expected = "a name of at most 100 letters, digits and . _ + -"
    expect(bool(right), SettingError, "xdl tune --study", expected, shown(study))
    folder = out / name / study
    if not (folder / NAME).is_file():
        made = search(name, asked)
        with storing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with in_turn(folder):
            if not (folder / NAME).is_file():
                if others := sorted(path.name for path in folder.iterdir()):
                    found = f"one with {', '.join(others[:3])}"
                    raise SettingError("xdl tune --study", f"a new folder or a study's at {folder}", found)
                text = json.dumps(asdict(made), indent=2, ensure_ascii=False) + "\n"
                write_atomic(folder / NAME, text.encode())
    return folder, _joined(folder, name, asked)


def _joined(folder: Path, name: str, asked: Mapping[str, Any]) -> Search:
    there = _read(folder / NAME)
    expect(
        there.experiment == name, SettingError, f"study {folder}", f"a study of {name}", f"one of {there.experiment}"
    )
    said = {
        key: value
        for key, value in asked.items()
        if not (value in (None, {}) or value is False or key in ("trials", "retrain"))
    }
    if "set" in said:
        ranges, fixed = divided(find(name).load().Settings, said.pop("set"))
        said |= {"ranges": {key: one.text for key, one in ranges.items()}, "fixed": fixed}
    differ = [key for key, value in said.items() if getattr(there, key) != value]
    if differ:
        expected = ", ".join(f"{key} = {getattr(there, key)}" for key in differ)
        found = ", ".join(f"{key} = {said[key]}" for key in differ)
        raise SettingError(f"study {folder}", expected, found, "Leave them out to join it, or name another --study")
    return there


def _read(path: Path) -> Search:
    """The search that a file holds. Raises SettingError for a damaged one."""
    content = {"retrain": RETRAIN} | read_json(path)  # which studies did not keep at first
    kinds = {"str": str, "int": int, "bool": bool, "str | None": str | NoneType, "dict[str, str]": dict}
    wrong = [f.name for f in fields(Search) if not isinstance(content.get(f.name), kinds[str(f.type)])]
    if wrong or len(content) != len(fields(Search)):
        raise SettingError(str(path), "the search that xdl tune has written", f"damaged: {', '.join(wrong)}")
    made = Search(**content)
    again = {key: value for key, value in content.items() if key not in ("experiment", "ranges", "fixed")}
    return search(made.experiment, again | {"set": made.ranges | made.fixed})
