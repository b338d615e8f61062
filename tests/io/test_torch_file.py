"""PyTorch's state_dicts, saved as safetensors, load unchanged, and xdl's load there."""

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from tests.io.make_torch_file import FILE, network, output
from xdl import nn, tensor
from xdl.errors import CheckpointError
from xdl.train import load_model, save_model


def test_a_file_of_pytorch_loads_unchanged():
    model = network(nn)
    assert load_model(model, FILE) == {}
    found, committed = model.state_dict(), load_file(FILE)
    assert found.keys() == committed.keys()
    for name, value in committed.items():
        assert (found[name].dtype, found[name].numpy().tobytes()) == (str(value.dtype), value.tobytes())


def test_the_loaded_model_gives_pytorchs_output():
    model = network(nn)
    load_model(model, FILE)
    with safe_open(FILE, framework="numpy") as file:
        x, expected = (json.loads(file.metadata()[name]) for name in ("input", "output"))
    np.testing.assert_allclose(output(model, tensor(x)).numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.torch
def test_files_of_both_load_in_the_other(tmp_path):
    import torch
    from safetensors.torch import load_file as load_torch
    from safetensors.torch import save_file as save_torch

    ours, theirs = network(nn), network(torch.nn)
    save_torch(theirs.state_dict(), tmp_path / "theirs.safetensors")
    load_model(ours, tmp_path / "theirs.safetensors")
    save_model(ours, tmp_path / "ours.safetensors", {"seed": 1})
    loaded = load_torch(tmp_path / "ours.safetensors")
    theirs_state = theirs.state_dict()
    assert loaded.keys() == theirs_state.keys()
    assert all(torch.equal(loaded[name], value) for name, value in theirs_state.items())
    network(torch.nn).load_state_dict(loaded)  # strict


@pytest.mark.torch
def test_pytorchs_pickles_are_refused_with_a_way_that_works(tmp_path):
    import safetensors.torch
    import torch

    ours, theirs = network(nn), network(torch.nn)
    weight = theirs["classifier"].weight
    weight.data = weight.data.T.contiguous().T  # a layout that safetensors refuses
    torch.save(theirs.state_dict(), tmp_path / "weights.pt")
    with pytest.raises(CheckpointError, match=r"safetensors\.torch\.save_file") as caught:
        load_model(ours, tmp_path / "weights.pt")
    recipe = caught.value.hint.partition("PyTorch: ")[2]
    recipe = recipe.replace("FILE", repr(str(tmp_path / "weights.pt")))
    recipe = recipe.replace("'model.safetensors'", repr(str(tmp_path / "model.safetensors")))
    exec(recipe, {"safetensors": safetensors, "torch": torch})
    load_model(ours, tmp_path / "model.safetensors")
    assert np.array_equal(ours["classifier"].weight.numpy(), theirs["classifier"].weight.detach().numpy())


@pytest.mark.torch
def test_half_precision_is_refused_by_name(tmp_path):
    import torch
    from safetensors.torch import save_file

    save_file(network(torch.nn).half().state_dict(), tmp_path / "half.safetensors")
    with pytest.raises(CheckpointError, match=r"'classifier.weight' has 'F16' as dtype in place of one of BOOL"):
        load_model(network(nn), tmp_path / "half.safetensors")


@pytest.mark.parametrize("kind", ["npz", "npy"])
def test_numpys_files_are_refused_with_a_way_that_works(tmp_path, kind):
    import safetensors.numpy

    layer = nn.Linear(3, 2, bias=False)
    weight = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))  # a layout that safetensors spoils
    path = tmp_path / f"weights.{kind}"
    np.savez(path, weight=weight) if kind == "npz" else np.save(path, weight)
    with pytest.raises(CheckpointError, match=r"safetensors\.numpy\.save_file") as caught:
        load_model(layer, path)
    recipe = "safetensors" + caught.value.hint.partition("safetensors")[2].replace("FILE", repr(str(path)))
    recipe = recipe.replace("'model.safetensors'", repr(str(tmp_path / "model.safetensors")))
    exec(recipe, {"safetensors": safetensors, "numpy": np})
    load_model(layer, tmp_path / "model.safetensors")
    assert np.array_equal(layer.weight.numpy(), weight)
