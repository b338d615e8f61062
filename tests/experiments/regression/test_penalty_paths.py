"""Ridge and lasso over the penalty: zeros where theory has them, and the penalty that validation points choose."""

import io

import numpy as np
import pytest

import xdl
from xdl.experiments.regression.dam_water import water
from xdl.experiments.regression.penalty_paths import Path, lasso_bound, path, standardized
from xdl.runs.start import RunRequest, start

DEGREE = 4


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


@pytest.fixture
def given():
    """Features, outflows and the number of training points of a stand-in, as arrays."""
    parts = water(3)
    features = {part: x.numpy() for part, x in standardized(DEGREE, parts).items()}
    return parts, features, {part: y.numpy() for part, (_, y) in parts.items()}


def test_ridge_solves_the_normal_equations_of_its_mean_error(given):
    parts, features, y = given
    x, t = features["train"], y["train"] - y["train"].mean()
    found = path("ridge", DEGREE, [0.3], parts)
    expected = np.linalg.solve(x.T @ x / len(t) + 0.3 * np.eye(DEGREE), x.T @ t / len(t))
    np.testing.assert_allclose(found.weights[0], expected, rtol=1e-8)
    predicted = features["test"] @ expected + y["train"].mean()
    assert found.errors["test"][0] == pytest.approx(np.sqrt(np.mean((predicted - y["test"]) ** 2)))


def test_lasso_has_no_weight_from_its_bound_on(given):
    parts, features, y = given
    bound = lasso_bound(DEGREE, parts)
    assert bound == pytest.approx(2 * abs(features["train"].T @ (y["train"] - y["train"].mean())).max() / 12)
    assert path("lasso", DEGREE, [0.9 * bound, 1.01 * bound], parts).left == [1, 0]


def test_the_least_validation_error_is_chosen():
    found = Path([[1.0, 0.0], [0.5, 0.0], [0.0, 0.0]], {"validation": [3.0, 1.0, 2.0], "test": [0.0, 5.0, 5.0]})
    assert found.chosen == 1
    assert found.left == [1, 1, 0]


@pytest.mark.filterwarnings("error::UserWarning")
def test_the_experiment_counts_zeros_and_is_better_with_a_penalty(tmp_path, without_figures):
    given = {"penalties": "9", "seeds": "2", "least": "1e-5"}
    summary = start("penalty-paths", RunRequest(given), out=tmp_path, stream=io.StringIO()).perform()
    without, ridge, lasso = summary["fits"]
    assert max(ridge["test RMSE with it"], lasso["test RMSE with it"]) < without["test RMSE with it"]
    assert ridge["weights that are not 0"] == 9 > lasso["weights that are not 0"]
    assert summary["left"]["ridge"] == [9] * 9
    assert summary["left"]["lasso"][-1] == 0
    assert not [sentence for sentence in summary["what_to_see"] if "not seen" in sentence]
    (folder,) = (tmp_path / "penalty-paths").iterdir()
    assert {path.stem for path in (folder / "figures").glob("*.safetensors")} == {"weights", "errors", "left"}
