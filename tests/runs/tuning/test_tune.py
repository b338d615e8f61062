"""Searches in one process: trials as runs, samplers, what is told to Optuna, the ranking, and the best again."""

import json
import sys
from math import inf

import pytest

import xdl
from tests.runs import line_fit
from tests.runs.tuning.studies import begin, ended, trials
from xdl.errors import CollapseError, SettingError
from xdl.plot import load_data
from xdl.runs.compare import compare
from xdl.runs.saved_run import read_run
from xdl.runs.tuning.journal import study_of
from xdl.runs.tuning.worker import counting

WILD = {"lr": "choice(0.1, 0.01, 1e30)"}


pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")  # as the command does


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    line_fit.registered(monkeypatch)
    monkeypatch.setattr("os.fsync", lambda _: None)  # no power fails here, and hundreds of small files are written
    xdl.set_num_threads(1)


def values(study):
    return [one.value for one in study.trials]


def test_every_trial_is_a_run_in_a_folder_of_its_own(tmp_path):
    study, folder, search, said = trials(tmp_path, 3)
    assert (search.measure, search.mode, search.sampler, search.trials) == ("validation_loss", "min", "tpe", 20)
    paths = sorted((folder / "trials").iterdir())
    assert [path.name for path in paths] == ["0000", "0001", "0002"]
    for one, path in zip(study.trials, paths, strict=True):
        run = read_run(path)
        assert run.whole
        assert run.settings.lr == one.params["lr"]
        assert run.settings.epochs == 2
        assert (run.history()[-1]["validation_loss"], run.about["seed"]) == (one.value, 0)
        assert "not drawn" in run.summary()["figures"]
    assert len({one.params["lr"] for one in study.trials}) == 3
    assert said.count("best so far") == 3
    compared = compare(paths[:2], tmp_path / "c.png")
    assert {row["lr"] for row in compared["runs"]} == {str(one.params["lr"]) for one in study.trials[:2]}
    assert list((folder / "workers").iterdir()) == []


def test_the_ranking_the_figure_and_the_best_from_fresh_seeds(tmp_path):
    study, folder, search, _ = trials(tmp_path, 4)
    content, said = ended(folder, search, retrain=2)
    ranking = [one["value"] for one in content["ranking"]]
    assert ranking == sorted(values(study))
    best = content["best"]
    assert (best["value"], best["settings"]) == (min(values(study)), study.best_params)
    runs = [read_run(folder / "best" / f"trial-{best['number']:04}" / f"seed-{seed}") for seed in (1, 2)]
    again = [run.history()[-1]["validation_loss"] for run in runs]
    assert {run.settings.lr for run in runs} == {best["settings"]["lr"]}
    assert content["optimism"]["again"]["mean"] == pytest.approx(sum(again) / 2)
    assert content["optimism"]["value"] == pytest.approx(sum(again) / 2 - best["value"])
    assert f"the best of 4 trials had validation_loss {best['value']:.4g}" in said
    assert json.loads((folder / "summary.json").read_text()) == json.loads(json.dumps(content))
    data = load_data(folder / "parallel.safetensors")
    assert (data.kind, data.options["best"], data.options["value"]) == ("parallel", 0, "validation_loss")
    assert "lr=" in data.title
    assert (folder / "parallel.png").read_bytes().startswith(b"\x89PNG")
    first = (folder / "best" / f"trial-{best['number']:04}" / "seed-1" / "summary.json").stat().st_mtime_ns
    assert ended(folder, search, retrain=2)[0] == content  # what is there is not done again
    assert (folder / "best" / f"trial-{best['number']:04}" / "seed-1" / "summary.json").stat().st_mtime_ns == first


def test_more_is_better_where_the_mode_says_so(tmp_path):
    study, folder, search, _ = trials(tmp_path, 3, measure="test_loss", mode="max")
    content, said = ended(folder, search, retrain=1)
    assert content["best"]["value"] == max(values(study))
    assert content["optimism"]["value"] == pytest.approx(max(values(study)) - content["optimism"]["again"]["mean"])
    assert "test_loss" in said


def test_a_diverged_trial_is_the_worst_there_is_and_counts(tmp_path):
    study, folder, search, said = trials(tmp_path, 3, ranges=WILD, sampler="grid")
    assert sorted(values(study))[2] == inf
    assert [one.state.name for one in study.trials] == ["COMPLETE"] * 3
    content, _ = ended(folder, search, retrain=0)
    assert (content["ranking"][2]["value"], content["ranking"][2]["settings"]) == (None, {"lr": "1e+30"})
    assert content["ranking"][2]["ended"].startswith("diverged: ")
    assert "3 trials: 2 finished, 1 diverged" in content["what_to_see"]
    assert "diverged" in said
    study, folder, search, _ = trials(tmp_path, 1, name="t", ranges={"lr": "choice(1e30, 1e31)"}, mode="max")
    assert values(study) == [-inf]
    content, _ = ended(folder, search)
    assert (content["best"], content["retrained"]) == (None, None)


