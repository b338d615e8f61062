"""Packed sequences: there and back, in the order that was given, and PyTorch's results."""

import numpy as np
import pytest

import xdl
from xdl import nn
from xdl.errors import DtypeError, KindError, SettingError, ShapeError
from xdl.nn.utils import rnn

LENGTHS = [2, 5, 3]


def padded(batch_first=False):
    x = np.random.default_rng(0).normal(size=(3, 5, 2))
    for row, length in zip(x, LENGTHS, strict=True):
        row[length:] = 0
    return x if batch_first else x.swapaxes(0, 1)


@pytest.mark.parametrize("batch_first", [False, True])
def test_there_and_back(batch_first):
    x = xdl.tensor(padded(batch_first), requires_grad=True)
    packed = rnn.pack_padded_sequence(x, LENGTHS, batch_first, enforce_sorted=False)
    assert packed.batch_sizes.tolist() == [3, 3, 2, 1, 1]
    assert packed.sorted_indices.tolist() == [1, 2, 0]
    assert packed.unsorted_indices.tolist() == [2, 0, 1]
    assert rnn.invert_permutation(packed.sorted_indices).tolist() == [2, 0, 1]
    back, lengths = rnn.pad_packed_sequence(packed, batch_first)
    assert lengths.tolist() == LENGTHS
    np.testing.assert_array_equal(back.numpy(), x.numpy())
    (back * back).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * x.numpy())


def test_lists_of_sequences():
    sequences = [xdl.tensor(row[:length]) for row, length in zip(padded(True), LENGTHS, strict=True)]
    together = rnn.pad_sequence(sequences, batch_first=True)
    np.testing.assert_array_equal(together.numpy(), padded(True))
    left = rnn.pad_sequence(sequences, padding_value=-1.0, padding_side="left")
    assert left[:3, 0].numpy().tolist() == [[-1.0, -1.0]] * 3
    np.testing.assert_array_equal(left[3:, 0].numpy(), sequences[0].numpy())
    for found in (
        rnn.unpad_sequence(together, LENGTHS, batch_first=True),
        rnn.unpack_sequence(rnn.pack_sequence(sequences, False)),
    ):
        for one, expected in zip(found, sequences, strict=True):
            np.testing.assert_array_equal(one.numpy(), expected.numpy())


def test_more_steps_and_another_value():
    packed = rnn.pack_padded_sequence(xdl.ones(4, 2, 1), [4, 2])
    assert packed.sorted_indices is None
    longer, _ = rnn.pad_packed_sequence(packed, padding_value=7.0, total_length=5)
    assert longer[:, 1, 0].tolist() == [1, 1, 7, 7, 7]
    assert packed.to("float64").data.dtype == "float64"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: rnn.pack_padded_sequence(xdl.ones(5, 3), LENGTHS), "enforce_sorted=False"),
        (lambda: rnn.pack_padded_sequence(xdl.ones(4, 3), [5, 1, 1]), "3 lengths between 1 and 4"),
        (lambda: rnn.pack_padded_sequence(xdl.ones(4), [4]), r"input \(T, N"),
        (lambda: rnn.pad_packed_sequence(rnn.pack_sequence([xdl.ones(3)]), total_length=2), "total_length >= 3"),
        (lambda: rnn.pad_sequence([]), "at least one sequence"),
        (lambda: rnn.pad_sequence([xdl.ones(2, 1), xdl.ones(2, 3)]), r"sequences \(T, 1\)"),
        (lambda: rnn.pad_sequence([xdl.ones(2)], padding_side="top"), "a side right or left"),
    ],
)
def test_refusals(call, says):
    with pytest.raises(ShapeError, match=says):
        call()


def test_a_packed_sequence_made_by_hand_finds_its_way_back():
    data, sizes = xdl.tensor([[1.0], [2.0], [3.0]]), xdl.tensor([2, 1])
    sequence = rnn.PackedSequence(data, sizes, xdl.tensor([1, 0]))
    assert sequence.unsorted_indices.tolist() == [1, 0]
    assert rnn.pad_packed_sequence(sequence)[0][:, :, 0].tolist() == [[2.0, 1.0], [0.0, 3.0]]
    assert sequence.double().data.dtype == "float64"
    assert sequence.double().float().cpu().data.dtype == "float32"


