"""`xdl books`: the rows that are measured in a moment, and those whose data are not at hand."""

import json
import re
from types import SimpleNamespace

import pytest

from tests.cli.in_process import xdl
from xdl.experiments.reported import rows, steps
from xdl.experiments.reported.rows import ROWS, Place, Reported, measured
from xdl.runs.start import checked
from xdl.threads import get_num_threads


def test_the_food_trucks_line_is_the_books(tmp_path):
    folder = tmp_path / "food-truck"
    folder.mkdir()
    lines = [f"{x / 10},{1.25 * x / 10 - 3.5}" for x in range(97)]
    (folder / "food_truck_data.txt").write_text("\n".join(lines))
    assert rows.normal_equation(Place(tmp_path, tmp_path)) == "w 1.25000, b -3.50000"


def test_what_is_not_at_hand_is_said_to_be_not_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("XDL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("XDL_OFFLINE", "1")
    monkeypatch.setenv("XDL_CACHE_DIR", str(tmp_path / "cache"))
    found = xdl("books", "--only", "mnist", "--out", str(tmp_path / "runs"), "--json")
    told = json.loads(found.out)["rows"]
    measures = {row["what"]: row["measured"] for row in told if "CNN" not in row["what"]}
    assert len(measures) == 3
    assert all(words.startswith("not measured: ") for words in measures.values())
    assert not list((tmp_path / "runs").glob("*/*"))


class Planned:
    """In place of a run's plan: its summary, as far as rows read it, without any training."""

    def __init__(self, *given):
        self.experiment = checked(*given)[0].name

    def perform(self):
        models = [{"accuracy on the training points": 0.5}] * 3
        return {"test_accuracy": 0.9, "models": models, "quiet_rnn_loss": 0.001, "quiet_best": 0.0002}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_the_settings_of_a_row_are_those_of_its_experiment(row, monkeypatch, tmp_path):
    monkeypatch.setattr(rows, "start", lambda name, request, **_: Planned(name, request))
    monkeypatch.setattr(rows, "load_images", lambda *_, **__: SimpleNamespace(test=range(10_000)))
    monkeypatch.setattr(rows, "BEALE_STEPS", 1)
    monkeypatch.setattr(steps, "seconds", lambda _: 1.0)
    monkeypatch.setattr(rows, "load_food_truck", lambda _: ([[1.0], [2.0]], [1.0, 2.0]))
    assert row.measure(Place(tmp_path))


def test_a_part_of_fashion_mnist_is_not_measured(monkeypatch):
    monkeypatch.setattr(rows, "load_images", lambda *_, **__: SimpleNamespace(test=range(180)))
    told = dict(measured(Place("."), only="fashion"))
    assert list(told.values()) == ["not measured: only 180 test images here"]


def test_quick_leaves_out_what_takes_minutes():
    long = {row.what for row in ROWS if row.long}
    short = [Reported(row.what, row.reported, lambda _: "done", row.long) for row in ROWS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "ROWS", short)
        told = {row.what: found for row, found in measured(Place("."), quick=True)}
    assert {what for what, found in told.items() if found != "done"} == long
    assert len(told) == len(ROWS)


def test_adam_finds_beales_minimum_as_the_book_says(monkeypatch):
    monkeypatch.setattr(rows, "BEALE_STEPS", 12_000)
    x, y, *before = (float(number) for number in re.findall(r"[0-9.]+", rows.descent_of_adam(Place("."))))
    for place in ((x, y), tuple(before)):
        assert place == (pytest.approx(3, abs=2e-2), pytest.approx(0.5, abs=1e-2))
    assert (x, y) != tuple(before)


@pytest.mark.parametrize("make", [steps.lstm, steps.bigru, lambda: steps.book_cnn(batch_norm=True)])
def test_steps_are_timed_on_one_thread(make):
    threads, seen = get_num_threads(), []

    def watched():
        run = make()

        def once():
            seen.append(get_num_threads())
            run()

        return once

    assert 0 < steps.seconds(watched, repeats=1) < 60
    assert seen == [1, 1]
    assert get_num_threads() == threads


def test_a_word_of_no_row_is_refused(tmp_path):
    found = xdl("books", "--only", "perceptrons", "--out", str(tmp_path))
    assert found.code == 2
    assert "--only" in found.errors
