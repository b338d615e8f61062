"""Mistakes planted into xdl's own kernels: each is found by parity, a sanitizer or the harness.

A mutant is a kernel with one piece of its text replaced. It shows that the cases reach that line and would tell. One
that forgets to wait reads no counter at all: who reads one that has gone on already is in order with its writer.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cuda_on_host.cases.families import FAMILIES
from tests.cuda_on_host.cases.mutants import MUTANTS
from tests.cuda_on_host.needs import needs_compiler
from xdl.backends.cuda_on_host.build import build_kernels
from xdl.backends.cuda_on_host.host_device import HostDevice
from xdl.errors import BackendError
from xdl.kernels.cuda.launch import FOLDER

pytestmark = needs_compiler


class MutatedDevice(HostDevice):
    """Compiles one file, or a header, with a piece of its text replaced."""

    def __init__(self, mode: str, mutant: tuple[str, str, str], folder: Path) -> None:
        super().__init__(mode)
        self.mutant = mutant
        self.folder = folder

    def load(self, path: Path, defines: Mapping[str, str]) -> Path:
        name, text, replacement = self.mutant
        if path.name != name and name not in path.read_text():  # the file itself, or a header that it includes
            return super().load(path, defines)
        (changed,) = FOLDER.rglob(name)
        source = changed.read_text()
        assert source.count(text) >= 1
        for beside in (path, *path.parent.glob("*.cuh")):
            (self.folder / beside.name).write_text(beside.read_text())
        (self.folder / name).write_text(source.replace(text, replacement, 1))
        return build_kernels(self.folder / path.name, self.mode, defines)


@pytest.mark.tools
@pytest.mark.parametrize("name", MUTANTS)
def test_the_mistake_is_found(name: str, tmp_path: Path) -> None:
    family, *mutant, found_by = MUTANTS[name]
    case, reals = FAMILIES[family]
    mode = "fast" if found_by == "parity" else found_by
    device = MutatedDevice(mode, (mutant[0], mutant[1], mutant[2]), tmp_path)
    if found_by == "parity":
        assert any(check.error > check.tolerance for check in case(device, reals[0], False))
    else:
        with pytest.raises(BackendError, match={"tsan": "data race", "asan": "AddressSanitizer|runtime error"}[mode]):
            list(case(device, reals[0], mode == "tsan"))
