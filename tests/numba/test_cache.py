"""What is compiled is kept, found again, and replaced where it is old, broken or of another processor."""

import fcntl
import os
import platform
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.numba.processes import RELU, finished, run, start
from xdl.errors import BackendError
from xdl.kernels.numba import cache, compiled

RESULT = "[0.0, 2.0]"
NAME = "activation.relu.float32"


@pytest.fixture
def said(tmp_path, monkeypatch):
    """A cache of this test alone; gives what is said of it."""
    lines = []
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(compiled, "say", lines.append)
    return lines


def loop_of(place, signature):
    known = list(compiled.ALL)
    try:
        return compiled.Compiled(place, signature)
    finally:
        compiled.ALL[:] = known


def relu(place="activation.relu", signature="T[::1], T[::1]"):
    """ReLU of float32 as a program gets it that has not asked for it yet."""
    loop = loop_of(place, signature)[np.dtype("float32")]
    x, y = np.array([-1, 2], np.float32), np.empty(2, np.float32)
    loop(x, y)
    assert y.tolist() == [0, 2]


def files(pattern):
    return sorted(path.name for path in cache.folder().glob(pattern))


def test_the_second_program_finds_it_and_says_nothing(said):
    relu()
    assert said == [f"compiling loops for this processor on their first use, to keep them in {cache.folder()}"]
    (code,) = cache.folder().glob("*.nbc")
    modified = code.stat().st_mtime_ns
    relu()
    assert len(said) == 1
    assert code.stat().st_mtime_ns == modified


@pytest.mark.parametrize("content", [b"", b"no pickle", None], ids=["empty", "garbage", "cut off"])
@pytest.mark.parametrize("kind", ["*.nbc", "*.nbi"])
def test_broken_files_are_replaced(said, kind, content):
    relu()
    (path,) = cache.folder().glob(kind)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if content is None else content)
    relu()
    assert path.stat().st_size > len(whole) // 2
    assert files("*.float32") == [NAME]
    assert len(said) == 1


@pytest.mark.parametrize("kind", ["*.nbc", "*.nbi"])
def test_broken_files_of_a_loop_in_a_folder_are_replaced(said, kind):
    for _ in range(2):
        loop_of("matmul.product.sum_rows", "T[:, ::1], T[:, ::1]")[np.dtype("float32")]
        (path,) = cache.folder().glob(kind)
        path.write_bytes(b"")
    assert len(said) == 1
    assert ".sum_rows_float32-matmul.product-" in path.name


def test_files_that_are_gone_are_made_again(said):
    relu()
    for path in cache.folder().glob("*.nb?"):
        path.unlink()
    relu()
    assert len(files("*.nb?")) == 2


def test_a_folder_that_cannot_be_made_is_said_and_does_no_harm(said, tmp_path):
    (tmp_path / "cache").write_text("")
    relu()
    assert said[-1].startswith("compiled loops cannot be kept, each process compiles its own: [Errno")


def test_a_full_disk_is_said_and_does_no_harm(said):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))  # bytes of a file
    try:
        relu()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert said[-1].startswith("compiled loops cannot be kept, each process compiles its own: [Errno")
    assert files("*.float32") == []
    relu()
    assert files("*.float32") == [NAME]


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_cache_is_read(said):
    relu()
    cache.folder().chmod(0o555)
    try:
        relu()
    finally:
        cache.folder().chmod(0o755)
    assert len(said) == 1


def test_what_is_kept_is_not_noted_again(said, monkeypatch):
    """On a disk that is read-only that would be an error, and a report that nothing can be kept."""

    def refuse(_):
        raise OSError(30, "read-only")

    relu()
    monkeypatch.setattr(Path, "touch", refuse)
    relu()
    assert len(said) == 1


def test_processes_at_once_compile_it_once(tmp_path):
    processes = [start(RELU, tmp_path) for _ in range(2)]
    assert {finished(process)[0] for process in processes} == {RESULT}
    assert len(list(tmp_path.rglob("*.nbc"))) == len(list(tmp_path.rglob("*.float32"))) == 1


def test_a_lock_that_is_held_too_long_is_passed(said, monkeypatch):
    monkeypatch.setattr(cache, "PATIENCE", 0.2)
    cache.folder().mkdir()
    lock = str(cache.folder() / "lock")
    code = f"import fcntl; f = open({lock!r}, 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print(1, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout.readline() == "1\n"
        relu()
        holder.communicate("\n")
    assert files("*.float32") == [NAME]


def test_where_files_have_no_locks_nobody_waits(said, monkeypatch):
    def refuse(*_):
        raise OSError(37, "no locks")

    monkeypatch.setattr(fcntl, "lockf", refuse)
    relu()
    assert files("*.float32") == [NAME]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="names a processor of this kind")
def test_another_processor_has_its_own_folder(tmp_path):
    code = f"{RELU}; from xdl.kernels.numba import cache; print(cache.folder())"
    folders = []
    for variables in ({}, {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma"}):
        result, folder = run(code, tmp_path, **variables)[0].split("\n")
        assert result == RESULT
        folders.append(Path(folder))
    assert folders[0] != folders[1]
    assert all((folder / NAME).exists() for folder in folders)


@pytest.mark.parametrize("changed", ["numba/loops/mathematics/polynomial.py", "common/toom_cook.py"])
def test_a_change_in_a_helper_gives_another_folder(changed, tmp_path, monkeypatch):
    for name, folder in (("SOURCES", "numba"), ("COMMON", "common")):
        shutil.copytree(getattr(cache, name), tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setattr(cache, name, tmp_path / folder)
    before = cache.sources.__wrapped__()
    assert before == cache.sources()
    helper = tmp_path / changed
    helper.write_text(helper.read_text() + "\n")
    assert cache.sources.__wrapped__() != before


def test_a_numba_that_cannot_be_imported_is_named(said, monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(BackendError, match=r"a Numba that can be imported.*XDL_FAST=off"):
        relu()


@pytest.mark.parametrize("fast", ["now", "later"])
def test_what_keeps_numba_from_being_imported_is_told(fast, tmp_path):
    (tmp_path / "numba").mkdir()
    (tmp_path / "numba" / "__init__.py").write_text("raise ImportError('Numba needs an older NumPy.')")
    code = "import xdl\nfrom xdl.report import info\nprint(info.compiled())\n"
    code += "try: xdl.ones(3).relu()\nexcept xdl.errors.BackendError as error: print(error)"
    printed, _ = run(code, tmp_path / "cache", PYTHONPATH=str(tmp_path), XDL_FAST=fast)
    info, raised = printed.splitlines()
    assert info == f"not usable: {raised}"
    assert "can be imported, found Numba needs an older NumPy. Install it anew" in raised


def test_a_loop_that_does_not_compile_is_named(said):
    with pytest.raises(BackendError, match=r"activation\.relu to compile for float32, found TypingError"):
        relu(signature="T, T")


def test_a_child_that_was_forked_computes(said):
    relu()
    child = os.fork()
    if not child:
        try:
            relu()
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def test_a_loop_that_is_ready_has_no_text_any_more(said):
    """It would take five times the memory of the code. The second time the loop comes from the cache."""
    for _ in range(2):
        made = loop_of("activation.relu", "T[::1], T[::1]")[np.dtype("float32")]
        (result,) = made.overloads.values()
        assert result.library._get_module_for_linking().closed
