"""What is shared out: marks in a loop's signature, and jobs that find no memory."""

import numpy as np
import pytest

from xdl import backend, threads

pytest.importorskip("numba")

backend.load("numpy")

from xdl.kernels.numba import activation, cache, compiled, sharing, team  # noqa: E402
from xdl.kernels.numba.loops.room import room  # noqa: E402
from xdl.kernels.numba.loops.template import loop  # noqa: E402

FLOAT = np.dtype("float32")


@loop
def needy(x, n):
    room(x, n)[0] = 1.0


class Needy(compiled.Compiled):
    """The loop above."""

    def _loop(self, _dtype):
        return needy


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """Loops that are declared here are forgotten again."""
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    monkeypatch.setattr(compiled, "ALL", [])
    monkeypatch.setattr(compiled, "SPLITS", {})


def test_marks_say_which_arguments_are_shared_out(alone):
    kinds = "T[:, ::1], int64[::1]"
    plain, parted = (compiled.Compiled("a.b", text) for text in (f"{kinds}, T", f"{kinds} | T"))
    own = compiled.Compiled("a.b", f"{kinds} | T[::1] | T, boolean")
    assert plain.split is None
    assert plain.signature == parted.signature == "void(T[:, ::1], int64[::1], T)"
    assert (parted.split.parted, parted.split.own, len(parted.split.rest)) == (2, 0, 1)
    assert own.signature == "void(T[:, ::1], int64[::1], T[::1], T, boolean)"
    assert (own.split.parted, own.split.own, len(own.split.rest)) == (2, 1, 2)
    assert "Tuple((T[:, ::1], int64[::1], T[:, ::1], float64, boolean,))" in own.split.signature


def test_loops_of_the_same_arguments_have_one_split(alone):
    first, second = compiled.Compiled("a.b", "T[::1], T[::1] |"), compiled.Compiled("a.c", "T[::1], T[::1] |")
    other = compiled.Compiled("a.d", "T[::1] | T[::1]")
    assert first.split is second.split is not other.split


def test_arguments_that_are_not_as_declared_are_refused(monkeypatch):
    monkeypatch.setattr(sharing, "FORK", 0)
    monkeypatch.setattr(sharing, "WORTH", 0)
    threads.set_num_threads(2)
    x = np.ones(1000, "float32")
    with pytest.raises(ValueError, match="zip"):
        sharing.over(activation.relu[x.dtype], 1.0, [x], x)  # declared with two that are parted


def test_a_loop_without_a_mark_is_not_shared_out(alone):
    relu = compiled.Compiled("activation.relu", "T[::1], T[::1]")[FLOAT]
    x = np.ones(1000, "float32")
    with pytest.raises(ValueError, match=r"activation\.relu has no mark in its signature"):
        team.shared(relu, True, 500, [x, x], [], [])


def test_jobs_that_find_no_memory_say_so(alone):
    threads.set_num_threads(2)
    made, x = Needy("tests.needy", "T[::1] | int64")[FLOAT], np.ones(8, "float32")
    assert team.shared(made, True, 2, [x], [], [10])
    with pytest.raises(MemoryError, match="4 of 4 parts of a compiled loop found no memory"):
        team.shared(made, True, 2, [x], [], [1 << 60])
    assert team.shared(made, True, 2, [x], [], [10])
