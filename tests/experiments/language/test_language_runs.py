"""The experiments on language, on a tenth of the text that ships: what they find, and what their runs can be asked."""

import io
from math import log

import pytest

import xdl
from xdl.data.text import shakespeare
from xdl.errors import DataError, NonFiniteError, SettingError
from xdl.runs.evaluate import evaluate
from xdl.runs.predict import predict
from xdl.runs.start import RunRequest, start

WHOLE = shakespeare.read_part()
TINY = {
    "kgram-lm": {"order": 3, "length": 20},
    "char-rnn": {"epochs": 2, "steps": 20, "lr": 0.01, "hidden": 32, "length": 20, "prefix": "A"},
    "char-gru": {
        "epochs": 1,
        "steps": 4,
        "hidden": 16,
        "embedding": 0,
        "length": 20,
        "prefix": "A",
        "sampling": "consecutive",
    },
    "char-lstm": {
        "epochs": 1,
        "steps": 4,
        "hidden": 16,
        "layers": 2,
        "length": 20,
        "prefix": "A",
        "schedule": "cosine",
        "muon_lr": 0.02,
    },
    "lstm-variants": {"epochs": 1, "steps": 2, "seeds": 2, "budget": 5000, "batch_size": 4},
    "tiny-gpt": {
        "epochs": 2,
        "steps": 2,
        "lstm_steps": 2,
        "lstm_hidden": 8,
        "length": 5,
        "prefix": "A",
        "batch_size": 8,
    },
}


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    xdl.set_num_threads(1)
    monkeypatch.setattr(shakespeare, "read_part", lambda: WHOLE[:30_000])


