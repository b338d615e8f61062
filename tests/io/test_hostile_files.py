"""Files that want to do harm, or are of another format: refused by name, at once, and without memory."""

import io
import json
import pickle
import subprocess
import sys
import tracemalloc
from time import process_time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.house.source import ROOT
from xdl import nn, tensor
from xdl.errors import CheckpointError
from xdl.train import load_model, load_state, save_model

F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def a_file(header, data=b"\0" * 8, length=None):
    """The bytes of a file with this header, JSON or bytes, and whatever length it claims."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def archive():
    file = io.BytesIO()
    np.savez(file, a=np.zeros(2))
    return file.getvalue()


def array():
    file = io.BytesIO()
    np.save(file, np.array([{}]), allow_pickle=True)
    return file.getvalue()


HOSTILE = {
    "a huge header": (a_file(b"", length=1 << 62), "begin with"),
    "a header as long as all numbers allow": (a_file(b"", length=(1 << 64) - 1), "begin with"),
    "a header beyond the end": (a_file({"a": F32}, length=1000), "begin with"),
    "a header that is too long": (a_file(b" " * (1 << 24) + b"{}", b""), "begin with"),
    "no JSON": (a_file(b"{" * 100), "no JSON"),
    "no object": (a_file([1]), "no JSON object"),
    "no UTF-8": (a_file(b'{"\xff": 1}'), "not UTF-8"),
    "deep JSON": (a_file(b'{"a":' * 100_000), "too deep"),
    "deep lists": (a_file(b'{"a":' + b"[" * 100_000), "too deep"),
    "a million objects": (a_file(b'{"a":[' + b"{}," * 1_000_000 + b"{}]}"), "more than 1000000 names and values"),
    "many strings": (a_file(b'{"a":[' + b'"bc",' * 300_000 + b"1]}", b""), "'a' has not just"),
    "millions of names": (a_file(b"{%s}" % b",".join(b'"%d":0' % i for i in range(600_000)), b""), "names and values"),
    "a float beyond float64": (a_file(b'{"a":1e999}'), "which no float64 holds"),
    "a constant": (a_file(b'{"a":NaN}'), "NaN, which JSON lacks"),
    "half a letter": (a_file(b'{"a":"\\ud800"}'), "half of a pair"),
    "a number of a million digits": (a_file(b'{"a":' + b"9" * 1_000_000 + b"}"), "a whole safetensors file"),
    "duplicate names": (a_file(b'{"a": %s, "a": %s}' % ((json.dumps(F32).encode(),) * 2)), "'a' twice"),
    "duplicate fields": (a_file(b'{"a": {"dtype": "F32", "dtype": "F32"}}'), "'dtype' twice"),
    "fields missing": (a_file({"a": {"dtype": "F32"}}), "'a' has not just"),
    "fields too many": (a_file({"a": {**F32, "code": "x"}}), "'a' has not just"),
    "an unknown dtype": (a_file({"a": {**F32, "dtype": "BF16"}}), "'BF16' as dtype"),
    "a dtype that is no name": (a_file({"a": {**F32, "dtype": [[[]]]}}), "no name as dtype"),
    "a lying dtype": (a_file({"a": {**F32, "dtype": "F64"}}), "8 bytes for 2 elements of F64"),
    "a lying shape": (a_file({"a": {**F32, "shape": [1 << 40]}}), "8 bytes for 1099511627776 elements"),
    "an absurd shape": (a_file({"a": {**F32, "shape": [1 << 62, 1 << 62]}}), "a shape that no array"),
    "an absurd shape without elements": (a_file({"a": {**F32, "shape": [0, 1 << 62]}}), "a shape that no array"),
    "many dimensions": (a_file({"a": {**F32, "shape": [1] * 65}}), "a shape that no array"),
    "a million dimensions": (a_file({"a": {**F32, "shape": [1 << 62] * 100_000}}, b""), "a shape that no array"),
    "a negative size": (a_file({"a": {**F32, "shape": [-2]}}), "a shape that no array"),
    "a size with a point": (a_file({"a": {**F32, "shape": [2.0]}}), "a shape that no array"),
    "a size that is true": (a_file({"a": {**F32, "shape": [True, 2]}}), "a shape that no array"),
    "offsets backwards": (a_file({"a": {**F32, "data_offsets": [8, 0]}}), "-8 bytes"),
    "offsets below zero": (a_file({"a": {**F32, "data_offsets": [-8, 0]}}), "not two positions"),
    "three offsets": (a_file({"a": {**F32, "data_offsets": [0, 4, 8]}}), "not two positions"),
    "offsets beyond the end": (a_file({"a": {**F32, "data_offsets": [8, 16]}}), "begins at 8"),
    "a terabyte": (a_file({"a": {"dtype": "U8", "shape": [1 << 40], "data_offsets": [0, 1 << 40]}}), "in place of"),
    "a gap": (a_file({"a": F32, "b": {**F32, "data_offsets": [9, 17]}}, b"\0" * 17), "'b' begins at 9"),
    "an overlap": (a_file({"a": F32, "b": {**F32, "data_offsets": [4, 12]}}, b"\0" * 12), "'b' begins at 4"),
    "two in one place": (a_file({"a": F32, "b": F32}), "'b' begins at 0"),
    "bytes behind": (a_file({"a": F32}, b"\0" * 9), "9 bytes of tensors in place of 8"),
    "bytes missing": (a_file({"a": F32}, b"\0" * 7), "7 bytes of tensors in place of 8"),
    "no tensors": (a_file({}, b""), "no tensors"),
    "metadata that are numbers": (a_file({"__metadata__": {"a": 1}, "a": F32}), "metadata that are not strings"),
    "metadata that are a list": (a_file({"__metadata__": ["a"], "a": F32}), "metadata that are not strings"),
    "a false checksum": (a_file({"__metadata__": {"xdl.sha256": "0" * 64}, "a": F32}), "checksum"),
    "no checksum": (a_file({"__metadata__": {"xdl.kind": "checkpoint"}, "a": F32}), "checksum"),
    "a pickle": (pickle.dumps({"a": 1}), "safetensors.torch.save_file"),
    "a pickle of protocol 2": (pickle.dumps({"a": 1}, 2), "safetensors.torch.save_file"),
    "a zip archive, as torch.save writes": (archive(), "safetensors.torch.save_file"),
    "a NumPy array": (array(), "safetensors.numpy.save_file"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "h5py"),
    "nothing": (b"", "0 bytes"),
    "seven bytes": (b"\0" * 7, "7 bytes"),
    "all zero": (b"\0" * 100, "no JSON"),
}
LOADERS = {"load_state": load_state, "load_model": lambda path: load_model(nn.Linear(1, 1), path)}


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_quickly_and_without_memory(tmp_path, name, loader):
    content, said = HOSTILE[name]
    path = tmp_path / "hostile.safetensors"
    path.write_bytes(content)
    started = process_time()
    with pytest.raises(CheckpointError) as caught:
        LOADERS[loader](path)
    assert process_time() - started < 1
    if name != "no tensors":  # which is a file of the format, and no state, and no model
        assert said in str(caught.value)
    assert loader in str(caught.value)
    assert len(str(caught.value)) < 2000
    tracemalloc.start()
    with pytest.raises(CheckpointError):
        LOADERS[loader](path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * path.stat().st_size + 2_000_000


def test_a_pickle_under_its_usual_name_is_recognized_by_that(tmp_path):
    for ending in (".pt", ".PTH", ".ckpt", ".bin", ".pkl"):
        path = tmp_path / f"weights{ending}"
        path.write_bytes(b"(dp0\nI1\n." * 10)  # a pickle of protocol 0, which has no mark
        with pytest.raises(CheckpointError, match=r"safetensors\.torch\.save_file"):
            load_model(nn.Linear(1, 1), path)


def test_all_problems_of_a_header_are_listed_and_of_very_many_the_first(tmp_path):
    bad = {"a": {**F32, "dtype": "F16"}, "b": {**F32, "shape": [3]}, "__metadata__": {"c": 3}}
    (tmp_path / "s").write_bytes(a_file(bad))
    with pytest.raises(CheckpointError, match=r"strings; 'a' has 'F16' as dtype.*; 'b' has 8 bytes for 3 elements"):
        load_state(tmp_path / "s")
    (tmp_path / "s").write_bytes(a_file({f"{i:_>4000}": {} for i in range(1000)}))
    with pytest.raises(CheckpointError, match="and 800 more") as caught:
        load_state(tmp_path / "s")
    assert len(str(caught.value)) < 50_000


def test_of_very_many_bad_names_only_the_first_take_memory(tmp_path):
    (tmp_path / "s").write_bytes(a_file(b"{%s}" % b",".join(b'"%d":0' % i for i in range(100_000)), b""))
    tracemalloc.start()
    with pytest.raises(CheckpointError, match=r"'199' has not just .*; and 99800 more$"):
        load_state(tmp_path / "s")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6


def test_true_and_false_are_one_and_zero(tmp_path):
    (tmp_path / "s").write_bytes(a_file({"a": {"dtype": "BOOL", "shape": [2], "data_offsets": [0, 2]}}, b"\1\2"))
    flags = nn.Module()
    flags.register_buffer("a", tensor([False, False]))
    with pytest.raises(CheckpointError, match="neither true nor false"):
        load_model(flags, tmp_path / "s")


def test_a_hostile_file_fits_into_little_memory(tmp_path):
    """A process that may take 64 MiB more than it has refuses files that claim gigabytes."""
    for number, header in enumerate(
        (
            {"a": {"dtype": "F32", "shape": [1 << 33], "data_offsets": [0, 1 << 35]}},
            {"__metadata__": {"xdl.sha256": "0" * 64}, "a": {**F32, "shape": [1 << 59, 0]}},
        )
    ):
        (tmp_path / f"{number}").write_bytes(a_file(header))
    (tmp_path / "2").write_bytes(a_file(b"", length=1 << 40))
    with open(tmp_path / "3", "wb") as file:  # it really has that many bytes, of a tensor that the model has not
        file.write(a_file({"a": {"dtype": "F32", "shape": [1 << 33], "data_offsets": [0, 1 << 35]}}, b""))
        file.truncate(file.tell() + (1 << 35))
    code = """
