#!/usr/bin/env bash
# In PyTorch the gradient of a bfloat16 embedding row stops growing at the 256th use of the row.
#
# PyTorch 2.13.0 on a CPU; a GPU build was not tried. A row's gradient is the sum over all places where its token
# stands. Sums and matrix products of bfloat16 tensors are taken in float32 and rounded once, so 4096 uses with a
# gradient of 1 each were expected to give 4096, which bfloat16 holds exactly, and which expand() or a matrix product
# in place of the look-up gives. What came: 256 from embedding and from indexing, and 2048 in float16. Nothing warns.
# Where it matters: a language model in low precision, whose spaces, padding and commonest words stand thousands of
# times in a batch. xdl sums in float32, where the limit is 2**24.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    numpy==2.4.6 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PY'
import sys

import torch
from torch.nn.functional import embedding

print("torch", torch.__version__)
n = 4096
tokens = torch.zeros(n, dtype=torch.long)
ways = {
    "embedding": lambda w: embedding(tokens, w),
    "indexing": lambda w: w[tokens],
    "expand": lambda w: w.expand(n, 1),
    "matrix product": lambda w: torch.ones(n, 1, dtype=w.dtype) @ w,
}
found = {}
for dtype in (torch.float32, torch.float16, torch.bfloat16):
    for name, way in ways.items():
        w = torch.ones(1, 1, dtype=dtype, requires_grad=True)
        way(w).sum().backward()
        found[name, dtype] = w.grad.item()
    print(dtype, {name: found[name, dtype] for name in ways})
low = [found[name, dtype] for dtype in (torch.bfloat16, torch.float16) for name in ("embedding", "indexing")]
right = {found[name, dtype] for name, dtype in found if name in ("expand", "matrix product") or dtype == torch.float32}
sys.exit(0 if low == [256, 256, 2048, 2048] and right == {n} else "this has changed")
PY
