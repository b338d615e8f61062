#!/usr/bin/env bash
# embedding_bag with scale_grad_by_freq divides the gradient of a row by how often another row was looked up.
#
# PyTorch 2.13.0 (CPU). The documentation says that gradients are scaled "by the inverse of frequency of the words in
# the mini-batch", as those of embedding are. For the indices 4 1 1 | 0 1 4 (two bags, summed) row 4 was looked up twice
# and should get 2 / 2 = 1, as embedding gives it. It gets 2 / 3: the count of row 1. With mode="mean" it is the same,
# 2/9 in place of 1/3. Rows 0 and 1 are right, so a small test may pass. Nothing is raised.
# xdl divides by the row's own count, as embedding does; where it is compared with PyTorch, these gradients are left out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check numpy==2.4.6 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PY'
import sys

import torch
from torch.nn import functional as F

print("torch", torch.__version__)
indices, begins = torch.tensor([4, 1, 1, 0, 1, 4]), torch.tensor([0, 3])


def gradient(call):
    weight = torch.zeros(5, 1, requires_grad=True)
    call(weight).sum().backward()
    return [round(d, 4) for d in weight.grad.flatten().tolist()]


rows = {"embedding": gradient(lambda weight: F.embedding(indices, weight, scale_grad_by_freq=True))}
for mode in ("sum", "mean"):
    rows[mode] = gradient(
        lambda weight, mode=mode: F.embedding_bag(indices, weight, begins, mode=mode, scale_grad_by_freq=True)
    )
for name, row in rows.items():
    print(f"{name:10}", row)
expected = {
    "embedding": [1, 1, 0, 0, 1],
    "sum": [1, 1, 0, 0, 0.6667],
    "mean": [0.3333, 0.3333, 0, 0, 0.2222],
}
sys.exit(0 if rows == expected else "this has changed")
PY
