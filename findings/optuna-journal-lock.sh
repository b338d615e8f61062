#!/usr/bin/env bash
# A lock that a killed process left on a journal with a relative path is waited for without end, at full load.
#
# Optuna 5.0.0. JournalFileBackend's default lock, JournalFileSymlinkLock, promises that one that exists is "forcibly
# released" after grace_period seconds. With an absolute path it is. With a relative one, as in Optuna's own examples,
# the symbolic link points to nothing unless the folder is the working directory; os.stat of it fails, and acquire()
# goes round without a pause and without ever looking at the clock.
# xdl tune gives the backend a lock of the system, which ends with its process, and an absolute path.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check optuna==5.0.0
cd "$folder" && mkdir study
"$folder/venv/bin/python" -I - <<'PY'
import os
import sys
from threading import Thread
from time import process_time

import optuna
from optuna.storages.journal import JournalFileSymlinkLock as Lock

optuna.logging.set_verbosity(optuna.logging.ERROR)
print("optuna", optuna.__version__)
taken = {}
for kind, path in (("absolute", os.path.abspath("study/a.log")), ("relative", "study/b.log")):
    open(path, "w").close()
    Lock(path, grace_period=3).acquire()  # and the process is killed
    begin, thread = process_time(), Thread(target=lambda: Lock(path, grace_period=3).acquire(), daemon=True)
    thread.start()
    thread.join(8)
    taken[kind] = not thread.is_alive()
    print(f"{kind} path: taken within 8 s: {taken[kind]}, processor time {process_time() - begin:.1f} s", flush=True)
still = taken == {"absolute": True, "relative": False}
print("" if still else "this has changed")
sys.stdout.flush()
os._exit(not still)  # the thread goes round for ever
PY
