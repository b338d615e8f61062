"""load_images: the sets by name, from files of the published form; wrong files are refused by name."""

import gzip
import hashlib
import os
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xdl.data import cifar, load_images, mnist
from xdl.data.fetching.sources import CIFAR10, MNIST, RemoteFile
from xdl.data.idx import read_idx
from xdl.data.labelled import Parts, labelled_images
from xdl.errors import DataError, SettingError

pytestmark = pytest.mark.usefixtures("cache")
HINT = "what to do"


def idx(array):
    """The array as an IDX file."""
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4) for n in array.shape) + array.tobytes()


def packed(content, level=9):
    """Compressed, without the time: the names of tests must be the same in every process that collects them."""
    return gzip.compress(content, level, mtime=0)


ARRAY = np.random.default_rng(0).integers(0, 256, (5, 3, 2), dtype=np.uint8)
PLAIN = idx(ARRAY)
FILE = RemoteFile("x.gz", 0, hashlib.sha256(packed(PLAIN)).hexdigest(), "x", {"x": hashlib.sha256(PLAIN).hexdigest()})


@pytest.mark.parametrize("content", [PLAIN, packed(PLAIN), packed(PLAIN, 1)])
def test_idx_files_are_read_plain_and_compressed(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    assert read_idx(tmp_path / "x", FILE, (5, 3, 2), HINT).tolist() == ARRAY.tolist()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found 0 bytes that begin with nothing"),
        (b" <!DOCTYPE html><p>404", "a web page"),
        (PLAIN[:-1], "45 bytes|46 bytes, unpacked, found 45"),
        (PLAIN + b"x", "46 bytes, unpacked, found more"),
        (packed(PLAIN)[:-9], "one whole gzip file, found a cut one"),
        (packed(PLAIN)[:-1], "one whole gzip file, found a cut one"),
        (packed(PLAIN) + b"x", "one whole gzip file, found more behind it"),
        (packed(PLAIN[:-1]), "46 bytes, unpacked, found 45"),
        (packed(PLAIN + bytes(10**7)), "46 bytes, unpacked, found more"),
        (packed(PLAIN)[:-8] + bytes(8), "a whole gzip file, found .*incorrect"),
        (idx(ARRAY[:4]), r"unsigned bytes \(5, 3, 2\), found shape \(4, 3, 2\)"),
        (idx(ARRAY[:, 0]), r"found shape \(5, 2\)"),
        (PLAIN.replace(b"\x00\x00\x08\x03", b"\x00\x00\x0d\x03"), "46 bytes that begin with 00 00 0d 03"),
        (PLAIN[:-1] + b"\x00" if PLAIN[-1] else PLAIN[:-1] + b"\x01", "the published content"),
        (b"\x80\x04pickle" + bytes(40), "begin with 80 04 70"),
    ],
)
def test_what_is_no_such_idx_file_is_refused_by_name(tmp_path, content, message):
    (tmp_path / "t10k").write_bytes(content)
    with pytest.raises(DataError, match=rf"t10k: expected .*({message}).*what to do"):
        read_idx(tmp_path / "t10k", FILE, (5, 3, 2), HINT)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nothing: expected a file that can be read, found No such file"):
        read_idx(tmp_path / "nothing", FILE, (5, 3, 2), HINT)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80), st.sampled_from(["as it is", "after the header", "compressed"]))
def test_no_bytes_do_more_than_be_refused(tmp_path_factory, noise, place):
    content = {"as it is": noise, "after the header": PLAIN[:16] + noise, "compressed": packed(noise)}[place]
    path = tmp_path_factory.mktemp("noise") / "x"
    path.write_bytes(content)
    if zlib.crc32(content) != zlib.crc32(PLAIN):
        with pytest.raises(DataError, match="x: expected"):
            read_idx(path, FILE, (5, 3, 2), HINT)


