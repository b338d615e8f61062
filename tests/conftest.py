"""Fixtures for all tests: backends, and a fresh state before and after each test.

The whole suite runs in as many processes as there are cores (pytest-xdist), a part of it in one. `-n 0` runs it in one
as well, `-n 4` in four; `-p no:xdist` and an environment without pytest-xdist give one, too.
"""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests import environment, strict_backend  # noqa: F401 (environment comes first)
from xdl import backend, kernel, random, threads

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # started in the background, where shells ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """The whole suite, without -n, runs on all cores, as `-n auto --dist worksteal` does."""
    whole = config.args_source == pytest.Config.ArgsSource.TESTPATHS and "PYTEST_XDIST_WORKER" not in os.environ
    if whole and getattr(config.option, "numprocesses", 0) is None:
        config.option.numprocesses, config.option.dist = "auto", "worksteal"


@pytest.fixture(autouse=True)
def _fresh_state():
    """Each test starts on NumPy at seed 0 and leaves backend, streams, kernel settings and threads as they were."""
    precision = kernel.get_precision()
    current, state, mode, count = backend.current(), random.get_state(), kernel.get_mode(), threads.get_num_threads()
    random.manual_seed(0)
    yield
    backend._current = current
    random.set_state(state)
    if kernel.get_mode() != mode:
        kernel.set_mode(mode)
    if kernel.get_precision() != precision:
        kernel.set_precision(precision)
    if threads.get_num_threads() != count:
        threads.set_num_threads(count)


@pytest.fixture
def without_figures(monkeypatch):
    """No matplotlib: runs keep the data of their figures and draw none, which takes longer than most trainings."""
    for name in ("matplotlib", "matplotlib.figure", "matplotlib.backends.backend_agg"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def strict():
    """The array_api_strict backend, known for this test."""
    with strict_backend.registered() as made:
        yield made


@pytest.fixture
def stand_in():
    """The strict stand-in for CuPy of tests/stand_in_cupy, as the package `cupy`, for this test."""
    from tests.stand_in_cupy import installed

    with installed() as cupy:
        yield cupy


@pytest.fixture
def no_synchronization(strict):
    """A context manager inside which no value of a strict array may be read."""
    return strict_backend.no_synchronization


@pytest.fixture(params=["numpy", "array_api_strict"])
def each_backend(request):
    """NumPy, then array_api_strict, as the backend of new arrays."""
    if request.param == "array_api_strict":
        request.getfixturevalue("strict")
    return backend.use(request.param)


@pytest.fixture
def bench(monkeypatch):
    """Imports a script of bench/ as Python does beside it, and forgets it after the test."""
    folder = Path(__file__).parents[1] / "bench"
    monkeypatch.syspath_prepend(folder)
    yield __import__
    for name in [path.stem for path in folder.glob("*.py")]:
        sys.modules.pop(name, None)
