"""Probability: frequencies stay in their band, Bayes' rule is what counting gives, moments are those of formulas."""

import io

import numpy as np
import pytest

import xdl
from xdl import plot
from xdl.experiments.mathematics import bayes, coin
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    stream = io.StringIO()
    plan = start(name, RunRequest(given, seed=0), out=out, stream=stream)
    summary = plan.perform()
    return summary, lambda figure: plot.load_data(plan.run.folder.path / "figures" / f"{figure}.safetensors")


def test_frequencies_come_near_to_p_and_counts_do_not(tmp_path, without_figures):
    summary, figure = run("coin", tmp_path, p="0.3", flips="2000", many="400", seeds="2")
    rows = {row["tosses"]: row for row in summary["spread"]}
    assert rows[1000]["sigma_n"] == pytest.approx((0.3 * 0.7 / 1000) ** 0.5)
    assert rows[1000]["std of the frequencies"] == pytest.approx(rows[1000]["sigma_n"], rel=0.08)
    assert rows[1000]["mean |heads - n p|"] > 2 * rows[100]["mean |heads - n p|"]
    assert all(power == pytest.approx(-0.5, abs=0.05) for power in summary["powers"])
    assert summary["after_a_streak"] == pytest.approx(0.3, abs=0.03)
    assert [sentence.endswith("(in 2 of 2 seeds)") for sentence in summary["what_to_see"][:4]] == [True] * 4
    (panel,) = figure("frequency").options["panels"]
    assert len(panel["curves"]) == 21


def test_tosses_that_are_not_independent_are_seen(tmp_path, without_figures, monkeypatch):
    right = xdl.rand
    monkeypatch.setattr(coin.xdl, "rand", lambda runs, flips: right(runs, 1) + xdl.zeros(runs, flips))
    summary, _ = run("coin", tmp_path, flips="1000", many="100", seeds="1")
    assert all(sentence.startswith("not seen here") for sentence in summary["what_to_see"][:2])


def test_what_is_measured_of_tosses():
    heads = xdl.tensor([[1, 1, 1, 1, 1, 0, 1], [0, 1, 1, 1, 1, 1, 1]]).to("bool")
    found = coin._measured(heads, [1, 2, 4], 0.5)
    assert found["frequency"].tolist() == [[1, 1, 1], [0, 0.5, 0.75]]
    assert found["off"] == [0.5, 0.5, 1.5]
    assert found["after"] == (0.5, 2)  # after tosses 0 to 4 of the first run a tail; 1 to 5 of the second: heads
    assert found["inside"] == [1, 1, 1]


def test_bayes_rule_is_counting(tmp_path, without_figures):
    summary, figure = run("bayes", tmp_path)
    assert summary["posterior"] == pytest.approx(0.009 / 0.0981, rel=1e-12)
    assert summary["positive"] == pytest.approx(0.0981)
    people = {row["who"]: row["people"] for row in summary["joint"]}
    assert list(people.values()) == [90, 10, 891, 9009]
    assert summary["what_to_see"][0].endswith("(in 5 of 5 seeds)")
    assert "only 90 are ill, 9.2%" in summary["what_to_see"][1]
    icons = figure("people")
    everyone, positive = icons.arrays["colours0"], icons.arrays["colours1"]
    assert everyone.shape == (100, 100)
    for kind, colour in bayes.KINDS.items():
        assert (everyone == colour).sum() == people[kind]
    assert {int(c): int((positive == c).sum()) for c in np.unique(positive) if c >= 0} == {11: 90, 12: 891}


@pytest.mark.parametrize(("ill", "finds", "alarms"), [("0.5", "1", "0.2"), ("0.003", "0.77", "0.013")])
def test_people_are_whole_and_all_there(tmp_path, without_figures, ill, finds, alarms):
    summary, _ = run("bayes", tmp_path, ill=ill, finds=finds, alarms=alarms, seeds="1")
    assert sum(row["people"] for row in summary["joint"]) == 10_000
    assert all(abs(row["people"] - 1e4 * row["joint probability"]) < 1 for row in summary["joint"])
    p, q, r = float(ill), float(finds), float(alarms)
    assert summary["posterior"] == pytest.approx(p * q / (p * q + (1 - p) * r))


def test_a_wrong_rule_is_seen(tmp_path, without_figures, monkeypatch):
    monkeypatch.setattr(bayes, "posterior", lambda *rates: rates[1])  # the base rate forgotten
    summary, _ = run("bayes", tmp_path)
    assert summary["what_to_see"][0].startswith("not seen here")
