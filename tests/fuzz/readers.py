"""Every reader of files in xdl, with a whole file of its kind and the errors that its documentation names."""

import json
from dataclasses import dataclass

import numpy as np

from xdl import nn, plot
from xdl.data import read_csv, read_pictures
from xdl.data.food_truck import load_food_truck
from xdl.data.numbers.real_values import load_real_values
from xdl.data.text.vectors import read_vectors, write_vectors
from xdl.errors import CheckpointError, DataError, SettingError
from xdl.experiments.improving.mlp_l2 import Settings
from xdl.io import load_model, load_state, save_model, save_state
from xdl.plot import FigureData, load_data, save_data
from xdl.runs import settings_file
from xdl.runs.saved_run import SavedRun
from xdl.train import EventStream, ParameterTrace, read_events, read_trace
from xdl.train.callbacks.parameter_trace import measure_parameters

# the modules that read files: by a reader of the table below, or why by none
MODULES = {
    "xdl/io/reading.py": "all of them",
    "xdl/io/json_text.py": "all of them",
    "xdl/io/toml_text.py": "settings",
    "xdl/io/tensor_file.py": "model",
    "xdl/io/model_file.py": "model",
    "xdl/io/state_file.py": "state",
    "xdl/io/safetensors_header.py": "model",
    "xdl/io/files.py": "writes",
    "xdl/io/claim.py": "locks",
    "xdl/plot/figure_data.py": "figure",
    "xdl/plot/tiles.py": "writes",
    "xdl/plot/data_file.py": "figure",
    "xdl/runs/settings_file.py": "settings",
    "xdl/runs/saved_run.py": "run.json, summary.json, history; tests/fuzz/test_runs.py",
    "xdl/train/callbacks/lines.py": "events, trace, history",
    "xdl/data/pictures/read.py": "array",
    "xdl/data/pictures/decode.py": "png, and tests/data/test_picture_kinds.py",
    "xdl/data/idx.py": "data sets: tests/data",
    "xdl/data/mnist.py": "data sets: tests/data",
    "xdl/data/cifar.py": "data sets: tests/data",
    "xdl/data/food_truck.py": "food truck",
    "xdl/data/numbers/real_values.py": "real values",
    "xdl/as_torch/beside/command.py": "losses that its own children wrote",
    "xdl/as_torch/files.py": "state, after the mark of pickles; tests/as_torch",
    "xdl/as_torch/table.py": "ships with xdl",
    "xdl/as_torch/vision/folder.py": "pictures: tests/as_torch/vision",
    "xdl/data/series/csv_table.py": "series",
    "xdl/data/text/vectors.py": "word vectors",
    "xdl/data/text/imdb.py": "tests/data/text",
    "xdl/data/text/polarity.py": "tests/data/text",
    "xdl/data/text/shakespeare.py": "tests/data/text",
    "xdl/data/text/tatoeba.py": "tests/data/text",
    "xdl/data/fetching/places.py": "looks for the mark of pickles: tests/data",
    "xdl/cli/streams.py": "opens the null device",
    "xdl/io/event_file.py": "writes; reads what it wrote: tests/train",
    "xdl/cli/tune.py": "opens a study: tests/runs/tuning",
    "xdl/runs/tuning/search.py": "study.json, by lost.py: tests/runs/tuning",
    "xdl/runs/tuning/journal.py": "its lock: tests/runs/tuning",
    "xdl/runs/lost.py": "run.json, history; tests/fuzz/test_runs.py",
    "xdl/data/digits.py": "ships with xdl",
    "xdl/data/iris.py": "ships with xdl",
    "xdl/data/fetching/archive.py": "downloads: tests/data",
    "xdl/data/fetching/listing.py": "names a file",
    "xdl/data/fetching/download.py": "downloads: tests/data",
    "xdl/docs/__init__.py": "ships with xdl",
    "xdl/experiments/networks/alone.py": "its own source",
    "xdl/experiments/networks/from_scratch.py": "what the process that it starts prints",
}


@dataclass(frozen=True)
class Reader:
    """write(path) makes a whole file, read(path) reads it; errors: what may be raised; sealed: it has a checksum."""

    ending: str
    write: object
    read: object
    errors: tuple
    sealed: bool = False


