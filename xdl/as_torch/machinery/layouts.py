"""Functions that make tensors, with PyTorch's arguments on the layout of memory, which change nothing here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import xdl

NAMES = "empty empty_like full_like ones ones_like rand_like randn randn_like zeros zeros_like".split()  # noqa: SIM905
PASSED_OVER = ("layout", "memory_format", "pin_memory")


def without_layout(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which takes `layout`, `memory_format` and `pin_memory` too."""

    @wraps(function)
    def make(*args: Any, **named: Any) -> Any:
        return function(*args, **{name: value for name, value in named.items() if name not in PASSED_OVER})

    return make


globals().update({name: without_layout(getattr(xdl, name)) for name in NAMES})

__all__ = NAMES
