#!/usr/bin/env bash
# In PyTorch the gradient of the determinant of a singular matrix is 0.
#
# PyTorch 2.13.0 on a CPU. The derivative of a determinant is the matrix of its cofactors, which a singular matrix has
# like any other: [[4, -2], [-2, 1]] for [[1, 2], [2, 4]], and that was expected (older documentation says that singular
# matrices take another way). What came: zeros, without a warning; with create_graph=True the right numbers come.
# Where it matters: a training that begins at a singular matrix, or passes one, stands still. xdl computes cofactors
# from singular values, without a quotient; its second derivative refuses a singular matrix.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    numpy==2.4.6 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PY'
import sys

import torch

print("torch", torch.__version__)
found = {}
for name, rows in {"rank 1 of 2": [[1.0, 2], [2, 4]], "rank 2 of 3": [[1.0, 0, 0], [0, 2, 0], [0, 0, 0]]}.items():
    a = torch.tensor(rows, dtype=torch.float64, requires_grad=True)
    (plain,) = torch.autograd.grad(torch.linalg.det(a), a)
    (recorded,) = torch.autograd.grad(torch.linalg.det(a), a, create_graph=True)
    found[name] = bool(plain.any()), bool(recorded.any())
    print(name, plain.tolist(), "with create_graph", recorded.detach().tolist())
still = set(found.values()) == {(False, True)}
sys.exit(0 if still else "this has changed")
PY
