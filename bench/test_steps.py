"""Training steps and optimizer updates of xdl under pytest-benchmark: `pytest bench`.

For a comparison with PyTorch see compare.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from updates import UPDATES, update
from workloads import NAMES, step


@pytest.mark.parametrize("name", NAMES)
def test_training_step(benchmark: Any, name: str) -> None:
    benchmark(step("xdl", name))


@pytest.mark.parametrize("name", UPDATES)
def test_update(benchmark: Any, name: str) -> None:
    benchmark(update("xdl", name))
