"""Trains public model files beside PyTorch: python -m tests.as_torch.public.run [WORD ...] [--table FILE]

Downloads the packages of models.toml, whose sources hold the files, into a folder that goes on (XDL_PUBLIC, or one that
is removed), and runs each model by PyTorch and by xdl, in a process each, from PyTorch's first weights. With words only
the modules that have one of them in their names. A row of the table says whether the losses of three steps agree to
1e-5, or what came first in the way.
"""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
TOLERANCE, SECONDS = 1e-5, 300
NEEDED = ("einops", "munch", "tqdm", "labml", "six", "pyyaml", "requests", "torchvision==0.28.0", "timm==1.0.31")
LEFT_OUT = ("torchvision", "torch")  # which xdl answers, and PyTorch's own process has


def fetched(folder, packages):
    """A folder of sources for each package, without what it depends on; that of NEEDED beside."""
    for package in (*packages, *NEEDED):
        place = folder / package.partition("==")[0]
        if not place.exists():
            pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(place), package]
            subprocess.run(pip, check=True)
    return [str(path) for path in sorted(folder.iterdir()) if path.is_dir()]


def losses(library, folders, weights, model):
    """The losses of three steps, or the last line of the error."""
    given = [path for path in folders if library == "torch" or Path(path).name not in LEFT_OUT]
    worker = [sys.executable, str(HERE / "worker.py"), library, json.dumps(given), weights]
    command = [*worker, model["module"], model["build"], model["inputs"]]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"longer than {SECONDS} seconds"
    if done.returncode == 0:
        return json.loads(done.stdout.rpartition("losses ")[2])
    return (done.stderr.strip().splitlines() or ["no word of it"])[-1][:200]


def verdict(ours, theirs):
    """What the table says, and whether it is a success; None where PyTorch itself does not run the file."""
    if isinstance(theirs, str):
        return f"PyTorch: {theirs}", None
    if isinstance(ours, str):
        return ours, False
    worst = max(abs(a - b) / max(abs(b), 1e-8) for a, b in zip(ours, theirs, strict=True))
    return (f"{worst:.0e}", True) if worst <= TOLERANCE else (f"losses differ by {worst:.0e}", False)


def main(arguments):
    """Runs them, prints and writes the table; the exit code is 1 unless nine of ten succeed."""
    table = arguments[arguments.index("--table") + 1] if "--table" in arguments else None
    words = [word for word in arguments if word not in ("--table", table)]
    models = tomllib.loads((HERE / "models.toml").read_text())["model"]
    models = [model for model in models if not words or any(word in model["module"] for word in words)]
    rows, held = [], []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.environ.get("XDL_PUBLIC", temporary))
        folder.mkdir(exist_ok=True)
        folders = fetched(folder, sorted({model["package"] for model in models}))
        for model in models:
            weights = f"{temporary}/weights.npz"
            theirs = losses("torch", folders, weights, model)
            said, right = verdict(None if isinstance(theirs, str) else losses("xdl", folders, weights, model), theirs)
            held += [right] if right is not None else []
            name = model["build"].partition("(")[0]
            rows.append(f"| {model['package']} | {model['module']} | {name} | {'yes' if right else 'no'} | {said} |")
            print(rows[-1], flush=True)
    share = f"{sum(held)} of {len(held)} run as they are, with PyTorch's losses to {TOLERANCE:g}"
    print(share)
    if table:
        head = (
            "| package | module | model | runs | largest relative difference of three losses, or the first obstacle |"
        )
        Path(table).write_text("\n".join([share, "", head, "|---|---|---|---|---|", *rows, ""]))
    return 0 if sum(held) >= 0.9 * len(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
