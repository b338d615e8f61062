"""The experiments as they run: what they reach, what they leave, and that seeds decide."""

import io
import json

import numpy as np
import pytest

import xdl
from xdl import models
from xdl.data import load_digits
from xdl.errors import NonFiniteError
from xdl.experiments import EXPERIMENTS
from xdl.experiments.shared.images import with_wrong_labels
from xdl.runs.start import RunRequest, files_in_words, start
from xdl.runs.statistics import wilson_interval
from xdl.tensor import Tensor
from xdl.train import load_model

FIGURES = {
    f"figures/{name}.{kind}"
    for name in ("curves", "predictions", "confusion", "filters")
    for kind in ("png", "safetensors")
}
MAPS = {"figures/feature_maps.png", "figures/feature_maps.safetensors"}
FILES = {"run.json", "images.json", "likeness.safetensors", "metrics.jsonl", "events.jsonl", "summary.json"}
WEIGHTS = {"model.safetensors", "last.safetensors", "best.safetensors"}
MODEL = {
    "softmax-regression": (lambda: models.SoftmaxRegression(64, 10), set()),
    "mlp": (lambda: models.MLP((64, 200, 100, 10)), set()),
    "lenet": (models.LeNet5, MAPS),
    "book-cnn": (lambda: models.BookCNN(10, (1, 8, 8)), MAPS),
    "book-cnn-batchnorm": (lambda: models.BookCNN(10, (1, 8, 8), batch_norm=True), MAPS),
}
IDENTITY = ("experiment", "settings", "seed", "data")


@pytest.fixture(autouse=True)
def _one_thread():
    """These networks are too small to gain from threads, and tests share the machine."""
    xdl.set_num_threads(1)


def run(name, out, seed=0, backend=None, stream=None, **given):
    text = {key: str(value) for key, value in given.items()}
    return start(name, RunRequest(text, backend=backend, seed=seed), out=out, stream=stream or io.StringIO()).perform()


def folders(out):
    return sorted(path for path in out.glob("*/*"))


def test_lenet_reads_at_least_97_of_100_held_out_digits(tmp_path, without_figures):
    summary = run("lenet", tmp_path, epochs=12)
    assert summary["test_accuracy"] >= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_lenet_reaches_its_figure_from_any_seed(tmp_path, seed):
    assert run("lenet", tmp_path, seed=seed)["test_accuracy"] >= 0.975


@pytest.mark.parametrize(("name", "floor"), [("softmax-regression", 0.95), ("mlp", 0.96)])
def test_the_smaller_networks_reach_theirs(tmp_path, without_figures, name, floor):
    assert run(name, tmp_path)["test_accuracy"] >= floor


@pytest.mark.parametrize("name", MODEL)
def test_a_run_leaves_what_it_says_and_a_model_of_that_accuracy(tmp_path, name):
    stream = io.StringIO()
    summary = run(name, tmp_path, stream=stream, epochs=1, batch_size=256)
    (folder,) = folders(tmp_path)
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert set(summary["files"]) == found
    assert {name for name in found if not name.startswith("weights/")} == FILES | WEIGHTS | FIGURES | MODEL[name][1]
    assert (folder / "summary.json").read_text() == json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in folder.glob("figures/*.png"))
    assert len((folder / "metrics.jsonl").read_text().splitlines()) == summary["epochs"] == 1
    assert summary["settings"]["batch_size"] == 256
    assert (summary["experiment"], summary["seed"], summary["backend"]) == (name, 0, "numpy")
    assert {"xdl", "python", "numpy"} <= set(summary["versions"])
    assert "held-out fifth" in stream.getvalue()
    assert f"test accuracy {summary['test_accuracy']:.4f}" in stream.getvalue()
    assert summary["test_samples"] == 359
    low, high = summary["test_accuracy_interval"]
    assert (low, high) == pytest.approx(wilson_interval(summary["test_accuracy"] * 359, 359))
    assert f"(Wilson): {low:.4f} to {high:.4f}" in stream.getvalue()
    model = MODEL[name][0]()
    metadata = load_model(model, folder / "model.safetensors")
    assert metadata == json.loads(json.dumps({key: summary[key] for key in IDENTITY}))
    images, labels = load_digits(28 if name == "lenet" else 8).test.arrays
    right = model.eval()(Tensor(images)).argmax(1).numpy() == labels
    assert right.mean() == pytest.approx(summary["test_accuracy"], abs=1e-6)
    recall = [round(right[labels == digit].mean(), 4) for digit in range(10)]
    assert summary["classes"]["recall"] == pytest.approx(recall)
    assert summary["classes"]["images"] == np.bincount(labels).tolist()
    assert summary["parameters"] == sum(np.size(p.numpy()) for p in model.parameters())


def test_a_training_that_diverges_stops_with_the_step(tmp_path):
    with np.errstate(all="ignore"), pytest.raises(NonFiniteError, match=r"Trainer\.fit: .* at step \d+"):
        run("mlp", tmp_path, optimizer="sgd", lr=1e6)
    (folder,) = folders(tmp_path)
    assert not (folder / "model.safetensors").exists()


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=str)
def test_every_experiment_says_what_it_shows(experiment):
    assert "row" in experiment.shows
    assert len(experiment.summary) < 90
    assert experiment.load().__doc__


def test_wrong_labels_are_as_many_as_asked_for_and_the_same_for_a_seed():
    labels = np.repeat(np.arange(5), 40)
    xdl.manual_seed(3)
    noisy = with_wrong_labels(labels, 0.25, 5)
    assert (noisy != labels).sum() == 50
    assert set(noisy) == set(range(5))
    xdl.rand(3)
    np.testing.assert_array_equal(with_wrong_labels(labels, 0.25, 5), noisy)
    xdl.manual_seed(4)
    assert (with_wrong_labels(labels, 0.25, 5) != noisy).any()


def test_the_files_of_a_run_in_words():
    assert files_in_words(["a.json", "figures/x.png", "model.safetensors"]) == (
        "files: figures/x.png, model.safetensors; 1 other"
    )
    many = [f"figures/{i}.png" for i in range(10)]
    assert files_in_words(many) == f"files: {', '.join(many[:8])} and 2 more; 0 others"
