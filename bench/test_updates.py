"""Optimizer updates of xdl under pytest-benchmark: `pytest bench`. For a comparison with PyTorch see compare.py."""

from __future__ import annotations

from typing import Any

import pytest
from updates import UPDATES, update


@pytest.mark.parametrize("name", UPDATES)
def test_update(benchmark: Any, name: str) -> None:
    benchmark(update("xdl", name))
