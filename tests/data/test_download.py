"""Downloading: mirrors, damage, offline, two processes, kills. A server on this machine stands for the mirrors."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.data.mirror import CONTENT, in_cache, source
from tests.house.source import ROOT
from xdl.data.fetching.download import STALE, fetch, is_offline
from xdl.data.fetching.places import Place, datasets_folder
from xdl.data.fetching.sources import SOURCES, Source
from xdl.errors import DataError

pytestmark = pytest.mark.usefixtures("cache")


def test_a_set_is_downloaded_once_and_then_found(server, capsys):
    place = fetch(source(server, "good"))
    out, lines = capsys.readouterr()
    assert place == Place(datasets_folder() / "mnist", ours=True)
    assert in_cache() == CONTENT
    assert out == ""  # results only
    assert [line.split("/")[-1] for line in lines.splitlines()] == ["images.gz (0.10 MB)", "labels.gz (0.00 MB)"]
    assert fetch(source(server, "good"), no_network=True) == place
    assert len(server.asked) == 2


BAD = {
    "html": b"<!DOCTYPE html><html>Sign in to go on</html>",
    "cut": CONTENT["images.gz"][:-1],
    "longer": CONTENT["images.gz"] + b"x",
    "other": bytes(len(CONTENT["images.gz"])),
    "hangs-up": CONTENT["images.gz"][:5000],
}
PROBLEMS = {
    "html": r"a web page \(HTML\)",
    "cut": "102399 of 102400 bytes",
    "longer": "more than the 102400 bytes",
    "other": "SHA-256",
    "hangs-up": "Error",
    "missing": "404",
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_bad_mirror_is_passed_over_and_named(server, problem):
    if problem in BAD:
        server.files[f"/{problem}/images.gz"] = BAD[problem]
    with pytest.raises(DataError, match=PROBLEMS[problem]) as caught:
        fetch(source(server, problem))
    assert server.url(problem) in str(caught.value)
    assert "XDL_DATA_DIR" in str(caught.value)
    assert in_cache() == {}
    fetch(source(server, problem, "good"))
    assert in_cache() == CONTENT


def test_a_mirror_that_nobody_answers_at_is_passed_over(server):
    wanted = source(server, "good")
    nowhere = Source("mnist", "", "", wanted.files, ("http://127.0.0.1:9/", *wanted.mirrors))
    fetch(nowhere)
    assert in_cache() == CONTENT


@pytest.mark.parametrize(
    "damage", [b"", b"<html>", CONTENT["images.gz"][:-1], bytes(102400), CONTENT["images.gz"] + b"x"]
)
def test_a_damaged_file_never_stays_in_the_cache(server, damage):
    wanted = source(server, "good")
    fetch(wanted)
    path = datasets_folder() / "mnist" / "images.gz"
    path.write_bytes(damage)
    with pytest.raises(DataError, match="damaged one, which was removed") as caught:
        fetch(wanted, no_network=True)
    assert "xdl data fetch mnist" in str(caught.value)
    assert not path.exists()
    path.write_bytes(damage)
    fetch(wanted)
    assert in_cache() == CONTENT


def test_offline_nothing_is_asked_for(server, monkeypatch):
    with pytest.raises(DataError, match=r"downloads are off\. .*XDL_DATA_DIR"):
        fetch(source(server, "good"), no_network=True)
    assert server.asked == []
    for text, expected in (("1", True), ("0", False), ("", False)):
        monkeypatch.setenv("XDL_OFFLINE", text)
        assert is_offline() is expected
        assert is_offline(not expected) is not expected
    monkeypatch.setenv("XDL_OFFLINE", "yes")
    with pytest.raises(DataError, match="XDL_OFFLINE: expected 0 or 1, found 'yes'"):
        is_offline()


def test_the_data_folder_comes_first_and_is_left_alone(server, tmp_path):
    folder = tmp_path / "mine" / "mnist"
    folder.mkdir(parents=True)
    (folder / "images").write_bytes(b"unpacked")
    with pytest.raises(DataError, match=r"expected labels\.gz in .*mine/mnist, found only the other files"):
        fetch(source(server, "good"), tmp_path / "mine")
    (folder / "labels.gz").write_bytes(b"anything")
    assert fetch(source(server, "good"), tmp_path / "mine") == Place(folder, ours=False)
    assert server.asked == []
    assert (folder / "labels.gz").read_bytes() == b"anything"


def test_a_data_folder_that_is_not_there_is_named(server, tmp_path, monkeypatch):
    monkeypatch.setenv("XDL_DATA_DIR", str(tmp_path / "no"))
    with pytest.raises(DataError, match=r"XDL_DATA_DIR: expected an existing folder, found .*no"):
        fetch(source(server, "good"))


def test_a_cache_that_cannot_be_written_says_so(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDL_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataError, match=r"a folder that can be written, found Not a directory\. .*XDL_CACHE"):
        fetch(source(server, "good"))


CHILD = """
import sys
from xdl.data.fetching.download import fetch
from xdl.data.fetching.sources import RemoteFile, Source
files = [RemoteFile(*part.split(":")) for part in sys.argv[2:]]
files = tuple(RemoteFile(file.name, int(file.size), file.sha256, file.unpacked) for file in files)
fetch(Source("mnist", "", "", files, (sys.argv[1],)), say=lambda line: print(line, flush=True))
"""


def child(wanted, start=""):
    """A process of its own that fetches the set, after the code `start`."""
    files = [f"{file.name}:{file.size}:{file.sha256}:{file.unpacked}" for file in wanted.files]
    command = [sys.executable, "-c", start + CHILD, wanted.mirrors[0], *files]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_full_disk_is_not_blamed_on_the_mirror(server):
    limit = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000))"
    limit += "; sys.dont_write_bytecode = True"  # bytecode that is cut would break the tests after this one
    _, errors = child(source(server, "good"), limit).communicate(timeout=60)
    assert "a folder that can be written, found File too large" in errors.splitlines()[-1]
    assert in_cache() == {}


def test_two_processes_may_fetch_at_once(server):
    server.slow = 0.01
    wanted = source(server, "good")
    both = [child(wanted), child(wanted)]
    outcomes = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], outcomes
    assert in_cache() == CONTENT
    assert len(server.asked) > 2  # they did overlap


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_download_leaves_no_half_file(server, signal_number):
    server.slow = 0.05
    wanted = source(server, "good")
    with child(wanted) as process:
        process.stdout.readline()
        while not server.asked:
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(0.3)
        process.send_signal(signal_number)
    folder = datasets_folder() / "mnist"
    assert not (folder / "images.gz").exists()
    left = list(folder.glob(".part-*"))
    assert len(left) == (signal_number == signal.SIGKILL)
    server.slow = 0.0
    for part in left:
        old = time.time() - 2 * STALE
        os.utime(part, (old, old))
    fetch(wanted)
    assert in_cache() == CONTENT  # what the kill left is gone, too
    assert list(folder.glob(".part-*")) == []


def test_the_published_sets_are_described_completely():
    for one in SOURCES.values():
        assert len(one.mirrors) >= 2
        assert all(mirror.startswith("http") and mirror.endswith("/") for mirror in one.mirrors)
        digests = [file.sha256 for file in one.files] + [d for file in one.files for d in file.contents.values()]
        assert all(len(digest) == 64 and int(digest, 16) for digest in digests)


def test_a_damaged_file_that_no_mirror_replaces_is_removed_too(server):
    fetch(source(server, "good"))
    path = datasets_folder() / "mnist" / "images.gz"
    path.write_bytes(b"damaged")
    with pytest.raises(DataError, match="404"):
        fetch(source(server, "missing"))
    assert not path.exists()
