"""What `tensor` takes, and what takes a Tensor: numbers, and nothing else."""

import numpy as np
import pytest

import xdl
from xdl.errors import DtypeError

REFUSED = {
    "a word": "1",
    "words": ["1", "2"],
    "nothing": None,
    "a hole": [1.0, None],
    "a dictionary": {"a": 1},
    "a large integer": 2**70,
    "a ragged list": [[1, 2], [3]],
    "a complex number": 1j,
    "dates": np.array(["2020-01-01"], dtype="datetime64[D]"),
    "objects": np.array([1, 2], dtype=object),
    "half precision": np.ones(2, np.float16),
    "a set": {1, 2},
}


@pytest.mark.parametrize("dtype", [None, "float32", "int64"])
@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_is_no_number_is_refused(data, dtype):
    with pytest.raises(DtypeError, match="tensor: expected"):
        xdl.tensor(data, dtype=dtype)


def test_the_message_names_what_was_there():
    with pytest.raises(DtypeError, match="NoneType None"):
        xdl.tensor([1.0, None])
    with pytest.raises(DtypeError, match="float16"):
        xdl.tensor(np.ones(2, np.float16))
    with pytest.raises(DtypeError, match="300"):
        xdl.tensor([1, 300], dtype="uint8")


def test_lists_of_tensors_become_numbers(each_backend):
    a, b = xdl.Tensor(each_backend.asarray(1.5)), xdl.Tensor(each_backend.asarray([1, 2], "int64"))
    assert xdl.tensor([a, a]).tolist() == [1.5, 1.5]
    assert xdl.tensor([a, a]).dtype == "float32"
    assert xdl.tensor([[a, 2.0], [3, a]]).tolist() == [[1.5, 2.0], [3.0, 1.5]]
    assert xdl.tensor([b, b]).dtype == "int64"
    copy = xdl.tensor(b)
    copy[0] = 7
    assert b.tolist() == [1, 2]


def test_byte_order():
    big = np.array([1.0, 2.0], dtype=">f4")
    assert xdl.tensor(big).tolist() == [1.0, 2.0]
    assert xdl.tensor(big).dtype == "float32"
    with pytest.raises(DtypeError, match=">f4"):
        xdl.from_numpy(big)


def test_numpy_takes_tensors(tmp_path):
    x = xdl.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert np.asarray(x).tolist() == x.tolist()
    assert np.array(x, dtype="float64").dtype == np.float64
    assert np.array(x).flags.writeable
    np.save(tmp_path / "x.npy", x)
    assert np.load(tmp_path / "x.npy").tolist() == x.tolist()
    assert np.concatenate([x, x]).shape == (4, 2)


def test_a_number_where_python_wants_one():
    x, i = xdl.tensor(3.14159), xdl.tensor(2)
    assert (f"{x:.2f}", f"{i:d}", f"{i}") == ("3.14", "2", "2")
    assert list(range(i)) == [0, 1]
    assert [5, 6, 7][i] == 7
    assert f"{xdl.tensor([1])}" == "tensor([1])"
    with pytest.raises(DtypeError, match="index"):
        range(x)
