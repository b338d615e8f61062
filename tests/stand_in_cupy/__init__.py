"""A strict stand-in for CuPy 14.2 without a GPU: its names, its signatures, its refusals, and counts of what it costs.

Arrays lie in NumPy's memory, kernels run through the harness of backends/cuda_on_host.

    with installed(Machine(devices=2)), counted() as found: ...
    python -m pytest -p tests.stand_in_cupy.plugin -m gpu        runs the tests marked gpu on it
"""

from .counts import Counted, Tally, counted
from .install import installed
from .machine import Machine

__all__ = ["Counted", "Machine", "Tally", "counted", "installed"]
