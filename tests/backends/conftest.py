"""The fake CuPy in place of the package, for one test."""

import sys

import pytest

from tests.backends import fake_cupy
from xdl import backend
from xdl.backends.cuda_on_host.backend import HostNamespace
from xdl.kernels.cuda import device as device_cuda


@pytest.fixture
def cupy(monkeypatch):
    """A fake CuPy on which everything works; a test breaks one part of it."""
    fake = fake_cupy.make()
    monkeypatch.setitem(sys.modules, "cupy", fake)
    monkeypatch.setitem(sys.modules, "cupy.cublas", fake.cublas)
    monkeypatch.setitem(sys.modules, "cupyx", fake_cupy.Cupyx("cupyx"))
    monkeypatch.setitem(sys.modules, "array_api_compat.cupy", HostNamespace(fake.ndarray))
    monkeypatch.setattr(device_cuda, "CompiledCache", fake_cupy.Compiled)
    yield fake
    backend._loaded.pop("cupy", None)
    backend._owners.pop(fake.ndarray, None)
    backend.namespaces.pop(fake.ndarray, None)
