"""metrics.jsonl: one line an epoch, and after a resume the lines of the uninterrupted run."""

import json
import os

import pytest

from tests.train.around import blobs, trainer_for
from xdl.data import DataLoader
from xdl.errors import StorageError
from xdl.models import MLP
from xdl.train import Callback, MetricsFile, RunFolder


def lines(folder):
    return [json.loads(line) for line in (folder.path / "metrics.jsonl").read_text().splitlines()]


def trainer_with(folder, *more):
    return trainer_for(MLP((2, 3)), callbacks=[MetricsFile(folder), *more])


def test_a_line_is_on_the_disk_after_each_epoch(tmp_path):
    folder, seen = RunFolder(tmp_path, "test"), []

    class Read(Callback):
        def on_epoch_end(self, trainer, _):
            assert lines(folder) == trainer.history
            seen.append(len(trainer.history))

    trainer = trainer_with(folder, Read())
    trainer.fit(DataLoader(blobs(), 30), DataLoader(blobs(), 30), epochs=2)
    trainer.fit(DataLoader(blobs(), 30), epochs=1)
    assert seen == [1, 2, 3]
    assert os.listdir(folder.path) == folder.files == ["metrics.jsonl"]


def test_a_resume_cuts_off_what_the_state_does_not_know(tmp_path):
    folder, loader = RunFolder(tmp_path, "test"), DataLoader(blobs(), 30)
    first = trainer_with(folder)
    first.fit(loader, epochs=2)
    state = first.state_dict()
    first.fit(loader, epochs=3)
    assert len(lines(folder)) == 5
    with open(folder.path / "metrics.jsonl", "ab") as file:
        file.write(b'{"epoch": 6, "tra')  # as a machine that lost power may leave it
    again = trainer_with(folder)
    again.load_state_dict(state)
    assert len(lines_after(again, loader, folder)) == 2
    again.fit(loader, epochs=1)
    assert lines(folder) == again.history
    assert [record["epoch"] for record in again.history] == [1, 2, 3]


def lines_after(trainer, loader, folder):
    trainer.fit(loader, epochs=2)  # nothing is left to do
    return lines(folder)


def test_a_lost_line_comes_back(tmp_path):
    folder, loader = RunFolder(tmp_path, "test"), DataLoader(blobs(), 30)
    trainer = trainer_with(folder)
    trainer.fit(loader, epochs=2)
    (folder.path / "metrics.jsonl").unlink()
    trainer.fit(loader, epochs=1)
    assert lines(folder) == trainer.history


def test_numbers_that_json_lacks_are_null(tmp_path):
    folder = RunFolder(tmp_path, "test")

    class Perplexity(Callback):
        order = -1

        def on_epoch_end(self, _, record):
            record |= {"perplexity": float("inf"), "precision": float("nan")}

    trainer_with(folder, Perplexity()).fit(DataLoader(blobs(), 30))
    (line,) = lines(folder)
    assert (line["perplexity"], line["precision"]) == (None, None)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_named(tmp_path):
    folder = RunFolder(tmp_path, "test")
    (folder.path / "metrics.jsonl").symlink_to("/dev/full")
    with pytest.raises(StorageError, match=r"metrics\.jsonl.*No space left"):
        trainer_with(folder).fit(DataLoader(blobs(), 30))
