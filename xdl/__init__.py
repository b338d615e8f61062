"""xdl: a deep-learning framework that reads from `model(x)` down to the GEMM and back."""

from pathlib import Path as _Path

_root = _Path(__file__).parent
if not (_root / "backends").exists():  # an uninstalled checkout: backends/ and kernels/ lie beside xdl/
    __path__.append(str(_root.parent))

from xdl import functional
from xdl.backend import use
from xdl.creation import arange, from_dlpack, from_numpy, full, ones, ones_like, tensor, zeros, zeros_like
from xdl.functional import *  # noqa: F403
from xdl.tape import grad
from xdl.tensor import Tensor, enable_grad, is_grad_enabled, no_grad
