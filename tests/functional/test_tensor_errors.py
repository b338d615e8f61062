"""Products, moved and indexed tensors: mistakes raise typed errors that name what is wrong."""

import re

import numpy as np
import pytest

import xdl
from xdl.errors import BackendError, DataError, DtypeError, SettingError, ShapeError

A, V, B = xdl.ones(2, 3), xdl.ones(3), xdl.ones(2, 3, 4)
K, OUT = xdl.tensor([0, 1]), xdl.tensor([0, 3])
IMAGE = xdl.ones(1, 4, 3, 3)
WRONG = [
    (ShapeError, "mat2 of 3 dimensions", lambda: xdl.bmm(B, A)),
    (ShapeError, "input.shape[0] == mat2.shape[0]", lambda: xdl.bmm(B, xdl.ones(3, 4, 1))),
    (ShapeError, "input.shape[-1] == other.shape[-2]", lambda: xdl.mm(A, A)),
    (ShapeError, "vec of 1 dimensions", lambda: xdl.mv(A, A)),
    (ShapeError, "input of 1 dimensions", lambda: xdl.dot(A, V)),
    (ShapeError, "found (3,) and (2, 2)", lambda: xdl.addmm(V, A, A.T)),
    (ShapeError, "input that broadcasts to (1, 1)", lambda: xdl.addmm(A, xdl.ones(1, 3), xdl.ones(3, 1))),
    (DtypeError, "one dtype for input and tensor", lambda: xdl.dot(V, V.to("float64"))),
    (DtypeError, "a floating dtype", lambda: xdl.dot(K, K)),
    (ShapeError, "equal sizes over dims", lambda: xdl.tensordot(A, A, 1)),
    (ShapeError, "dims in [0, 2]", lambda: xdl.tensordot(A, B, 3)),
    (ShapeError, "input.shape[-1] == other.shape[-1]", lambda: xdl.inner(A, B)),
    (ShapeError, "one size for subscript 'j'", lambda: xdl.einsum("ij,jk->ik", A, A)),
    (ShapeError, "one size for subscript 'i' within an operand", lambda: xdl.einsum("ii", xdl.ones(1, 3))),
    (ShapeError, "dimensions of subscript 'i'", lambda: xdl.einsum("i->i", A)),
    (ShapeError, "one size for subscript ...", lambda: xdl.einsum("...,...", A, A.T)),
    (DataError, "'k'", lambda: xdl.einsum("ij->k", A)),
    (DataError, "'i' 2 times", lambda: xdl.einsum("ij->ii", A)),
    (DataError, "one subscript for each of 1 operands", lambda: xdl.einsum("ij,jk", A)),
    (DataError, "found '1'", lambda: xdl.einsum("i1->i", A)),
    (ShapeError, "as many sources", lambda: xdl.movedim(B, (0, 1), 0)),
    (ShapeError, "at most two dimensions", lambda: B.t()),
    (ShapeError, "different dims", lambda: xdl.flip(A, (0, 0))),
    (ShapeError, "as many shifts as dims", lambda: xdl.roll(A, (1, 2), 0)),
    (ShapeError, "at least 2 numbers", lambda: A.repeat(2)),
    (ShapeError, "repeats (3,)", lambda: xdl.repeat_interleave(V, K)),
    (ShapeError, "tensors[1] of shape (2, 3)", lambda: xdl.stack([A, V])),
    (ShapeError, "sections that sum to 2", lambda: A.split([1, 2])),
    (ShapeError, "a split size of at least 1", lambda: A.split(0)),
    (ShapeError, "at least one chunk", lambda: A.chunk(0)),
    (SettingError, "indexing 'ij' or 'xy'", lambda: xdl.meshgrid(V, indexing="yx")),
    (ShapeError, "vectors", lambda: xdl.meshgrid(A)),
    (SettingError, "Did you mean 'reflect'", lambda: xdl.pad(A, (1, 1), "reflct")),
    (ShapeError, "at most 2 elements of padding in mode 'reflect'", lambda: xdl.pad(A, (3, 0), "reflect")),
    (ShapeError, "at most 3 elements of padding in mode 'circular'", lambda: xdl.pad(A, (4, 0), "circular")),
    (ShapeError, "at most 0", lambda: xdl.pad(xdl.ones(2, 0), (1, 0), "replicate")),
    (ShapeError, "windows of at most 3", lambda: A.unfold(1, 4, 1)),
    (ShapeError, "a kernel (4, 4) that fits", lambda: xdl.unfold(IMAGE, 4)),
    (ShapeError, "a multiple of 4, 4", lambda: xdl.fold(xdl.ones(1, 3, 4), 3, 2)),
    (SettingError, "stride", lambda: xdl.unfold(IMAGE, 2, stride=0)),
    (SettingError, "exactly one of size and scale_factor", lambda: xdl.functional.interpolate(IMAGE)),
    (SettingError, "Did you mean 'bilinear'", lambda: xdl.functional.interpolate(IMAGE, 2, mode="bilinar")),
    (SettingError, "no align_corners", lambda: xdl.functional.interpolate(IMAGE, 2, align_corners=True)),
    (ShapeError, "sizes for mode 'linear'", lambda: xdl.functional.interpolate(IMAGE, 2, mode="linear")),
    (SettingError, "2 of them as size", lambda: xdl.functional.interpolate(IMAGE, (2, 2, 2))),
    (ShapeError, "a multiple of 9", lambda: xdl.functional.pixel_shuffle(IMAGE, 3)),
    (ShapeError, "multiples of 2", lambda: xdl.functional.pixel_unshuffle(IMAGE, 2)),
    (DataError, "index in [0, 3)", lambda: xdl.gather(V, 0, OUT)),
    (DataError, "found -1", lambda: xdl.gather(V, 0, xdl.tensor([-1]))),
    (DataError, "index in [0, 3)", lambda: xdl.scatter(V, 0, OUT, 1.0)),
    (DataError, "index in [0, 3)", lambda: xdl.scatter_add(V, 0, OUT, V)),
    (DataError, "index in [0, 3)", lambda: V.index_select(0, OUT)),
    (DataError, "index in [0, 3)", lambda: V.index_add(0, OUT, xdl.ones(2))),
    (DataError, "classes in [0, 3)", lambda: xdl.one_hot(OUT, 3)),
    (DataError, "input of at least 0", lambda: xdl.bincount(xdl.tensor([-1]))),
    (DtypeError, "an integer index", lambda: xdl.gather(V, 0, V)),
    (DtypeError, "integers", lambda: xdl.one_hot(V)),
    (ShapeError, "an index no larger than (2, 3)", lambda: xdl.gather(A, 1, xdl.zeros(3, 1, dtype="int64"))),
    (ShapeError, "an index no larger", lambda: xdl.gather(A, 1, K)),
    (ShapeError, "src at least as large", lambda: xdl.scatter_add(V, 0, K, xdl.ones(1))),
    (DtypeError, "one dtype for input and src", lambda: xdl.scatter_add(V, 0, K, K)),
    (ShapeError, "index (n,)", lambda: A.index_select(0, K.reshape(1, 2))),
    (ShapeError, "source of shape (2, 3)", lambda: A.index_add(0, K, V)),
    (DtypeError, "a bool mask", lambda: A.masked_fill(A, 0.0)),
    (ShapeError, "a mask that broadcasts to (3,)", lambda: V.masked_fill(A > 0, 0.0)),
    (ShapeError, "a number or a 0-d value", lambda: V.masked_fill(V > 0, V)),
    (ShapeError, "at least two dimensions", lambda: V.tril()),
    (ShapeError, "at least two dimensions", lambda: V.diagonal()),
    (ShapeError, "different dims", lambda: A.diagonal(0, 1, -1)),
    (ShapeError, "a vector or a matrix", lambda: B.diag()),
    (ShapeError, "a matrix", lambda: V.trace()),
    (ShapeError, "k in [0, 3]", lambda: V.topk(4)),
    (ShapeError, "k in [1, 3]", lambda: V.kthvalue(0)),
    (DtypeError, "numbers", lambda: (V > 0).sort()),
    (ShapeError, "sorted_sequence (n,)", lambda: xdl.searchsorted(A, V)),
    (SettingError, "4 of them as padding", lambda: xdl.nn.ZeroPad2d((1, 2))),
    (ShapeError, "3 or 4 dimensions", lambda: xdl.nn.ZeroPad2d(1)(A)),
]