@pytest.fixture(scope="module")
def four_files(tmp_path_factory):
    """A folder with fashion-mnist/ of the published form: each image shows its label in every pixel."""
    folder = tmp_path_factory.mktemp("four") / "fashion-mnist"
    folder.mkdir()
    for part, count in (("train", 60000), ("t10k", 10000)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = np.broadcast_to(labels[:, None, None] * 20, (count, 28, 28))
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(packed(idx(labels)))
    return folder.parent


def test_the_four_files_become_three_parts(four_files):
    data = load_images("fashion-mnist", data_dir=four_files, offline=True)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [55000, 5000, 10000]
    assert data.image_shape == (1, 28, 28)
    assert data.class_names[9] == "Ankle boot"
    assert "55000 to train, 5000 to validate, 10000 to test" in data.description
    for part in (data.train, data.validation, data.test):
        images, labels = part.arrays
        assert (images.dtype, labels.dtype) == (np.float32, np.int64)
        assert np.bincount(labels).tolist() == [len(part) // 10] * 10
        assert np.abs(images * data.std + data.mean - labels[:, None, None, None] * 20).max() < 1e-3
    assert data.mean == 90
    assert abs(data.train.arrays[0].std(dtype=np.float64) - 1) < 1e-6


def test_a_label_that_cannot_be_is_refused_by_file(four_files, tmp_path):
    folder = tmp_path / "fashion-mnist"
    folder.mkdir()
    for path in (four_files / "fashion-mnist").iterdir():
        os.link(path, folder / path.name)
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx(np.full(10000, 10, np.uint8)))
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte: expected labels from 0 to 9, found a label 10"):
        load_images("fashion-mnist", data_dir=tmp_path)


def test_misnamed_files_are_refused(tmp_path):
    folder = tmp_path / "mnist"
    folder.mkdir()
    for file in MNIST.files:
        (folder / file.name).write_bytes(idx(np.zeros(60000, np.uint8)))
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz: expected an IDX .*found shape \(60000,\)"):
        load_images("mnist", data_dir=tmp_path)


def test_cifar10_is_read_from_its_records(tmp_path, monkeypatch):
    monkeypatch.setattr(cifar, "RECORDS", 20)
    monkeypatch.setattr(cifar, "TRAIN", 100)
    rng, contents, images, labels = np.random.default_rng(1), {}, [], []
    for name in CIFAR10.files[0].contents:
        pixels = rng.integers(0, 256, (20, 3, 32, 32), dtype=np.uint8)
        classes = (np.arange(20) % 10).astype(np.uint8)
        content = b"".join(bytes([c]) + p.tobytes() for c, p in zip(classes, pixels, strict=True))
        (tmp_path / name).write_bytes(content)
        contents[name] = hashlib.sha256(content).hexdigest()
        images.append(pixels)
        labels.append(classes)
    data = cifar.load_cifar10(tmp_path, replace(CIFAR10.files[0], contents=contents), None)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [90, 10, 20]
    assert data.image_shape == (3, 32, 32)
    assert data.class_names[3] == "cat"
    assert np.abs(data.test.arrays[0] * data.std + data.mean - images[-1]).max() < 1e-3
    assert data.test.arrays[1].tolist() == labels[-1].tolist()
    path = tmp_path / "data_batch_3.bin"
    for damage, message in ((path.read_bytes()[:-1], "61460 bytes, found 61459"), (bytes(61460), "published content")):
        path.write_bytes(damage)
        with pytest.raises(DataError, match=rf"data_batch_3\.bin: expected .*{message}"):
            cifar.load_cifar10(tmp_path, replace(CIFAR10.files[0], contents=contents), None)


def test_the_whole_fashion_mnist_is_preferred_to_the_900(four_files):
    (four_files / "fashion-mnist" / mnist.FEW).write_bytes(b"not looked at")
    assert len(load_images("fashion-mnist", data_dir=four_files).test) == 10000


def test_unknown_names_and_missing_sets_say_what_to_do(tmp_path):
    with pytest.raises(SettingError, match="Did you mean 'mnist'"):
        load_images("minst")
    for name in ("mnist", "fashion-mnist", "cifar10"):
        with pytest.raises(DataError, match=rf"xdl data fetch {name}; or set XDL_DATA_DIR"):
            load_images(name, data_dir=tmp_path, offline=True)


@pytest.mark.parametrize("size", [None, 8, 12])
def test_digits_are_an_image_set_too(size):
    data = load_images("digits", size)
    assert data.image_shape == (1, size or 8, size or 8)
    assert ("resized" in data.description) == (size == 12)


def test_standardizing_takes_the_training_part_in_slices():
    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (5000, 2, 3, 3), dtype=np.uint8)
    parts = Parts(np.arange(0, 4500), np.arange(4500, 4600), np.arange(4600, 5000))
    for size in (None, 5):
        data = labelled_images("x", "x", ("a",), images, np.zeros(5000, np.int64), parts, size)
        train = data.train.arrays[0].astype(np.float64)
        assert abs(train.mean()) < 1e-6
        assert abs(train.std() - 1) < 1e-6
    assert data.image_shape == (2, 5, 5)


PUBLISHED = os.environ.get("XDL_DATA_DIR")
needs = pytest.mark.skipif(PUBLISHED is None, reason="XDL_DATA_DIR names no folder with the published sets")


@needs
def test_the_real_mnist():
    data = load_images("mnist", data_dir=PUBLISHED)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [54999, 5001, 10000]
    counts = sum(np.bincount(part.arrays[1]) for part in (data.train, data.validation))
    assert counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]  # as published
    assert abs(data.mean / 255 - 0.1307) < 1e-3
    assert abs(data.std / 255 - 0.3081) < 1e-3
    assert data.test.arrays[1][:5].tolist() == [7, 2, 1, 0, 4]


@needs
def test_the_900_real_images_of_fashion_mnist_say_that_they_are_few():
    data = load_images("fashion-mnist", data_dir=PUBLISHED)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [650, 70, 180]
    assert "only 900 of its 70000 images" in data.description
    assert np.bincount(data.test.arrays[1]).tolist() == [18] * 10


@needs
def test_the_900_images_with_a_flipped_bit_are_refused(tmp_path):
    content = bytearray((Path(PUBLISHED) / "fashion-mnist" / mnist.FEW).read_bytes())
    content[5000] ^= 1
    (tmp_path / "fashion-mnist").mkdir()
    (tmp_path / "fashion-mnist" / mnist.FEW).write_bytes(content)
    with pytest.raises(DataError, match=r"fashion900_from_sprite\.npz: expected the published content"):
        load_images("fashion-mnist", data_dir=tmp_path)
