"""Runs public training scripts beside PyTorch: python -m tests.as_torch.public.scripts FOLDER [WORD ...] [--table FILE]

scripts.toml lists them. FOLDER holds each as OWNER/REPOSITORY/PATH, fetched at its commit; a source with a version is a
package, whose archive is downloaded into FOLDER. Each script runs as it is, with its arguments, in a folder of its own,
first on xdl and then on PyTorch from xdl's first weights and noise, as `python -m xdl.as_torch --beside` does, up to
its third loss. Where losses differ by more than 1e-5, PyTorch runs up to 24 times more, each time from other neighbours
of those first weights, as in `run.py`: if two of its own runs are as far apart, the row says "rounding". With words
only the rows that have one of them in their source or path.

mnist: where a script looks for MNIST, which is unpacked there from XDL_DATA_DIR.  characters: of the file as published.
emnist: where it looks for EMNIST's balanced set: there lie MNIST's files under the names of that.
"""

import gzip
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

import numpy as np

import xdl
from tests.as_torch.public.run import LEFT_OUT, ONE_THREAD, TOLERANCE, commit, fetched, share, write
from tests.as_torch.public.worker import DRAWS, neighbours
from xdl.as_torch.beside.command import STEPS, worst
from xdl.as_torch.beside.recorder import KIND
from xdl.io.state_file import load_state, save_state

HERE = Path(__file__).parent
SECONDS = 600
HEAD = "| source | commit | script | runs | largest relative difference of three losses, or the first obstacle |"
# the same order of sets of words in both runs, no windows, and no words about what is old
ENVIRONMENT = {"PYTHONHASHSEED": "0", "MPLBACKEND": "Agg", "PYTHONWARNINGS": "ignore"}


def place(folder, row):
    """The folder of the row's source, and the script in it."""
    name, _, version = row["source"].partition("==")
    if not version:
        return folder / name, folder / name / row["path"]
    found = sorted(folder.glob(f"{name.replace('-', '[-_]')}-{version}"))
    if not found:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(folder)]
        subprocess.run([*pip, row["source"]], check=True)
        with tarfile.open(next(folder.glob(f"{name.replace('-', '[-_]')}-{version}.tar.gz"))) as archive:
            archive.extractall(folder, filter="data")
        found = sorted(folder.glob(f"{name.replace('-', '[-_]')}-{version}"))
    return found[0], found[0] / row["path"]


def unpack_mnist(folder, name="MNIST", parts=("train", "t10k")):
    """MNIST's files where torchvision looks for those of a set below the folder."""
    raw = folder / name / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for file in (Path(os.environ["XDL_DATA_DIR"]) / "mnist").glob("*.gz"):
        part, _, rest = file.stem.partition("-")
        (raw / f"{parts[part == 't10k']}-{rest}").write_bytes(gzip.decompress(file.read_bytes()))


def shifted(notes, folder, draw):
    """Copies the first weights in `notes` into the folder, each a neighbour of its own, by chance."""
    random = np.random.RandomState(draw)
    for file in sorted(Path(notes).glob("weights-*.safetensors")):
        state = {name: neighbours(np.asarray(array), random) for name, array in load_state(file, KIND).items()}
        save_state(Path(folder) / file.name, {name: xdl.tensor(array) for name, array in state.items()}, KIND)


def moves(given, notes, theirs, wanted):
    """How far apart two of PyTorch's runs are from neighbours of its first weights, when they are as far as wanted."""
    runs, far = [theirs], 0.0
    for draw in range(1, DRAWS + 1):
        if far >= wanted:
            break
        with tempfile.TemporaryDirectory() as folder:
            shifted(notes, folder, draw)
            found = losses("torch", given[0], folder, *given[2:])
        if isinstance(found, list):
            runs.append(found)
            far = max(far, *(worst(one, found) for one in runs))
    return far


def losses(library, folders, notes, row, script):
    """The losses of the script's first steps, or the last line of the error."""
    with tempfile.TemporaryDirectory() as temporary:
        works = Path(temporary) / "a/b/c"
        works.mkdir(parents=True)
        if "mnist" in row:
            unpack_mnist(works / row["mnist"])
        if "emnist" in row:
            unpack_mnist(works / row["emnist"], "EMNIST", ("emnist-balanced-train", "emnist-balanced-test"))
        given = [path for path in folders if library == "torch" or Path(path).name not in LEFT_OUT]
        command = [sys.executable, str(HERE / "script_worker.py"), library, json.dumps(given), notes, str(STEPS)]
        command += [str(script.resolve()), *row.get("arguments", "").split()]
        environment = os.environ | ONE_THREAD | ENVIRONMENT | {"PYTHONPATH": str(Path.cwd())}
        try:
            done = subprocess.run(
                command, cwd=works, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return f"longer than {SECONDS} seconds"
    file = Path(notes) / f"{library}.json"
    if done.returncode or not file.exists():
        return (done.stderr.strip().splitlines() or ["no call of backward()"])[-1][:200]
    return json.loads(file.read_text())


def verdict(folder, packages, row):
    """(what the table says, yes, rounding or no); - where PyTorch itself does not run it."""
    root, script = place(folder, row)
    if not script.is_file():
        return f"not fetched: {script}", "-"
    if "characters" in row and len(script.read_text().rstrip("\n")) != row["characters"]:
        return f"another file: {len(script.read_text())} characters", "-"
    with tempfile.TemporaryDirectory() as notes:
        given = ([str(root), *packages], notes, row, script)
        ours, theirs = (losses(library, *given) for library in ("xdl", "torch"))
        if isinstance(ours, str):
            return ours, "no"
        if isinstance(theirs, str):
            return f"PyTorch: {theirs}", "-"
        distance = worst(ours, theirs)
        if distance <= TOLERANCE:
            return f"{distance:.0e}", "yes"
        own = moves(given, notes, theirs, distance)
    text = f"{distance:.0e}; neighbours of its first weights move PyTorch's losses by {own:.0e}"
    return text, "rounding" if distance <= own else "no"


def main(arguments):
    """Runs them, prints and writes the table; the exit code is 1 unless nine of ten succeed."""
    table = arguments[arguments.index("--table") + 1] if "--table" in arguments else None
    folder, *words = [word for word in arguments if word not in ("--table", table)]
    rows = tomllib.loads((HERE / "scripts.toml").read_text())["script"]
    rows = [row for row in rows if not words or any(word in row["source"] + row["path"] for word in words)]
    where = f"Made by `python -m tests.as_torch.public.scripts FOLDER` on commit {commit()}."
    lines, held = [], []
    with tempfile.TemporaryDirectory() as temporary:
        public = Path(os.environ.get("XDL_PUBLIC", temporary))
        packages = fetched(public, tomllib.loads((HERE / "models.toml").read_text())["needed"])
        for row in rows:
            text, yes = verdict(Path(folder), packages, row)
            held.append(yes)
            version = row.get("commit", "")[:7] or "-"
            cells = (row["source"], version, row["path"], yes, text.replace("|", "/"))
            lines.append(f"| {' | '.join(cells)} |")
            print(lines[-1], flush=True)
            head = share(held, len({row["source"] for row in rows}), "training scripts")
            write(table, f"{head} {where}", HEAD, lines)
    print(head)
    return 0 if held.count("no") <= 0.1 * (len(held) - held.count("-")) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
