#!/usr/bin/env bash
# One NaN among bfloat16 numbers, and np.sort and np.unique return them unsorted.
#
# NumPy 2.4.6, ml_dtypes 0.6.0. NumPy's documentation of sort says that NaNs come last, and so it is for float16. What
# came for bfloat16: the NaN stays where it happens to be met, and the numbers before it and after it are each sorted
# for themselves; np.unique returns the same, and np.searchsorted on such an array finds wrong places. Nothing warns.
# Where it matters: top-k, ranks and quantiles of activations or gradients that hold a NaN. xdl has no bfloat16 arrays
# on NumPy; its sort puts NaN last.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    ml_dtypes==0.6.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PY'
import sys

import ml_dtypes
import numpy as np

print("numpy", np.__version__, "ml_dtypes", ml_dtypes.__version__)
numbers = [5, 2, np.nan, 4, 1, 3]
print("to sort          ", numbers)
half = np.sort(np.array(numbers, np.float16)).tolist()
print("float16 sort     ", half)
found = []
for name in ("bfloat16", "float8_e4m3fn"):
    x = np.array(numbers).astype(np.dtype(getattr(ml_dtypes, name)))
    for function in (np.sort, np.unique):
        found.append(function(x).astype(float).tolist())
        print(name, function.__name__, found[-1])
rest = [[y for y in row if y == y] for row in found]
sys.exit(0 if half[:5] == [1, 2, 3, 4, 5] and all(row != sorted(row) for row in rest) else "this has changed")
PY
