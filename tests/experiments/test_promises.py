"""The rows about the whole: nothing but NumPy underneath, and the numbers that PyTorch has."""

import importlib.util
import io
import sys

import pytest

import xdl
from xdl.experiments.networks.alone import Gate
from xdl.experiments.networks.twins import NETWORKS, apart
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    xdl.set_num_threads(1)
    stream = io.StringIO()
    return start(name, RunRequest({key: str(value) for key, value in given.items()}), out=out, stream=stream).perform()


def test_lenet_trains_where_everything_but_numpy_is_locked_out(tmp_path, without_figures):
    summary = run("from-scratch", tmp_path, steps=12)
    assert summary["frameworks_loaded"] == 0
    names = [row["package"] for row in summary["packages"]]
    assert {"Python's own", "numpy", "xdl"} <= set(names) <= {"Python's own", "numpy", "xdl", "threadpoolctl"}
    assert summary["lines"] > 10_000
    assert {"xdl.tape", "xdl.nn", "xdl.kernels"} <= {row["part of xdl"] for row in summary["parts"]}
    assert summary["loss_difference"] < 1e-4
    assert summary["test_accuracy"] > 0.2


def test_the_gate_refuses_what_is_neither_pythons_nor_allowed():
    gate = Gate()
    assert [gate.find_spec(name) for name in ("json", "numpy.linalg", "xdl.nn")] == [None, None, None]
    with pytest.raises(ModuleNotFoundError, match="torch is locked out"):
        gate.find_spec("torch.nn")
    assert gate.refused == {"torch"}


def test_without_pytorch_it_says_what_to_install(tmp_path, monkeypatch, without_figures):
    monkeypatch.setitem(sys.modules, "torch", None)
    summary = run("beside-pytorch", tmp_path)
    assert summary["pytorch"] is None
    assert "pip install torch" in summary["note"]
    assert summary["what_to_see"] == [summary["note"]]
    assert [row["network"] for row in summary["networks"]] == list(NETWORKS)
    assert all(2.0 < row["loss"] < 2.8 for row in summary["networks"])


@pytest.mark.torch
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")
def test_gradients_of_four_networks_are_pytorchs(tmp_path):
    summary = run("beside-pytorch", tmp_path, seeds=2, steps=3)
    assert len(summary["networks"]) == len(NETWORKS)
    for row in summary["networks"]:
        assert row["gradients float64"] < 1e-12
        assert row["gradients float32"] < min(1e-4, 10 * row["gradients rounding"], row["gradients 0.1 % off"] / 10)
        assert row["losses in training"] < 1e-3
    assert [sentence.endswith("(in 2 of 2 seeds)") for sentence in summary["what_to_see"]] == [True, True]


def test_a_difference_is_taken_over_the_largest_value():
    one, other = {"a": xdl.tensor([1.0, 2.5])}, {"a": xdl.tensor([1.0, 2.0])}
    assert apart(one, other) == {"a": 0.25}
    zero = {"a": xdl.zeros(2)}
    assert apart(zero, zero) == {"a": 0.0}
    assert apart(one, zero) == {"a": 2.5}
