#!/usr/bin/env bash
# safetensors.numpy stores the elements of a column-major array in the wrong places, and raises nothing.
#
# safetensors 0.8.0, NumPy 2.4.6. The format keeps tensors in row-major order; the PyTorch half of the package refuses
# a tensor of another layout with a ValueError, and 0.7.0 stored these arrays rightly. So either an error or the same
# values were expected. What came: the memory as it lies, under the shape as it is. A .npz keeps the layout of its
# arrays, so that converting one is enough to spoil weights.
# xdl writes its own files, and copies to row-major order first. The line with which it tells users how to convert a
# .npz must copy as well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    numpy==2.4.6 safetensors==0.8.0
"$folder/venv/bin/python" -I - <<'PY'
import io
import sys

import numpy as np
import safetensors
from safetensors.numpy import load, save

archive = io.BytesIO()
weight = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
np.savez(archive, weight=weight)
archive.seek(0)
read = load(save(dict(np.load(archive))))["weight"]
copied = load(save({"weight": np.ascontiguousarray(weight)}))["weight"]

print("safetensors", safetensors.__version__, "numpy", np.__version__)
print("the array           ", weight.tolist())
print("saved and read      ", read.tolist())
print("copied before saving", copied.tolist())
same_kind = np.array_equal(copied, weight) and read.shape == weight.shape
sys.exit(0 if same_kind and read.tolist() == [[0, 3, 1], [4, 2, 5]] else "this has changed")
PY
