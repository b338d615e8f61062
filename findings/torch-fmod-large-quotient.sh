#!/usr/bin/env bash
# The float32 remainder of 1e30 by 1e-10 is nan in the first 32 elements of a tensor and right in the last three.
#
# torch 2.13.0, NumPy 2.4.6. fmod is exact for every pair of finite numbers with a divisor that is not 0: C's fmodf and
# NumPy give 3.8998249e-12. torch.fmod and torch.remainder give that too, but only in elements that their vector code
# leaves over (a tail, a tensor of few elements) or with ATEN_CPU_CAPABILITY=default; where AVX2 or AVX-512 takes the
# elements, a quotient beyond float32's largest number makes them nan. So one operation gives two results in one tensor.
# float64 and quotients that float32 holds are right everywhere.
# xdl's remainder and fmod are NumPy's on the CPU and an own kernel with exact steps on a GPU; they are compared with
# NumPy's at such quotients, not with PyTorch's.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6
cat > "$folder/remainders.py" <<'PY'
import math

import numpy as np
import torch

print("torch", torch.__version__, "numpy", np.__version__, torch.backends.cpu.get_cpu_capability())
for name in ("fmod", "remainder"):
    function, exact = getattr(torch, name), getattr(np, name)
    for a, b in ((1e30, 1e-10), (1e20, 1e-20), (1e30, 3.0)):
        found = function(torch.full((35,), a), torch.full((35,), b)).tolist()
        wanted = float(exact(np.float32(a), np.float32(b)))
        wrong = [i for i, y in enumerate(found) if y != wanted]
        print(f"{name:9} of {a:g} by {b:g}: {wanted:.8g}, wrong in {len(wrong)} of 35 elements: {found[0]:.8g}")
        vector = torch.backends.cpu.get_cpu_capability() != "DEFAULT" and a / b > float(np.finfo(np.float32).max)
        assert wrong == (list(range(32)) if vector else []), "this has changed"
        assert all(math.isnan(found[i]) for i in wrong), "this has changed"
PY
"$folder/venv/bin/python" -I "$folder/remainders.py"
ATEN_CPU_CAPABILITY=default "$folder/venv/bin/python" -I "$folder/remainders.py"
