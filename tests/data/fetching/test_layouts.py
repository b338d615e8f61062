"""The layouts in which people have MNIST, Fashion-MNIST and CIFAR-10; what is looked into is named."""

import gzip
import hashlib
from dataclasses import replace

import numpy as np
import pytest

from xdl.data import cifar, load_images, mnist
from xdl.data.fetching import download, listing, places, sources
from xdl.data.fetching.download import fetch
from xdl.data.fetching.places import locate
from xdl.data.fetching.sources import CIFAR10, MNIST
from xdl.data.image_sets import raw_images
from xdl.errors import DataError, SettingError

pytestmark = pytest.mark.usefixtures("cache")


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4) for n in array.shape) + array.tobytes()


def small(kind):
    """The four files of a small set, by name; the two kinds have other labels."""
    found = {}
    for part, count in (("train", 240), ("t10k", 40)):
        labels = ((np.arange(count) * kind) % 10).astype(np.uint8)
        images = np.broadcast_to(labels[:, None, None], (count, 28, 28))
        found |= {f"{part}-images-idx3-ubyte": idx(images), f"{part}-labels-idx1-ubyte": idx(labels)}
    return found


DIGITS, CLOTHES = small(1), small(3)


@pytest.fixture(autouse=True)
def sets(monkeypatch):
    """MNIST and Fashion-MNIST with small files in the places of theirs."""
    digest = lambda data: hashlib.sha256(data).hexdigest()  # noqa: E731
    made = {}
    for source, contents, known in ((sources.MNIST, DIGITS, True), (sources.FASHION_MNIST, CLOTHES, False)):
        files = [
            replace(
                file,
                sha256=digest(gzip.compress(contents[file.unpacked], mtime=0)),
                contents={file.unpacked: digest(contents[file.unpacked])} if known else {},
            )
            for file in source.files
        ]
        made[source.name] = replace(source, files=tuple(files), mirrors=("http://127.0.0.1:9/",))
    monkeypatch.setattr(places, "MNIST", made["mnist"])
    monkeypatch.setattr(mnist, "FASHION_MNIST", made["fashion-mnist"])
    monkeypatch.setattr(mnist, "TRAIN", 240)
    monkeypatch.setattr(mnist, "TEST", 40)
    for name, source in made.items():
        monkeypatch.setitem(sources.SOURCES, name, source)
    return made


