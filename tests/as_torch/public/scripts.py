"""Runs public training scripts beside PyTorch: python -m tests.as_torch.public.scripts FOLDER [WORD ...] [--table FILE]

scripts.toml lists them. FOLDER holds each as OWNER/REPOSITORY/PATH, fetched at its commit; a source with a version is a
package, whose archive is downloaded into FOLDER. Each script runs as it is, with its arguments, in a folder of its own,
first on xdl and then on PyTorch from xdl's first weights and noise, as `python -m xdl.as_torch --beside` does, up to
its third loss. Where losses differ by more than 1e-5, both run a second time, PyTorch on two threads and xdl with
XDL_CONV=gemm, without Winograd's convolution: if PyTorch differs from itself as much (to a factor of ten), or xdl now
agrees, the row says "rounding". With words only the rows that have one of them in
their source or path.

mnist: where a script looks for MNIST, which is unpacked there from XDL_DATA_DIR.  characters: of the file as published.
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

from tests.as_torch.public.run import LEFT_OUT, ONE_THREAD, ROUNDING, TOLERANCE, fetched, share
from xdl.as_torch.beside.command import STEPS, worst

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


def unpack_mnist(folder):
    """MNIST's files where torchvision looks for them below the folder."""
    raw = folder / "MNIST/raw"
    raw.mkdir(parents=True, exist_ok=True)
    for file in (Path(os.environ["XDL_DATA_DIR"]) / "mnist").glob("*.gz"):
        (raw / file.stem).write_bytes(gzip.decompress(file.read_bytes()))


def losses(library, folders, notes, row, script, threads=1, **settings):
    """The losses of the script's first steps, or the last line of the error."""
    with tempfile.TemporaryDirectory() as temporary:
        works = Path(temporary) / "a/b/c"
        works.mkdir(parents=True)
        if "mnist" in row:
            unpack_mnist(works / row["mnist"])
        given = [path for path in folders if library == "torch" or Path(path).name not in LEFT_OUT]
        command = [sys.executable, str(HERE / "script_worker.py"), library, json.dumps(given), notes, str(STEPS)]
        command += [str(script.resolve()), *row.get("arguments", "").split()]
        environment = (
            os.environ
            | dict.fromkeys(ONE_THREAD, str(threads))
            | ENVIRONMENT
            | settings
            | {"PYTHONPATH": str(Path.cwd())}
        )
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
        own = worst(losses("torch", *given, threads=2), theirs)
        plain = worst(losses("xdl", *given, XDL_CONV="gemm"), theirs)
    text = f"{distance:.0e}; PyTorch on two threads and on one {own:.0e}, xdl with XDL_CONV=gemm {plain:.0e}"
    return text, "rounding" if distance <= ROUNDING * own or plain <= TOLERANCE else "no"


def main(arguments):
    """Runs them, prints and writes the table; the exit code is 1 unless nine of ten succeed."""
    table = arguments[arguments.index("--table") + 1] if "--table" in arguments else None
    folder, *words = [word for word in arguments if word not in ("--table", table)]
    rows = tomllib.loads((HERE / "scripts.toml").read_text())["script"]
    rows = [row for row in rows if not words or any(word in row["source"] + row["path"] for word in words)]
    lines, held = [], []
    with tempfile.TemporaryDirectory() as temporary:
        public = Path(os.environ.get("XDL_PUBLIC", temporary))
        packages = fetched(public, tomllib.loads((HERE / "models.toml").read_text())["needed"])
        for row in rows:
            text, yes = verdict(Path(folder), packages, row)
            held.append(yes)
            commit = row.get("commit", "")[:7] or "-"
            cells = (row["source"], commit, row["path"], yes, text.replace("|", "/"))
            lines.append(f"| {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    head = share(held, len({row["source"] for row in rows}), "training scripts")
    print(head)
    if table:
        Path(table).write_text("\n".join([head, "", HEAD, "|---|---|---|---|---|", *lines, ""]))
    return 0 if held.count("no") <= 0.1 * (len(held) - held.count("-")) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
