"""With and without: each experiment on regularization shows what it is there to show."""

import io
import json

import pytest

import xdl
from xdl.errors import SettingError
from xdl.plot import load_data
from xdl.runs.compare import compare
from xdl.runs.start import RunRequest, start
from xdl.train import Checkpoints, load_state, read_events


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, data=None, **given):
    text = {key: str(value) for key, value in ({"seeds": 1} | given).items()}
    stream = io.StringIO()
    summary = start(name, RunRequest(text, data=data), out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    assert (folder / "figures" / "comparison.safetensors").is_file()
    return summary["trainings"], folder, stream.getvalue()


def lines(folder, part):
    return [json.loads(line) for line in (folder / part / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    ("name", "given"),
    [("mlp-l2", {}), ("mlp-l2", {"l1": 0.0003, "l2": 0}), ("mlp-dropout", {})],
    ids=["L2", "L1", "dropout"],
)
def test_regularization_narrows_the_gap(tmp_path, without_figures, name, given):
    (without, regularized), folder, said = run(name, tmp_path, **given)
    assert without["train loss"] < regularized["train loss"]
    assert regularized["gap"] < 0.85 * without["gap"]
    assert regularized["validation loss"] < without["validation loss"]
    if not given:  # the default has wrong labels, which memory does harm with
        assert regularized["test accuracy"] > without["test accuracy"] + 0.03
    assert "gap" in said
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {
        "figures",
        without["training"].replace(" ", "-"),
        regularized["training"].replace(" ", "-"),
    }


def test_both_trainings_begin_with_the_same_weights(tmp_path, monkeypatch):
    monkeypatch.setattr("xdl.runs.run.draw", lambda *_: None)  # their data are enough
    _, folder, _ = run("mlp-l2", tmp_path, epochs=1, l2=0)
    tells_of_its_trainings(folder)
    states = [load_state(folder / part / Checkpoints.last) for part in ("without-penalty", "with-penalty")]
    assert states[0]["progress"]["history"][0]["train_loss"] == states[1]["progress"]["history"][0]["train_loss"]

    compares_its_trainings(folder, tmp_path / "compared.png")


def compares_its_trainings(folder, figure):
    """Whether `xdl compare` refuses the run, which has no epochs of its own, and names those inside, which it takes."""
    with pytest.raises(SettingError, match=r"Name trainings inside: .*with-penalty, .*without-penalty"):
        compare([folder, folder], figure)
    result = compare([folder / "with-penalty", folder / "without-penalty"], figure)
    assert [row["run"] for row in result["runs"]] == ["with-penalty", "without-penalty"]
    assert [row["ended"] for row in result["runs"]] == ["finished", "finished"]
    assert "trainings of one run" in result["differ"]


def tells_of_its_trainings(folder):
    """Whether one file of events tells of both trainings and of the figures."""
    events = read_events(folder / "events.jsonl")
    measured = [event for event in events if event["phase"] == "evaluate"]
    assert [event["part"] for event in measured] == ["without-penalty", "with-penalty"]
    assert all("test_accuracy" in event["measures"] for event in measured)
    drawn = {(event.get("part", ""), event["figure"]) for event in events if event["phase"] == "figure"}
    assert {("", "comparison"), ("with-penalty", "curves")} <= drawn
    assert list(folder.rglob("events.jsonl")) == [folder / "events.jsonl"]


def test_batch_norm_learns_in_fewer_epochs(tmp_path, without_figures):
    _, folder, _ = run("mlp-batchnorm", tmp_path, epochs=6)
    without, normalized = lines(folder, "without-batch-norm"), lines(folder, "with-batch-norm")
    assert normalized[2]["train_loss"] < without[2]["train_loss"]
    assert normalized[2]["validation_accuracy"] > without[2]["validation_accuracy"]


def test_early_stopping_stops_and_brings_the_best_weights_back(tmp_path, without_figures):
    (to_the_end, stopped), folder, _ = run("early-stopping", tmp_path)
    assert to_the_end["epochs"] == 60
    assert stopped["epochs"] < 50
    losses = [line["validation_loss"] for line in lines(folder, "with-early-stopping")]
    assert len(losses) - 1 - losses.index(min(losses)) == 5  # the patience
    assert stopped["validation loss"] == pytest.approx(min(losses), rel=1e-5)
    assert stopped["validation loss"] < to_the_end["validation loss"]
    best, last = losses.index(min(losses)) + 1, len(losses)
    panel = load_data(folder / "figures" / "comparison.safetensors").options["panels"][0]
    ends = {curve["label"]: curve["look"] for curve in panel["curves"]}
    assert ends[f"epoch {last}: stopped"] == "dots"
    assert ends[f"epoch {best}: the best, brought back"] == "circles"
    told = f"tested and saved: the weights of epoch {best} of {last} ("
    assert told in caption(folder / "with-early-stopping")


def caption(folder):
    """What stands below the curves of a training."""
    return load_data(folder / "figures" / "curves.safetensors").options["caption"]


def test_several_seeds_give_means_ranges_and_a_count(tmp_path, without_figures):
    rows, folder, said = run("mlp-dropout", tmp_path, epochs=6, samples=100, seeds=2)
    summary = json.loads((folder / "summary.json").read_text())
    single = summary["by_seed"]
    assert [(one["seed"], one["training"]) for one in single] == [
        (seed, row["training"]) for seed in (0, 1) for row in rows
    ]
    for row in rows:
        accuracies = [one["test_accuracy"] for one in single if one["training"] == row["training"]]
        assert accuracies[0] != accuracies[1]
        assert row["test accuracy"] == pytest.approx(sum(accuracies) / 2)
        assert [row["accuracy from"], row["accuracy to"]] == sorted(accuracies)
    assert summary["test_accuracy"] == single[1]["test_accuracy"]  # the model is the last one of the first seed
    folders = {"without-dropout", "with-dropout", "without-dropout-again-1", "with-dropout-again-1"}
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {"figures", *folders}
    assert "of 2 seeds" in said
    assert "with dropout the test accuracy is higher" in said
    curves = load_data(folder / "figures" / "comparison.safetensors").options["panels"][0]["curves"]
    assert [(curve["look"], curve["colour"]) for curve in curves] == [
        (look, colour) for colour in (0, 1) for look in ("line", "dashed")
    ]
    assert all({"low", "high"} <= set(curve) for curve in curves)


def test_a_claim_that_does_not_hold_is_taken_back(tmp_path, without_figures):
    _, _, said = run("mlp-dropout", tmp_path, epochs=1, samples=50, dropout=0)
    assert 'not seen here: "with dropout the test accuracy is higher"' in said


def test_figures_say_which_training_they_are_of(tmp_path, without_figures):
    _, folder, _ = run("mlp-dropout", tmp_path, epochs=1, samples=50)
    curves = load_data(folder / "with-dropout" / "figures" / "curves.safetensors")
    assert curves.title.startswith("mlp-dropout on digits, with-dropout")
    assert curves.options["caption"].startswith("tested and saved: the weights of epoch 1 of 1")


@pytest.mark.parametrize(
    ("name", "on"), [("mlp-dropout", "dropout"), ("mlp-batchnorm", "batch statistics"), ("mlp-l2", None)]
)
def test_the_caption_names_only_what_the_networks_have(tmp_path, without_figures, name, on):
    """With one epoch, validation is filled dots and training open ones."""
    _, folder, _ = run(name, tmp_path, epochs=1, samples=50)
    first = load_data(folder / "figures/comparison.safetensors").options["caption"].splitlines()[0]
    measured = "filled: validation; open: training, measured while weights move"
    assert first == (f"{measured}, with {on} on" if on else measured)


def test_activations_and_initial_weights_by_layer(tmp_path):
    summary = start(
        "mlp",
        RunRequest(
            {"hidden": "9,8", "activation": "tanh,gelu", "init": "he,xavier,normal", "epochs": "1", "trace": "20"}
        ),
        out=tmp_path,
        stream=io.StringIO(),
    ).perform()
    assert summary["parameters"] == 64 * 9 + 9 + 9 * 8 + 8 + 8 * 10 + 10
    assert {"trace.jsonl", "figures/trace.png"} <= set(summary["files"])


def test_softmax_regression_shows_its_weights_over_training(tmp_path):
    summary = start("softmax-regression", RunRequest({"epochs": "3"}), out=tmp_path, stream=io.StringIO()).perform()
    pictures = [name for name in summary["files"] if name.startswith("weights/")]
    assert len(pictures) == 6  # before the first step, after each epoch, and the strip with its data
    assert {"weights/strip.png", "weights/strip.safetensors"} <= set(pictures)
