"""Keys and values of the steps that are done, so that decoding step by step computes only those of the new step."""

from __future__ import annotations

from xdl.errors import SettingError
from xdl.functional.shape.shape import cat
from xdl.tensor import Tensor


class KeyValueCache:
    """What one attention has seen: keys and values (N, heads, S, E / heads), None before the first step.

    fixed: they are those of the first call for good, as where a decoder attends to an encoder's outputs
    """

    def __init__(self, fixed: bool = False) -> None:
        self.fixed = fixed
        self.keys: Tensor | None = None
        self.values: Tensor | None = None

    def __len__(self) -> int:
        """S, the steps that are done."""
        return 0 if self.keys is None else self.keys.shape[2]

    @property
    def ready(self) -> bool:
        """Whether no new keys are needed."""
        return self.fixed and self.keys is not None

    def known(self) -> tuple[Tensor, Tensor]:
        """The keys and values of the steps that are done. Raises SettingError before the first."""
        if self.keys is None or self.values is None:
            raise SettingError("KeyValueCache", "at least one step that is done", "none")
        return self.keys, self.values

    def extended(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """All keys and values, the new ones last."""
        if self.keys is not None and self.values is not None:
            keys, values = cat([self.keys, keys], 2), cat([self.values, values], 2)
        self.keys, self.values = keys, values
        return keys, values