def state():
    model = nn.Linear(2, 1)
    return {"model": model.state_dict(), "history": [{"epoch": 1, "loss": 0.5}], "losses": [0.1] * 70, 3: float("nan")}


def events(path):
    stream = EventStream(path)
    stream.write("start")
    for step in range(3):
        stream.write("train", {"loss": 0.5, "epoch": 1}, step)
    stream.write("end", {"test_loss": 0.1}, figure="curves")


def trace(path):
    line = {"step": 1, "epoch": 1, **measure_parameters(dict(nn.Linear(2, 1).named_parameters()))}
    path.write_text(f"{json.dumps(line)}\n" * 2)


def draw_trace(path):
    if lines := read_trace(path):
        plot.trace_data(lines)


def resumed_trace(path):
    class Standing:
        step = 1

    ParameterTrace(path).on_fit_start(Standing())


def history(path):
    record = {"epoch": 1, "train_loss": 0.5, "validation_loss": None, "seconds": 0.1}
    path.write_text(f"{json.dumps(record)}\n" * 2)


def read_history(path):
    records = SavedRun(path.parent, {}, None, None).records(path)
    if records:
        plot.comparison_data({"a": records}, "")


def picture(path):
    from PIL import Image

    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(path, "PNG")


def series(path):
    path.write_text("day,close\n" + "".join(f"2020-01-{day:02d},{day / 7}\n" for day in range(1, 30)))


def read_real_values(path):
    """Reads the file where the data set lies."""
    there = path.parent / "real-values" / "real_values.npy"
    there.parent.mkdir(exist_ok=True)
    there.unlink(missing_ok=True)
    there.symlink_to(path)
    load_real_values(path.parent)


def food_truck(path):
    path.write_text("1.5,2.5\n" * 97)


def read_food_truck(path):
    """The file where it is looked for."""
    there = path.parent / "food-truck" / "food_truck_data.txt"
    there.parent.mkdir(exist_ok=True)
    there.unlink(missing_ok=True)
    there.symlink_to(path)
    load_food_truck(path.parent)


def word_vectors(path):
    write_vectors(path, ["the", ". . .", "film"], np.arange(12.0).reshape(3, 4) / 7)


def write_figure(path):
    save_data(FigureData("tiles", "two", {"weights": np.zeros((2, 3, 3))}, {"columns": [1, {"a": None}]}), path)


SETTINGS = b"""# a run
epochs = 3
lr = 1e-2  # "slow"
optimizer = "adam"
hidden = [7, 6]
"""

READERS = {
    "model": Reader(
        "safetensors",
        lambda p: save_model(nn.Linear(2, 1), p, {"a": [1]}),
        lambda p: load_model(nn.Linear(2, 1), p),
        (CheckpointError,),
        True,
    ),
    "state": Reader("safetensors", lambda p: save_state(p, state()), load_state, (CheckpointError,), True),
    "figure": Reader("safetensors", write_figure, load_data, (CheckpointError,), True),
    "events": Reader("jsonl", events, read_events, (DataError,)),
    "event stream": Reader("jsonl", events, lambda p: EventStream(p).forget("", 1), (DataError,)),
    "trace": Reader("jsonl", trace, draw_trace, (DataError,)),
    "resumed trace": Reader("jsonl", trace, resumed_trace, (DataError,)),
    "history": Reader("jsonl", history, read_history, (SettingError, DataError)),
    "settings": Reader(
        "toml", lambda p: p.write_bytes(SETTINGS), lambda p: settings_file.read(Settings, p), (SettingError,)
    ),
    "array": Reader("npy", lambda p: np.save(p, np.arange(64.0).reshape(8, 8)), read_pictures, (DataError,)),
    "png": Reader("png", picture, read_pictures, (DataError,)),
    "series": Reader("csv", series, lambda p: read_csv(p, dates="day"), (DataError, SettingError)),
    "food truck": Reader("txt", food_truck, read_food_truck, (DataError,)),
    "real values": Reader("npy", lambda p: np.save(p, np.linspace(3, 5, 64)), read_real_values, (DataError,)),
    "word vectors": Reader("txt", word_vectors, read_vectors, (DataError,)),
}