@pytest.mark.parametrize(("error", "message", "call"), WRONG, ids=[f"{i} {w[1]}" for i, w in enumerate(WRONG)])
def test_message(error, message, call):
    with pytest.raises(error, match=re.escape(message)):
        call()


def test_arrays_of_two_backends_do_not_mix(strict):
    other = xdl.Tensor(strict.asarray([0, 1]))
    for call in (
        lambda: V[other],
        lambda: V.gather(0, other),
        lambda: V.index_select(0, other),
        lambda: V.masked_fill(other > 0, 1.0),
    ):
        with pytest.raises(BackendError):
            call()


def test_sums_into_places_are_equal_bit_for_bit():
    ids = xdl.tensor(np.random.RandomState(0).randint(0, 7, 5000))
    for shape in ((5000,), (5000, 3)):
        values = xdl.tensor(np.random.RandomState(1).standard_normal(shape).astype("float32"))
        runs = {xdl.zeros(7, *shape[1:]).index_add(0, ids, values).numpy().tobytes() for _ in range(3)}
        assert len(runs) == 1


def test_eye(each_backend):
    assert xdl.eye(2, 3).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert xdl.eye(2, dtype="int64").tolist() == [[1, 0], [0, 1]]
    assert xdl.eye(2, requires_grad=True).requires_grad