def test_a_trial_that_collapses_is_as_bad_and_the_search_goes_on(tmp_path, monkeypatch):
    def collapses(self, trainer):
        if trainer.step == 2 and trainer.task.optimizer.param_groups[0]["lr"] > 0.2:
            raise CollapseError("Collapse", "modes to stay at 4 or above", "2 after epoch 1, step 2")

    monkeypatch.setattr(line_fit.StopAt, "on_step_end", collapses)
    study, _, _, said = trials(tmp_path, 2, ranges={"lr": "choice(0.1, 0.3)"}, sampler="grid")
    assert sorted(values(study))[1] == inf
    assert "trial 1: lr=0.3: diverged" in said


def test_what_the_run_calls_none_is_diverged(tmp_path, monkeypatch):
    module = sys.modules[line_fit.registered(monkeypatch).__name__]
    monkeypatch.setattr(module, "run", lambda *_: {"n": 1, "final_loss": None})
    study, *_ = trials(tmp_path, 1, measure="final_loss", mode="min")
    assert values(study) == [inf]


def test_a_grid_has_each_point_once(tmp_path):
    ranges = {"lr": "log(0.01, 0.1)", "slope": "choice(1, 2)"}
    study, *_ = trials(tmp_path, 100, ranges=ranges, sampler="grid", points=3)
    tried = {(round(one.params["lr"], 6), one.params["slope"]) for one in study.trials}
    assert tried == {(lr, slope) for lr in (0.01, 0.031623, 0.1) for slope in ("1", "2")}
    assert len(study.trials) == 6


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_equal_seeds_give_equal_trials_however_often_it_is_begun(tmp_path, sampler):
    whole, *_ = trials(tmp_path / "a", 4, sampler=sampler)
    trials(tmp_path / "b", 2, sampler=sampler)
    parts, *_ = trials(tmp_path / "b", 4, sampler=sampler)
    other, *_ = trials(tmp_path / "c", 4, sampler=sampler, seed=1)
    assert [one.params for one in whole.trials] == [one.params for one in parts.trials]
    assert values(whole) == values(parts)
    assert [one.params for one in other.trials] != [one.params for one in whole.trials]


def test_halving_ends_the_worse_runs_early(tmp_path):
    ranges = {"lr": "choice(0.2, 0.001, 0.0011, 0.0012, 0.0013)", "epochs": "choice(3)"}
    study, folder, search, said = trials(tmp_path, 5, ranges=ranges, sampler="grid", pruner="halving")
    states = [one.state.name for one in study.trials]
    assert states.count("PRUNED") >= 2
    (first,) = (one for one in study.trials if one.params["lr"] == "0.2")
    assert first.state.name == "COMPLETE"
    pruned = next(one for one in study.trials if one.state.name == "PRUNED")
    run = read_run(folder / "trials" / f"{pruned.number:04}")
    assert not run.finished
    assert len(run.history()) == 1  # the next rung would be the last epoch, after which a run is left to end
    assert f"trial {pruned.number}: epochs=3, lr={pruned.params['lr']}: validation_loss" in said
    assert "pruned after epoch" in said
    content, _ = ended(folder, search, retrain=0)
    assert content["best"]["number"] == first.number


def test_refused_settings_are_passed_over_until_nothing_else_comes(tmp_path, monkeypatch):
    module = sys.modules[line_fit.registered(monkeypatch).__name__]
    original = module.run

    def picky(settings, run):
        if settings.slope < 0:
            raise SettingError("line", "a line that rises", settings.slope)
        return original(settings, run)

    monkeypatch.setattr(module, "run", picky)
    study, *_ = trials(tmp_path, 4, ranges={"slope": "choice(-1, 1, -2, 2)"}, sampler="grid")
    assert sorted(one.state.name for one in study.trials) == ["COMPLETE", "COMPLETE", "FAIL", "FAIL"]
    with pytest.raises(SettingError, match="a line that rises"):
        trials(tmp_path, 9, name="t", ranges={"slope": "uniform(-2, -1)"})
    folder, search = begin(tmp_path, name="t", ranges={})
    assert len(counting(study_of(folder, search))) == 3


def test_a_measure_that_no_run_has_is_named_at_once(tmp_path):
    with pytest.raises(SettingError, match=r"'test_los'.*Did you mean 'test_loss'"):
        trials(tmp_path, 3, measure="test_los", mode="min")
