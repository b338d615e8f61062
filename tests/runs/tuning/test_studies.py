"""Studies over several processes: what is put back, what of a journal is damaged, who may join and who not."""

import json
import sys
from math import isfinite
from types import SimpleNamespace

import pytest

import xdl
from tests.runs import line_fit
from tests.runs.tuning.studies import begin, ended, trials
from xdl.errors import DataError, SettingError, XdlError
from xdl.runs.saved_run import read_run
from xdl.runs.statistics import band
from xdl.runs.tuning import results
from xdl.runs.tuning.journal import NAME, ask, require, study_of
from xdl.runs.tuning.tune import in_processes


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    line_fit.registered(monkeypatch)
    monkeypatch.setattr("os.fsync", lambda _: None)  # no power fails here, and hundreds of small files are written
    xdl.set_num_threads(1)


def values(study):
    return [one.value for one in study.trials]


def test_a_run_that_a_full_disk_ends_is_put_back_and_goes_on(tmp_path, monkeypatch):
    whole, *_ = trials(tmp_path / "whole", 2)
    began = line_fit.StopAt.on_step_end

    def full(self, trainer):
        if trainer.step == 5 and (tmp_path / "cut" / line_fit.NAME / "s" / "trials" / "0001").is_dir():
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(line_fit.StopAt, "on_step_end", full)
    with pytest.raises(OSError, match="No space"):
        trials(tmp_path / "cut", 2)
    monkeypatch.setattr(line_fit.StopAt, "on_step_end", began)
    study, folder, _, _ = trials(tmp_path / "cut", 2)
    assert [one.state.name for one in study.trials] == ["COMPLETE", "FAIL", "COMPLETE"]
    assert study.trials[2].user_attrs["at"]["folder"] == "0001"
    assert study.trials[2].params == whole.trials[1].params
    assert values(study)[2] == values(whole)[1]
    assert len(read_run(folder / "trials" / "0001").about["resumed"]) == 1


def test_trials_of_other_machines_are_left_to_them(tmp_path, monkeypatch):
    folder, search = begin(tmp_path)
    trial = ask(study_of(folder, search), search)
    trial.set_user_attr("at", {"folder": "0000", "worker": "1-a", "host": "elsewhere"})
    study, *_ = trials(tmp_path, 2)
    assert [one.state.name for one in study.trials] == ["RUNNING", "COMPLETE"]
    content, said = ended(folder, search)
    assert (content["running"], content["retrained"]) == (1, None)
    assert "in other processes: 1 trial still running;" in said
    monkeypatch.setattr("platform.node", lambda: "elsewhere")
    study, *_ = trials(tmp_path, 2)
    assert [one.state.name for one in study.trials] == ["FAIL", "COMPLETE", "COMPLETE"]
    assert study.trials[2].params == trial.params
    assert ended(folder, search)[0]["running"] == 0


def test_a_line_that_was_cut_is_removed_and_a_damaged_journal_named(tmp_path):
    study, folder, search, _ = trials(tmp_path, 2)
    with open(folder / NAME, "ab") as file:
        file.write(b'{"op_code": 4, "wor')
    study, *_ = trials(tmp_path, 3)
    assert all(isfinite(value) for value in values(study))
    text = (folder / NAME).read_bytes().replace(b"op_code", b"op_co", 5)
    (folder / NAME).write_bytes(text)
    with pytest.raises(DataError, match="a journal that Optuna has written"):
        study_of(folder, search)


def test_joining_takes_over_what_was_asked_and_refuses_what_differs(tmp_path):
    _, first = begin(tmp_path, seed=4, sampler="random")
    assert begin(tmp_path, ranges={})[1] == first
    assert begin(tmp_path, ranges=None, seed=4)[1] == first
    with pytest.raises(SettingError, match=r"seed = 4, sampler = random, found seed = 5, sampler = grid"):
        begin(tmp_path, seed=5, sampler="grid")
    with pytest.raises(SettingError, match=r"seed = 4, found seed = 0"):
        begin(tmp_path, seed=0)
    with pytest.raises(SettingError, match=r"ranges = .*0\.3.*, found ranges = .*0\.2"):
        begin(tmp_path, ranges={"lr": "log(1e-3, 0.2)"})


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ({"ranges": {"lr": "0.1"}}, ("a range", "none", "log(1e-4")),
        ({"name": "../x"}, ("--study",)),
        ({"name": ".."}, ("--study",)),
        ({"name": "full"}, ("a study's", "a.txt")),
        ({"sampler": "gird"}, ("Did you mean 'grid'?",)),
        ({"pruner": "median"}, ("one of none, halving",)),
        ({"measure": "test_loss", "pruner": "halving"}, ("a measure of each epoch",)),
        ({"measure": "other"}, ("--mode", "min or max")),
        ({"mode": "low"}, ("--mode", "'low'")),
        ({"seed": -1}, ("seed",)),
        ({"backend": "numpi"}, ("Did you mean 'numpy'?",)),
        ({"data": "digits"}, ("--data",)),
        ({"sampler": "grid", "points": 100, "ranges": {"lr": "log(1, 2)", "slope": "uniform(0, 1)",
          "epochs": "int(1, 99)"}}, ("at most 10000 trials",)),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_written(tmp_path, asked, parts):
    (tmp_path / line_fit.NAME / "full").mkdir(parents=True)
    (tmp_path / line_fit.NAME / "full" / "a.txt").write_text("")
    with pytest.raises(XdlError) as caught:
        begin(tmp_path, **asked)
    assert all(part in str(caught.value) for part in parts), caught.value
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.txt", "full", line_fit.NAME]


def test_how_often_the_best_is_run_again_is_kept_as_the_number_of_trials_is(tmp_path):
    folder, first = begin(tmp_path, retrain=1)
    assert first.retrain == 1
    assert begin(tmp_path, ranges={})[1] == begin(tmp_path, retrain=2)[1] == first
    old = json.loads((folder / "study.json").read_text())
    del old["retrain"]
    (folder / "study.json").write_text(json.dumps(old))
    assert begin(tmp_path, ranges={})[1].retrain == 3


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"experiment": "line-fit"}'])
def test_a_damaged_study_is_named(tmp_path, text):
    folder, _ = begin(tmp_path)
    (folder / "study.json").write_text(text)
    with pytest.raises(SettingError, match=r"study\.json"):
        begin(tmp_path)


def test_without_optuna_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(XdlError, match=r'pip install "optuna>=5"'):
        require()


def test_what_is_wrong_in_a_process_is_said_when_all_have_ended(capfd):
    in_processes([sys.executable, "-c", "import sys; sys.exit('wrong')"], 2, None)
    assert capfd.readouterr().err == "wrong\nwrong\n"


def test_one_trial_and_one_seed_are_said_in_the_singular():
    one = results.Trial(0, 0.5, "finished", {}, "", "COMPLETE")
    search = SimpleNamespace(measure="loss", mode="min")
    counted, said = results.in_words(search, [one], results.Optimism(0.5, band([0.7]), 0.2))
    assert counted == "1 trial: 1 finished"
    assert said.startswith("the best of 1 trial had loss 0.5; its settings from 1 fresh seed have 0.7")
