"""The state of a module: its parameters and persistent buffers by path, out of it and into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from xdl.nn.base.loading import fitting, may_lack
from xdl.nn.base.walking import Walker
from xdl.nn.parameter import Buffer, Parameter
from xdl.tensor import Tensor, no_grad


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` returns: names that the state lacked, and names that the module has not."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Stateful(Walker):
    """What gives and takes states."""

    def state_dict(
        self, *, destination: dict[str, Any] | None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """All parameters and persistent buffers by path, sharing memory with the module.

        destination: a dictionary that they are added to, and which is returned;  prefix: begins all paths
        keep_vars: gives the parameters and buffers themselves, not Tensors outside the tape
        """
        state: dict[str, Any] = {} if destination is None else destination
        for path, module in self.named_modules(remove_duplicate=False):
            start = prefix + (f"{path}." if path else "")
            named = [*module._named(Parameter, start), *module._named(Buffer, start)]
            for name, t in named:
                if getattr(t, "persistent", True):
                    state[name] = t if keep_vars else t.detach()
        return state

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copies values (Tensors or host arrays) into the parameters and buffers of the same paths.

        strict: all names must be there, and no others
        assign: puts the Tensors in the place of the module's, with their dtypes and in their memory; parameters go on
                requiring a gradient or not. Make optimizers afterwards.

        Returns the names that were missing and unexpected. As in PyTorch, a batch norm's num_batches_tracked may be
        missing, and stays as it is. Raises CheckpointError, before anything changes, as `loading.fitting` does.
        """
        own, optional = Stateful.state_dict(self, keep_vars=True), may_lack(self)
        values = fitting(own, state_dict, strict, optional, convert=not assign)
        with no_grad():
            for name in own.keys() & values.keys():
                if assign:
                    self._assign_held(name, own[name], values[name])
                else:
                    own[name][...] = values[name]
        missing = [name for name in own if name not in state_dict and name not in optional]
        return IncompatibleKeys(missing, [name for name in state_dict if name not in own])

    def _assign_held(self, path: str, own: Tensor, value: Tensor) -> None:
        """Puts a value in the place of a parameter or buffer."""
        holder, _, name = path.rpartition(".")
        if isinstance(own, Parameter):
            kept = value if isinstance(value, Parameter) else Parameter(value, own.requires_grad)
            value = kept.requires_grad_(own.requires_grad)
        setattr(self.get_submodule(holder), name, value)
