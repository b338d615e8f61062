"""Every test here starts at seed 0 and leaves the streams as they were; `strict` is the test-only backend."""

from types import SimpleNamespace

import array_api_strict
import numpy as np
import pytest

from xdl import backend, random, threads

backend.load("numpy")


@pytest.fixture(autouse=True)
def _fresh_streams():
    state = random.get_state()
    random.manual_seed(0)
    yield
    random.set_state(state)


@pytest.fixture
def threads_set():
    """set_num_threads, undone after the test."""
    before = threads.get_num_threads()
    yield threads.set_num_threads
    threads.set_num_threads(before)


@pytest.fixture
def strict(monkeypatch):
    """The backend of array_api_strict arrays: the one that is registered, or one for this test."""
    array_type = type(array_api_strict.zeros(1))
    if array_type in backend._owners:
        return backend._owners[array_type]
    made = SimpleNamespace(
        name="strict",
        xp=array_api_strict,
        array_types=(array_type,),
        accelerated=False,
        asarray=lambda host, dtype=None, index=None: array_api_strict.asarray(np.array(host, dtype=dtype)),  # noqa: ARG005
        index=lambda x: None,  # noqa: ARG005
        to_numpy=np.asarray,
        writable=lambda x: True,  # noqa: ARG005
    )
    monkeypatch.setitem(backend._owners, array_type, made)
    monkeypatch.setitem(backend.namespaces, array_type, array_api_strict)
    return made
