"""Linear algebra on CuPy, by its stand-in: it needs cuSOLVER, and CuPy is told to look at what cuSOLVER says."""

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.stand_in_cupy.linear_algebra import looks
from xdl import backend, linalg
from xdl.backends import cupy as cupy_backend
from xdl.errors import BackendError, DataError

pytestmark = needs_compiler


def lacks(error):
    """CuPy's `cuda` module where cuSOLVER does not load."""

    def cusolver(_):
        raise error

    return property(cusolver)


def test_it_computes_there_and_says_where_a_matrix_is_singular(stand_in):
    xdl.use("cupy")
    x = xdl.tensor(np.stack([np.eye(2) * 2, np.zeros((2, 2))]))
    assert type(linalg.inv(x[:1]).array) is stand_in.ndarray
    assert linalg.inv(x[0]).tolist() == [[0.5, 0], [0, 0.5]]
    with pytest.raises(DataError, match=r"inv: .* at \(1,\) of the batch"):
        linalg.inv(x)


def test_cupy_looks_at_what_cusolver_says(stand_in):
    xdl.use("cupy")
    looked = []
    owner = backend.load("cupy")
    with owner.linear_algebra():
        looked.append(looks())
    looked.append(looks())
    assert looked == [True, False]


@pytest.mark.parametrize("error", [ImportError("libcusolver.so.12: not found"), RuntimeError("DynamicLibNotFound")])
def test_without_cusolver_it_says_what_to_install(stand_in, error, monkeypatch):
    xdl.use("cupy")
    x = xdl.eye(2)
    broken = type("cuda", (), {**vars(stand_in.cuda), "cusolver": lacks(error)})()
    monkeypatch.setattr(stand_in, "cuda", broken)
    with pytest.raises(BackendError, match=r"cuSOLVER.*nvidia-cusolver-cu12") as raised:
        linalg.inv(x)
    assert str(error) in str(raised.value)
    assert cupy_backend.INSTALL[12] in str(raised.value)
