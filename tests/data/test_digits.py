"""The digits that ship: whole, attributed, split without chance."""

import gzip
import hashlib
from importlib.resources import files

import numpy as np
import pytest

from xdl.data import digits, load_digits, stratified_split
from xdl.data.split import stratified_order
from xdl.errors import DataError

COUNTS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as published, by digit


def test_the_file_is_what_was_published():
    pixels, labels = digits.read_digits()
    assert pixels.shape == (1797, 8, 8)
    assert (pixels.min(), pixels.max()) == (0, 16)
    assert np.bincount(labels).tolist() == COUNTS
    assert pixels[0].tolist()[0] == [0, 0, 5, 13, 9, 1, 0, 0]
    assert labels[:10].tolist() == list(range(10))


def test_its_readme_gives_credit_and_the_checksum():
    folder = files("xdl.data.files")
    readme = (folder / "README.md").read_text()
    assert "Alpaydin" in readme
    assert "CC BY 4.0" in readme
    assert hashlib.sha256(gzip.decompress((folder / "digits.csv.gz").read_bytes())).hexdigest() in readme


@pytest.mark.parametrize("damage", ["cut", "flipped", "other"])
def test_a_damaged_file_is_refused(tmp_path, monkeypatch, damage):
    whole = (files("xdl.data.files") / "digits.csv.gz").read_bytes()
    bad = {"cut": whole[:-100], "flipped": whole[:500] + b"\x00" + whole[501:], "other": gzip.compress(b"1,2,3\n")}
    (tmp_path / "digits.csv.gz").write_bytes(bad[damage])
    monkeypatch.setattr(digits, "files", lambda _: tmp_path)
    with pytest.raises(DataError, match=r"digits\.csv\.gz"):
        digits.read_digits()


@pytest.mark.parametrize("size", [8, 28])
def test_the_parts_are_disjoint_and_stratified(size):
    data = load_digits(size)
    parts = (data.train, data.validation, data.test)
    assert data.image_shape == (1, size, size)
    assert [len(part) for part in parts] == [1295, 143, 359]
    assert all(str(len(part)) in data.description for part in parts)
    images = np.concatenate([part.arrays[0] for part in parts]).reshape(1797, -1)
    assert images.dtype == np.float32
    assert len(np.unique(images, axis=0)) == 1797
    shares = [np.bincount(part.arrays[1]) / COUNTS for part in parts]
    for share, whole in zip(shares, (0.72, 0.08, 0.2), strict=True):
        assert np.abs(share - whole).max() < 0.01


def test_pixels_are_standardized_by_the_training_part():
    data = load_digits()
    train = data.train.arrays[0].astype(np.float64)
    assert abs(train.mean()) < 1e-6
    assert abs(train.std() - 1) < 1e-6
    raw = data.test.arrays[0] * data.std + data.mean
    assert np.abs(raw - raw.round()).max() < 1e-5


def test_stratified_split_names_each_sample_once_and_needs_no_seed():
    labels = np.array([2, 0, 0, 2, 0, 0, 0, 2, 2, 2, 1, 0])
    kept, held_out = stratified_split(labels, every=3)
    assert sorted([*kept, *held_out]) == list(range(12))
    assert held_out.tolist() == [2, 3, 6, 9]  # the 2nd and 5th 0, the 2nd and 5th 2, no 1


@pytest.mark.parametrize(("labels", "every"), [([0, 1], 1), ([[0, 1]], 2)])
def test_stratified_split_refuses_what_is_no_split(labels, every):
    with pytest.raises(DataError, match="stratified_split"):
        stratified_split(labels, every)


def test_every_part_of_a_stratified_order_has_all_classes_in_proportion():
    labels = np.repeat([7, 3, 5], [60, 30, 10])
    order = stratified_order(labels)
    assert sorted(order) == [*range(100)]
    for low in range(0, 100, 20):
        part = labels[order[low : low + 20]]
        assert [(part == label).sum() for label in (7, 3, 5)] == [12, 6, 2]
    with pytest.raises(DataError, match="stratified_order"):
        stratified_order(np.zeros((2, 2)))
