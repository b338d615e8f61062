"""What tells several runs apart: the settings in which they differ, and short names that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xdl.runs.saved_run import SavedRun
from xdl.runs.settings import written

LONGEST = 3  # settings in a name


def described(run: SavedRun) -> dict[str, str]:
    """What a run was asked for, as text: its settings, its data and its seed."""
    asked = {**run.about["settings"], "data": run.about["data"], "seed": run.about["seed"]}
    return {name: written(value) for name, value in asked.items() if value is not None}


def differing(described: Sequence[Mapping[str, str]]) -> list[str]:
    """The names whose values are not the same in all, in the order of the first one that has them."""
    names = dict.fromkeys(name for one in described for name in one)
    return [name for name in names if len({one.get(name) for one in described}) > 1]


def names(runs: Sequence[SavedRun]) -> list[str]:
    """A name for each run, no two the same.

    Runs of different experiments are called after them. Those of one experiment are called after what differs between
    them, "adam" and "sgd", or "lr=0.1, seed=1"; where nothing does, or three settings do not tell them apart, the
    name of the folder is added, or a number.
    """
    experiments = [run.experiment.name for run in runs]
    if len(set(experiments)) == len(runs):
        return experiments
    asked = [described(run) for run in runs]
    called = []
    for experiment, one in zip(experiments, asked, strict=True):
        same = [other for other, name in zip(asked, experiments, strict=True) if name == experiment]
        called.append([experiment] * (len(set(experiments)) > 1) + _words(one, differing(same)))
    plain = [", ".join(words) for words in called]
    folders = [run.path.resolve().name for run in runs]
    full = [", ".join([*words, folder]) for words, folder in zip(called, folders, strict=True)]
    for found in (plain, full):
        if len(set(found)) == len(runs) and all(found):
            return found
    return [f"{i}. {name}" for i, name in enumerate(full, 1)]


def _words(described: Mapping[str, str], differing: Sequence[str]) -> list[str]:
    """The values that tell a run apart: words as they are, numbers, switches and lists with their name."""
    words = []
    for name in differing[:LONGEST]:
        value = described.get(name, "none")
        words.append(
            value if value.replace("-", "").isalpha() and value not in ("true", "false") else f"{name}={value}"
        )
    return words


def in_words(runs: Sequence[SavedRun]) -> str:
    """A sentence about what differs: whether a difference of the results can be laid to one thing."""
    experiments = dict.fromkeys(run.experiment.name for run in runs)
    if len(experiments) > 1:
        return f"the runs are of {len(experiments)} experiments: {', '.join(experiments)}"
    found = differing([described(run) for run in runs])
    if not found:
        return "the runs were asked for the same"
    if len(found) == 1:
        return f"the runs differ in {found[0]} alone"
    return f"the runs differ in {len(found)} settings, so none of them alone explains the results: {', '.join(found)}"
