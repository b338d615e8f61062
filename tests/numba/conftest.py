"""Tests of what Numba compiles, skipped where it is missing or switched off. `.ci/run` runs them with XDL_FAST=now."""

from pathlib import Path

import pytest

from xdl import kernel_options

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Skips what lies here where there are no compiled versions."""
    if not kernel_options.compiled_wanted():
        reason = "no compiled kernels: pip install 'xdl[fast]' and set XDL_FAST=now"
        for item in items:
            if item.path.is_relative_to(HERE):
                item.add_marker(pytest.mark.skip(reason=reason))
