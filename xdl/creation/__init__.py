"""New tensors: from host data or another library, filled, or counted.

They live where `device` says ("cpu", "cuda:1", see `xdl/devices.py`), else on the current backend (`xdl.use`). `dtype`
is a name such as "float32".
"""

from xdl.creation.counted import arange, linspace, logspace
from xdl.creation.filled import empty, empty_like, eye, full, full_like, ones, ones_like, zeros, zeros_like
from xdl.creation.given import as_tensor, from_dlpack, from_numpy, tensor
from xdl.creation.windows import bartlett_window, blackman_window, hamming_window, hann_window

__all__ = [
    "arange",
    "as_tensor",
    "bartlett_window",
    "blackman_window",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "from_numpy",
    "full",
    "full_like",
    "hamming_window",
    "hann_window",
    "linspace",
    "logspace",
    "ones",
    "ones_like",
    "tensor",
    "zeros",
    "zeros_like",
]