def run(name, out, **given):
    text = {key: str(value) for key, value in (TINY[name] | given).items()}
    stream = io.StringIO()
    summary = start(name, RunRequest(text), out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    return summary, folder, stream.getvalue()


def test_counting_with_more_context_needs_smoothing(tmp_path, without_figures):
    summary, folder, said = run("kgram-lm", tmp_path)
    nats = summary["nats"]
    assert [row["k"] for row in nats] == [0, 1, 2, 3]
    assert nats[0]["kneser-ney"] > nats[1]["kneser-ney"] > nats[2]["kneser-ney"]
    assert nats[3]["add-one"] > nats[1]["add-one"]
    assert summary["best_nats"] == pytest.approx(min(row["kneser-ney"] for row in nats), abs=1e-3)
    first, *_, last = summary["sentence"]
    assert first["log p"] == first["log p backwards"]
    assert last["log p"] > last["log p backwards"] + 20
    assert [len(text) for text in summary["written"]] == [20] * 4
    assert {path.stem for path in (folder / "figures").iterdir()} == {"context", "surprise"}
    assert "smoothing decides how far back" in said


@pytest.mark.parametrize(("sentence", "found"), [("naïve", "'ï' in it"), ("", "an empty text")])
def test_a_sentence_of_other_characters_is_refused(tmp_path, sentence, found):
    with pytest.raises(DataError, match=found):
        run("kgram-lm", tmp_path, sentence=sentence)


@pytest.mark.parametrize(("name", "characters", "least"), [("kgram-lm", 29, 30), ("char-rnn", 6, 7)])
def test_fewer_characters_than_are_counted_are_refused_by_the_name_of_the_setting(tmp_path, name, characters, least):
    with pytest.raises(SettingError, match=f"characters: expected 0, or at least {least}.* found {characters}"):
        run(name, tmp_path, characters=str(characters))


def test_a_network_learns_writes_and_goes_on_from_a_prefix(tmp_path, without_figures):
    summary, folder, said = run("char-rnn", tmp_path)
    models = {row["model"]: row["nats per character"] for row in summary["models"]}
    assert models["RNN, 32 units"] < models["unigram"] < models["RNN, 32 units, untrained"]
    assert models["all equally likely"] == pytest.approx(log(58), abs=1e-3)
    assert {path.stem for path in (folder / "figures").iterdir()} == {"curve", "ladder", "surprise", "unit"}
    assert {row["what"] for row in summary["units"]} > {"in the name of a speaker"}
    assert any(f'goes with "{row["what"]}":' in seen for row in summary["units"] for seen in summary["what_to_see"])
    assert "worse than the best count" in said

    assert evaluate(folder)["test_nats"] == pytest.approx(summary["test_nats"], rel=1e-6)
    asked = {"length": "30", "temperature": "0.5", "top_k": "3"}
    found = predict(folder, ["ROME:", "A"], asked)
    assert predict(folder, ["ROME:", "A"], asked) == found
    assert predict(folder, ["ROME:", "A"], {**asked, "seed": "1"})["texts"] != found["texts"]
    first, second = found["texts"]
    assert (len(first["text"]), second["nats"]) == (30, None)
    assert 0 < first["nats"] < 8
    likeliest = [predict(folder, ["A"], {"temperature": t, "top_k": k})["texts"] for t, k in (("0", "0"), ("1", "1"))]
    assert likeliest[0] == likeliest[1]
    with pytest.raises(DataError, match=r"xdl predict 'R§': expected a text of the 58 characters.*found '§' in it"):
        predict(folder, ["fine", "R§"])
    with pytest.raises(DataError, match="found an empty text"):
        predict(folder, [""])
    (folder / "vocabulary.json").write_text('{"tokens": [1]}')
    with pytest.raises((DataError, SettingError), match="vocabulary"):
        predict(folder, ["a"])


@pytest.mark.parametrize("name", ["char-gru", "char-lstm"])
def test_one_hot_letters_carried_states_and_several_layers(tmp_path, name, without_figures):
    summary, folder, _ = run(name, tmp_path)
    assert 2 < summary["test_nats"] < log(60)
    assert len(predict(folder, ["A"])["texts"][0]["text"]) == 200


def test_a_prefix_of_other_characters_is_refused_before_the_training(tmp_path):
    with pytest.raises(DataError, match=r"prefix '§': expected a text of the 58 characters.*found '§' in it"):
        run("char-rnn", tmp_path, prefix="§")


@pytest.mark.parametrize("given", [{"window": 30_000}, {"characters": 20}])
def test_a_window_longer_than_the_text_is_refused_by_its_name(given, tmp_path):
    with pytest.raises(SettingError, match=r"window: expected fewer characters than the \d+ of the training text"):
        run("char-rnn", tmp_path, **given)
    assert list(tmp_path.iterdir()) == []


def test_a_training_that_went_astray_is_told_so(tmp_path):
    with pytest.raises(NonFiniteError, match=r"at most 709 nats per character, found .* A lower learning rate"):
        run("char-rnn", tmp_path, lr=1e6)


def test_cells_are_compared_at_equal_parameters(tmp_path, without_figures):
    summary, _, said = run("lstm-variants", tmp_path)
    assert len(summary["cells"]) == 7
    assert all(abs(row["parameters"] / 5000 - 1) < 0.05 for row in summary["cells"])
    assert summary["best_nats"] == min(summary["nats"].values())
    assert said.count("what to see:") >= 3
    assert said.count("of 2 seeds") >= 3


@pytest.mark.slow
def test_by_default_cells_with_gates_lead_the_plain_one(tmp_path, monkeypatch, without_figures):
    monkeypatch.setattr(shakespeare, "read_part", lambda: WHOLE)
    plan = start("lstm-variants", RunRequest({"seeds": "1"}), out=tmp_path, stream=io.StringIO())
    nats = plan.perform()["nats"]
    assert max(nats["GRU"], nats["LSTM"]) < nats["RNN"] < 1.9


def test_a_transformer_stands_beside_an_lstm(tmp_path, without_figures):
    summary, folder, said = run("tiny-gpt", tmp_path)
    assert 2 < summary["test_nats"] < log(60)
    assert evaluate(folder)["test_nats"] == pytest.approx(summary["test_nats"], rel=1e-5)
    assert len(predict(folder, ["ROME"], {"length": "70"})["texts"][0]["text"]) == 70
    assert "seconds of training the" in said
