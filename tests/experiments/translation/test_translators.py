"""The experiments that translate: tiny trainings, predictions, what a run of another language is told."""

from __future__ import annotations

import io
import json

import pytest
from typer.testing import CliRunner

import xdl
from xdl.cli.app import app
from xdl.errors import DataError, SettingError
from xdl.experiments import EXPERIMENTS
from xdl.experiments.translation.nearest import NearestTranslation
from xdl.experiments.translation.prepared import Languages
from xdl.runs.evaluate import evaluate
from xdl.runs.predict import predict
from xdl.runs.start import RunRequest, start

TINY = {"samples": "100", "epochs": "1", "batch_size": "40", "beam": "2"}
KINDS = {
    "translate-char": {"hidden": "6"},
    "translate-word2vec": {"hidden": "6", "embedding": "4"},
    "translate-embedding": {"hidden": "6", "embedding": "4"},
    "translate-transformer": {"size": "4", "heads": "2", "layers": "1"},
}


def run(name, out, data=None, **given):
    xdl.set_num_threads(1)
    plan = start(name, RunRequest(TINY | given, data=data), out=out, stream=io.StringIO())
    summary = plan.perform()
    return summary, plan.run.folder.path, plan.run.stream.getvalue()


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_measured_beside_the_nearest_sentence(name, tmp_path, without_figures):
    summary, folder, said = run(name, tmp_path, **KINDS[name])
    assert [row["way"] for row in summary["ways"]] == ["greedy", "beam of 2", "nearest sentence"]
    assert 0.2 < summary["nearest_chrf"] < 0.6
    assert summary["nearest_exact"] == 0
    assert 1 < summary["test_loss"] < 4
    assert f"model: {summary['model']}, {summary['parameters']:,} parameters" in said
    assert any("nearest-neighbour translation" in sentence for sentence in summary["what_to_see"])
    assert {"vocabulary.json", "model.safetensors", "last.safetensors"} <= {path.name for path in folder.iterdir()}
    found = predict(folder, ["3 May 1998"], {"decoding": "greedy"})["translations"][0]
    assert found["attention"] is None
    assert (found["text"], found["unknown"]) == ("3 May 1998", [])
    if name == "translate-embedding":
        assert all(row["difference"] < 1e-8 for row in summary["gradient_checks"])
        assert all(abs(row["slope by the tape"]) > 1e-4 for row in summary["gradient_checks"])
    if name == "translate-transformer":
        assert summary["cached_difference"] < 1e-4
    if name == "translate-word2vec":
        assert len(summary["vectors"]) == 2
    assert "sentence" in said


def test_attention_beside_none_and_what_can_be_asked(tmp_path, without_figures):
    summary, folder, said = run(
        "translate-attention", tmp_path, "tatoeba-2000", hidden="6", embedding="4", seeds="1", min_count="2"
    )
    assert [row["attention"] for row in summary["comparison"]] == ["with", "without"]
    drawn = {path.stem for path in (folder / "figures").glob("*.safetensors")}
    assert drawn == {"attention", "curves", "length", "with-and-without"}
    assert "\nwritten  1 " in said  # the matrix as a table, where no font has the letters
    command = ["predict", str(folder), "Come in, quickly!", "--set", "decoding=greedy", "--json"]
    result = CliRunner().invoke(app, command)
    (found,) = json.loads(result.stdout)["translations"]
    assert found["tokens"] == ["come", "in", ",", "quickly", "!"]
    assert "quickly" in found["unknown"]
    assert len(found["attention"]) == len(found["written"])
    assert all(sum(row) == pytest.approx(1, abs=1e-4) for row in found["attention"])
    with pytest.raises(DataError, match="xdl predict: expected a text with at least one token, found ' '"):
        predict(folder, ["Hi.", " "])
    with pytest.raises(SettingError, match="beam: expected a whole number, at least 1 and at most 1000, found 1001"):
        predict(folder, ["Hi."], {"beam": "1001"})
    measures = evaluate(folder)
    assert measures["test_chrf"] == pytest.approx(summary["test_chrf"], abs=1e-4)
    assert measures["test_loss"] == pytest.approx(summary["test_loss"], abs=1e-6)
    with pytest.raises(SettingError, match="dates"):
        evaluate(folder, "dates")
    state = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
    assert Languages.from_state(state).state() == state
    for broken in ({**state, "longest": [0, 1]}, {**state, "target": {"tokens": ["a"]}}, {**state, "tokens": "x"}):
        with pytest.raises(DataError, match=r"vocabulary\.json"):
            Languages.from_state(broken)


def test_the_nearest_sentence_by_rare_words():
    nearest = NearestTranslation([("the cat sleeps", "A"), ("the dog sleeps", "B"), ("the dog eats the bone", "C")])
    assert nearest("the cat eats") == "A" or nearest("the cat eats") == "C"
    assert nearest("a cat") == "A"
    assert nearest("where is the bone") == "C"
    assert nearest("unheard of") == "A"


def test_a_min_count_beyond_the_text_names_the_setting(tmp_path, without_figures):
    with pytest.raises(SettingError, match=r"^min_count: expected at most .* found 99999"):
        run("translate-transformer", tmp_path, min_count="99999")


def test_heads_that_do_not_divide_the_size_name_the_setting(tmp_path, without_figures):
    with pytest.raises(SettingError, match=r"^heads: expected a divisor of size = 64, found 3"):
        run("translate-transformer", tmp_path, heads="3")


def test_settings_that_change_nothing_are_not_shown():
    assert "hidden" not in EXPERIMENTS["translate-transformer"].load().Settings.__dataclass_fields__
