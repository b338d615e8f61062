#!/usr/bin/env bash
# The mean of a thousand bfloat16 ones is 0.256, and their standard deviation 0.504.
#
# NumPy 2.4.6, ml_dtypes 0.6.0. NumPy's documentation of mean says that float16 is summed in float32 "for extra
# precision"; a dtype with three bits less was expected to be treated alike. What came: the sum is taken in bfloat16
# and stops at 256, where adding 1 changes nothing, and that is divided by 1000. A product of matrices of the same dtype
# is summed in float32 and is right, so a loss that takes a mean goes wrong beside logits that are right.
# xdl has float32 and float64 only; whoever adds bfloat16 on NumPy must give sums a float32 accumulator.
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
ones = np.ones(1000)
rows = {}
for name in ("float16", "bfloat16", "float8_e4m3fn"):
    x = ones.astype(np.dtype(getattr(ml_dtypes, name, name)))
    results = x.sum(), x.mean(), x.std(), x.mean(dtype=np.float32), (x[None] @ x[:, None])[0, 0]
    rows[name] = [float(y) for y in results]
    print(f"{name:14} sum {rows[name][0]:7g} mean {rows[name][1]:9g} std {rows[name][2]:9g}", end="  ")
    print(f"mean(dtype=float32) {rows[name][3]:g}  x @ x {rows[name][4]:g}")
right, wrong = rows["float16"], rows["bfloat16"]
still = right[:3] == [1000, 1, 0] and wrong[0] == 256 and abs(wrong[1] - 0.256) < 0.001 and wrong[3:] == [1, 1000]
sys.exit(0 if still else "this has changed")
PY
