"""torchvision's datasets: which files are read, in which order, and what a sample is."""

import gzip

import numpy as np
import pytest

import xdl
from tests.as_torch.vision.made import cifar, idx, mnist, picture
from xdl.as_torch.vision.dataset import FakeData
from xdl.as_torch.vision.folder import DatasetFolder, ImageFolder, is_image_file
from xdl.as_torch.vision.published import CIFAR10, MNIST, FashionMNIST
from xdl.as_torch.vision.relatives import EMNIST, KMNIST
from xdl.errors import DataError, SettingError


@pytest.fixture(autouse=True)
def _nothing_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("XDL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XDL_DATA_DIR", raising=False)
    monkeypatch.setenv("XDL_OFFLINE", "1")


@pytest.mark.parametrize(("kind", "name"), [(MNIST, "MNIST"), (FashionMNIST, "FashionMNIST")])
def test_digits_and_clothes_come_in_the_order_of_their_files(tmp_path, kind, name):
    parts = mnist(tmp_path, name)
    for train, part in ((True, "train"), (False, "t10k")):
        images, labels = parts[part]
        found = kind(tmp_path, train=train)
        assert (len(found), found.data.dtype, found.targets.dtype) == (len(images), "uint8", "int64")
        assert found.data.tolist() == images.tolist()
        assert found.targets.tolist() == labels.tolist()
        image, target = found[2]
        assert (image.mode, image.size, type(target)) == ("L", (28, 28), int)
        assert np.array(image).tolist() == images[2].tolist()


def test_what_is_changed_in_data_and_targets_is_what_samples_are(tmp_path):
    mnist(tmp_path)
    found = MNIST(str(tmp_path), target_transform=lambda label: -label, transform=lambda image: image.size)
    found.data, found.targets = found.data[:2] * 0, found.targets[:2] * 0 + 3
    assert list(found[1]) == [(28, 28), -3]
    assert len(found) == 2
    assert found.classes[3] == "3 - three"
    assert found.class_to_idx["9 - nine"] == 9
    assert len(found + found) == 4
    assert (found.train_data is found.data, found.test_labels is found.targets) == (True, True)
    with pytest.raises(IndexError):
        found[2]


def test_packed_files_are_read_and_damaged_ones_refused(tmp_path):
    images, labels = mnist(tmp_path)["train"]
    plain = tmp_path / "MNIST/raw/train-images-idx3-ubyte"
    content = plain.read_bytes()
    plain.with_name(f"{plain.name}.gz").write_bytes(gzip.compress(content))
    plain.unlink()
    assert MNIST(tmp_path).data.tolist() == images.tolist()
    for damaged in (content[:-1], b"<!doctype html>", content + b"1", content[:8]):
        plain.with_name(f"{plain.name}.gz").write_bytes(damaged)
        with pytest.raises(DataError, match="train-images-idx3-ubyte"):
            MNIST(tmp_path)
    plain.with_name(f"{plain.name}.gz").write_bytes(gzip.compress(content))
    plain.with_name("train-labels-idx1-ubyte").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 1, 5]))
    with pytest.raises(DataError, match="labels of 7 images, found 1"):
        MNIST(tmp_path)
    assert len(labels) == 7


def test_a_set_that_is_nowhere_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(DataError, match=r"download=True, or: xdl data fetch mnist. Looked into: .*mnist") as error:
        MNIST(tmp_path / "none")
    assert isinstance(error.value, ValueError)
    with pytest.raises(DataError, match="downloads are off"):
        MNIST(tmp_path, download=True)
    (tmp_path / "cifar-10-batches-py").mkdir()
    with pytest.raises(DataError, match="holds pickles, which may run any code and are not read"):
        CIFAR10(tmp_path)


