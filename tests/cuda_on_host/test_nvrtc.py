"""Every kernel compiles for every architecture without a remark, within its budget, to the instructions it is meant
to have. Needs neither a GPU nor a driver.

budget.json holds, for each kernel, the most it may take on any architecture: registers a thread, bytes of static shared
memory a block, bytes of spills, bytes of stack. A change that needs more changes the budget in the same commit:
`python -m tests.cuda_on_host.test_nvrtc` writes it anew.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cuda_on_host.needs import needs_disassembler, needs_nvrtc, nvidia_tool
from tests.cuda_on_host.nvrtc_report import LARGEST_CELL, SOURCES, compilations, label, variants
from xdl.errors import BackendError
from xdl.kernels.cuda.compile import ARCHITECTURES, CompiledCache, Nvrtc
from xdl.kernels.cuda.signature import read_signatures

pytestmark = [needs_nvrtc, pytest.mark.tools]
ROOT = Path(__file__).parents[2]
BUDGET = Path(__file__).parent / "budget.json"
REGISTER_STEP = 16  # budgets are rounded up, so that another version of the compiler may take a few more
DISASSEMBLED = ("sm_80", "sm_90", "sm_120")
FIELDS = ("registers", "shared", "spilled", "stack")

# Instructions that a file must have: tensor cores, loads of fragments, asynchronous copies
INSTRUCTIONS = {
    "conv_tf32.cu": ("HMMA.1688.F32.TF32", "LDSM.16.M88.4", "LDGSTS.E.BYPASS.128"),
    "probes.cu": ("HMMA.1688.F32.TF32", "LDSM.16.M88.4", "LDGSTS.E.BYPASS.128"),
    "recurrent_persistent.cu": ("HMMA.1688.F32.TF32", "LDG.E.128.STRONG.GPU", "STS.64"),
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> tuple[dict[str, dict], Path]:
    """The report of nvrtc_report.py and the folder with the cubins."""
    folder = tmp_path_factory.mktemp("cubins")
    return report(folder), folder


def report(folder: Path) -> dict[str, dict]:
    command = [sys.executable, "-m", "tests.cuda_on_host.nvrtc_report", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def key(source: str, defines: dict[str, str]) -> str:
    return label("", source, defines).strip()


@pytest.mark.parametrize("source", SOURCES)
def test_compiles_without_a_remark_and_within_budget(source: str, compiled) -> None:
    results, _ = compiled
    budget = json.loads(BUDGET.read_text())
    kernels = set(read_signatures(SOURCES[source]))
    for architecture in ARCHITECTURES:
        for defines in variants(source, architecture):
            result = results[label(architecture, source, defines)]
            assert result["remarks"] == ""
            assert set(result["resources"]) == kernels
            for kernel, used in result["resources"].items():
                allowed = budget[key(source, defines)][kernel]
                for field, amount in zip(FIELDS, used, strict=True):
                    assert amount <= allowed[field], f"{kernel} on {architecture}: {field}"


def test_the_budget_names_every_kernel_and_no_other() -> None:
    expected = {key(path.name, defines): set(read_signatures(path)) for path, _, defines in compilations()}
    assert {name: set(kernels) for name, kernels in json.loads(BUDGET.read_text()).items()} == expected


def shown(defines: dict[str, str]) -> bool:
    """Whether this compilation is disassembled: of the recurrent cells only the largest."""
    return defines.get("CELL", LARGEST_CELL) == LARGEST_CELL


@pytest.fixture(scope="module")
def instructions(compiled) -> dict[str, str]:
    """What the cubins of the disassembled architectures hold, by label."""
    _, folder = compiled

    def one(name: str) -> str:
        command = [str(nvidia_tool("nvdisasm")), "-c", str(folder / f"{name.replace(' ', '-')}.cubin")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    chosen = [(on, path.name, defines) for path, on, defines in compilations() if on in DISASSEMBLED and shown(defines)]
    names = [label(*compilation) for compilation in chosen]
    with ThreadPoolExecutor() as several:
        return dict(zip(names, several.map(one, names), strict=True))


@needs_disassembler
@pytest.mark.parametrize("architecture", DISASSEMBLED)
@pytest.mark.parametrize("source", SOURCES)
def test_instructions(source: str, architecture: str, instructions) -> None:
    for defines in filter(shown, variants(source, architecture)):
        text = instructions[label(architecture, source, defines)]
        assert "EXIT" in text
        assert not re.search(r"\b(STL|LDL)\b", text), "local memory is used"
        for instruction in INSTRUCTIONS.get(source, ()):
            assert instruction in text


def test_a_compile_error_names_the_line(tmp_path: Path) -> None:
    source = tmp_path / "wrong.cu"
    source.write_text('extern "C" __global__ void wrong(float* x) {\n  x[0] = undeclared;\n}\n')
    with pytest.raises(BackendError, match=r'"undeclared" is undefined \(line 2 of wrong.cu\)\. x\[0\] = undeclared;'):
        Nvrtc().compile(source, "sm_80", {})


def test_cubins_are_kept_until_a_header_changes(tmp_path: Path, monkeypatch) -> None:
    source, header = tmp_path / "kept.cu", tmp_path / "kept.cuh"
    source.write_text('#include "kept.cuh"\nextern "C" __global__ void kept(float* x) { x[0] = VALUE; }\n')
    header.write_text("#define VALUE 1.0f\n")
    cache = CompiledCache("sm_80", tmp_path)
    first = cache.cubin(source, {})
    runs = []
    compile_one = cache.nvrtc.compile
    monkeypatch.setattr(cache.nvrtc, "compile", lambda *arguments: runs.append(1) or compile_one(*arguments))
    assert cache.cubin(source, {}) == first
    assert runs == []
    header.write_text("#define VALUE 2.0f\n")
    assert cache.cubin(source, {}) != first
    assert runs == [1]


def write_budget() -> None:
    """Writes budget.json: the most that each kernel takes on any architecture, registers rounded up."""
    with tempfile.TemporaryDirectory() as folder:
        results = report(Path(folder))
    budget: dict[str, dict[str, dict[str, int]]] = {}
    for path, architecture, defines in compilations():
        for kernel, used in results[label(architecture, path.name, defines)]["resources"].items():
            limits = budget.setdefault(key(path.name, defines), {}).setdefault(kernel, dict.fromkeys(FIELDS, 0))
            for field, amount in zip(FIELDS, used, strict=True):
                limits[field] = max(limits[field], amount)
    for kernels in budget.values():
        for limits in kernels.values():
            limits["registers"] = -(-limits["registers"] // REGISTER_STEP) * REGISTER_STEP
    lines = [
        f' "{name}": {{\n' + ",\n".join(f'  "{kernel}": {json.dumps(limits)}' for kernel, limits in kernels.items())
        for name, kernels in sorted(budget.items())
    ]
    BUDGET.write_text("{\n" + "\n },\n".join(lines) + "\n }\n}\n")


if __name__ == "__main__":
    write_budget()
