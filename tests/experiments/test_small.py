"""The experiments that take a few seconds: each shows what it is there to show."""

import io
import json

import pytest

import xdl
from xdl.runs.start import RunRequest, start

TINY = {  # settings that keep the slower ones short; the point must still show
    "spiral": {"steps": 300}, "backprop-by-hand": {"steps": 600},
    "optimizers": {"steps": 60, "samples": 40, "rates": "0.01,0.3,100", "seeds": 2},
    "batch-sizes": {"samples": 200, "epochs": 2, "rates": "0.1,1", "seeds": 1},
    "schedules": {"epochs": 4, "samples": 500, "seeds": 1},
    "batchnorm-rates": {"rates": "0.01,3", "epochs": 5, "seeds": 1},
    "capacity": {"widths": "2,16,256", "epochs": 60, "seeds": 1},
    "part-of-data": {"seeds": 1, "epochs": 5}, "naive-cnn": {"steps": 30, "test_images": 60},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, **given):
    text = {key: str(value) for key, value in (TINY.get(name, {}) | given).items()}
    stream = io.StringIO()
    summary = start(name, RunRequest(text), out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    assert json.loads((folder / "summary.json").read_text()) == json.loads(json.dumps(summary))
    assert json.loads((folder / "run.json").read_text())["experiment"] == name
    return summary, folder, stream.getvalue()


def figures(folder):
    """The names of the figures in a run's folder, each of which is there as data and drawn."""
    drawn, data = ({path.stem for path in (folder / "figures").glob(f"*.{kind}")} for kind in ("png", "safetensors"))
    assert drawn == data
    return drawn


def test_a_spiral_needs_a_hidden_layer_with_an_activation(tmp_path):
    summary, folder, _ = run("spiral", tmp_path)
    straight, still_straight, curved = (row["accuracy on new points"] for row in summary["models"])
    assert 0.4 < straight < 0.6
    assert still_straight < 0.6
    assert curved > 0.9
    assert figures(folder) == {"regions"}
    assert summary["what_to_see"][0].startswith("a hidden layer parts the spiral only with an activation")


def test_gradients_by_hand_are_the_tapes_and_train_a_network(tmp_path, without_figures):
    summary, _, said = run("backprop-by-hand", tmp_path)
    assert summary["gradient_difference"] < 1e-5
    assert summary["training_accuracy"] > 0.95
    assert 0.8 < summary["new_accuracy"] < 1
    assert f"accuracy {summary['training_accuracy']:.4f} on the 300 points of the training" in said


def test_any_number_of_layers_by_hand(tmp_path):
    summary, _, _ = run("backprop-by-hand", tmp_path, hidden="8,7,6", steps=1)
    assert summary["gradient_difference"] < 1e-5


def test_the_forward_pass_by_hand(tmp_path):
    summary, _, said = run("forward-by-hand", tmp_path)
    assert summary["difference"] < 1e-6
    assert summary["neurons"][0] == {
        "sample": "(1, 2)",
        "unit": 1,
        "weighted sum": "1*0.5 + 2*-0.25 + 0.1",
        "z": 0.1,
        "a": pytest.approx(0.52497919),
    }
    assert {kind: len(rows[0]) for kind, rows in summary["outputs"].items()} == {
        "regression": 1,
        "binary": 1,
        "multi-class": 3,
    }
    assert all(sum(row) == pytest.approx(1, abs=1e-6) for row in summary["outputs"]["multi-class"])
    assert "3x2 times 2x3 gives (3, 3)" in said


def test_activations_and_their_slopes(tmp_path):
    summary, folder, _ = run("activations", tmp_path)
    rows = {row["function"]: row for row in summary["functions"]}
    assert set(rows) == {"step", "sign", "sigmoid", "tanh", "relu", "leaky relu, slope 0.1"}
    assert (rows["step"]["f(-1)"], rows["step"]["f(0.5)"], rows["sign"]["f(-1)"]) == (0, 1, -1)
    assert rows["sigmoid"]["f(-100)"] == pytest.approx(3.72e-44, rel=1e-3)
    assert rows["sigmoid"]["f'(0.5)"] == pytest.approx(0.2350037)
    assert rows["tanh"]["f'(-1)"] == pytest.approx(0.4199743)
    assert (rows["relu"]["f'(-1)"], rows["relu"]["f'(0.5)"]) == (0, 1)
    leaky = rows["leaky relu, slope 0.1"]
    assert (leaky["f(-1)"], leaky["f'(-1)"]) == (-0.1, 0.1)
    assert figures(folder) == {"activations"}


def test_losses(tmp_path):
    summary, _, _ = run("losses", tmp_path)
    values = {row["loss"]: row["value"] for row in summary["losses"]}
    assert len(values) == 7
    assert values["cross entropy, class numbers"] == pytest.approx(values["cross entropy, one-hot"], rel=1e-12)
    probabilities = "binary cross entropy of probabilities"
    assert values[probabilities] == pytest.approx(values["binary cross entropy of logits"], rel=1e-9)
    assert (summary["softmax_of_100_1000"], summary["far_loss"]) == ([0.0, 1.0], 900.0)
    assert all(abs(sum(row)) < 1e-12 for row in summary["jacobian"])
    p = [summary["jacobian"][i][i] for i in range(3)]
    assert p == pytest.approx([0.0819251, 0.1848364, 0.2226961], abs=1e-6)


def test_optimizers_of_all_kinds_go_through_one_loop(tmp_path, without_figures):
    summary, _, _ = run("optimizers", tmp_path)
    rows = {row["method"]: row for row in summary["methods"]}
    assert set(rows) == {"SGD", "momentum", "Nesterov", "Adagrad", "Adadelta", "RMSprop", "Adam"}
    assert all(row["loss"] < 1 for name, row in rows.items() if name != "Adadelta")
    assert rows["Adam"]["loss"] < rows["SGD"]["loss"]


def test_a_layer_of_ones_own(tmp_path, without_figures):
    summary, _, said = run("own-layer", tmp_path)
    assert summary["training_accuracy"] > 0.95
    assert f"{summary['new_accuracy']:.4f} on 300 new ones" in said
    assert summary["gradient_errors"]["Ripple"] < 1e-6
    assert summary["gradient_errors"]["BrokenRipple"] > 0.1
    assert "gradient check of Ripple: right" in said
    assert "gradient check of BrokenRipple: WRONG" in said


def test_the_check_is_of_the_layer_itself(tmp_path, without_figures, monkeypatch):
    from xdl.experiments.networks.own_layer import BrokenRipple, Ripple

    monkeypatch.setattr(Ripple, "forward", BrokenRipple.forward)
    _, _, said = run("own-layer", tmp_path)
    assert "gradient check of Ripple: WRONG" in said


def test_gradient_checks_of_whole_networks(tmp_path):
    summary, _, _ = run("gradient-check", tmp_path, sweep=1)
    assert {"LeNet-5", "book-cnn with batch norm"} <= {row["network"] for row in summary["checks"]}
    assert summary["largest_error"] < 1e-6


def test_a_wrong_gradient_would_be_seen():
    from xdl.experiments.networks.gradient_check import error
    from xdl.nn import Linear

    class Wrong(Linear):
        def forward(self, input):
            return super().forward(input) + (input.detach() @ self.weight.detach().T) * 0.1

    x = xdl.randn(5, 6, dtype="float64")
    right, wrong = Linear(6, 4).to("float64"), Wrong(6, 4).to("float64")
    u = xdl.randn(5, 4, dtype="float64")
    assert error(right, x, u, 1e-6) < 1e-7
    assert error(wrong, x, u, 1e-6) > 1e-2


def test_batch_norm_normalizes_and_remembers(tmp_path):
    summary, folder, _ = run("batchnorm", tmp_path)
    kinds = {row["kind"]: row for row in summary["kinds"]}
    assert [row["statistics"] for row in kinds.values()] == [3, 3, 60]
    assert all(abs(row["mean after"]) < 1e-5 for row in kinds.values())
    assert all(row["std after"] == pytest.approx(1, abs=1e-3) for row in kinds.values())
    first, _, last = summary["inference"]
    assert first["std of y"] > 2
    assert abs(last["mean of y"]) < 0.05
    assert 0 < summary["largest_difference_after_50"] < 0.3
    assert figures(folder) == {"histograms", "running"}


def test_running_averages_are_those_of_many_batches_not_of_one(tmp_path, without_figures):
    summary, _, _ = run("batchnorm", tmp_path, batch=2)
    assert summary["running"]["running mean"] == pytest.approx([4, -1, -2], abs=0.15)
    assert summary["running"]["running variance"] == pytest.approx([4, 1, 0.25], rel=0.15)


def test_smaller_batches_take_more_steps_and_come_further(tmp_path, without_figures):
    summary, folder, _ = run("batch-sizes", tmp_path)
    rows = {row["batch size"]: row for row in summary["batch_sizes"]}
    assert {name: row["steps"] for name, row in rows.items()} == {"all": 2, "50": 8, "1": 400}
    assert rows["1"]["train loss"] < rows["all"]["train loss"]
    assert rows["1"]["best rate"] < rows["all"]["best rate"]
    assert {path.stem for path in (folder / "figures").iterdir()} == {"rates", "losses", "steps", "noise"}


def test_schedules_are_drawn_and_tried(tmp_path, without_figures):
    summary, folder, _ = run("schedules", tmp_path)
    rates = summary["rates"]
    assert rates["constant"] == [0.2] * 4
    assert rates["by a table"] == pytest.approx([0.2, 0.2, 0.02, 0.002])
    assert rates["every n epochs"] == pytest.approx([0.2, 0.06, 0.018, 0.0054])
    assert rates["exponential"][3] == pytest.approx(0.2 * 0.01**0.75)
    assert len(summary["schedules"]) == len(rates) == 6
    assert all(row["test accuracy"] > 0.5 for row in summary["schedules"])
    assert {path.stem for path in (folder / "figures").iterdir()} == {"rates", "comparison"}


def test_batch_norm_trains_where_the_plain_network_does_not(tmp_path, without_figures):
    summary, _, said = run("batchnorm-rates", tmp_path)
    low, high = summary["rates"]
    assert low["with batch norm"] > low["without batch norm"] + 0.2
    assert high["with batch norm"] > 0.85
    assert high["without batch norm"] is None or high["without batch norm"] < 0.5
    assert "rate 3 with batch norm, seed 0: test accuracy" in said


def test_wider_networks_learn_more_also_by_heart(tmp_path, without_figures):
    summary, _, _ = run("capacity", tmp_path)
    narrow, middle, wide = summary["widths"]
    assert wide["train loss"] < narrow["train loss"] / 4
    assert wide["gap"] > 1.5 * wide["train loss"]
    assert wide["test loss"] < middle["test loss"]
    assert narrow["parameters"] == 64 * 2 + 2 + 2 * 10 + 10


def test_parts_of_the_data_give_less_than_the_whole(tmp_path, without_figures):
    summary, _, _ = run("part-of-data", tmp_path)
    *parts, whole = summary["parts"]
    assert len(parts) == 5
    assert whole["trained on"] == "all 1295 images"
    assert whole["test accuracy"] > max(part["test accuracy"] for part in parts)
    assert all(abs(part["steps"] - whole["steps"]) <= 4 for part in parts)


def test_looking_at_the_data(tmp_path):
    summary, folder, said = run("look-at-data", tmp_path)
    assert summary["parts"][0] == {
        "part": "train",
        "images": "(1295, 1, 8, 8)",
        "flat": "(1295, 64)",
        "labels": "(1295,)",
    }
    assert sum(row["train"] for row in summary["classes"]) == 1295
    assert summary["batches"][0]["labels"] != summary["batches"][2]["labels"]
    assert "one-hot: [" in said
    assert figures(folder) == {"images"}


def test_plain_loops_train_the_same_network_slowly(tmp_path):
    summary, folder, _ = run("naive-cnn", tmp_path)
    assert figures(folder) == {"losses"}
    assert "the losses of both ways differ by at most" in summary["what_to_see"][0]
    for row in summary["steps"]:
        assert row["loss by loops"] == pytest.approx(row["loss by xdl"], rel=1e-3)
    assert summary["steps"][-1]["loss by loops"] < summary["steps"][0]["loss by loops"] / 1.5
    assert summary["same_answers"] > 0.97
    assert summary["seconds_per_step"]["loops"] > summary["seconds_per_step"]["xdl"]
