"""Scripts written for PyTorch, run on xdl as they are: `python -m xdl.as_torch script.py [arguments]`.

    from xdl import as_torch

    as_torch.install()  # from here on, in a notebook too, `import torch` is answered by xdl
    import torch

The layer is thin: `table.py` says which part of xdl answers for which module of PyTorch, and a name is answered where
PyTorch has it publicly (`names.json`) and xdl has it under the same name. What only PyTorch's own past or its machinery
needs stands in this folder. A name that is missing raises MissingNameError, which names the nearest that is there.
"""

from xdl.as_torch.hook import install, installed
from xdl.as_torch.said import MissingNameError

__all__ = ["MissingNameError", "install", "installed"]