@pytest.mark.parametrize("lengths", [np.array(LENGTHS), [np.int64(n) for n in LENGTHS], tuple(LENGTHS)])
def test_lengths_are_whole_numbers_of_any_kind(lengths):
    x = xdl.tensor(padded())
    packed = rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    assert rnn.pad_packed_sequence(packed)[1].tolist() == LENGTHS
    found, expected = (nn.GRU(2, 1, dtype="float64")(x, lengths=given)[0].shape for given in (lengths, LENGTHS))
    assert found == expected


def by_hand(rows, sizes, order=None, back=None):
    parts = [None if part is None else xdl.tensor(part) for part in (sizes, order, back)]
    return rnn.PackedSequence(xdl.ones(rows, 2), *parts)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ((4, [2, 1]), "add up to the 4 rows"),
        ((4, [1, 3]), "falling batch_sizes"),
        ((4, [4, 0]), "of at least 1"),
        ((4, [2, 2], [1, 1], [1, 0]), "sorted_indices that name each of 2 sequences once"),
        ((4, [2, 2], [1, 0], [0, 0]), "unsorted_indices that name each of 2"),
        ((4, [2, 2], [1, 0, 2]), "sorted_indices that name each of 2"),
    ],
)
def test_parts_that_do_not_fit_each_other(parts, says):
    for call in (nn.LSTM(2, 1), rnn.pad_packed_sequence):
        with pytest.raises(ShapeError, match=says):
            call(by_hand(*parts))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: by_hand(4, [2.0, 2.0]), DtypeError, "integer batch_sizes"),
        (lambda: by_hand(4, [[2, 2]]), DtypeError, r"integer batch_sizes \(T,\)"),
        (lambda: rnn.PackedSequence(xdl.ones(2), [2]), DtypeError, "a Tensor as batch_sizes, found list"),
        (lambda: rnn.PackedSequence(None, xdl.ones(2)), DtypeError, "a Tensor as data, found NoneType"),
        (lambda: rnn.pack_padded_sequence(xdl.ones(4, 3), None), KindError, "lengths: a list .* found NoneType"),
        (lambda: rnn.pack_padded_sequence(xdl.ones(4, 3), {4, 3, 2}), KindError, "lengths: a list .* found set"),
        (lambda: nn.GRU(2, 1)(xdl.ones(4, 3, 2), lengths=3), KindError, "GRU: expected lengths: a list"),
        (lambda: rnn.pack_padded_sequence([1.0], [1]), DtypeError, "a Tensor as input, found list"),
        (lambda: rnn.pad_packed_sequence(xdl.ones(4)), KindError, "a PackedSequence, found Tensor"),
        (lambda: rnn.pad_packed_sequence(by_hand(4, [2, 2]), total_length="6"), SettingError, "as total_length"),
        (lambda: rnn.pad_sequence([xdl.ones(2), None]), DtypeError, "a Tensor as sequences, found NoneType"),
        (lambda: rnn.pad_sequence([xdl.tensor(1.0)]), ShapeError, r"sequences \(T, ...\)"),
        (lambda: rnn.invert_permutation(xdl.tensor([1, 1])), ShapeError, "each of 0 to N - 1 once"),
        (lambda: rnn.invert_permutation(xdl.tensor([[1, 0]])), ShapeError, "each of 0 to N - 1 once"),
        (lambda: rnn.invert_permutation([1, 0]), DtypeError, "a Tensor as permutation"),
    ],
)
def test_what_is_of_another_kind(call, error, says):
    with pytest.raises(error, match=says):
        call()


@pytest.mark.torch
@pytest.mark.parametrize("batch_first", [False, True])
def test_pytorchs_packed_sequences(batch_first):
    import torch

    x = padded(batch_first)
    theirs = torch.nn.utils.rnn.pack_padded_sequence(torch.tensor(x), LENGTHS, batch_first, enforce_sorted=False)
    ours = rnn.pack_padded_sequence(xdl.tensor(x), LENGTHS, batch_first, enforce_sorted=False)
    for found, expected in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(found.numpy(), expected.numpy())
