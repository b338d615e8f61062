"""Compiles every kernel by NVRTC and prints what came out as JSON. Run as a program, in a process of its own: the
assembler inside NVRTC can crash, which would end the tests.

    python -m tests.cuda_on_host.nvrtc_report FOLDER    # cubins go to FOLDER
    {"version": [13, 0], "sm_80 conv_tf32.cu REAL=float": {"remarks": "", "resources": {kernel: [48, 0, 0, 0]}}}
"""

from __future__ import annotations

import dataclasses
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from xdl.kernels.cuda import launch
from xdl.kernels.cuda.compile import ARCHITECTURES, Nvrtc
from xdl.kernels.cuda.recurrent.any_cell import STRUCTS
from xdl.kernels.cuda.recurrent.persistent import defines_of

SOURCES = {**launch.SOURCES, "probes.cu": Path(__file__).parent / "probes.cu"}
FLOAT, DOUBLE = {"REAL": "float"}, {"REAL": "double"}
VARIANTS = {  # files that are not compiled once per real type
    "checks.cu": [FLOAT],
    "channels_last.cu": [FLOAT],
    "conv_tf32.cu": [FLOAT],
    "recurrent_persistent.cu": [
        {name: str(value) for name, value in defines_of(cell, hidden, tf32, directions).items()}
        for cell, hidden in (("lstm", 512), ("lstm", 1024), ("gru", 640), ("gru", 1024))
        for tf32 in (True, False)
        for directions in ((1, 2) if hidden < 1024 else (1,))  # both directions of 1024 fit on no card
    ],
    "probes.cu": [FLOAT],
    "random.cu": [FLOAT],
    "sort.cu": [FLOAT],
}
TENSOR_CORES = (  # never compiled for cards that have none of TF32
    "channels_last.cu",
    "conv_tf32.cu",
    "recurrent_persistent.cu",
    "probes.cu",
)
LARGEST_CELL = "lstm_peephole"  # of recurrent_cell.cu; it stands for the others where all would take long
DOUBLE_ON = ("sm_80", "sm_90")  # float64 differs little between architectures


def variants(source: str, architecture: str) -> list[dict[str, str]]:
    """The definitions with which a file is compiled for an architecture."""
    if architecture == "sm_75" and source in TENSOR_CORES:
        return []
    reals = [FLOAT, DOUBLE] if architecture in DOUBLE_ON else [FLOAT]
    if source == "recurrent_cell.cu":
        return [{"CELL": cell, **real} for cell in STRUCTS for real in (reals if cell == LARGEST_CELL else [FLOAT])]
    return VARIANTS.get(source, reals)


def label(architecture: str, source: str, defines: dict[str, str]) -> str:
    """The name of a compilation in the report and the budget."""
    return " ".join([architecture, source, *(f"{name}={value}" for name, value in defines.items())])


def compilations() -> list[tuple[Path, str, dict[str, str]]]:
    """Every file, architecture and definitions that are compiled."""
    return [
        (path, architecture, defines)
        for source, path in SOURCES.items()
        for architecture in ARCHITECTURES
        for defines in variants(source, architecture)
    ]


def main(folder: Path) -> None:
    """Compiles everything, writes the cubins and prints the report."""
    compiler = Nvrtc()

    def one(path: Path, architecture: str, defines: dict[str, str]) -> tuple[str, dict[str, object]]:
        compiled = compiler.compile(path, architecture, defines)
        name = label(architecture, path.name, defines)
        (folder / f"{name.replace(' ', '-')}.cubin").write_bytes(compiled.cubin)
        resources = {kernel: dataclasses.astuple(used) for kernel, used in compiled.resources.items()}
        return name, {"remarks": compiled.remarks, "resources": resources}

    with ThreadPoolExecutor() as several:
        report = dict(several.map(one, *zip(*compilations(), strict=True)))
    print(json.dumps({"version": compiler.version, **report}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
