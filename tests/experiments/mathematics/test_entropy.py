"""Entropies are those of the formulas, the divergence is the difference, and never below 0."""

import io
from collections import Counter
from math import log

import numpy as np
import pytest

import xdl
from xdl import plot
from xdl.data import NGrams, load_shakespeare
from xdl.experiments.mathematics import entropy
from xdl.runs.start import RunRequest, start


def run(name, out, **given):
    stream = io.StringIO()
    plan = start(name, RunRequest(given, seed=0), out=out, stream=stream)
    summary = plan.perform()
    return summary, lambda figure: plot.load_data(plan.run.folder.path / "figures" / f"{figure}.safetensors")


def test_the_ladder_of_a_real_text(tmp_path, without_figures):
    summary, figure = run("entropy", tmp_path, order="3")
    text = load_shakespeare()
    rows = {row["model p"]: row for row in summary["ladder"]}
    assert list(rows) == ["all equal", "unigram", "bigram", "trigram", "4-gram"]
    size = len(set(text.train))
    assert rows["all equal"]["H(q, p), held-out"] == pytest.approx(log(size))
    counts = np.array(list(Counter(text.train).values()))
    shares = counts / counts.sum()
    assert rows["unigram"]["H of the training text"] == pytest.approx(-(shares * np.log(shares)).sum(), rel=1e-12)
    crossed = [row["H(q, p), held-out"] for row in rows.values()]
    assert crossed == sorted(crossed, reverse=True)
    assert crossed == pytest.approx([4.127, 3.398, 2.486, 1.890, 1.583], abs=2e-3)
    assert all(row["KL(q || p)"] > 0 for row in rows.values())
    assert summary["divergence_apart"] < 1e-12
    assert summary["divergence"][0] == pytest.approx(rows["unigram"]["KL(q || p)"], rel=1e-10)
    assert summary["least_at"] == pytest.approx(0.3, abs=1e-9)
    curves = figure("ladder").options["panels"][0]["curves"]
    assert [curve["label"] for curve in curves if "low" in curve] == ["cross entropy H(q, p); band: KL"]


def test_a_wrong_divergence_is_seen(tmp_path, without_figures, monkeypatch):
    right = entropy.divergence
    monkeypatch.setattr(entropy, "divergence", lambda *given: right(*given) + 0.01)
    summary, _ = run("entropy", tmp_path, order="1")
    assert summary["divergence_apart"] == pytest.approx(0.01)


def test_entropies_of_small_texts():
    assert entropy.entropy(xdl.tensor([5, 5])) == pytest.approx(log(2))
    assert entropy.entropy(xdl.tensor([7])) == 0
    text = xdl.tensor([0, 1, 0, 2, 0, 1, 0, 2, 0])
    assert entropy.conditional_entropy(text, 3, 0) == pytest.approx(5 / 9 * log(9 / 5) + 4 / 9 * log(9 / 2))
    assert entropy.conditional_entropy(text, 3, 1) == pytest.approx(0.5 * log(2))  # after 0 comes 1 or 2, then 0
    assert entropy.conditional_entropy(text, 3, 2) == pytest.approx(0, abs=1e-12)  # two characters decide the next


def test_nothing_diverges_from_itself():
    text = [0, 1, 0, 2, 0, 1, 1, 2, 0] * 300
    model = NGrams(text, 3, 1)
    assert 0 < entropy.divergence(model, xdl.tensor(text), 3, 1) < 1e-3
    assert entropy.divergence(model, xdl.tensor([2] * 10), 3, 1) > 1
