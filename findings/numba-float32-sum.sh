#!/usr/bin/env bash
# Compiled by Numba, the mean of 2**25 float32 ones is 0.5.
#
# Numba 0.68.1, NumPy 2.4.6. Numba lists sum and mean among the NumPy functions that it supports, without a word on
# accuracy; NumPy documents pairwise summation along a contiguous axis, and gives 1. What came: one float32 accumulator,
# which stops at 2**24, without fastmath or threads; the sum of 2**24 uniform numbers is already wrong in the fifth
# digit. The result is handed back as a Python float, which looks like float64.
# Where it matters: a loss or a statistic over a whole data set in a compiled kernel, which must sum in blocks or in
# float64. xdl's reductions are NumPy's.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    numba==0.68.1 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PY'
import sys

import numba
import numpy as np


@numba.njit
def sum_and_mean(x):
    return np.sum(x), np.mean(x)


print("numba", numba.__version__, "numpy", np.__version__)
ones = np.ones(2**25, np.float32)
compiled = sum_and_mean(ones)
print("2**25 ones: compiled", compiled, "NumPy", (float(np.sum(ones)), float(np.mean(ones))))
x = np.random.default_rng(0).random(2**24, dtype=np.float32)
exact = x.sum(dtype=np.float64)
errors = [abs(float(y) / exact - 1) for y in (sum_and_mean(x)[0], np.sum(x))]
print("2**24 uniform numbers: relative error of the sum, compiled {:.1e}, NumPy {:.1e}".format(*errors))
still = compiled == (2.0**24, 0.5) and np.mean(ones) == 1 and errors[0] > 1e-5 > errors[1]
sys.exit(0 if still else "this has changed")
PY