import resource, sys
from xdl import nn
from xdl.errors import CheckpointError
from xdl.train import load_model
model = nn.Linear(1, 1)
with open("/proc/self/statm") as file:
    taken = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + (64 << 20), taken + (64 << 20)))
for number in range(4):
    try:
        load_model(model, f"{sys.argv[1]}/{number}")
    except CheckpointError as error:
        print("refused")
"""
    ran = subprocess.run([sys.executable, "-c", code, tmp_path], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (ran.stdout, ran.stderr) == ("refused\n" * 4, "")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A model's file, and the values that it must not change."""
    path = tmp_path_factory.mktemp("whole") / "m.safetensors"
    save_model(nn.Linear(2, 1), path, {"seed": 1})
    return path.read_bytes()


def refuses(path, content):
    """Whether a model takes nothing from such a file."""
    path.write_bytes(content)
    model = nn.Linear(2, 1)
    before = [p.tolist() for p in model.parameters()]
    with pytest.raises(CheckpointError):
        load_model(model, path)
    assert [p.tolist() for p in model.parameters()] == before


@given(content=st.binary(max_size=300))
@example(content=a_file({"a": F32}))
@settings(max_examples=200, deadline=None)
def test_random_bytes_are_refused(tmp_path_factory, content):
    refuses(tmp_path_factory.getbasetemp() / "random", content)


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_changed_bytes_are_refused(tmp_path_factory, whole, data):
    low = data.draw(st.integers(0, len(whole) - 1))
    high = data.draw(st.integers(low, min(len(whole), low + 20)))
    put = data.draw(st.binary(max_size=20))
    content = whole[:low] + put + whole[high:]
    if content != whole:
        refuses(tmp_path_factory.getbasetemp() / "changed", content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["F32", "BOOL", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "dtype", "shape"]), inner),
)
ENTRIES = st.fixed_dictionaries(
    {"dtype": JSON | st.just("F32"), "shape": JSON | st.just([2, 1]), "data_offsets": JSON | st.just([0, 8])}
)


@given(header=st.dictionaries(st.sampled_from(["weight", "bias", "a", "__metadata__"]), ENTRIES | JSON))
@settings(max_examples=200, deadline=None)
def test_random_headers_are_refused(tmp_path_factory, header):
    refuses(tmp_path_factory.getbasetemp() / "header", a_file(header))
