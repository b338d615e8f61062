"""Datasets and what loaders make of them on the host."""

import numpy as np
import pytest

import xdl
from xdl.data import Subset, TensorDataset, check_labels
from xdl.data.dataset import collate, gather
from xdl.errors import DataError, ShapeError


class Squares:
    """A dataset without `batch`: (i, i squared)."""

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return np.full(3, index, dtype=np.float32), index**2


class Rows:
    """A dataset over a Tensor that says nothing of its end."""

    rows = xdl.tensor([[1.0, 2.0], [3.0, 4.0]])

    def __getitem__(self, index):
        return self.rows[index].sum().item()


def test_a_tensor_ends_the_dataset_that_reads_it():
    assert list(Rows()) == [3.0, 7.0]


@pytest.fixture
def pairs():
    return TensorDataset(np.arange(12.0).reshape(6, 2), np.array([0, 1, 2, 0, 1, 2]), num_classes=3)


def test_tensor_dataset_gives_samples_and_batches(pairs):
    assert len(pairs) == 6
    x, y = pairs[4]
    assert x.tolist() == [8.0, 9.0]
    assert y == 1
    xs, ys = pairs.batch([5, 0])
    assert xs.tolist() == [[10.0, 11.0], [0.0, 1.0]]
    assert ys.tolist() == [2, 0]


@pytest.mark.parametrize(
    ("arrays", "error"),
    [
        ((), ShapeError),
        ((np.zeros(3), np.zeros(4)), ShapeError),
        ((np.zeros(3), 5), ShapeError),
        ((np.array(["a", "b"]),), DataError),
        ((np.array([object(), object()]),), DataError),
    ],
)
def test_tensor_dataset_refuses_what_does_not_fit(arrays, error):
    with pytest.raises(error, match="TensorDataset"):
        TensorDataset(*arrays)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 3, 3], r"labels in \[0, 3\), found 3 at index 2 \(2 of 4 are outside\)"),
        ([0, -1, 2, 2], r"found -1 at index 1"),
        ([0.0, 1.0, 2.0, 0.0], "integer dtype, found float64"),
        ([True, False, True, True], "integer dtype, found bool"),
    ],
)
def test_wrong_labels_are_named(labels, message):
    with pytest.raises(DataError, match=message):
        TensorDataset(np.zeros(4), np.array(labels), num_classes=3)


def test_labels_of_any_shape_and_integer_dtype_pass():
    check_labels("test", np.array([[0, 2], [1, 1]], dtype=np.uint8), 3)
    check_labels("test", np.array([], dtype=np.int64), 3)


def test_subset_follows_its_indices(pairs):
    subset = Subset(pairs, [4, 1, 1])
    assert len(subset) == 3
    assert subset[0][0].tolist() == [8.0, 9.0]
    assert subset.batch([2, 0])[0].tolist() == [[2.0, 3.0], [8.0, 9.0]]
    assert Subset(subset, [1]).batch([0])[1].tolist() == [1]


@pytest.mark.parametrize("indices", [[6], [-1], [0, 9]])
def test_subset_refuses_indices_outside(pairs, indices):
    with pytest.raises(DataError, match=r"indices in \[0, 6\)"):
        Subset(pairs, indices)


def test_gather_works_without_batch():
    x, y = gather(Squares(), np.array([3, 1]))
    assert x.tolist() == [[3.0] * 3, [1.0] * 3]
    assert y.tolist() == [9, 1]
    assert gather(Subset(Squares(), [7, 2]), [1])[1].tolist() == [4]


def test_collate_keeps_dtypes_and_makes_python_floats_single():
    batch = collate([(np.uint8(1), 0.5, np.float64(2)), (np.uint8(3), 1.5, np.float64(4))])
    assert [part.dtype.name for part in batch] == ["uint8", "float32", "float64"]


def test_collate_refuses_samples_that_differ():
    with pytest.raises(DataError, match=r"number of parts, found \[1, 2\]"):
        collate([(1, 2), (1,)])
    with pytest.raises(ShapeError, match=r"\(2,\) and \(3,\)"):
        collate([(np.zeros(3),), (np.zeros(2),)])
