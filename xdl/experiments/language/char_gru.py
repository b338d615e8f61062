"""A GRU that names the next character (hwdong 7.8); the recipe is that of `char_rnn`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.experiments.language.recurrent import CharSettings, run_char, task
from xdl.runs.run import Run

QUICK = {"epochs": 1, "steps": 60, "length": 100}
TASK = task("GRU")


@dataclass(frozen=True)
class Settings(CharSettings):
    """87,041 parameters on 65 characters."""


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it, measures it beside counts, and lets it write."""
    return run_char(settings, run, "GRU")
