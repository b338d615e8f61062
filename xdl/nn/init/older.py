"""The names without "_" at the end, which PyTorch gave up in 2018: they work, and say what to write now."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from warnings import warn

from xdl.nn.init.patterned import dirac_, eye_, orthogonal_, sparse_
from xdl.nn.init.plain import constant_, normal_, uniform_
from xdl.nn.init.scaled import kaiming_normal_, kaiming_uniform_, xavier_normal_, xavier_uniform_

P = ParamSpec("P")
R = TypeVar("R")


def _older(function: Callable[P, R]) -> Callable[P, R]:
    """The function under its name without "_", with a DeprecationWarning."""
    name = function.__name__

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        warn(f"nn.init.{name[:-1]} is now nn.init.{name}", DeprecationWarning, stacklevel=2)
        return function(*args, **kwargs)

    return call


uniform, normal, constant = _older(uniform_), _older(normal_), _older(constant_)
eye, dirac, sparse, orthogonal = _older(eye_), _older(dirac_), _older(sparse_), _older(orthogonal_)
xavier_uniform, xavier_normal = _older(xavier_uniform_), _older(xavier_normal_)
kaiming_uniform, kaiming_normal = _older(kaiming_uniform_), _older(kaiming_normal_)
