"""Splits and folds: exact sizes, every sample once, no leak, classes in proportion, the same for every seed."""

import numpy as np
import pytest

import xdl
from xdl.data import TensorDataset, k_fold, split_indices, stratified_k_fold, train_test_split
from xdl.errors import DataError, SettingError, ShapeError
from xdl.train import cross_validate

LABELS = np.repeat([0, 1, 2], [50, 30, 7])


def together(parts):
    return sorted(np.concatenate(parts).tolist())


@pytest.mark.parametrize("stratify", [None, LABELS])
@pytest.mark.parametrize(
    ("parts", "lengths"),
    [([0.6, 0.2, 0.2], [52, 18, 17]), ([60, 20, 7], [60, 20, 7]), ([1.0], [87]), ([0.5, 0.5], [44, 43])],
)
def test_parts_have_exact_lengths_and_hold_each_sample_once(parts, lengths, stratify):
    found = split_indices(87, parts, seed=3, stratify=stratify)
    assert [len(part) for part in found] == lengths
    assert together(found) == list(range(87))
    assert all(part.dtype == np.int64 for part in found)


def test_parts_are_shuffled_by_the_seed():
    first, again, other = (split_indices(100, [0.8, 0.2], seed=seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again != other
    assert first != sorted(first)
    of_classes, other = (split_indices(87, [0.8, 0.2], seed=seed, stratify=LABELS)[1].tolist() for seed in (0, 1))
    assert of_classes != other
    assert LABELS[of_classes].tolist() != sorted(LABELS[of_classes])


@pytest.mark.parametrize("parts", [[70, 17], [43, 44], [80, 7], [1, 86], [52, 18, 17], [29, 29, 29], [60, 20, 7]])
def test_each_part_has_its_share_of_each_class(parts):
    for seed in range(20):
        for found in split_indices(87, parts, seed, stratify=LABELS):
            share = np.bincount(LABELS) * len(found) / 87
            assert abs(np.bincount(LABELS[found], minlength=3) - share).max() < (1 if len(parts) == 2 else 2)


@pytest.mark.parametrize(
    ("parts", "stratify", "error", "match"),
    [
        ([50, 20], None, SettingError, "parts that sum to the 87 samples"),
        ([0.5, 0.4], None, SettingError, "shares that sum to 1"),
        ([-1, 88], None, SettingError, "parts that sum"),
        ([], None, SettingError, "parts that sum"),
        ([0.5, 0.5], LABELS[:10], DataError, r"one label a sample, shape \(87,\), found \(10,\)"),
        ([0.5, 0.5], LABELS / 2, DataError, "class labels"),
    ],
)
def test_parts_that_are_none_are_refused(parts, stratify, error, match):
    with pytest.raises(error, match=match):
        split_indices(87, parts, stratify=stratify)


def test_arrays_tensors_lists_and_data_sets_are_cut_alike(each_backend):
    x = np.arange(20).reshape(10, 2)
    words, dataset = [f"word {i}" for i in range(10)], TensorDataset(x)
    cut = train_test_split(x, xdl.tensor(x[:, 0]), words, dataset, test_size=0.25, seed=5)
    x_train, x_test, t_train, t_test, words_train, words_test, train, test = cut
    assert (len(x_train), len(x_test)) == (7, 3)
    assert t_train.tolist() == x_train[:, 0].tolist()
    assert t_test.tolist() == x_test[:, 0].tolist()
    assert words_test == [f"word {i // 2}" for i in x_test[:, 0]]
    assert len(words_train) == len(train) == 7
    assert [sample[0].tolist() for sample in (test[i] for i in range(3))] == x_test.tolist()


def test_a_stratified_test_part_of_a_rare_class():
    for seed in range(10):
        _, test = train_test_split(LABELS, test_size=29, seed=seed, stratify=LABELS)
        assert np.bincount(test).tolist() in ([17, 10, 2], [16, 10, 3], [17, 9, 3])


@pytest.mark.parametrize("size", [0, 10, 1.0, 0.0, -1, 1.5, True])
def test_a_part_without_samples_is_refused(size):
    with pytest.raises(SettingError, match="test_size that leaves both parts some of the 10 samples"):
        train_test_split(np.zeros(10), test_size=size)
    with pytest.raises(ShapeError, match="equally many samples"):
        train_test_split(np.zeros(10), np.zeros(9))
    with pytest.raises(DataError, match="at least one array"):
        train_test_split()


@pytest.mark.parametrize("folds", [2, 5, 7])
def test_folds_test_each_sample_once_and_never_on_what_they_trained_on(folds):
    for made in (k_fold(87, folds, seed=1), stratified_k_fold(LABELS, folds, seed=1)):
        assert together([fold.test for fold in made]) == list(range(87))
        sizes = [len(fold.test) for fold in made]
        assert max(sizes) - min(sizes) <= 1
        for train, test in made:
            assert together([train, test]) == list(range(87))


def test_folds_of_few_samples_hold_each_class_only_when_stratified():
    labels = np.tile(np.arange(10), 4)
    counts = [np.bincount(labels[fold.test], minlength=10) for fold in stratified_k_fold(labels, 4)]
    assert np.array_equal(counts, np.ones((4, 10)))
    plain = [len(set(labels[fold.test].tolist())) for fold in k_fold(40, 4)]
    assert min(plain) < 10
    for fold in stratified_k_fold(LABELS, 5, seed=8):
        assert abs(np.bincount(LABELS[fold.test], minlength=3) - np.bincount(LABELS) / 5).max() < 1
    assert [f.test.tolist() for f in k_fold(40, 4)] != [f.test.tolist() for f in k_fold(40, 4, seed=1)]


@pytest.mark.parametrize("folds", [0, 1, 88, 2.0, True])
def test_a_number_of_folds_that_is_none_is_refused(folds):
    for make in (lambda: k_fold(87, folds), lambda: stratified_k_fold(LABELS, folds)):
        with pytest.raises(SettingError, match="folds from 2 to the 87 samples"):
            make()


def test_a_class_with_fewer_samples_than_folds_is_refused():
    with pytest.raises(DataError, match="at least 8 samples of each class, one a fold, found 7 of class 2"):
        stratified_k_fold(LABELS, 8)
    assert len(stratified_k_fold(["cat", "dog"] * 3, 3)) == 3


def test_cross_validation_gathers_one_measure_a_fold():
    values = np.arange(10.0)
    folds = k_fold(10, 5)
    found = cross_validate(lambda train, test: values[test].mean() + 0 * len(train), folds)
    assert found.values == [values[fold.test].mean() for fold in folds]
    assert found.mean == pytest.approx(4.5)
    assert found.std == pytest.approx(np.std(found.values, ddof=1))
    with pytest.raises(xdl.errors.NonFiniteError, match="a finite measure, found nan of fold 1"):
        cross_validate(lambda *_: float("nan"), folds)
    with pytest.raises(DataError, match="at least two folds, found 1"):
        cross_validate(lambda *_: 1.0, folds[:1])
