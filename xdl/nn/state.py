"""Whether a saved state fits a module, and what old states may lack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xdl.errors import nearest

if TYPE_CHECKING:
    from xdl.nn.module import Module

HINTED = 20  # unexpected names for which the nearest of the module is looked up


def may_lack(module: Module) -> set[str]:
    """The names of a module's state that a state may lack: counts of batches, which old states of PyTorch have not."""
    named = module.named_modules(remove_duplicate=False)
    return {f"{path}.{name}" if path else name for path, part in named for name in part._may_lack}


def misfits(module: Module, state: Mapping[str, Any], strict: bool) -> list[str]:
    """What keeps a state, Tensors or host arrays by name, from being loaded, in words.

    strict: whether a name that only one of the two has is a misfit, too
    """
    own = module.state_dict()
    optional = may_lack(module)
    problems = [f"{name} is missing" for name in own if name not in state and name not in optional] if strict else []
    unexpected = [name for name in state if name not in own] if strict else []
    hinted = len(unexpected) <= HINTED
    problems += [f"{name} is unexpected" + (f" ({nearest(name, own)})" if hinted else "") for name in unexpected]
    for name, value in state.items():
        if name in own and tuple(value.shape) != own[name].shape:
            problems.append(f"{name} has shape {tuple(value.shape)} in place of {own[name].shape}")
    return problems
