#!/usr/bin/env bash
# In PyTorch multi_margin_loss and multilabel_margin_loss of nothing but NaN are 0, and so is their gradient.
#
# PyTorch 2.13.0 on a CPU. The documentation gives the loss as a mean of max(0, margin - x[y] + x[i]), and torch's
# maximum and clamp return NaN for NaN, as do its other losses, so NaN was expected. What came: a perfect loss with no
# gradient, at which a training whose net has gone to NaN stands still and looks finished. torch.sign(nan) is 0 alike,
# where NumPy and the array API standard have NaN.
# Where it matters: checks that a loss is finite pass. Such losses in xdl are built on clamp, which keeps NaN.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    numpy==2.4.6 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PY'
import sys

import torch
from torch.nn import functional as F

print("torch", torch.__version__)
nan = float("nan")
target, several = torch.tensor([0, 1]), torch.tensor([[0, 1, -1], [2, -1, -1]])
losses = {
    "multi_margin_loss": lambda x: F.multi_margin_loss(x, target),
    "multilabel_margin_loss": lambda x: F.multilabel_margin_loss(x, several),
    "multilabel_soft_margin_loss": lambda x: F.multilabel_soft_margin_loss(x, (several >= 0).float()),
    "cross_entropy": lambda x: F.cross_entropy(x, target),
    "hinge_embedding_loss": lambda x: F.hinge_embedding_loss(x, -torch.ones(2, 3)),
    "clamp": lambda x: (1 - x).clamp(min=0).mean(),
}
found = {}
for name, loss in losses.items():
    x = torch.full((2, 3), nan, requires_grad=True)
    loss(x).backward()
    found[name] = loss(x).item()
    print(f"{name:28} {found[name]}  gradient of the first row {x.grad[0].tolist()}")
x, zero = torch.tensor(nan), torch.tensor(0.0)
print("sign", torch.sign(x).item(), " maximum", torch.maximum(x, zero).item())
zeros = [name for name, value in found.items() if value == 0]
still = zeros == ["multi_margin_loss", "multilabel_margin_loss"] and torch.sign(x) == 0
sys.exit(0 if still else "this has changed")
PY
