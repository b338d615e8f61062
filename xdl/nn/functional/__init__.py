"""The functions of `xdl.functional`, under the name where PyTorch has them: `import xdl.nn.functional as F`."""

from xdl.functional import *  # noqa: F403
from xdl.functional import __all__ as _functions

__all__ = list(_functions)
