"""The experiments on evaluation: each shows what it is there to show, with settings that keep it short."""

import io

import pytest

import xdl
from xdl.data import wavy_line
from xdl.experiments.evaluation.polynomials import least_squares, stacked, values
from xdl.runs.start import RunRequest, start

TINY = {
    "polynomial-degree": {"seeds": 3},
    "bias-variance": {"sets": 40, "seeds": 2, "degrees": "0,1,4,9"},
    "learning-curves": {"points": "10,80", "seeds": 2, "steps": 600, "sets": 8},
    "validation-curve": {"widths": "2,16,256", "decays": "0.01,30", "seeds": 1, "epochs": 25},
    "cross-validation": {"draws": 4, "seeds": 2, "strengths": "0.01,1,30,1000"},
    "class-measures": {"seeds": 1, "epochs": 8},
}


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out):
    text = {key: str(value) for key, value in TINY[name].items()}
    stream = io.StringIO()
    summary = start(name, RunRequest(text), out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    return summary, {path.stem for path in (folder / "figures").glob("*.safetensors")}


def test_bias_variance_and_noise_add_up_to_the_measured_error(tmp_path, without_figures):
    summary, figures = run("bias-variance", tmp_path)
    rows = {row["degree"]: row for row in summary["degrees"]}
    assert summary["largest_gap"] < 0.06
    for row in rows.values():
        assert row["bias^2"] + row["variance"] + row["noise"] == pytest.approx(row["their sum"], rel=1e-3)
    assert rows[0]["bias^2"] > 2 > 0.2 > rows[4]["bias^2"]
    assert rows[0]["variance"] < rows[4]["variance"] < rows[9]["variance"]
    assert rows[4]["measured error"] < min(rows[0]["measured error"], rows[9]["measured error"])
    assert "(in 2 of 2 seeds)" in summary["what_to_see"][0]
    assert figures == {"bias-variance", "fits"}
    assert "less variance / 40, by which this mean still varies" in summary["what_to_see"][-1]


def test_a_polynomial_of_the_right_degree_is_found():
    x = xdl.linspace(0, 5, 12, dtype="float64")
    y = (1 + 2 * x - x**3).unsqueeze(0)
    found = values(least_squares(x.unsqueeze(0), y, 3, 0.0, 5.0), x, 0.0, 5.0)
    assert (found - y).abs().amax().item() < 1e-10
    assert stacked([wavy_line(7, seed=i) for i in range(3)])[0].shape == (3, 7)


def test_learning_curves_meet_above_the_noise_or_close(tmp_path, without_figures):
    summary, figures = run("learning-curves", tmp_path)
    rows = {(row["degree"], row["points"]): row for row in summary["by_points"]}
    assert abs(rows[1, 80]["gap"]) < 0.05
    assert rows[1, 80]["validation RMSE"] > 0.5
    assert rows[9, 10]["gap"] > 0.4 > 0.1 > rows[9, 80]["gap"]
    assert 10 < summary["best_iteration"] < 200
    assert "bias: more points do not help" in summary["what_to_see"][1]
    assert "variance: more points help" in summary["what_to_see"][1]
    assert figures == {"by-points", "water", "by-iterations"}


def test_validation_chooses_a_degree_that_does_not_over_fit(tmp_path, without_figures):
    summary, figures = run("polynomial-degree", tmp_path)
    rows = {(row["points"], row["degree"]): row for row in summary["errors"]}
    assert rows[10, 9]["training RMSE"] < 1e-9
    assert rows[10, 9]["test RMSE"] > 2 * rows[10, 3]["test RMSE"]
    assert rows[10, 0]["training RMSE"] > 0.6
    assert rows[100, 9]["test RMSE"] < 1.2 * rows[100, 3]["test RMSE"]
    assert all(3 <= degree < 9 for degree in summary["chosen"]["10"])
    assert "(in 3 of 3 seeds)" in summary["what_to_see"][0]
    assert figures == {"fits", "errors"}


def test_a_validation_curve_goes_from_under_to_over_fitting(tmp_path, without_figures):
    summary, figures = run("validation-curve", tmp_path)
    narrow, right, wide = summary["width"]
    assert narrow["validation loss"] > right["validation loss"] < wide["validation loss"]
    assert narrow["training loss"] > right["training loss"] > wide["training loss"]
    weak, strong = summary["weight_decay"]
    assert weak["training loss"] < strong["training loss"]
    said = "\n".join(summary["what_to_see"])
    assert "under-fitting (larger training loss): 2; over-fitting (smaller training loss): 256" in said
    assert figures == {"width", "weight-decay"}


def test_plain_folds_underrate_few_images_and_a_choice_is_overrated(tmp_path, without_figures):
    summary, figures = run("cross-validation", tmp_path)
    plain, stratified = (row["estimate less truth"] for row in summary["folds"])
    assert plain < -0.05
    assert abs(stratified) < abs(plain)
    assert summary["optimism"] > 0
    assert figures == {"folds", "choosing"}


def test_accuracy_hides_that_a_rare_class_is_missed(tmp_path, without_figures):
    summary, figures = run("class-measures", tmp_path)
    softmax, weighted, _ = summary["kinds"]
    assert softmax["as in training"] > 0.95
    assert softmax["recall"] < 0.3 < weighted["recall"]
    assert softmax["AUC"] > 0.9
    assert softmax["AP, 10x rest"] < softmax["AP"]
    assert [row["class"] for row in summary["classes"]] == [str(digit) for digit in range(10)]
    assert figures == {"confusion", "curves"}
