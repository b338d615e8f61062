#!/usr/bin/env bash
# A journal whose last line was cut can be read until another process adds to it, and then never again.
#
# Optuna 5.0.0. JournalFileBackend passes over a last line without an end, since somebody may be writing it. A full
# disk or a power failure leaves such a line for good; the next append_logs writes its first record behind it, in the
# same line, so that a line in the middle is no JSON, and every later reader ends in an error: the study is lost,
# although all but one of its records are there.
# xdl tune removes a cut last line under the lock of the journal, where nobody else can be writing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check optuna==5.0.0
cd "$folder"
"$folder/venv/bin/python" -I - <<'PY'
import os
import sys

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

optuna.logging.set_verbosity(optuna.logging.ERROR)
print("optuna", optuna.__version__)
path = os.path.abspath("journal.log")


def trials(more):
    """How many trials a process finds that opens the journal, and adds so many; or the error."""
    try:
        study = optuna.create_study(storage=JournalStorage(JournalFileBackend(path)), study_name="s", load_if_exists=True)
        found = len(study.trials)
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=more)
        return found
    except ValueError as error:
        return f"{type(error).__name__}: {error}"


first = trials(3)
with open(path, "ab") as file:
    file.write(b'{"op_code":4,"worker_id":"a')
second, third = trials(1), trials(0)
print("new:", first, "| after a cut line:", second, "| after another process has added to it:", third)
sys.exit(0 if (first, isinstance(third, str)) == (0, True) else "this has changed")
PY
