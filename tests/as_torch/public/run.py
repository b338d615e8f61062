"""Trains public model files beside PyTorch: python -m tests.as_torch.public.run [WORD ...] [--table FILE]

Downloads the packages of models.toml, whose sources hold the files, into a folder that goes on (XDL_PUBLIC, or one that
is removed), and runs each model by PyTorch and by xdl, from PyTorch's first weights, some rows in one process of each.
With words only the rows that have one of them in the names of their package or module. A row of the table says whether
the losses of three steps agree to 1e-5, or what came first in the way.

Where float32 ends further apart, both run in float64, and PyTorch from neighbours of its first weights: each number is
moved to the next larger or smaller float32, by chance, up to 24 times. If both agree in float64 to 1e-5, and two of
PyTorch's own runs are as far apart as xdl is from PyTorch, then what is between them is rounding, which some networks
make larger from layer to layer: the row says "rounding", and is counted apart from those that agree strictly.
"""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tests.as_torch.public.worker import apart

HERE = Path(__file__).parent
TOLERANCE, SECONDS = 1e-5, 1800
TOGETHER = 8  # rows in one process
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS", "XDL")}
LEFT_OUT = ("torchvision", "torch")  # which xdl answers, and PyTorch's own process has
HEAD = "| package | module | model | runs | largest relative difference of three losses, or the first obstacle |"


def fetched(folder, packages):
    """A folder of sources for each package, without what it depends on."""
    for package in packages:
        place = folder / package.partition("==")[0]
        if not place.exists():
            pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(place), package]
            subprocess.run(pip, check=True)
    return [str(path) for path in sorted(folder.iterdir()) if path.is_dir()]


def losses(library, folders, weights, rows, dtype="float32", distances=None):
    """Number of a row -> the losses of its three steps, or the first line of the error; with distances: how far
    PyTorch's own losses move.
    """
    given = [path for path in folders if library == "torch" or Path(path).name not in LEFT_OUT]
    command = [sys.executable, str(HERE / "worker.py"), library, json.dumps(given), weights, json.dumps(rows), dtype]
    command += [json.dumps(distances)] if distances else []
    try:
        environment = os.environ | ONE_THREAD
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
        out, why = done.stdout, (done.stderr.strip().splitlines() or ["no word of it"])[-1][:200]
    except subprocess.TimeoutExpired as error:
        out, why = (error.stdout or b"").decode(), f"longer than {SECONDS} seconds"
    found = [line.split(" ", 2)[1:] for line in out.splitlines() if line.startswith("row ")]
    return {i: why for i, _ in rows} | {int(i): json.JSONDecoder().raw_decode(said)[0] for i, said in found}


def verdicts(folders, weights, rows):
    """Number of a row -> (what the table says, yes, rounding or no); - where PyTorch itself does not run it."""
    theirs = losses("torch", folders, weights, rows)
    said = {i: (f"PyTorch: {found}", "-") for i, found in theirs.items() if isinstance(found, str)}
    rows = [(i, row) for i, row in rows if i not in said]
    ours = losses("xdl", folders, weights, rows) if rows else {}
    far = []
    for i, row in rows:
        if isinstance(ours[i], str):
            said[i] = (ours[i], "no")
        elif apart(ours[i], theirs[i]) <= TOLERANCE:
            said[i] = (f"{apart(ours[i], theirs[i]):.0e}", "yes")
        else:
            far.append((i, row))
    exact = [losses(library, folders, weights, far, "float64") for library in ("torch", "xdl")] if far else []
    distances = {i: apart(ours[i], theirs[i]) for i, _ in far}
    moves = losses("torch", folders, weights, far, distances=distances) if far else {}
    for i, _ in far:
        there, here = (each[i] for each in exact)
        if failed := [one for one in (there, here, moves[i]) if isinstance(one, str)]:
            said[i] = (f"losses differ by {distances[i]:.0e}; {failed[0]}", "no")
            continue
        between = apart(here, there)
        text = f"{distances[i]:.0e}; float64 agrees to {between:.0e}; neighbours of its first weights move PyTorch's "
        text += f"losses by {moves[i]:.0e}"
        said[i] = (text, "rounding" if between <= TOLERANCE and distances[i] <= moves[i] else "no")
    return said


def share(said, sources, what):
    """How many of the rows succeed: strictly, and with those that differ by rounding."""
    held = [result for result in said if result != "-"]
    strict, rounding = held.count("yes"), held.count("rounding")
    tail = f"With the {rounding} that differ by float32's rounding alone: {strict + rounding}."
    return f"{strict} of {len(held)} {what} of {sources} sources run as they are, with PyTorch's losses to 1e-5. {tail}"


def commit():
    """The commit that runs, and whether files were changed since."""
    said = [
        subprocess.run(["git", *words], cwd=HERE, capture_output=True, text=True, check=False).stdout.strip()
        for words in (["rev-parse", "--short=10", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
    ]
    return said[0] + (" and changes since" if said[1] else "")


def write(table, heading, columns, lines):
    """Writes the table, where its file is given."""
    if table:
        Path(table).write_text("\n".join([heading, "", columns, "|---|---|---|---|---|", *lines, ""]))


def main(arguments):
    """Runs them, prints and writes the table; the exit code is 1 unless nine of ten succeed."""
    table = arguments[arguments.index("--table") + 1] if "--table" in arguments else None
    words = [word for word in arguments if word not in ("--table", table)]
    listed = tomllib.loads((HERE / "models.toml").read_text())
    models, needed = listed["model"], listed["needed"]
    models = [
        model for model in models if not words or any(word in model["package"] + model["module"] for word in words)
    ]
    models.sort(key=lambda model: (model.get("last", False), model["package"].lower()))
    where = f"Made by `python -m tests.as_torch.public.run` on commit {commit()}."
    lines, held = [], []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.environ.get("XDL_PUBLIC", temporary))
        folder.mkdir(exist_ok=True)
        folders = fetched(folder, [*sorted({model["package"] for model in models}), *needed])
        numbered = list(enumerate(models))
        for first in range(0, len(numbered), TOGETHER):
            rows = numbered[first : first + TOGETHER]
            said = verdicts(folders, temporary, rows)
            for i, model in rows:
                text, yes = said[i]
                held.append(yes)
                name = model.get("optimizer", model["build"]).partition("(")[0]
                lines.append(f"| {model['package']} | {model['module']} | {name} | {yes} | {text.replace('|', '/')} |")
                print(lines[-1], flush=True)
            packages = len({line.split("|")[1] for line in lines if "| - |" not in line})
            head = share(held, packages, "model files")
            write(table, f"{head} {where}", HEAD, lines)
    print(head)
    return 0 if held.count("no") <= 0.1 * (len(held) - held.count("-")) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
