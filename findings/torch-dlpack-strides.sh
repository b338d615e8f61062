#!/usr/bin/env bash
# torch.from_dlpack of a NumPy view with a negative stride ends the process, and it writes into read-only memory.
#
# PyTorch 2.13.0 and NumPy 2.4.6 on a CPU. The protocol allows any stride and has a flag for read-only memory, and
# torch.from_numpy refuses the one with ValueError and warns of the other, so an exception was expected. What came:
# "terminate called after throwing an instance of 'c10::Error'" and SIGABRT, which no `except` sees; and a tensor whose
# in-place operations change the array that NumPy had locked.
# xdl exports such memory as a copy (or raises BufferError for copy=False): see xdl/functional/methods/exchange.py.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    numpy==2.4.6 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PY'
import signal
import subprocess
import sys

import numpy as np
import torch

print("torch", torch.__version__, "numpy", np.__version__)
code = """
import numpy as np, torch
try:
    torch.from_dlpack(np.arange(6.0)[::-1])
except Exception as error:
    print(type(error).__name__)
"""
done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
print("negative stride: exit status", done.returncode, "-", done.stderr.strip().splitlines()[:1])
locked = np.zeros(2)
locked.flags.writeable = False
torch.from_dlpack(locked).add_(1)
print("read-only array after add_(1):", locked.tolist())
still = done.returncode == -signal.SIGABRT and locked.tolist() == [1.0, 1.0]
sys.exit(0 if still else "this has changed")
PY
