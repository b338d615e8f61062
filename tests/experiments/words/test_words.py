"""Words: word2vec finds planted groups, sentiment beats naive Bayes where order counts; both answer `xdl predict`."""

import io
import json

import pytest

import xdl
from xdl.errors import DataError, SettingError
from xdl.experiments.words.bayes import NaiveBayes
from xdl.experiments.words.bigru import BiGRU
from xdl.experiments.words.effects import calibration, calibration_error
from xdl.experiments.words.neighbours import nearest
from xdl.runs.evaluate import evaluate
from xdl.runs.predict import predict
from xdl.runs.start import RunRequest, start

TINY = {
    "word2vec": {"sentences": 800, "epochs": 2, "seeds": 1, "size": 16, "batch_size": 256, "lr": 0.02},
    "sentiment": {"samples": 100, "epochs": 1, "vector_epochs": 1, "seeds": 1, "dropout_epochs": 1, "layers": 1},
}


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, **given):
    stream = io.StringIO()
    text = {key: str(value) for key, value in (TINY[name] | given).items()}
    summary = start(name, RunRequest(text), out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    return summary, folder, stream.getvalue()


def test_word2vec_finds_what_is_of_a_kind(tmp_path, without_figures):
    summary, folder, _ = run("word2vec", tmp_path)
    chance, untrained, *methods = summary["methods"]
    assert chance["of the 5 nearest"] < 0.06
    assert untrained["of the 5 nearest"] < 0.15
    assert [row["vectors, one seed"] for row in methods] == ["skip-gram", "cbow"]
    assert summary["share_in_group"] > 0.3
    assert summary["test_loss"] < 3.5
    assert (folder / "vectors.txt").read_text().startswith("132 16\n")

    answer = predict(folder, ["Wolf"], {"nearest": "3"})["words"][0]
    assert answer["word"] == "wolf"
    assert len(answer["nearest"]) == 3
    assert evaluate(folder)["share_in_group"] == summary["share_in_group"]
    with pytest.raises(DataError, match="one of the 132 words"):
        predict(folder, ["unheard"])
    content = json.loads((folder / "vocabulary.json").read_text())
    (folder / "vocabulary.json").write_text(json.dumps(content | {"counts": [1]}))
    with pytest.raises(SettingError, match="counts"):
        predict(folder, ["wolf"])


def test_sentiment_trains_and_answers(tmp_path, without_figures):
    summary, folder, said = run("sentiment", tmp_path)
    assert [row["judge"] for row in summary["judges"]] == ["the most frequent class", "naive Bayes", "BiGRU"]
    assert summary["test_accuracy"] == pytest.approx(summary["judges"][2]["test accuracy"])
    assert [row["step"] for row in summary["preparation"]][:2] == ["raw text", "tokens"]
    assert len(summary["negation"]) == 8
    assert [row["mean of one seed"] for row in summary["dropout"]] == ["without dropout", "dropout 0.2"]
    assert "word vectors (own): " in said

    (answer,) = predict(folder, ["The film is not gorgeous"])["texts"]
    assert answer["unknown"] == ["gorgeous"]
    assert {found["word"] for found in answer["effects"]} == {"the", "film", "is", "not", "gorgeous"}
    assert evaluate(folder)["test_accuracy"] == summary["test_accuracy"]
    with pytest.raises(DataError, match="words"):
        predict(folder, ["  "])


def test_naive_bayes_by_hand():
    bayes = NaiveBayes.of([["good", "good"], ["bad"]], [1, 0])
    assert bayes.prior == 0
    assert bayes.probability(["good"]) == pytest.approx((3 / 4) / (3 / 4 + 1 / 3))
    assert bayes.probability(["unheard"]) == 0.5
    with pytest.raises(DataError, match="both classes"):
        NaiveBayes.of([["good"]], [1])


def test_padding_changes_nothing():
    model = BiGRU(9, 4, hidden=3, layers=2).eval()
    alone = model(xdl.tensor([[1, 2, 3]]), [3])
    beside = model(xdl.tensor([[4, 5, 6, 7, 8], [1, 2, 3, 0, 0]]), [5, 3])
    assert beside[1].tolist() == pytest.approx(alone[0].tolist(), abs=1e-6)


def test_nearest_and_calibration():
    vectors = xdl.tensor([[0.0, 0], [1, 0], [2, 0.1], [0, 3], [-1, 0]])
    ((first, second),) = nearest(vectors, [1], 2, range(1, 5))
    assert (first[0], second[0]) == (2, 3)
    means, shares, counts = calibration([0.1, 0.12, 0.9, 1.0], [0, 1, 1, 1])
    assert (means, shares, counts) == (pytest.approx([0.11, 0.95]), [0.5, 1], [2, 2])
    assert calibration_error([0.0, 1.0], [0, 1]) == 0


@pytest.mark.parametrize(
    ("experiment", "setting", "value", "said"),
    [
        ("sentiment", "vectors", "", "^vectors: expected own, none, or the name"),
        ("sentiment", "min_count", "9999", "^min_count: expected at most .* found 9999"),
        ("word2vec", "min_count", "9999", "^min_count: expected at most .* found 9999"),
        ("sentiment", "samples", "1", "^samples: expected 0, or at least 2.* found 1"),
        ("sentiment", "length", "1", "^word vectors: expected two words .*found none. A length or"),
        ("word2vec", "threshold", "1e-300", "^word vectors: expected two words .*found none. A length or"),
        ("word2vec", "sentences", "1", "^sentences: expected 100 to 1000000, or 0 for 8000, found 1"),
    ],
)
def test_settings_that_leave_nothing_to_learn_are_named(tmp_path, experiment, setting, value, said):
    with pytest.raises((SettingError, DataError), match=said):
        run(experiment, tmp_path, **{setting: value})
