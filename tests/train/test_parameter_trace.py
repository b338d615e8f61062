"""ParameterTrace: true statistics at the right steps, in a file that survives resumes."""

import json

import numpy as np
import pytest

import xdl
from tests import strict_backend
from tests.train.around import blobs, trainer_for
from xdl.data import DataLoader
from xdl.errors import DataError, SettingError
from xdl.models import MLP
from xdl.train import Callback, ParameterTrace, read_trace
from xdl.train.callbacks.parameter_trace import measure_parameters


def run(path, every=2, epochs=2, **options):
    trainer = trainer_for(MLP((2, 4, 3)), callbacks=[ParameterTrace(path, every)], **options)
    trainer.fit(DataLoader(blobs(), 20), epochs=epochs)
    return trainer


def test_lines_come_every_so_many_steps(tmp_path):
    run(tmp_path / "deep" / "trace.jsonl")
    lines = read_trace(tmp_path / "deep" / "trace.jsonl")
    assert [(line["step"], line["epoch"]) for line in lines] == [(2, 1), (4, 2), (6, 2)]
    names = ["layers.1.weight", "layers.1.bias", "layers.3.weight", "layers.3.bias"]
    assert list(lines[0]["parameters"]) == names


def test_the_numbers_are_those_of_the_parameters_and_their_gradients(tmp_path):
    trainer = run(tmp_path / "trace.jsonl", every=6)
    (line,) = read_trace(tmp_path / "trace.jsonl")
    squares = 0.0
    for name, p in trainer.model.named_parameters():
        for part, array in (("value", p.numpy()), ("gradient", p.grad.numpy())):
            found, x = line["parameters"][name][part], array.astype(np.float64)
            expected = {
                "mean": x.mean(),
                "std": x.std(),
                "norm": np.linalg.norm(x),
                "min": x.min(),
                "max": x.max(),
            }
            assert found == pytest.approx(expected, rel=1e-5, abs=1e-7)
        squares += float((p.grad.numpy() ** 2).sum())
    assert line["gradient_norm"] == pytest.approx(squares**0.5, rel=1e-5)


def test_a_small_std_about_a_large_mean_is_exact():
    x = np.float32(1000) + np.linspace(-0.5, 0.5, 999, dtype=np.float32)
    found = measure_parameters({"w": xdl.tensor(x)})["parameters"]["w"]
    assert found["value"]["std"] == pytest.approx(x.astype(np.float64).std(), rel=1e-4)
    assert found["gradient"] is None


def test_empty_parameters_are_left_out():
    assert measure_parameters({"w": xdl.zeros(0, 3)}) == {"gradient_norm": 0.0, "parameters": {}}


def test_dtypes_may_differ():
    both = {"a": xdl.tensor([1.0, 2.0]), "b": xdl.tensor([3.0], dtype="float64")}
    assert [part["value"]["max"] for part in measure_parameters(both)["parameters"].values()] == [2.0, 3.0]


def test_everything_is_read_in_one_go(strict, monkeypatch):
    def refuse(*_):
        raise AssertionError("a value was read from the device")

    xdl.use("array_api_strict")
    parameters = {name: xdl.ones(3, 2) for name in "abc"}
    reads = []
    plain = strict_backend.StrictBackend.to_numpy
    monkeypatch.setattr(strict_backend.StrictBackend, "to_numpy", lambda self, x: reads.append(1) or plain(self, x))
    for peek in ("__float__", "__bool__", "__int__", "__index__"):
        monkeypatch.setattr(strict_backend.Array, peek, refuse)
    found = measure_parameters(parameters)
    assert len(reads) == 1
    assert found["parameters"]["c"]["value"]["norm"] == pytest.approx(6**0.5)


def test_nan_is_null(tmp_path):
    class Poison(Callback):
        def on_step_end(self, trainer):
            trainer.model.layers[1].weight.array[0, 0] = float("nan")

    path = tmp_path / "trace.jsonl"
    trainer = trainer_for(MLP((2, 3)), callbacks=[Poison(), ParameterTrace(path, 1)])
    trainer.fit(DataLoader(blobs(), 60))
    (line,) = [json.loads(text, parse_constant=pytest.fail) for text in path.read_text().splitlines()]
    assert line["parameters"]["layers.1.weight"]["value"]["mean"] is None
    assert line["parameters"]["layers.1.bias"]["value"]["mean"] is not None


def test_a_resumed_training_goes_on_with_the_file_and_drops_what_the_checkpoint_does_not_know(tmp_path):
    path = tmp_path / "trace.jsonl"
    state = run(path, every=1, epochs=1).state_dict()
    path.write_text(path.read_text() + '{"step": 99, "parameters": {}}\n')  # of a step after the checkpoint
    resumed = trainer_for(MLP((2, 4, 3)), callbacks=[ParameterTrace(path, 1)])
    resumed.load_state_dict(state)
    resumed.fit(DataLoader(blobs(), 20), epochs=3)
    assert [line["step"] for line in read_trace(path)] == list(range(1, 10))


@pytest.mark.parametrize("tail", [b'{"step": 3, "epo', bytes(300), b"\xff\xfe{", b""])
def test_a_line_that_was_cut_does_not_stop_a_resume(tmp_path, tail):
    path = tmp_path / "trace.jsonl"
    state = run(path, every=1, epochs=1).state_dict()
    path.write_bytes(path.read_bytes() + tail)
    resumed = trainer_for(MLP((2, 4, 3)), callbacks=[ParameterTrace(path, 1)])
    resumed.load_state_dict(state)
    resumed.fit(DataLoader(blobs(), 20), epochs=2)
    assert [line["step"] for line in read_trace(path)] == list(range(1, 7))


def test_a_new_training_starts_a_new_file(tmp_path):
    for _ in range(2):
        run(tmp_path / "trace.jsonl", every=3)
    assert [line["step"] for line in read_trace(tmp_path / "trace.jsonl")] == [3, 6]


def test_refusals(tmp_path):
    with pytest.raises(SettingError, match="every >= 1"):
        ParameterTrace(tmp_path / "t", 0)
    for text in ("nonsense\n", "[1]\n", "[]\n", '{"step": 1}\n', '{"step"\n{"step": 2, "parameters": {}}\n'):
        (tmp_path / "t").write_text(text)
        with pytest.raises(DataError, match="trace"):
            read_trace(tmp_path / "t")
