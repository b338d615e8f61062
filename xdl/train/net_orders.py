"""The orders of memory that were chosen for the nets of a task, as a part of its state.

See `functional/conv/orders.py`.

A training that goes on takes them from its state, and does not choose anew: also where it evaluates first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xdl.errors import CheckpointError, expect
from xdl.functional.conv import orders
from xdl.nn import Module
from xdl.train.state import mismatches


class NetOrders:
    """Of all modules among the parts of a task, by their names."""

    def __init__(self, parts: Mapping[str, Any]) -> None:
        self.modules = {name: part for name, part in parts.items() if isinstance(part, Module)}

    def state_dict(self) -> dict[str, Any]:
        """{part: {weight: [[shape of x, order, why], ...]}}, without modules for which nothing is chosen."""
        found = {name: orders.recorded(module.named_parameters()) for name, module in self.modules.items()}
        return {name: chosen for name, chosen in found.items() if chosen}

    def load_state_dict(self, state: Any) -> None:
        """Goes on with a `state_dict`. Raises CheckpointError for anything else."""
        mismatched = mismatches("orders", dict.fromkeys(self.modules, dict), state, partly=True)
        expect(not mismatched, CheckpointError, "orders", "those of the same modules", "; ".join(mismatched))
        for name, module in self.modules.items():
            orders.restore(module.named_parameters(), state.get(name, {}))
