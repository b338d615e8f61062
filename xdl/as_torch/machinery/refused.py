"""Functions whose names are there, so that packages that hold a use of them can be imported; a call is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from xdl.errors import BackendError

FUNCTIONS = [
    "functional_call",
    "functionalize",
    "jacfwd",
    "linearize",
    "replace_all_batch_norm_modules_",
    "stack_module_state",
    "vmap",
]


def refused(path: str, expected: str) -> Callable[..., NoReturn]:
    """A function that raises BackendError, with what to expect in its place."""

    def call(*_: Any, **__: Any) -> NoReturn:
        raise BackendError(path, expected, "a call")

    call.__name__ = path.rpartition(".")[2]
    return call


globals().update({name: refused(f"torch.func.{name}", "what xdl has: grad, jacrev, hessian") for name in FUNCTIONS})

__all__ = FUNCTIONS
