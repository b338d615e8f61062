"""Packed sequences: there and back, in the order that was given, and PyTorch's results."""

import numpy as np
import pytest

import xdl
from xdl.errors import ShapeError
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


@pytest.mark.torch
@pytest.mark.parametrize("batch_first", [False, True])
def test_pytorchs_packed_sequences(batch_first):
    import torch

    x = padded(batch_first)
    theirs = torch.nn.utils.rnn.pack_padded_sequence(torch.tensor(x), LENGTHS, batch_first, enforce_sorted=False)
    ours = rnn.pack_padded_sequence(xdl.tensor(x), LENGTHS, batch_first, enforce_sorted=False)
    for found, expected in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(found.numpy(), expected.numpy())
