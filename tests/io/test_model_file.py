"""Model files: exact, deterministic, and checked before anything changes."""

import json
import os

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from xdl import nn
from xdl.errors import CheckpointError
from xdl.models import MLP
from xdl.train import load_model, save_model, save_state


def values(model):
    return {name: t.numpy().copy() for name, t in model.state_dict().items()}


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def network():
    return nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))


def test_a_saved_model_comes_back_exactly(tmp_path):
    saved, loaded = network(), network()
    assert not same(values(saved), values(loaded))
    save_model(saved, tmp_path / "m.safetensors", {"experiment": "test", "seed": 3})
    assert load_model(loaded, tmp_path / "m.safetensors") == {"experiment": "test", "seed": 3}
    assert same(values(saved), values(loaded))


def test_the_keys_are_pytorchs(tmp_path):
    save_model(network(), tmp_path / "m.safetensors")
    names = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    assert set(load_file(tmp_path / "m.safetensors")) == {
        *(f"{i}.{name}" for i in (0, 2) for name in ("weight", "bias")),
        *(f"1.{name}" for name in names),
    }


def test_equal_models_give_equal_bytes(tmp_path):
    model = network()
    for name in ("a", "b"):
        save_model(model, tmp_path / name, {"z": 1, "a": [1, 2], "m": "x"})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_arrays_in_any_memory_order_are_saved_by_value(tmp_path):
    model = nn.Linear(4, 3)
    model.weight.array = np.asfortranarray(model.weight.array)
    save_model(model, tmp_path / "m.safetensors")
    assert same(load_file(tmp_path / "m.safetensors"), values(model))


def test_files_of_other_programs_load_without_metadata(tmp_path):
    model = network()
    arrays = {name: np.asarray(value + 1) for name, value in values(model).items()}
    save_file(arrays, tmp_path / "m.safetensors", metadata={"format": "pt"})
    assert load_model(model, tmp_path / "m.safetensors") == {}
    assert same(values(model), arrays)


def test_all_problems_are_listed_and_nothing_changes(tmp_path):
    model = MLP((4, 3, 2))
    arrays = {name: value + 1 for name, value in values(model).items()}
    arrays["layers.1.weight"] = arrays["layers.1.weight"].T.copy()
    arrays["layers.3.weight"] = arrays["layers.3.weight"].astype(np.float64)
    arrays["layers.4.bias"] = arrays.pop("layers.3.bias")
    save_file(arrays, tmp_path / "m.safetensors")
    before = values(model)
    with pytest.raises(CheckpointError) as caught:
        load_model(model, tmp_path / "m.safetensors")
    for problem in (
        "layers.3.bias is missing",
        "'layers.4.bias' is unexpected",
        "layers.1.weight has shape (4, 3) in place of (3, 4)",
        "layers.3.weight has dtype float64 in place of float32",
    ):
        assert problem in str(caught.value)
    assert same(values(model), before)


@pytest.mark.parametrize("damage", ["missing", "folder", "pipe", "empty", "cut", "header", "metadata", "pickle"])
def test_what_is_no_whole_file_is_refused(tmp_path, damage):
    path = tmp_path / "m.safetensors"
    model = network()
    save_model(model, path)
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    elif damage == "pipe":
        path.unlink()
        os.mkfifo(path)  # to open it would wait for ever
    elif damage == "metadata":
        save_file(values(model), path, metadata={"xdl.model": "{"})
    else:
        bad = {"empty": b"", "cut": whole[:-3], "header": b"\xff" * 8 + whole[8:], "pickle": b"\x80\x04K\x01."}
        path.write_bytes(bad[damage])
    before = values(model)
    with pytest.raises(CheckpointError, match="load_model"):
        load_model(model, path)
    assert same(values(model), before)


def test_metadata_are_json_under_one_key(tmp_path):
    save_model(network(), tmp_path / "m.safetensors", {"seed": 1})
    header = (tmp_path / "m.safetensors").read_bytes()
    size = int.from_bytes(header[:8], "little")
    metadata = json.loads(header[8 : 8 + size])["__metadata__"]
    assert metadata.keys() == {"xdl.sha256", "xdl.kind", "xdl.model"}
    assert (metadata["xdl.kind"], metadata["xdl.model"]) == ("model", '{"seed": 1}')


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    def denied(*_):
        raise PermissionError(13, "Permission denied")

    save_model(network(), tmp_path / "m")
    monkeypatch.setattr("xdl.io.tensor_file.open", denied, raising=False)  # chmod does not stop root
    with pytest.raises(CheckpointError, match=r"a file at .*m that can be read, found .*Permission denied"):
        load_model(network(), tmp_path / "m")


def test_a_checkpoint_is_no_model(tmp_path):
    save_state(tmp_path / "s", {"0.weight": np.zeros((3, 4), "float32")})
    with pytest.raises(CheckpointError, match=r"found a file of kind 'checkpoint'\. xdl\.train\.load_state reads"):
        load_model(network(), tmp_path / "s")


def test_every_flipped_bit_is_found(tmp_path):
    model = nn.Linear(2, 1)
    save_model(model, tmp_path / "m", {"seed": 1})
    whole = (tmp_path / "m").read_bytes()
    before = values(model)
    for bit in range(0, 8 * len(whole), 5):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        (tmp_path / "m").write_bytes(changed)
        with pytest.raises(CheckpointError):
            load_model(model, tmp_path / "m")
    assert same(values(model), before)
