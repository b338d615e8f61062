#!/usr/bin/env bash
# threadpoolctl 3.8.0: the second thread that sets the number of OpenBLAS's threads is not obeyed, and not told so.
#
# threadpoolctl 3.8.0, NumPy 2.4.6 (OpenBLAS 0.3.31 with pthreads). Up to 3.6.0 a controller's `set_num_threads` set the
# number for the process, whoever called. Since 3.8.0 it does so for the thread that called it first, as long as that one
# lives; for all others it returns without a word (its docstring says so, the release it comes with is a minor one).
# A library that sets one BLAS thread around its own parallel work goes on with all of them, from every thread but one:
# sums are cut differently, so that their last bits change, and threads fight for the cores.
# xdl calls `clear_controlling_thread(force=True)` before it sets a number, under a lock of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
program="$folder/program.py"
cat > "$program" <<'PY'
from importlib.metadata import version
from threading import Thread

import numpy as np  # noqa: F401
from threadpoolctl import ThreadpoolController

blas = next(one for one in ThreadpoolController().lib_controllers if one.internal_api == "openblas")
blas.set_num_threads(2)
other = Thread(target=blas.set_num_threads, args=(1,))
other.start()
other.join()
print(version("threadpoolctl"), "another thread asked for 1, there are", blas.num_threads)
PY
results=
for number in 3.6.0 3.8.0; do
    "$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check numpy==2.4.6 threadpoolctl==$number
    line=$(OPENBLAS_NUM_THREADS=2 "$folder/venv/bin/python" -I "$program")
    echo "$line"
    results="$results ${line##* }"
done
[ "$results" = " 1 2" ] || { echo "this has changed" >&2; exit 1; }
