#!/usr/bin/env bash
# A second SummaryWriter on a folder, opened in the same second as the first, wipes out what the first wrote.
#
# tensorboardX 2.6.5. Its documentation tells a training that resumes to open a writer on the same logdir with
# purge_step, which hides the events from that step on; the earlier ones were expected to stay. What came: the file is
# named by the time in whole seconds and the host and opened anew, so a short training that is resumed at once (a test,
# a sweep of small nets, two processes) loses the steps before, silently. With a filename_suffix of its own each writer
# has its file.
# xdl's callback TensorBoard resumes in this way, so that each of its writers needs a suffix of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    numpy==2.4.6 tensorboardX==2.6.5
"$folder/venv/bin/python" -I - <<'PY'
import pathlib
import sys
import tempfile
import time

import tensorboardX

print("tensorboardX", tensorboardX.__version__)


def train_and_resume(*suffixes):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        time.sleep(1.01 - time.time() % 1)  # to the beginning of a second
        for run, suffix in enumerate(suffixes):
            writer = tensorboardX.SummaryWriter(name, purge_step=run or None, filename_suffix=suffix)
            writer.add_scalar(f"loss-of-run-{run}", 0.5, run)
            writer.close()
        content = b"".join(path.read_bytes() for path in folder.iterdir())
        kept = [run for run in range(len(suffixes)) if b"loss-of-run-%d" % run in content]
        print(len(list(folder.iterdir())), "files hold the losses of the runs", kept)
        return kept


plain, suffixed = train_and_resume("", ""), train_and_resume(".0", ".1")
sys.exit(0 if plain == [1] and suffixed == [0, 1] else "this has changed")
PY
