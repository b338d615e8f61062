#!/usr/bin/env bash
# torch.linalg.cond of order 1, inf or "fro" cannot be differentiated: its own in-place write breaks its backward pass.
#
# PyTorch 2.13.0 on a CPU. cond(a, 1) is |a| |a**-1|, and its documentation says nothing against gradients, so they were
# expected, as they come for cond(a, 2) and for the two norms multiplied by hand. What came: RuntimeError, "one of the
# variables needed for gradient computation has been modified by an inplace operation", for a line with no such write.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    numpy==2.4.6 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PY'
import sys

import torch
from torch import linalg

print("torch", torch.__version__)
works = {}
for order in (2, -2, "nuc", 1, -1, float("inf"), "fro"):
    a = (torch.arange(9.0).reshape(3, 3) + torch.eye(3)).requires_grad_()
    try:
        linalg.cond(a, order).backward()
        works[order] = True
    except RuntimeError as error:
        works[order] = "inplace" not in str(error)
    b = a.detach().requires_grad_()
    (linalg.norm(b, order) * linalg.norm(linalg.inv(b), order)).backward()
    print(f"cond of order {order}: {'a gradient' if works[order] else 'in-place error'}; by hand {b.grad.norm():.3g}")
still = [order for order, fine in works.items() if not fine] == [1, -1, float("inf"), "fro"]
sys.exit(0 if still else "this has changed")
PY
