"""An LSTM that names the next character (hwdong 7.7.3), of one layer or several (hwdong 7.10; Xu Bin 8.6.2).

On the whole of tinyshakespeare the preset does 1,200 steps of 50 characters in a minute of two cores; the state is
carried from window to window, and the layer's matrices learn by Muon. The recipe of `char_rnn` is there by
`--data tinyshakespeare --set steps=100 --set epochs=6 --set window=64 --set lr=0.003 --set muon_lr=0
--set sampling=random --set schedule=constant`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.experiments.language.recurrent import CharSettings, run_char, task
from xdl.runs.run import Run

PRESETS = {
    "tinyshakespeare": {
        "epochs": 2,
        "steps": 600,
        "window": 50,
        "sampling": "consecutive",
        "lr": 0.01,
        "muon_lr": 0.02,
        "schedule": "one-cycle",
        "prefix": "ROMEO:",
    }
}
QUICK = {"epochs": 1, "steps": 60, "length": 100}
TASK = task("LSTM")


@dataclass(frozen=True)
class Settings(CharSettings):
    """111,873 parameters on 65 characters. A `window` of hundreds of steps and several `layers` are settings."""


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it, measures it beside counts, and lets it write."""
    return run_char(settings, run, "LSTM")
