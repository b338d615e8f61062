#!/usr/bin/env bash
# Allreduce from a column-major into a row-major array of the same shape puts the sums in the wrong places.
#
# mpi4py 4.1.2, MPICH 5.0.2, NumPy 2.4.6. The tutorial says that NumPy arrays may be given as they are, shape and type
# being found out; an array with gaps is refused with a BufferError. So for two arrays of one shape either the
# elementwise sum or an error was expected. What came: the memory of one is added to the memory of the other in
# order, so that the results are permuted, with one process already. `allreduce`, which pickles, is right.
# Where it matters: data-parallel training. Gradients of a matrix product or of `w.T` are often column-major, and a
# weight learns from another weight's gradient. Layouts must be compared before anything is sent.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    mpi4py==4.1.2 mpich==5.0.2 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PY'
import sys

import mpi4py
import numpy as np
from mpi4py import MPI

comm = MPI.COMM_WORLD
print("mpi4py", mpi4py.__version__, "numpy", np.__version__, *MPI.Get_library_version().split()[:3])
gradient = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
total = np.empty((2, 3), np.float32)
comm.Allreduce(gradient, total)
print("sent by", comm.size, "process:", gradient.tolist())
print("Allreduce:", total.tolist())
pickled = comm.allreduce(gradient)
print("allreduce:", pickled.tolist())
try:
    comm.Allreduce(np.ones((2, 6), np.float32)[:, ::2], np.empty((2, 3), np.float32))
    refused = False
except BufferError as error:
    refused = True
    print("an array with gaps:", repr(error))
still = total.tolist() == [[0, 3, 1], [4, 2, 5]] and np.array_equal(pickled, gradient) and refused
sys.exit(0 if still else "this has changed")
PY
