"""Readers of data sets meet files that are damaged or made to harm: a DataError, in under a second and 200 MB."""

import gzip
import hashlib
import io
import os
import tarfile
import time
import tracemalloc
from contextlib import contextmanager, suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xdl.data import cifar, load_food_truck, mnist
from xdl.data.fetching.archive import extract
from xdl.data.fetching.sources import CIFAR10, RemoteFile
from xdl.data.idx import own_shape, read_bytes, read_idx
from xdl.errors import DataError

FUZZ = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PIXELS = np.arange(60, dtype=np.uint8).reshape(5, 3, 4)
IDX = bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4) for n in PIXELS.shape) + PIXELS.tobytes()
TABLE = b"\n".join(b"%.4f,%.4f" % (i / 7, i / 3) for i in range(97))


@contextmanager
def bounded():
    """At most 200 MB and a second."""
    tracemalloc.start()
    begun = time.process_time()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
        assert (peak < 200e6, time.process_time() - begun < 1) == (True, True), peak
    finally:
        tracemalloc.stop()


def tar(*members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as writer:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            writer.addfile(info, io.BytesIO(content))
    return out.getvalue()


WHOLE = {
    "idx": IDX,
    "idx.gz": gzip.compress(IDX, mtime=0),
    "own.idx": IDX,
    "own.idx.gz": gzip.compress(IDX, mtime=0),
    "own.bin": bytes(i % 10 for i in range(20 * cifar.RECORD)),
    "csv": TABLE,
    "tar.gz": gzip.compress(tar(("a/b", b"one" * 50), ("a/c", b"two" * 50)), mtime=0),
    "bin": bytes(i % 10 for i in range(20 * cifar.RECORD)),
    "npz": b"PK\x03\x04" + bytes(100),
}


@st.composite
def mutated(draw, content):
    """The content with bytes changed, cut out, put in or repeated."""
    data = bytearray(content)
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        how = draw(st.sampled_from(["flip", "huge", "cut", "insert", "repeat", "end"]))
        if how == "flip" and data:
            data[place] ^= draw(st.integers(1, 255))
        elif how == "huge":
            data[place : place + 4] = b"\xff\xff\xff\xff"
        elif how == "cut":
            del data[place : place + draw(st.integers(1, 50))]
        elif how == "insert":
            data[place:place] = draw(st.binary(max_size=20))
        elif how == "repeat":
            data[place:place] = data[: draw(st.integers(0, 2000))]
        else:
            del data[place:]
    return bytes(data)


def reader(kind, content, folder):
    """A call that reads the content by the reader of its kind."""
    path = folder / f"x.{kind}"
    path.write_bytes(content)
    if kind.startswith("own.idx"):
        return lambda: read_idx(path, None, own_shape(path, 3, ""), "")
    if kind == "own.bin":
        for name in cifar.FILES:
            (folder / name).write_bytes(content)
        return lambda: cifar.read_part(folder, None, True)
    if kind.startswith("idx"):
        return lambda: read_idx(path, RemoteFile(path.name, 0, "", "x"), (5, 3, 4), "")
    if kind == "csv":
        (folder / "food-truck").mkdir()
        path.replace(folder / "food-truck" / "food_truck_data.txt")
        return lambda: load_food_truck(folder)
    if kind == "tar.gz":
        (folder / "out").mkdir()
        return lambda: extract(path, folder / "out", 10_000)
    if kind == "npz":
        return lambda: mnist.load_fashion_900(path, None)
    names = dict.fromkeys(CIFAR10.files[0].contents, hashlib.sha256(WHOLE["bin"]).hexdigest())
    for name in names:
        (folder / name).write_bytes(content)
    return lambda: cifar.load_cifar10(folder, replace(CIFAR10.files[0], contents=names), None)


@pytest.mark.parametrize("kind", WHOLE)
@FUZZ
@given(st.data())
def test_damage_gives_a_data_error_or_nothing(tmp_path_factory, kind, data):
    content = data.draw(mutated(WHOLE[kind]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cifar, "RECORDS", 20)
        patch.setattr(cifar, "TRAIN", 100)
        read = reader(kind, content, tmp_path_factory.mktemp("x"))
        with bounded(), suppress(DataError):
            read()


def pax(size):
    """An archive whose extended header claims, and has, that many bytes."""
    info = tarfile.TarInfo("x")
    info.size, info.type = size, tarfile.XHDTYPE
    return info.tobuf(tarfile.USTAR_FORMAT) + bytes(size)


BOMBS = {
    "a packed gigabyte": ("idx", gzip.compress(IDX + bytes(10**8), 9), "more"),
    "a long file": ("idx", bytes(4 * 10**7), "at most"),
    "a long table": ("csv", b"1,2\n" * 10**7, "at most"),
    "a long line": ("csv", b"1" * 60000, "97 lines"),
    "numbers beyond all": ("csv", b"\n".join([b"1e999,1"] * 97), "finite"),
    "no numbers": ("csv", b"nan,inf\n" * 97, "finite"),
    "no text": ("csv", b"\xff\xfe\x00", "lines of two numbers"),
    "a header of 300 MB": ("tar.gz", gzip.compress(pax(3 * 10**8), 1), "headers of at most"),
    "a link to a long name": ("tar.gz", gzip.compress(pax(10**6) * 2), "archive"),
    "many members": ("tar.gz", gzip.compress(tar(*[(str(i), b"") for i in range(150)])), "at most 100 members"),
    "a long archive": ("npz", bytes(4 * 10**7), "at most"),
    "long records": ("bin", bytes(4 * 10**7), "at most"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_made_to_harm_is_refused(name, tmp_path):
    kind, content, message = BOMBS[name]
    read = reader(kind, content, tmp_path)
    with bounded(), pytest.raises(DataError, match=message):
        read()


def test_what_is_no_plain_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "none"):
        with bounded(), pytest.raises(DataError, match=r"a plain file|No such file"):
            read_bytes(path, 10, "")
    (tmp_path / "endless").symlink_to("/dev/zero")
    with bounded(), pytest.raises(DataError, match="a plain file, found a folder or device"):
        read_bytes(tmp_path / "endless", 10, "")
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(10**12)
    with bounded(), pytest.raises(DataError, match="at most 10 bytes, found more"):
        read_bytes(tmp_path / "sparse", 10, "")


def test_a_file_of_one_long_line_makes_no_long_message(tmp_path):
    (tmp_path / "food-truck").mkdir()
    (tmp_path / "food-truck" / "food_truck_data.txt").write_text("x" * 60_000)
    with pytest.raises(DataError, match=r"xxx\. Set XDL_DATA_DIR") as refused:
        load_food_truck(tmp_path)
    assert len(str(refused.value)) < 1_000
