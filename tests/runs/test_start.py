"""Starting a run: seeds decide, settings and backends reach it, and bad input is refused before anything is made."""

import io
import json

import pytest

import xdl
from xdl.errors import BackendError, SettingError
from xdl.experiments import find
from xdl.runs.start import RunRequest, start

pytestmark = pytest.mark.usefixtures("without_figures")


@pytest.fixture(autouse=True)
def _one_thread():
    """These networks are too small to gain from threads, and tests share the machine."""
    xdl.set_num_threads(1)


def run(name, out, seed=0, backend=None, **given):
    text = {key: str(value) for key, value in given.items()}
    return start(name, RunRequest(text, backend=backend, seed=seed), out=out, stream=io.StringIO()).perform()


def folders(out):
    return sorted(path for path in out.glob("*/*"))


def test_equal_seeds_give_equal_measures_and_bytes(tmp_path):
    for seed in (4, 4, 5):
        run("lenet", tmp_path, seed=seed, epochs=2, batch_size=128)
    records, weights = [], []
    for folder in folders(tmp_path):
        lines = (folder / "metrics.jsonl").read_text().splitlines()
        timed = ("seconds", "train_samples_per_second")
        records.append([{k: v for k, v in json.loads(line).items() if k not in timed} for line in lines])
        weights.append((folder / "model.safetensors").read_bytes())
    assert records[0] == records[1] != records[2]
    assert weights[0] == weights[1] != weights[2]


def test_every_backend_runs_an_experiment(tmp_path, strict):
    on_numpy, elsewhere = (
        run("softmax-regression", tmp_path, backend=name, epochs=1) for name in ("numpy", "array_api_strict")
    )
    assert elsewhere["backend"] == "array_api_strict"
    assert elsewhere["test_loss"] == pytest.approx(on_numpy["test_loss"], rel=1e-4)


def test_settings_reach_the_network(tmp_path):
    summary = run("mlp", tmp_path, epochs=1, hidden="6", activation="tanh", optimizer="sgd")
    assert summary["parameters"] == 64 * 6 + 6 + 6 * 10 + 10
    assert summary["settings"]["hidden"] == (6,)
    assert run("mlp", tmp_path, epochs=1, hidden="")["parameters"] == 650


@pytest.mark.parametrize(
    ("error", "arguments"),
    [
        (SettingError, {"name": "lenett"}),
        (SettingError, {"epoch": 3}),
        (SettingError, {"epochs": 0}),
        (SettingError, {"seed": -1}),
        (BackendError, {"backend": "numpi"}),
    ],
)
def test_bad_input_is_refused_before_anything_is_made(tmp_path, error, arguments):
    with pytest.raises(error):
        run(**{"name": "mlp", "out": tmp_path, **arguments})
    assert folders(tmp_path) == []


def test_a_run_that_is_refused_leaves_no_folder_that_it_made(tmp_path):
    with pytest.raises(SettingError, match=r"dropout: expected 0 with layers=1: it acts between layers, found 0.5"):
        run("char-rnn", tmp_path / "new" / "runs", dropout=0.5)
    assert list(tmp_path.iterdir()) == []
    other = tmp_path / "char-rnn" / "of-another-run"
    other.mkdir(parents=True)
    with pytest.raises(SettingError, match="window"):
        run("char-rnn", tmp_path, window=1_000_000)
    assert folders(tmp_path) == [other]


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(SettingError, match="Did you mean 'softmax-regression'"):
        find("softmax")
