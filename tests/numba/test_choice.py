"""Which versions a process uses: decided once, recorded, and not before an operation that has a compiled one."""

import os
import signal
import subprocess
import sys
from threading import Barrier, Thread
from time import sleep
from types import SimpleNamespace

import numpy as np
import pytest

import xdl
from tests.numba.processes import run
from xdl import kernel, kernel_options
from xdl.kernels.numba import cache, choice, compiled

REAL = subprocess.Popen
LOADED = "print('numba' in __import__('sys').modules)"


@pytest.fixture
def undecided(tmp_path, monkeypatch):
    """A process that has not decided yet, with an empty cache; gives the commands that it starts."""
    started = []
    monkeypatch.setattr(choice, "_decided", [])
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **settings: started.append((command, settings)))
    return started


def test_numba_is_imported_at_the_first_operation_that_has_a_compiled_version(tmp_path):
    code = f"import xdl; x = xdl.tensor([1.0, -2.0]); y = (x + x).exp(); {LOADED}; x.relu(); {LOADED}"
    assert run(code, tmp_path)[0] == "False\nTrue"


def test_without_numba_nothing_changes_and_nothing_is_said(tmp_path):
    code = (
        "import sys; sys.modules['numba'] = None; import xdl; from xdl import kernel; x = xdl.tensor([1.0, -2.0]); "
        "print(x.relu().tolist(), kernel.options()['numba'], kernel.slots['relu'].explain(x.array).count('compiled'))"
    )
    assert run(code, tmp_path) == ("[1.0, 0.0] False 0", "")


def test_off_leaves_numpy(tmp_path):
    code = f"import xdl; from xdl import kernel; xdl.tensor([1.0]).relu(); print(kernel.options()['numba']); {LOADED}"
    assert run(code, tmp_path, XDL_FAST="off") == ("False\nFalse", "")


def test_options_name_the_state_of_the_loops(tmp_path):
    code = f"import xdl; from xdl import kernel; print(kernel.options()['numba']); {LOADED}"
    assert run(code, tmp_path) == (f"{cache.version()}, loops {cache.sources()[:8]}\nFalse", "")


def test_a_wrong_setting_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(kernel_options, "_fast", "latter")
    with pytest.raises(xdl.errors.SettingError, match=r"XDL_FAST.*Did you mean 'later'"):
        kernel.options()


def test_later_uses_numpy_to_the_end_and_fills_the_cache(undecided, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(kernel_options, "_fast", "later")
    assert kernel.options()["numba"] is False
    (command, settings) = undecided[0]
    assert command[1:] == ["-m", "xdl", "warm"]
    assert settings["env"]["XDL_FAST"] == "now"
    for loop in compiled.ALL:  # now the cache is filled
        for dtype in compiled.TYPES:
            (tmp_path / loop.name(dtype)).touch()
    assert not choice.used()
    x = np.ones(3, np.float32)
    assert "relu_compiled does not fit" in kernel.slots["relu"].explain(x)
    assert kernel.slots["relu"](x)[0].name == "relu_blocks"
    assert len(undecided) == 1


def test_later_lets_one_process_fill_the_cache_at_a_time(undecided, monkeypatch, tmp_path):
    monkeypatch.setattr(kernel_options, "_fast", "later")
    code = f"import fcntl; f = open({str(tmp_path / 'filling')!r}, 'w'); fcntl.flock(f, fcntl.LOCK_EX)"
    pipe = subprocess.PIPE
    with REAL([sys.executable, "-c", f"{code}; print(1, flush=True); input()"], stdin=pipe, stdout=pipe) as other:
        other.stdout.readline()
        assert not choice.used()
        assert undecided == []
        other.communicate(b"\n")
    choice._decided.clear()
    assert not choice.used()
    (_, settings) = undecided[0]
    assert len(settings["pass_fds"]) == 1


def test_who_fills_the_cache_holds_its_claim_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    claimed = cache.claim()
    filling = REAL([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=claimed)
    os.close(*claimed)
    assert cache.claim() is None
    filling.communicate(b"\n")
    (again,) = cache.claim()
    os.close(again)


def test_later_compiles_nothing_that_cannot_be_kept(undecided, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(kernel_options, "_fast", "later")
    (tmp_path / "file").touch()
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "file" / "numba")
    assert not choice.used()
    assert undecided == []
    assert "compiled loops cannot be kept for the next one" in capsys.readouterr().err


def test_later_uses_what_is_compiled(undecided, monkeypatch, tmp_path):
    monkeypatch.setattr(kernel_options, "_fast", "later")
    for loop in compiled.ALL:
        for dtype in compiled.TYPES:
            (tmp_path / loop.name(dtype)).touch()
    assert choice.used()
    assert undecided == []


def test_now_is_decided_once(undecided, monkeypatch):
    monkeypatch.setattr(kernel_options, "_fast", "now")
    assert kernel.slots["relu"].explain(np.ones(3, np.float32)).startswith("relu: relu_compiled runs")
    monkeypatch.setattr(kernel_options, "_fast", "later")
    assert choice.used()
    assert undecided == []


def test_threads_that_come_at_once_get_one_function(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    known = list(compiled.ALL)
    loop = compiled.Compiled("activation.relu", "T[::1], T[::1]")
    compiled.ALL[:] = known
    found, together = [], Barrier(4)

    def ask():
        together.wait()
        found.append(loop[np.dtype("float32")])

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(map(id, found))) == 1


def test_an_interrupt_waits_for_the_compiler(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    known = list(compiled.ALL)
    loop = compiled.Compiled("activation.relu", "T[::1], T[::1]")
    compiled.ALL[:] = known
    ended = []

    class Slow:
        def compile(self, _):
            signal.raise_signal(signal.SIGINT)
            sleep(0.05)
            ended.append(True)

    monkeypatch.setattr(loop, "_loop", lambda _: SimpleNamespace(ready=lambda *_, **__: Slow()))
    with pytest.raises(KeyboardInterrupt):
        loop[np.dtype("float32")]
    assert ended == [True]


def test_arrays_that_a_loop_was_not_compiled_for_are_refused():
    x = np.ones(4, np.float32)
    relu = next(loop for loop in compiled.ALL if loop.place == "activation.relu")[x.dtype]
    for wrong in (x.astype(np.float64), x[::2], x.reshape(2, 2)):
        with pytest.raises(TypeError):
            relu(wrong, wrong)
