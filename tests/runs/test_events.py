"""events.jsonl: what happens in a run, as another process sees it."""

import io
import json
import os
import threading
import time

import pytest
from typer.testing import CliRunner

import xdl
from tests.runs import line_fit
from xdl.cli.app import app
from xdl.errors import NonFiniteError, StorageError
from xdl.io.claim import claimed
from xdl.runs import events as following
from xdl.runs.events import follow
from xdl.runs.repeat import prepare
from xdl.runs.start import RunRequest
from xdl.train import EventStream, read_events


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    line_fit.registered(monkeypatch)
    monkeypatch.setattr(following, "PAUSE", 0.01)
    xdl.set_num_threads(1)


def plan(out, target=line_fit.NAME, resumed=False, **given):
    text = {name: str(value) for name, value in given.items()}
    return prepare(target, RunRequest(text), resumed=resumed, out=out, stream=io.StringIO())


def events_of(plan):
    return read_events(plan.run.folder.path / "events.jsonl")


def test_a_run_tells_of_its_phases_steps_and_measures(tmp_path):
    whole = plan(tmp_path, epochs=2)
    summary = whole.perform()
    events = events_of(whole)
    assert [(event["phase"], event["step"]) for event in events] == [
        ("start", 0),
        ("fit", 0),
        *[("train", 2), ("train", 4), ("validation", 4), ("train", 6), ("train", 8), ("validation", 8)],
        ("end", 8),
    ]
    log, record = events[2]["measures"], events[4]["measures"]
    assert (log["epoch"], log["lr"]) == (1, 0.1)
    assert log["loss"] > 0
    assert record == json.loads((whole.run.folder.path / "metrics.jsonl").read_text().splitlines()[0])
    assert events[-1]["measures"] == {"test_loss": summary["test_loss"]}
    times = [event["time"] for event in events]
    assert times == sorted(set(times))
    assert abs(times[-1] - time.time()) < 60
    assert "events.jsonl" in summary["files"]


def test_after_a_resume_every_step_is_told_once(tmp_path, monkeypatch):
    whole = plan(tmp_path / "whole")
    whole.perform()
    cut = plan(tmp_path / "cut")
    monkeypatch.setattr(line_fit.StopAt, "step", 8)  # the last checkpoint is of step 6
    with pytest.raises(KeyboardInterrupt):
        cut.perform()
    before = events_of(cut)
    assert (before[-1]["phase"], before[-1]["error"]) == ("interrupted", "KeyboardInterrupt")
    assert ("train", 8) in [(event["phase"], event["step"]) for event in before]
    monkeypatch.setattr(line_fit.StopAt, "step", None)
    plan(tmp_path / "cut", resumed=True).perform()
    after, expected = events_of(cut), events_of(whole)

    def steps(events):
        return [(event["phase"], event["step"]) for event in events if event["phase"] in ("train", "validation")]

    assert steps(after) == steps(expected)
    assert [event["measures"].get("loss") for event in after if event["phase"] == "train"] == [
        event["measures"].get("loss") for event in expected if event["phase"] == "train"
    ]
    phases = [(event["phase"], event["step"]) for event in after]
    assert phases.index(("resumed", 0)) < phases.index(("fit", 6)) < phases.index(("train", 8))
    times = [event["time"] for event in after]
    assert times == sorted(set(times))


def test_what_ends_a_run_early_is_told(tmp_path):
    bad = plan(tmp_path, lr=1e30)
    with pytest.raises(NonFiniteError):
        bad.perform()
    last = events_of(bad)[-1]
    assert last["phase"] == "failed"
    assert "finite" in last["error"]


def test_a_line_is_written_in_one_piece_and_a_part_of_one_is_no_event(tmp_path, monkeypatch):
    writes = []
    monkeypatch.setattr("xdl.train.callbacks.events.append", lambda _, data: writes.append(data))
    EventStream(tmp_path / "events.jsonl").write("train", {"loss": float("nan"), "rate": 0.1}, 3)
    (line,) = writes
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    event = json.loads(line)
    assert (event["step"], event["phase"], event["measures"]) == (3, "train", {"loss": None, "rate": 0.1})
    path = tmp_path / "part.jsonl"
    for partial in (line[:20], line[:-1]):
        path.write_bytes(line + partial)
        assert read_events(path) == [event]
    path.write_bytes(b"not json\n" + b"3\n" + line)
    assert read_events(path) == [event]
    assert read_events(tmp_path / "none.jsonl") == []