def put(folder, contents, pack=False, dots=False, nested=False):
    """Writes the files as somebody has them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        name = name.replace("-idx", ".idx") if dots else name
        path = folder / name / name if nested else folder / (f"{name}.gz" if pack else name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.compress(content, mtime=0) if pack else content)


FORMS = {"packed": {"pack": True}, "plain": {}, "dots": {"dots": True}, "packed dots": {"pack": True, "dots": True}}
FORMS |= {"folders": {"nested": True}, "folders with dots": {"nested": True, "dots": True}}
LAYOUTS = {
    "mnist": ("mnist", "MNIST/raw", "MNIST", "mnist/raw", "mnist/MNIST/raw", "raw", "."),
    "fashion-mnist": (
        "fashion-mnist",
        "FashionMNIST/raw",
        "FashionMNIST",
        "fashion-mnist/FashionMNIST/raw",
        "raw",
        ".",
    ),
}


@pytest.mark.parametrize(
    ("name", "layout", "form"),
    [(name, layout, "packed") for name, layouts in LAYOUTS.items() for layout in layouts]
    + [(name, ".", form) for name in LAYOUTS for form in FORMS],
)
def test_the_four_files_are_found(tmp_path, name, layout, form):
    put(tmp_path / layout, DIGITS if name == "mnist" else CLOTHES, **FORMS[form])
    data = load_images(name, data_dir=tmp_path, offline=True)
    factor = 1 if name == "mnist" else 3
    assert data.test.arrays[1].tolist() == [i * factor % 10 for i in range(40)]
    for train, count in ((True, 240), (False, 40)):
        images, labels = raw_images(name, train, tmp_path, offline=True)
        assert (images.shape, images.dtype, labels.dtype) == ((count, 28, 28), np.uint8, np.uint8)
        assert images[:, 3, 4].tolist() == labels.tolist() == [i * factor % 10 for i in range(count)]
    assert listing.data_sets(tmp_path)[name].state == "in the data folder"


def test_sets_without_published_files_have_no_raw_images():
    with pytest.raises(SettingError, match="raw_images: expected a published image set, found 'digits'"):
        raw_images("digits", True)


@pytest.mark.parametrize("layout", [".", "raw"])
def test_a_folder_of_any_name_is_not_taken_for_the_other_set(tmp_path, layout):
    for form in ("plain", "packed"):
        for name, contents in (("mnist", CLOTHES), ("fashion-mnist", DIGITS)):
            folder = tmp_path / f"{name}-{form}"
            put(folder / layout, contents, **FORMS[form])
            with pytest.raises(DataError, match="none, and downloads are off"):
                load_images(name, data_dir=folder, offline=True)


def test_mnist_under_the_name_of_fashion_mnist_is_refused(tmp_path):
    put(tmp_path / "fashion-mnist", DIGITS)
    with pytest.raises(DataError, match="the files of Fashion-MNIST, found MNIST's"):
        load_images("fashion-mnist", data_dir=tmp_path)


def test_a_set_in_a_further_folder_is_preferred_to_a_part_in_an_own_one(tmp_path, sets):
    put(tmp_path / "mnist", dict([*DIGITS.items()][:2]))
    with pytest.raises(DataError, match=r"t10k-images.* in .*/mnist, found only the other files"):
        locate(sets["mnist"], tmp_path)
    put(tmp_path / "MNIST" / "raw", DIGITS)
    assert locate(sets["mnist"], tmp_path).folder == tmp_path / "MNIST" / "raw"


def test_the_error_names_the_folders_that_were_looked_into(tmp_path, sets):
    looked = [tmp_path / layout for layout in ("mnist", "MNIST/raw", "MNIST", "mnist/raw")]
    for no_network in (True, False):
        with pytest.raises(DataError, match="Looked into: ") as caught:
            fetch(sets["mnist"], tmp_path, no_network, say=lambda _: None)
        assert all(f"{folder}, " in caught.value.hint for folder in looked)
        assert caught.value.hint.endswith("cache/datasets/mnist")


@pytest.mark.parametrize("layout", ["cifar10/cifar-10-batches-bin", "cifar-10-batches-bin", "CIFAR10", "."])
def test_cifar10_is_found(tmp_path, monkeypatch, layout):
    monkeypatch.setattr(cifar, "RECORDS", 20)
    monkeypatch.setattr(cifar, "TRAIN", 100)
    records = np.zeros((20, cifar.RECORD), np.uint8)
    records[:, 0] = np.arange(20) % 10
    records[:, 1:] = np.arange(20)[:, None]
    contents = dict.fromkeys(CIFAR10.files[0].contents, hashlib.sha256(records.tobytes()).hexdigest())
    one = replace(CIFAR10, files=(replace(CIFAR10.files[0], contents=contents),))
    monkeypatch.setitem(sources.SOURCES, "cifar10", one)
    monkeypatch.setattr("xdl.data.image_sets.CIFAR10", one)
    (tmp_path / layout).mkdir(parents=True, exist_ok=True)
    for name in contents:
        (tmp_path / layout / name).write_bytes(records.tobytes())
    data = load_images("cifar10", data_dir=tmp_path, offline=True)
    assert data.test.arrays[1].tolist() == [i % 10 for i in range(20)]
    images, labels = raw_images("cifar10", True, tmp_path, offline=True)
    assert (images.shape, images[25, :, 4, 5].tolist()) == ((100, 3, 32, 32), [5, 5, 5])
    assert labels.tolist() == [i % 20 % 10 for i in range(100)]


@pytest.mark.parametrize("name", ["cifar-10-batches-py", "cifar10/cifar-10-python.tar.gz"])
def test_pickles_are_not_read_and_it_is_said_what_to_do(tmp_path, monkeypatch, name):
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(DataError, match=rf"data fetch cifar10; .*{name} holds pickles, .*take the binary version"):
        load_images("cifar10", data_dir=tmp_path, offline=True)
    monkeypatch.setattr(download, "copy", lambda *_: "it is not there")
    with pytest.raises(DataError, match=rf"it is not there.*{name} holds pickles"):
        load_images("cifar10", data_dir=tmp_path)


def test_the_names_of_folders_that_are_shared_are_the_last(sets):
    for source in (*sets.values(), MNIST, CIFAR10):
        shared = [name for name in source.folders if name in places.SHARED]
        assert list(source.folders[-len(shared) :]) == shared
