"""Free-running forecasts: what a model gave is what it sees next (hwdong 7.1.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl.creation import tensor
from xdl.errors import SettingError, expect
from xdl.functional import cat
from xdl.tensor import Tensor, no_grad

Step = Callable[[Tensor], Tensor]  # windows (N, inputs, F) -> the next outputs (N, outputs, F)


def check_horizon(horizon: int, inputs: int, part: Any, name: str) -> None:
    """Raises SettingError for a horizon that a part (T, ...) has no steps for, behind a window of `inputs` of them.

    name: the setting that says how long a window is
    """
    most = len(part) - inputs
    expect(most >= 1, SettingError, name, f"less than the {len(part)} steps of the test part", inputs)
    expect(horizon <= most, SettingError, "horizon", f"at most {most} steps, those of the test part", horizon)


def free_run(step: Step, x: Any, steps: int) -> Tensor:
    """The next steps (N, steps, F) after each of the windows x (N, inputs, F): a Tensor, or a host array of float32.

    Raises SettingError for steps below 1.
    """
    expect(steps >= 1, SettingError, "free_run", "steps >= 1", steps)
    window = x if isinstance(x, Tensor) else tensor(x, dtype="float32")
    given: list[Tensor] = []
    done = 0
    with no_grad():
        while done < steps:
            y = step(window)
            given.append(y)
            done += y.shape[1]
            if done < steps:
                window = cat([window, y.to(window.dtype)], 1)[:, y.shape[1] :]
    return cat(given, 1)[:, :steps]


def by_horizon(forecast: Any, truth: Any) -> list[float]:
    """The RMSE over windows and columns, one for each step ahead, of (N, steps, F)."""
    difference = tensor(forecast, dtype="float64") - tensor(truth, dtype="float64")
    errors: list[float] = (difference**2).mean((0, 2)).sqrt().tolist()
    return errors
