"""The three ways to have xdl (installed, editable, an uninstalled checkout) give the same modules and files."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.docs.pages import TEXTS
from tests.house.source import PACKAGES, ROOT, modules

pytestmark = pytest.mark.slow

REPORT = """
import json
from importlib import import_module
from importlib.resources import files

names = {names!r}
places = dict((name, import_module(name).__file__) for name in names)
folders = dict((name, files(name)) for name in {packages!r})
shipped = dict((name, [path.relative_to(at).as_posix() for path in at.rglob("*")]) for name, at in folders.items())
import xdl
print(json.dumps(dict(places=places, shipped=shipped, sum=xdl.tensor([1.0, 2.0]).sum().item())))
"""


def command(*words, cwd):
    """Runs outside any checkout's influence; returns what was printed."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "XDL_BACKEND")}
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, env=clean)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A clean copy of the project, so that building leaves nothing in this one."""
    copy = tmp_path_factory.mktemp("checkout") / "xdl"
    copy.mkdir()
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "dist")
    for folder in PACKAGES:
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    return copy


def environment(folder, *install):
    """The interpreter of a new virtual environment with xdl installed in it."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    command(python, "-m", "pip", "install", "-q", *install, cwd=folder)
    return python


def report(python, cwd):
    """Where each module comes from, and what files lie in each package."""
    # Modules of an accelerator need its package: cupy_backend does not, *_cuda would.
    # Loops need Numba, an extra.
    extra = ".numba.loops."
    names = [n for n in modules() if not n.endswith(("_cuda", "launch", "compile", "__main__")) and extra not in n]
    packages = [name for name, path in modules().items() if path.name == "__init__.py"]
    return json.loads(command(python, "-c", REPORT.format(names=names, packages=packages), cwd=cwd))


def check_files(shipped):
    """Every package has its data files and CUDA sources; the root has the marker of typed packages."""
    assert "py.typed" in shipped["xdl"]
    for name, path in modules().items():
        if path.name == "__init__.py":
            below = [entry for entry in path.parent.rglob("*.*") if entry.suffix not in (".py", ".pyc")]
            data = {entry.relative_to(path.parent).as_posix() for entry in below}
            assert data - set(shipped[name]) == set(), name
    assert {"src/reduce/softmax.cu", "src/common.cuh"} <= set(shipped["xdl.kernels.cuda"])
    assert {"harness/runner.cpp", "harness/pool.h"} <= set(shipped["xdl.backends.cuda_on_host"])


@pytest.mark.parametrize("editable", [False, True])
def test_installed(checkout, tmp_path, editable):
    python = environment(tmp_path / "env", *(["-e"] if editable else []), checkout)
    found = report(python, tmp_path)
    home = checkout if editable else tmp_path / "env"
    assert {place for place in found["places"].values() if not Path(place).is_relative_to(home)} == set()
    assert found["sum"] == 3.0
    check_files(found["shipped"])
    script = python.with_name("xdl")
    assert command(script, "list", cwd=tmp_path) == command(python, "-m", "xdl", "list", cwd=tmp_path) != ""
    if shutil.which("g++") and not editable:  # the harness works far from any checkout
        settings = ("--epochs", "1", "--set", "batch_size=128", "--json")
        trained = json.loads(command(script, "run", "lenet", "--backend", "cuda-on-host", *settings, cwd=tmp_path))
        assert trained["backend"] == "cuda-on-host"
        assert (tmp_path / trained["folder"] / "model.safetensors").is_file()


def test_uninstalled_checkout(checkout):
    found = report(sys.executable, checkout)
    assert {place for place in found["places"].values() if not Path(place).is_relative_to(checkout)} == set()
    assert found["sum"] == 3.0
    check_files(found["shipped"])


def contents(wheel):
    """The names of the files in a wheel, with those of its metadata that hold checksums left out."""
    with zipfile.ZipFile(wheel) as file:
        return {name for name in file.namelist() if not name.endswith("/RECORD")}


def test_the_source_distribution_builds_the_same_wheel(checkout, tmp_path):
    python = environment(tmp_path / "env", "build")
    command(python, "-m", "build", "--sdist", "--outdir", tmp_path, checkout, cwd=tmp_path)
    (packed,) = tmp_path.glob("xdl-*.tar.gz")
    with tarfile.open(packed) as file:
        file.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    wheels = []
    for name, folder in (("direct", checkout), ("from source", source)):
        command(python, "-m", "build", "--wheel", "--outdir", tmp_path / name, folder, cwd=tmp_path)
        wheels += (tmp_path / name).glob("*.whl")
    direct, rebuilt = map(contents, wheels)
    assert direct == rebuilt
    kernels = [f"xdl/kernels/cuda/src/{name}" for name in ("common.cuh", "optim/parts.cuh", "conv/im2col.cu")]
    for path in (*kernels, "xdl/backends/cuda_on_host/harness/runner.cpp", "xdl/docs/gpu.md"):
        assert path in direct
    (licence,) = (name for name in direct if name.endswith("licenses/LICENSE"))
    with zipfile.ZipFile(wheels[0]) as file:
        assert file.read(licence) == (ROOT / "LICENSE").read_bytes()
        metadata = file.read(licence.partition("/")[0] + "/METADATA").decode()
    assert "\nLicense-Expression: MIT\n" in metadata


def test_the_api_reference_is_made_by_the_command_of_its_page(checkout, tmp_path):
    python = environment(tmp_path / "env", f"{checkout}[docs]")
    words = re.search(r"bin/pdoc (.+)", TEXTS["api"])[1].split()
    command(python.with_name("pdoc"), *words, cwd=checkout)
    made = checkout / words[words.index("--output-directory") + 1]
    for module, name in (("nn", "Conv2d"), ("functional", "cross_entropy"), ("optim", "Adam"), ("train", "Trainer")):
        page = (made / "xdl" / f"{module}.html").read_text(encoding="utf-8")
        assert f'id="{name}"' in page, module
        assert "white-space:pre-wrap" in page  # the style of the page
    assert "A slot for kernels, and a version in it" in (made / "xdl" / "extend.html").read_text(encoding="utf-8")
