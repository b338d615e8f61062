"""xdl: a deep-learning framework that reads from `model(x)` down to the GEMM and back."""

from os import path as _path

_folder = _path.dirname(_path.abspath(__file__))
if not _path.exists(_path.join(_folder, "backends")):  # an uninstalled checkout: backends/ and kernels/ lie beside xdl/
    __path__.append(_path.dirname(_folder))

from xdl import interrupt as _interrupt  # noqa: F401  # isort: skip (before all that takes time to load)

from importlib import import_module as _import_module
from typing import TYPE_CHECKING
from typing import Any as _Any

from xdl import autograd, backend, cuda, functional, kernel, nn, optim, random
from xdl.backend import use
from xdl.capture import capture
from xdl.creation import *  # noqa: F403
from xdl.creation import __all__ as _creation
from xdl.devices import Device as device  # noqa: N813
from xdl.functional import *  # noqa: F403
from xdl.functional import __all__ as _functions
from xdl.gradcheck import gradcheck, gradgradcheck
from xdl.kernel import get_precision, set_precision
from xdl.profiling import profile
from xdl.profiling.anomaly import detect_anomaly, set_detect_anomaly
from xdl.promotion import finfo, iinfo, promote_types, result_type
from xdl.random import (
    bernoulli,
    initial_seed,
    manual_seed,
    multinomial,
    normal,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
)
from xdl.recording.switches import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from xdl.tape import grad
from xdl.tensor import Tensor
from xdl.threads import get_num_threads, set_num_threads

if TYPE_CHECKING:
    from xdl import data, distributions, estimators, experiments, func, io, linalg, models, plot, train
    from xdl.linalg import det, logdet, matrix_power, slogdet
    from xdl.linalg import inv as inverse
    from xdl.linalg import pinv as pinverse

__version__ = "0.1.0"
float32, float64, bool, uint8 = (backend.NAMED[name] for name in ("float32", "float64", "bool", "uint8"))
int8, int16, int32, int64 = (backend.NAMED[name] for name in ("int8", "int16", "int32", "int64"))
float16, bfloat16 = "float16", "bfloat16"  # only names: using one raises DtypeError
float, double, half, short, int, long = float32, float64, float16, int16, int32, int64

__all__ = [
    *_creation,
    *_functions,
    "Tensor",
    "autograd",
    "backend",
    "bernoulli",
    "bfloat16",
    "bool",
    "capture",
    "cuda",
    "data",
    "det",
    "detect_anomaly",
    "device",
    "distributions",
    "enable_grad",
    "estimators",
    "experiments",
    "finfo",
    "float16",
    "float32",
    "float64",
    "func",
    "functional",
    "get_num_threads",
    "get_precision",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "iinfo",
    "inference_mode",
    "initial_seed",
    "int16",
    "int32",
    "int64",
    "int8",
    "inverse",
    "io",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "kernel",
    "linalg",
    "logdet",
    "manual_seed",
    "matrix_power",
    "models",
    "multinomial",
    "nn",
    "no_grad",
    "normal",
    "optim",
    "pinverse",
    "plot",
    "profile",
    "promote_types",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "random",
    "randperm",
    "result_type",
    "set_detect_anomaly",
    "set_grad_enabled",
    "set_num_threads",
    "set_precision",
    "slogdet",
    "train",
    "uint8",
    "use",
]

# loaded when they are first used
_LAZY = ("data", "distributions", "estimators", "experiments", "func", "io", "linalg", "models", "plot", "train")
_OF_LINALG = {name: name for name in ("det", "logdet", "matrix_power", "slogdet")}
_OF_LINALG |= {"inverse": "inv", "pinverse": "pinv"}


def __getattr__(name: str) -> _Any:
    if name in _LAZY:
        return _import_module(f"{__name__}.{name}")
    if name in _OF_LINALG:
        return getattr(_import_module(f"{__name__}.linalg"), _OF_LINALG[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
