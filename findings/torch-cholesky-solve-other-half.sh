#!/usr/bin/env bash
# In PyTorch the gradient of cholesky_solve and cholesky_inverse reads the half of the factor that their values ignore.
#
# PyTorch 2.13.0 on a CPU. Both functions use one triangle of the factor. Numbers in the other one were expected to make
# no difference and to have a gradient of 0. What came: the values are the same, but gradients of the triangle that is
# used change with them, by as much as their own size, and the other triangle gets gradients that are not 0.
# Where it matters: a factor learned as a whole matrix, or kept in the place of the matrix that it was made of, as LAPACK
# leaves it. xdl's gradients are those of numerical differences; its cases give PyTorch the triangle alone.
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
lower = torch.tensor([[2.0, 0.0], [0.5, 1.5]], dtype=torch.float64)
above = torch.tensor([[0.0, 3.0], [0.0, 0.0]], dtype=torch.float64)
b = torch.tensor([[1.0], [2.0]], dtype=torch.float64)
still = True
for name, call in {
    "cholesky_solve": lambda factor: torch.cholesky_solve(b, factor),
    "cholesky_inverse": torch.cholesky_inverse,
}.items():
    values, gradients = [], []
    for factor in (lower.clone().requires_grad_(), (lower + above).requires_grad_()):
        y = call(factor)
        (gradient,) = torch.autograd.grad(y.sum(), factor)
        values.append(y)
        gradients.append(gradient)
        print(name, "factor", factor.tolist(), "gradient", gradient.tolist())
    same = torch.equal(*values)
    moved = not torch.allclose(gradients[0].tril(), gradients[1].tril(), rtol=0.01)
    strangers = bool(gradients[1].triu(1).any())
    print(name, "values the same:", same, "gradients of the used half moved:", moved, "of the other half:", strangers)
    still = still and same and moved and strangers
sys.exit(0 if still else "this has changed")
PY
