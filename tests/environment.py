"""The environment of all tests and of what they start. Imported by conftest.py, before anything loads NumPy.

One thread for BLAS and one for xdl: tests run in as many processes as there are cores. Variables that are set already
stay as they are, and what tests several threads sets their number itself.

Compiled kernels are off, so that the suite tests the same versions with Numba and without; `.ci/run` tests them with
XDL_FAST=now.

PyTorch, the oracle, computes by AVX2 on every machine, as where the fixtures were made: by AVX-512 the gradients of its
elu, selu and celu at nan are nan.

PYTHONDONTWRITEBYTECODE is honoured beside the sources alone: tests start xdl hundreds of times, and compiling it each
time took longer than what they test. The bytecode goes to .pytest_cache.
"""

import os
import sys
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "XDL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

os.environ.setdefault("XDL_FAST", "off")
os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")

if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    folder = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = folder
    sys.dont_write_bytecode = False
