"""Tied weights, which PyTorch saves once, and states from before num_batches_tracked: they load, and back again."""

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from xdl import nn
from xdl.errors import CheckpointError
from xdl.train import load_model, save_model


def language_model(nn, tie):
    """An embedding and an output layer over the same words, of xdl's or PyTorch's nn, with one weight or with two."""
    model = nn.ModuleDict({"out": nn.Linear(3, 5, bias=False), "words": nn.Embedding(5, 3), "mix": nn.Linear(3, 3)})
    if tie:
        model["out"].weight = model["words"].weight
    return model


def values(model):
    return {name: np.array(t.detach().numpy()) for name, t in model.state_dict().items()}


def stored_once(path, metadata):
    """A file with the weights of both under the name of one."""
    rng = np.random.default_rng(0)
    shapes = {"out.weight": (5, 3), "mix.weight": (3, 3), "mix.bias": (3,)}
    arrays = {name: rng.normal(size=shape).astype("float32") for name, shape in shapes.items()}
    save_file(arrays, path, metadata=metadata)
    return arrays | {"words.weight": arrays["out.weight"]}


@pytest.mark.parametrize("tie", [True, False])
def test_weights_that_the_metadata_name_load_into_tied_and_untied_models(tmp_path, tie):
    expected = stored_once(tmp_path / "m", {"words.weight": "out.weight"})
    model = language_model(nn, tie)
    assert load_model(model, tmp_path / "m") == {}
    assert all(np.array_equal(value, expected[name]) for name, value in values(model).items())


def test_a_tied_model_knows_by_itself_what_is_missing(tmp_path):
    expected = stored_once(tmp_path / "m", {"format": "pt"})
    model = language_model(nn, True)
    load_model(model, tmp_path / "m")
    assert all(np.array_equal(value, expected[name]) for name, value in values(model).items())
    with pytest.raises(CheckpointError, match=r"words\.weight is missing"):
        load_model(language_model(nn, False), tmp_path / "m")


@pytest.mark.parametrize(
    ("note", "said"), [("nothing", "words.weight is missing"), ("mix.weight", r"words.weight has shape \(3, 3\)")]
)
def test_a_note_that_leads_nowhere_is_refused_and_nothing_changes(tmp_path, note, said):
    stored_once(tmp_path / "m", {"words.weight": note})
    model = language_model(nn, False)
    before = values(model)
    with pytest.raises(CheckpointError, match=said):
        load_model(model, tmp_path / "m")
    assert all(np.array_equal(value, before[name]) for name, value in values(model).items())


def test_tied_weights_are_saved_once_with_a_note_and_load_into_both(tmp_path):
    saved = language_model(nn, True)
    save_model(saved, tmp_path / "m", {"seed": 1})
    assert load_file(tmp_path / "m").keys() == {"out.weight", "mix.weight", "mix.bias"}
    with safe_open(tmp_path / "m", framework="numpy") as file:
        assert file.metadata()["words.weight"] == "out.weight"
    for tie in (True, False):
        loaded = language_model(nn, tie)
        assert load_model(loaded, tmp_path / "m") == {"seed": 1}
        assert all(np.array_equal(value, values(saved)[name]) for name, value in values(loaded).items())


def test_equal_weights_that_are_not_tied_are_saved_twice(tmp_path):
    model = language_model(nn, False)
    model["out"].load_state_dict({"weight": model["words"].weight.numpy()})
    save_model(model, tmp_path / "m")
    assert load_file(tmp_path / "m").keys() == model.state_dict().keys()


def test_a_shared_layer_is_saved_once(tmp_path):
    layer = nn.BatchNorm1d(2)
    model = nn.Sequential(layer, nn.ReLU(), layer)
    save_model(model, tmp_path / "m")
    assert {name.partition(".")[0] for name in load_file(tmp_path / "m")} == {"0"}
    other = nn.BatchNorm1d(2)
    load_model(nn.Sequential(other, nn.ReLU(), other), tmp_path / "m")


@pytest.mark.torch
@pytest.mark.parametrize("tie", [True, False])
def test_a_tied_model_of_pytorch_loads_here(tmp_path, tie):
    import torch
    from safetensors.torch import save_model as save_torch

    theirs = language_model(torch.nn, True)
    save_torch(theirs, tmp_path / "m")
    ours = language_model(nn, tie)
    load_model(ours, tmp_path / "m")
    assert all(np.array_equal(value, values(theirs)[name]) for name, value in values(ours).items())


@pytest.mark.torch
@pytest.mark.parametrize("tie", [True, False])
def test_a_model_of_ours_loads_in_pytorch(tmp_path, tie):
    import torch
    from safetensors.torch import load_model as load_torch

    ours, theirs = language_model(nn, tie), language_model(torch.nn, tie)
    save_model(ours, tmp_path / "m")
    assert load_torch(theirs, tmp_path / "m") == (set(), [])
    assert all(np.array_equal(value, values(ours)[name]) for name, value in values(theirs).items())


COUNTED = {
    "batch norm": lambda nn: nn.BatchNorm2d(2),
    "instance norm": lambda nn: nn.InstanceNorm1d(2, track_running_stats=True),
    "inside": lambda nn: nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)),
}


def without_counts(model):
    return {name: value for name, value in values(model).items() if not name.endswith("num_batches_tracked")}


@pytest.mark.parametrize("name", COUNTED)
def test_states_without_counts_of_batches_load_and_leave_the_counts(tmp_path, name):
    saved, from_file, from_state = (COUNTED[name](nn) for _ in range(3))
    counts = [b for model in (from_file, from_state) for n, b in model.named_buffers() if n.endswith("tracked")]
    for t in saved.state_dict().values():
        t[...] = t + 1
    for count in counts:
        count[...] = count + 7
    state = without_counts(saved)
    save_file(state, tmp_path / "m")
    load_model(from_file, tmp_path / "m")
    from_state.load_state_dict(state)
    for model in (from_file, from_state):
        assert all(np.array_equal(value, state[n]) for n, value in without_counts(model).items())
    assert [count.item() for count in counts] == [7, 7]
    with pytest.raises(CheckpointError, match="running_var is missing"):
        from_state.load_state_dict({n: v for n, v in state.items() if not n.endswith("running_var")})


@pytest.mark.torch
@pytest.mark.parametrize("name", COUNTED)
def test_pytorch_does_the_same(name):
    import torch

    model = COUNTED[name](torch.nn)
    for count in (b for n, b in model.named_buffers() if n.endswith("tracked")):
        count += 7
    model.load_state_dict({n: torch.tensor(v) for n, v in without_counts(model).items()})
    assert [b.item() for n, b in model.named_buffers() if n.endswith("tracked")] == [7]


def test_metadata_that_would_not_load_are_not_saved(tmp_path):
    deep = json.loads("[" * 200 + "]" * 200)
    for metadata in ({"a": deep}, {"a": 10**400}, {"a": {1, 2}}, {1: 2, "1": 3}, {"a": "\ud800"}):
        with pytest.raises(CheckpointError, match="metadata that JSON can hold"):
            save_model(nn.Linear(1, 1), tmp_path / "m", metadata)
        assert not (tmp_path / "m").exists()
    save_model(nn.Linear(1, 1), tmp_path / "m", {"best": float("inf"), "name": "\U0001f600\\ud800"})
    assert load_model(nn.Linear(1, 1), tmp_path / "m") == {"best": float("inf"), "name": "\U0001f600\\ud800"}
