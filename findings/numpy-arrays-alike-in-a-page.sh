#!/usr/bin/env bash
# Large NumPy arrays all begin 16 bytes behind the begin of a page, and a compiled loop over four of them takes twice
# the time and more that it takes where they begin apart.
#
# NumPy 2.4.6, Numba 0.68.1, glibc on x86-64. The C library maps a large array by itself (from 128 KB on at first, from
# 32 MB on always) and keeps 16 bytes before it, so that none begins at a line of the cache, and all begin at the same
# place of their pages. Then each vector of 64 bytes lies in two lines, and a processor that compares the last twelve
# bits of addresses takes what is read for what is just being written. PyTorch aligns its memory to 64
# bytes. Expected was a loss of some percent; seen were 0.9 nanoseconds a number for Adam's step (four arrays of a
# million float32), and 0.28 where they begin 1088 bytes further from one to the next.
# xdl therefore cuts its buffers from larger memory, see kernels/common/buffers.py.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    numba==0.68.1 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PY'
import sys
from time import perf_counter

import numba
import numpy as np

print("numpy", np.__version__, "numba", numba.__version__)
N, PAGE = 1 << 20, 4096
begins = {np.zeros(n, np.float32).ctypes.data % PAGE for n in (9_000_000, 10_000_001, 12 * N)}
print("large arrays begin at", begins)


@numba.njit("void(f4[::1], f4[::1], f4[::1], f4[::1])", fastmath={"contract"}, error_model="numpy")
def adam(p, g, m, v):
    one, beta1, beta2 = np.float32(1), np.float32(0.9), np.float32(0.999)
    for i in range(p.size):
        m[i] = beta1 * m[i] + (one - beta1) * g[i]
        v[i] = beta2 * v[i] + (one - beta2) * g[i] * g[i]
        p[i] -= np.float32(1e-3) * m[i] / (np.sqrt(v[i]) + np.float32(1e-8))


def at(place):
    memory = np.zeros(4 * N + 2 * PAGE, np.uint8)
    return memory[(place - memory.ctypes.data) % PAGE :][: 4 * N].view(np.float32)


def nanoseconds(arrays):
    times = []
    for _ in range(60):
        start = perf_counter()
        adam(*arrays)
        times.append(perf_counter() - start)
    return min(times) / N * 1e9


alike, apart = (nanoseconds([at(16 + k * step) if step == 0 else at(k * step) for k in range(4)]) for step in (0, 1088))
print(f"alike {alike:.2f} ns a number, apart {apart:.2f}")
sys.exit(0 if begins == {16} and alike > 1.5 * apart else "this has changed")
PY
