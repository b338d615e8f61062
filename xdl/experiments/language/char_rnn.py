"""A plain recurrent network that names the next character (hwdong 7.5.1 to 7.5.3).

The defaults on tinyshakespeare are the recipe that is compared with PyTorch: embedding 64, 128 units, Adam 0.003, norms
clipped at 5, 600 steps of 32 random windows of 64 characters, a zero state in every window, the last tenth held out;
the figure is the mean of three seeds: `xdl run char-rnn --data tinyshakespeare --seeds 3`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.experiments.language.recurrent import CharSettings, run_char, task
from xdl.runs.run import Run

QUICK = {"epochs": 1, "steps": 60, "length": 100}
TASK = task("RNN")


@dataclass(frozen=True)
class Settings(CharSettings):
    """37,377 parameters on 65 characters: the smallest of the three."""


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it, measures it beside counts, and lets it write."""
    return run_char(settings, run, "RNN")
