#!/usr/bin/env bash
# PyTorch's ctc_loss returns another gradient than that of its loss with respect to its input.
#
# PyTorch 2.13.0. The documentation calls the loss differentiable with respect to each input node, the input being
# log-probabilities, and gradcheck was expected to confirm it. What came: the gradient that belongs to the logits
# before log_softmax. It sums to 0 over the classes of a step, and is positive for classes that occur in no
# alignment, on which the loss does not depend at all. Through log_softmax the two are the same, so training as usual is
# right; it is wrong for log-probabilities that come from anywhere else (mixed, smoothed, or leaves).
# Where it matters: a CTC loss that is tested against PyTorch must be compared at the logits.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    numpy==2.4.6 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PY'
import sys

import torch
from torch.nn.functional import ctc_loss

print("torch", torch.__version__)
torch.manual_seed(0)
steps, classes = 4, 4
logits = torch.randn(steps, 1, classes, dtype=torch.float64)


def loss(log_probabilities):
    target = torch.tensor([[1, 2]])
    return ctc_loss(log_probabilities, target, torch.tensor([steps]), torch.tensor([2]), reduction="sum")


x = logits.log_softmax(-1)
leaf = x.clone().requires_grad_()
loss(leaf).backward()
given = leaf.grad[0, 0]
eps = 1e-6
nudges = eps * torch.eye(classes, dtype=torch.float64)
moved = [[x.clone().index_add_(0, torch.tensor([0]), sign * nudge[None, None]) for sign in (1, -1)] for nudge in nudges]
measured = torch.stack([(loss(up) - loss(down)) / (2 * eps) for up, down in moved])
print("at step 0 autograd gives    ", [round(y, 4) for y in given.tolist()], "sum", round(given.sum().item(), 4))
print("central differences measure ", [round(y, 4) for y in measured.tolist()], "sum", round(measured.sum().item(), 4))
through = torch.autograd.gradcheck(lambda z: loss(z.log_softmax(-1)), logits.requires_grad_())
alone = torch.autograd.gradcheck(loss, x.detach().clone().requires_grad_(), raise_exception=False)
print("gradcheck: through log_softmax", through, "of the loss alone", alone)
still = through and not alone and abs(given.sum()) < 1e-9 and abs(measured.sum() + 1) < 1e-6
sys.exit(0 if still else "this has changed")
PY
