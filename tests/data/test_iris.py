"""Iris, the food trucks, and the list of all data sets."""

import hashlib
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from xdl.data import iris, load_food_truck, load_iris
from xdl.data.fetching import listing
from xdl.data.fetching.places import datasets_folder
from xdl.data.fetching.sources import MNIST
from xdl.data.mnist import FEW
from xdl.errors import DataError, SettingError

pytestmark = pytest.mark.usefixtures("cache")


def test_the_flowers_are_those_of_the_paper():
    lengths, species = iris.read_iris()
    assert lengths.shape == (150, 4)
    assert np.bincount(species).tolist() == [50, 50, 50]
    assert lengths[[0, 34, 37, 149]].tolist() == [
        [5.1, 3.5, 1.4, 0.2],
        [4.9, 3.1, 1.5, 0.2],
        [4.9, 3.6, 1.4, 0.1],
        [5.9, 3.0, 5.1, 1.8],
    ]
    means = [[5.006, 3.428, 1.462, 0.246], [5.936, 2.770, 4.260, 1.326], [6.588, 2.974, 5.552, 2.026]]  # Fisher 1936
    assert np.abs(lengths.reshape(3, 50, 4).mean(1) - means).max() < 1e-9


def test_their_parts_are_disjoint_stratified_and_standardized():
    data = load_iris()
    parts = (data.train, data.validation, data.test)
    assert [np.bincount(part.arrays[1]).tolist() for part in parts] == [[36] * 3, [4] * 3, [10] * 3]
    assert "108 to train, 12 to validate, 30 to test" in data.description
    train = data.train.arrays[0].astype(np.float64)
    assert np.abs(train.mean(0)).max() < 1e-6
    assert np.abs(train.std(0) - 1).max() < 1e-6
    raw = np.concatenate([part.arrays[0] * data.std + data.mean for part in parts])
    assert sorted(map(tuple, raw.round(1))) == sorted(map(tuple, iris.read_iris()[0]))
    assert len(data.feature_names) == data.train.arrays[0].shape[1]


def test_their_readme_gives_credit_and_the_checksum():
    folder = files("xdl.data.files")
    readme = (folder / "README.md").read_text()
    assert all(part in readme for part in ("Fisher", "10.24432/C56C76", "CC BY 4.0"))
    assert hashlib.sha256((folder / "iris.csv").read_bytes()).hexdigest() in readme


@pytest.mark.parametrize("damage", ["cut", "other", "missing"])
def test_a_damaged_iris_file_is_refused_and_listed(tmp_path, monkeypatch, damage):
    whole = (files("xdl.data.files") / "iris.csv").read_bytes()
    if damage != "missing":
        (tmp_path / "iris.csv").write_bytes({"cut": whole[:-1], "other": whole.replace(b"5.1", b"5.2", 1)}[damage])
    monkeypatch.setattr(iris, "files", lambda _: tmp_path)
    with pytest.raises(DataError, match=r"iris\.csv.*Install xdl again"):
        load_iris()
    assert listing.data_set("iris").state == "damaged"


def test_the_food_trucks(tmp_path):
    path = tmp_path / "food-truck" / "food_truck_data.txt"
    path.parent.mkdir()
    path.write_text("\n".join(f"{5 + i / 10},{i * 0.5 - 3}" for i in range(97)) + "\n")
    x, y = load_food_truck(tmp_path)
    assert (x.shape, y.shape, x.dtype, y.dtype) == ((97, 1), (97,), np.float32, np.float32)
    assert (x[3, 0], y[3]) == (np.float32(5.3), -1.5)
    assert listing.data_set("food-truck", tmp_path).state == "in the data folder"
    for text, message in (
        ("1,2\n", r"97 lines of 2 finite numbers, found shape \(1, 2\)"),
        ("1,2\n" * 96 + "1\n", "lines of two numbers"),
        ("1,2\n" * 96 + "nan,2\n", "97 lines of 2 finite numbers"),
        ("<html>", "lines of two numbers"),
        ("", "found shape"),
    ):
        path.write_text(text)
        with pytest.raises(DataError, match=rf"food_truck_data\.txt: expected .*{message}"):
            load_food_truck(tmp_path)
    path.unlink()
    with pytest.raises(DataError, match=r"no such file\. Set XDL_DATA_DIR"):
        load_food_truck(tmp_path)


SHIP = ("digits", "iris", "shakespeare", "tatoeba-2000")
IN_A_FOLDER = ("food-truck", "real-values", "sp500", "csi300", "imdb", "rt-polarity", "tinyshakespeare", "tatoeba")
MISSING = ("mnist", "fashion-mnist", "cifar10", *IN_A_FOLDER)


def test_the_list_tells_where_each_set_is(tmp_path):
    entries = listing.data_sets()
    assert list(entries) == [*SHIP, *MISSING]
    assert {entries[name].state for name in SHIP} == {"ships with xdl"}
    assert {entries[name].state for name in MISSING} == {"missing"}
    assert "xdl data fetch mnist (12 MB" in entries["mnist"].note
    assert all(entry.licence and entry.title for entry in entries.values())

    for file in MNIST.files:
        path = datasets_folder() / "mnist" / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "fashion-mnist").mkdir()
    (tmp_path / "fashion-mnist" / FEW).touch()
    entries = listing.data_sets(tmp_path)
    assert (entries["mnist"].state, entries["mnist"].folder) == ("in the cache", datasets_folder() / "mnist")
    assert entries["fashion-mnist"].note.startswith("only 900 images; for all: xdl data fetch fashion-mnist")

    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / MNIST.files[0].unpacked).touch()
    broken = listing.data_sets(tmp_path)["mnist"]
    assert (broken.state, "t10k-labels-idx1-ubyte.gz" in broken.note) == ("damaged", True)
    assert replace(broken, note="") == replace(entries["mnist"], state="damaged", folder=None, note="")


def test_unknown_sets_and_folders_are_refused(tmp_path):
    with pytest.raises(SettingError, match=r"found 'irs'\. Did you mean 'iris'"):
        listing.data_set("irs")
    with pytest.raises(DataError, match="data_dir: expected an existing folder"):
        listing.data_sets(tmp_path / "no")
