"""The CUDA libraries that CuPy's functions load, where xdl uses them, are those of the extras cuda12 and cuda13.

The table is of CuPy 14.2: what its modules are linked with and what its Python code imports. Every function needs NVRTC
and the headers of the runtime; sorting, scans and sums bring their libraries with them. cuSOLVER needs cuSPARSE, which
its package requires by itself.
"""

import ast
import tomllib
from pathlib import Path

import pytest

from tests.house.source import modules

ROOT = Path(__file__).parents[2]
EVERYTHING = {"nvrtc", "runtime"}
CUBLAS = ("matmul", "dot", "vdot", "vecdot", "inner", "outer", "tensordot", "einsum", "kron", "cublas")
LIBRARIES = {
    **{name: {"cublas"} for name in CUBLAS},
    "linalg": {"cublas", "cusolver"},
    "cusolver": {"cusolver"},
    "fft": {"cufft"},
    "random": {"curand"},
    "sparse": {"cusparse"},
    "nccl": {"nccl"},
    "cutensor": {"cutensor"},
}
NAMESPACES = ("xp", "cupy", "_cupy", "cuda")
PACKAGES = {
    12: {"nvrtc": "nvidia-cuda-nvrtc-cu12", "runtime": "nvidia-cuda-runtime-cu12", "": "nvidia-{}-cu12"},
    13: {"nvrtc": "nvidia-cuda-nvrtc", "runtime": "nvidia-cuda-runtime", "": "nvidia-{}"},
}


def loaded(source):
    """The libraries that the functions of an array namespace, or of CuPy, in a source load."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in LIBRARIES:
            owner = getattr(node.value, "id", getattr(node.value, "attr", ""))
            if owner in NAMESPACES:
                found |= LIBRARIES[node.attr]
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("cupy", "cupyx"):
            found |= {library for alias in node.names for library in LIBRARIES.get(alias.name, ())}
    return found


def used():
    """Those of all of xdl."""
    sources = [path.read_text() for name, path in modules().items() if not name.startswith("xdl.kernels.numpy")]
    return EVERYTHING.union(*map(loaded, sources))


@pytest.mark.parametrize("generation", [12, 13])
def test_the_extras_hold_what_is_loaded_and_nothing_else(generation):
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    names = PACKAGES[generation]
    wanted = {names.get(library, names[""].format(library)) for library in used()}
    assert {package for package in extras[f"cuda{generation}"] if package.startswith("nvidia")} == wanted


@pytest.mark.parametrize(
    ("source", "libraries"),
    [
        ("y = xp.fft.rfft(x)", {"cufft"}),
        ("y = self.cupy.random.rand(3)", {"curand"}),
        ("y = namespaces[type(x)].exp(x)", set()),
        ("from cupyx.scipy import sparse", {"cusparse"}),
        ("y = xp.linalg.inv(a @ b)", {"cublas", "cusolver"}),
    ],
)
def test_a_function_that_loads_another_library_is_seen(source, libraries):
    assert loaded(source) == libraries