def test_photographs_keep_their_channels_last(tmp_path):
    images, labels = cifar(tmp_path)
    found = CIFAR10(tmp_path)
    assert (found.data.shape, found.data.dtype, type(found.targets)) == ((15, 32, 32, 3), np.uint8, list)
    assert found.data.tolist() == images.tolist()
    assert found.targets == labels.tolist()
    image, target = found[4]
    assert (image.mode, np.array(image).tolist(), target) == ("RGB", images[4].tolist(), labels[4])
    assert (len(CIFAR10(tmp_path, train=False)), found.class_to_idx["truck"]) == (3, 9)
    (tmp_path / "cifar-10-batches-bin/test_batch.bin").write_bytes(b"\x0b" + bytes(3072))
    with pytest.raises(DataError, match="begin with a label up to 9"):
        CIFAR10(tmp_path, train=False)


def test_folders_of_pictures(tmp_path):
    for name, files in (("dog", ("b.png", "a.JPEG", "notes.txt")), ("cat", ("deep/c.png",)), ("ant", ("d.bmp",))):
        for file in files:
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            picture(4, 5, 1).save(path) if is_image_file(file) else path.write_text("no picture")
    found = ImageFolder(tmp_path, transform=lambda image: (image.mode, image.size))
    assert found.classes == ["ant", "cat", "dog"]
    assert found.class_to_idx == {"ant": 0, "cat": 1, "dog": 2}
    assert [path[len(str(tmp_path)) + 1 :] for path, _ in found.samples] == [
        "ant/d.bmp", "cat/deep/c.png", "dog/a.JPEG", "dog/b.png",
    ]  # fmt: skip
    assert found.targets == [0, 1, 2, 2]
    assert found.imgs is found.samples
    assert found[3] == (("RGB", (5, 4)), 2)
    texts = DatasetFolder(tmp_path, len, (".txt",), allow_empty=True)
    assert texts.targets == [2]
    assert len(ImageFolder(tmp_path, is_valid_file=lambda path: "o" in path and path.endswith("g"), allow_empty=True))
    with pytest.raises(DataError, match="files of the class 'ant', found none"):
        DatasetFolder(tmp_path, len, (".txt",))
    with pytest.raises(DataError, match="a folder for each class"):
        ImageFolder(tmp_path / "dog")
    with pytest.raises(SettingError, match="extensions or is_valid_file"):
        DatasetFolder(tmp_path, len)


def test_pictures_of_noise_are_the_same_for_the_same_index():
    found = FakeData(3, (1, 4, 6), num_classes=2)
    image, target = found[1]
    assert (image.mode, image.size, len(found), target in (0, 1)) == ("L", (6, 4), 3, True)
    xdl.rand(3)
    assert found[1][0].tobytes() == image.tobytes() != found[2][0].tobytes()
    assert FakeData(random_offset=1, image_size=(1, 4, 6))[0][0].tobytes() == image.tobytes()
    with pytest.raises(IndexError):
        found[3]


def test_kmnist_and_emnist_are_read_from_files_of_ones_own(tmp_path):
    images, labels = mnist(tmp_path, "KMNIST")["t10k"]
    found = KMNIST(tmp_path, train=False)
    assert (found.data.tolist(), found.targets.tolist()) == (images.tolist(), labels.tolist())
    assert found.classes[1] == "ki"
    raw = tmp_path / "EMNIST/raw"
    raw.mkdir(parents=True)
    (raw / "emnist-letters-test-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
    (raw / "emnist-letters-test-labels-idx1-ubyte").write_bytes(idx(labels))
    found = EMNIST(str(tmp_path), "letters", train=False, transform=lambda image: image.size)
    assert (len(found), found[3]) == (len(labels), ((28, 28), int(labels[3])))
    assert (found.classes[26], len(EMNIST.classes_split_dict["balanced"])) == ("z", 47)


def test_what_is_missing_of_emnist_is_said(tmp_path):
    with pytest.raises(DataError, match="emnist-digits-train-images-idx3-ubyte"):
        EMNIST(tmp_path, "digits", download=True)
    with pytest.raises(SettingError, match="byclass, bymerge"):
        EMNIST(tmp_path, "digit")