def test_an_event_is_in_the_file_at_once_and_times_grow_even_if_the_clock_does_not(tmp_path, monkeypatch):
    monkeypatch.setattr("xdl.train.callbacks.events.time", lambda: 1000.0)
    stream = EventStream(tmp_path / "events.jsonl")
    for _ in range(3):
        stream.write("train")
    first = [event["time"] for event in read_events(stream.path)]
    monkeypatch.setattr("xdl.train.callbacks.events.time", lambda: 10.0)
    EventStream(stream.path).write("resumed")
    times = [event["time"] for event in read_events(stream.path)]
    assert times[:3] == first
    assert times == sorted(set(times))
    with pytest.raises(StorageError, match=r"events\.jsonl"):
        EventStream(tmp_path / "none" / "events.jsonl").write("start")


def test_a_line_that_a_power_failure_cut_does_not_take_the_next_one_with_it(tmp_path):
    stream = EventStream(tmp_path / "events.jsonl")
    stream.write("train", {}, 1)
    whole = stream.path.read_bytes()
    stream.path.write_bytes(whole + whole[:20])
    again = EventStream(stream.path)
    again.write("resumed")
    again.write("train", {}, 2)
    assert [event["phase"] for event in read_events(stream.path)] == ["train", "resumed", "train"]


def test_only_what_an_earlier_process_left_is_removed(tmp_path):
    old = EventStream(tmp_path / "events.jsonl")
    for part in ("", "other"):
        for step in (2, 4):
            old.write("train", {}, step, part=part)
    stream = EventStream(old.path)
    stream.write("train", {}, 8)
    stream.forget("", 2)
    assert [(event.get("part", ""), event["step"]) for event in read_events(old.path)] == [
        ("", 2),
        ("other", 2),
        ("other", 4),
        ("", 8),
    ]


def test_another_thread_follows_a_run_from_its_start_to_its_end(tmp_path):
    running = plan(tmp_path)
    seen = []
    follower = threading.Thread(target=lambda: seen.extend(follow(running.run.folder.path)), daemon=True)
    follower.start()
    running.perform()
    follower.join(timeout=20)
    assert not follower.is_alive()
    assert seen == events_of(running)


def test_who_follows_over_a_resume_sees_each_event_once(tmp_path):
    path = tmp_path / "events.jsonl"
    old = EventStream(path)
    for step in (2, 4):
        old.write("train", {}, step)
    with claimed(tmp_path):
        events = follow(tmp_path)
        assert [next(events)["step"] for _ in range(2)] == [2, 4]
        resumed = EventStream(path)
        resumed.write("resumed")
        resumed.forget("", 2)
        resumed.write("train", {}, 4)
        resumed.write("end")
        assert [event["phase"] for event in events] == ["resumed", "train", "end"]


def test_who_follows_a_killed_run_does_not_wait_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(following, "SILENCE", 0.05)
    EventStream(tmp_path / "events.jsonl").write("train")
    seen = []
    follower = threading.Thread(target=lambda: seen.extend(follow(tmp_path)), daemon=True)
    follower.start()
    follower.join(timeout=20)
    assert not follower.is_alive()
    assert [event["phase"] for event in seen] == ["train"]


def test_the_command_prints_events_for_people_and_for_programs(tmp_path):
    done = plan(tmp_path, epochs=1)
    done.perform()
    folder = str(done.run.folder.path)
    lines = CliRunner().invoke(app, ["follow", folder]).stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["start", "fit", "train", "train", "validation", "end"]
    assert "step 2  epoch 1  loss" in lines[2]
    as_json = CliRunner().invoke(app, ["follow", folder, "--json"]).stdout.splitlines()
    assert [json.loads(line) for line in as_json] == events_of(done)


def test_an_event_costs_next_to_nothing(tmp_path):
    """Under a millisecond of the processor even on a busy machine; a log comes every ten steps."""
    stream, measures = EventStream(tmp_path / "events.jsonl"), {f"measure {i}": 0.1 for i in range(6)}
    before = os.times()
    for step in range(200):
        stream.write("train", measures, step)
    after = os.times()
    assert (after.user + after.system - before.user - before.system) / 200 < 1e-3


def test_for_people_counts_keep_all_their_figures(tmp_path):
    running = plan(tmp_path, epochs=1)
    running.perform()
    with (running.run.folder.path / "events.jsonl").open() as file:
        *before, last = file.read().splitlines()
    event = json.loads(last)
    event["measures"] = {"test_samples": 29997, "test_nats": 2.44502, "far": 1e30, "none": None}
    (running.run.folder.path / "events.jsonl").write_text("\n".join([*before, json.dumps(event)]) + "\n")
    shown = CliRunner().invoke(app, ["follow", str(running.run.folder.path)]).stdout
    assert shown.splitlines()[-1].endswith("  test_samples 29997  test_nats 2.445  far 1e+30  none -")
