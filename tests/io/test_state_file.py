"""States come back exactly, equal states are equal files, and any change of a file is found."""

import json
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from safetensors import safe_open
from safetensors.numpy import load_file

import xdl
from xdl import nn
from xdl.backend import DTYPES
from xdl.errors import CheckpointError
from xdl.io.tensor_file import write_tensors
from xdl.train import load_state, save_model, save_state

KEYS = st.one_of(st.text(max_size=4), st.integers(), st.sampled_from(["#", "#1", "#tensor", "#float", "a.b", "a"]))
ARRAYS = st_numpy.arrays(st.sampled_from(DTYPES), st_numpy.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), ARRAYS)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


def same(a, b):
    """Equal in type, order, and every bit of an array."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return repr(a) == repr(b)


def small():
    """A state with something of everything."""
    return {"model": {"0.weight": np.arange(3, dtype="float32")}, "state": {0: {"step": 2}}, "best": math.inf}


@given(TREES)
@settings(max_examples=60, deadline=None)
def test_any_state_comes_back_exactly(tmp_path_factory, state):
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    save_state(path, state)
    assert same(load_state(path), state)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (2, 3)])
def test_arrays_of_every_backend_dtype_and_shape(tmp_path, each_backend, dtype, shape):
    host = (np.arange(6).reshape(2, 3) % 2).astype(dtype) if shape == (2, 3) else np.zeros(shape, dtype)
    array = each_backend.asarray(host)
    save_state(tmp_path / "s", {"tensor": xdl.Tensor(array), "raw": array})
    loaded = load_state(tmp_path / "s")
    assert same(loaded, {"tensor": host, "raw": host})
    assert loaded["raw"].flags.writeable


def test_arrays_in_any_memory_order_are_saved_by_value(tmp_path):
    x = np.arange(24.0).reshape(2, 3, 4)
    state = {"turned": x.T, "slices": x[:, ::2, 1:], "fortran": np.asfortranarray(x), "big endian": x.astype(">f8")}
    save_state(tmp_path / "s", state)
    assert same(load_state(tmp_path / "s"), {name: np.array(a, "<f8", order="C") for name, a in state.items()})


def test_tuples_come_back_as_lists_and_long_lists_of_floats_stay_compact(tmp_path):
    numbers = [0.1 * i for i in range(1000)] + [math.nan, -math.inf]
    save_state(tmp_path / "s", {"betas": (0.9, 0.99), "losses": numbers})
    assert same(load_state(tmp_path / "s"), {"betas": [0.9, 0.99], "losses": numbers})
    assert load_file(tmp_path / "s")["losses"].tolist()[:1000] == numbers[:1000]


def test_paths_that_would_be_equal_are_told_apart(tmp_path):
    a, b, c, d = (np.full(2, float(i)) for i in range(4))
    state = {"a.0": a, "a": {0: b, "0": c}, "__metadata__": d}
    save_state(tmp_path / "s", state)
    assert same(load_state(tmp_path / "s"), state)


def test_other_programs_see_paths_and_metadata(tmp_path):
    save_state(tmp_path / "s", small())
    assert load_file(tmp_path / "s").keys() == {"model.0.weight"}
    with safe_open(tmp_path / "s", framework="numpy") as file:
        metadata = file.metadata()
    assert metadata["xdl.kind"] == "checkpoint"
    assert xdl.__version__ in metadata["xdl.versions"]
    assert '"#float": "inf"' in metadata["xdl.state"]


def test_equal_states_give_equal_bytes(tmp_path):
    for name in ("a", "b"):
        save_state(tmp_path / name, small())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_every_flipped_bit_is_found(tmp_path, step):
    save_state(tmp_path / "s", small())
    whole = (tmp_path / "s").read_bytes()
    for bit in range(0, 8 * len(whole), step):  # with 7, one in each byte or two
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        (tmp_path / "s").write_bytes(changed)
        with pytest.raises(CheckpointError):
            load_state(tmp_path / "s")


def test_every_cut_and_every_addition_is_found(tmp_path):
    save_state(tmp_path / "s", small())
    whole = (tmp_path / "s").read_bytes()
    for changed in [*(whole[:length] for length in range(len(whole))), whole + b"\0", b"\0" + whole, whole + whole]:
        (tmp_path / "s").write_bytes(changed)
        with pytest.raises(CheckpointError):
            load_state(tmp_path / "s")


def test_other_kinds_are_refused_with_a_hint(tmp_path):
    save_state(tmp_path / "s", small(), kind="weights")
    assert same(load_state(tmp_path / "s", kind="weights"), small())
    with pytest.raises(CheckpointError, match=r"expected a checkpoint at .*, found 'weights'"):
        load_state(tmp_path / "s")
    save_model(nn.Linear(2, 2), tmp_path / "m")
    with pytest.raises(CheckpointError, match=r"found 'model'\. xdl.train.load_model reads models"):
        load_state(tmp_path / "m")


@pytest.mark.parametrize(
    "skeleton",
    [
        "{",
        "[" * 100_000,
        '{"a": {"#tensor": "missing"}}',
        '{"a": {"#tensor": [1]}}',
        '{"a": {"#numbers": "missing"}}',
        '{"a": {"#float": "three"}}',
        '{"a": {"#float": [1]}}',
        '{"#three": 1}',
        '{"#0x1": 1}',
        '{"#01": 1, "t": {"#tensor": "t"}}',
        '{"#%s": 1}' % ("9" * 5000),
        '{"a": {"#tensor": "t", "more": 1}}',
        '{"a": {"#float": 1}}',
        '{"a": 1, "a": {"#tensor": "t"}}',
        '{"a": %s, "t": {"#tensor": "t"}}' % ("9" * 400),
        '{"a": 1e999, "t": {"#tensor": "t"}}',
        '{"a": NaN, "t": {"#tensor": "t"}}',
        '{"a": "\\udfff", "t": {"#tensor": "t"}}',
        '{"a": %s, "t": {"#tensor": "t"}}' % ("[" * 200 + "]" * 200),
        "{}",
        '{"a": {"#tensor": "t"}, "b": {"#tensor": "t"}}',
    ],
    ids=range(21),
)
def test_a_skeleton_that_means_nothing_is_refused_also_with_a_right_checksum(tmp_path, skeleton):
    arrays = {"t": np.zeros(2)}
    write_tensors("test", tmp_path / "s", "checkpoint", arrays, {"xdl.format": "1", "xdl.state": skeleton})
    with pytest.raises(CheckpointError, match="state does not fit its tensors"):
        load_state(tmp_path / "s")


def test_references_take_no_memory_of_their_own(tmp_path):
    """2,000 lists of one array of 20,000 numbers were 1.5 GB, and 2**40 empty rows of an array without bytes more."""
    many = json.dumps([{"#numbers": "t"}] * 2000)
    files = {"many": (many, np.zeros(20_000)), "rows": ('{"#numbers": "t"}', np.zeros((1 << 40, 0)))}
    files["bytes"] = ('{"#numbers": "t"}', np.zeros(1_000_000, "int8"))
    for name, (skeleton, array) in files.items():
        write_tensors("test", tmp_path / name, "checkpoint", {"t": array}, {"xdl.format": "1", "xdl.state": skeleton})
        tracemalloc.start()
        with pytest.raises(CheckpointError, match="state does not fit its tensors"):
            load_state(tmp_path / name)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4e6


def test_a_later_format_is_refused_with_the_version_that_reads_it(tmp_path):
    metadata = {"xdl.format": "2", "xdl.state": "{}", "xdl.versions": '{"xdl": "9.0"}'}
    write_tensors("test", tmp_path / "s", "checkpoint", {}, metadata)
    with pytest.raises(CheckpointError, match=r"format 1 at .*found format '2'\. Read it with the xdl .*9\.0"):
        load_state(tmp_path / "s")


@pytest.mark.parametrize(
    ("state", "named"),
    [
        ({"a": {"b": {1, 2}}}, "set at 'a.b'"),
        ({"a": [1, object()]}, "object at 'a.1'"),
        ({(1, 2): 3}, r"the key \(1, 2\) at ''"),
        ({"a": {True: 3}}, "the key True at 'a'"),
        ({"half": np.zeros(2, "float16"), "z": np.zeros(1, "complex64")}, "half of float16; z of complex64"),
        ({"objects": np.array([None])}, "objects of object"),
        ({"many": [{} for _ in range(600_000)]}, "more than 1000000 names and values.*Keep long lists"),
        ({"long": "x" * (1 << 24)}, "more than 16777216 bytes"),
        ({"whole": 1 << 1023}, "a whole number of 308 digits"),
        ({"deep": json.loads("[" * 200 + "]" * 200)}, "too deep"),
        ({"half": "\ud800"}, "half of a pair"),
    ],
)
def test_what_no_state_can_hold_is_refused_and_the_old_file_stays(tmp_path, state, named):
    (tmp_path / "s").write_bytes(b"old")
    with pytest.raises(CheckpointError, match=rf"save_state.*{named}"):
        save_state(tmp_path / "s", state)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("s", b"old")]


def test_a_state_that_holds_itself_is_refused(tmp_path):
    state = {}
    state["state"] = state
    with pytest.raises(CheckpointError, match="save_state"):
        save_state(tmp_path / "s", state)
