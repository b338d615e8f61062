#!/usr/bin/env bash
# safetensors.numpy writes bfloat16 and float8 arrays that it cannot read again.
#
# safetensors 0.8.0, ml_dtypes 0.6.0, NumPy 2.4.6. The writer takes the dtypes of ml_dtypes: its error for a dtype that
# it does not know lists bfloat16 and float8 among those that it supports. So load(save(x)) was expected to give x back.
# What came: the file is right (its header says BF16), but load raises a bare KeyError, and gives nothing of that file,
# not even the float32 arrays beside. safe_open, of the same package, reads bfloat16 and raises AttributeError for
# float8.
# Where it matters: checkpoints of mixed precision that are to be read without PyTorch. xdl reads the format by itself
# and says which dtypes it knows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    ml_dtypes==0.6.0 numpy==2.4.6 safetensors==0.8.0
"$folder/venv/bin/python" -I - <<'PY'
import pathlib
import sys
import tempfile

import ml_dtypes
import numpy as np
import safetensors
from safetensors.numpy import load, save

print("safetensors", safetensors.__version__, "ml_dtypes", ml_dtypes.__version__, "numpy", np.__version__)
try:
    save({"x": np.zeros(1, np.complex128)})
except safetensors.SafetensorError as error:
    listed = "bfloat16" in str(error)
    print("the writer names bfloat16 as supported:", listed)
raised, opened = [], []
for name in ("float32", "bfloat16", "float8_e4m3fn", "float8_e5m2"):
    data = save({"master": np.ones(2, np.float32), "weight": np.ones(2, np.dtype(name))})
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.safetensors")
        path.write_bytes(data)
        with safetensors.safe_open(path, "np") as file:
            try:
                opened.append(file.get_tensor("weight").dtype.name)
            except AttributeError as error:
                opened.append(type(error).__name__)
    try:
        print(name, "written and read:", load(data)["weight"])
    except KeyError as error:
        raised.append(name)
        print(name, "written; load raises", repr(error), "and safe_open gives", opened[-1])
still = raised == ["bfloat16", "float8_e4m3fn", "float8_e5m2"]
still = still and opened == ["float32", "bfloat16", "AttributeError", "AttributeError"]
sys.exit(0 if listed and still else "this has changed")
PY
