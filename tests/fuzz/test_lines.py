"""Lines of JSON that are none of an event, an epoch or a trace are told from those that are."""

import json

import pytest

from xdl.train.callbacks.lines import event_of, record_of, trace_of

EVENT = {"time": 1.5, "step": 3, "phase": "train", "measures": {"loss": 0.5, "rate": None}, "part": "a"}
RECORD = {"epoch": 1, "train_loss": 0.5, "validation_loss": None}
PART = {"mean": 0.1, "std": None, "norm": 1, "min": 0.0, "max": 2.0}
TRACE = {"step": 3, "gradient_norm": None, "parameters": {"w": {"value": PART, "gradient": None}}}
STRANGE = [None, "a", True, [1], {"a": {}}, -1.5, 1e300]
READERS = {"event": (event_of, EVENT), "record": (record_of, RECORD), "trace": (trace_of, TRACE)}


def line(content):
    return json.dumps(content).encode() + b"\n"


@pytest.mark.parametrize("name", READERS)
def test_whole_lines_come_back(name):
    read, whole = READERS[name]
    assert read(line(whole)) == whole
    for damaged in (b"", b"\n", b"3\n", b"[]\n", b"null\n", b"{}\n", b"[" * 5000, b"\xff\n", line(whole)[:-3]):
        assert read(damaged) is None


@pytest.mark.parametrize(
    ("name", "part", "value"),
    [
        *(("event", "time", value) for value in STRANGE),
        *(("event", "step", value) for value in STRANGE),
        *(("event", "phase", value) for value in (None, True, [1], {}, 1)),
        *(("event", "measures", value) for value in (*STRANGE, {"a": "b"}, {"a": True}, {"a": [1]})),
        *(("event", "part", value) for value in ([1], {"a": 1})),
        *(("record", "epoch", value) for value in (None, "a", True, [1], {})),
        *(("record", "train_loss", value) for value in ("a", True, [1], {})),
        *(("trace", "step", value) for value in STRANGE),
        *(("trace", "gradient_norm", value) for value in ("a", True, [1], {})),
        *(("trace", "parameters", value) for value in (None, 1, [1], {"w": 1}, {"w": {"value": 1}})),
        *(("trace", "parameters", {"w": {"value": {**PART, "std": value}}}) for value in ("a", True, [1], {})),
        ("trace", "parameters", {"w": {"gradient": {"mean": 1.0}}}),
    ],
)
def test_another_value_is_damage(name, part, value):
    read, whole = READERS[name]
    assert read(line({**whole, part: value})) is None


@pytest.mark.parametrize("name", ["event", "record", "trace"])
def test_a_part_that_is_missing_is_damage(name):
    read, whole = READERS[name]
    for part in {"event": EVENT.keys() - {"part"}, "record": ["epoch"], "trace": ["step", "parameters"]}[name]:
        assert read(line({key: value for key, value in whole.items() if key != part})) is None
