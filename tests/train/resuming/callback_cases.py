"""The callbacks of `test_callbacks_resumed.py`: how each is made, and what it leaves behind."""

import io
import json
from types import SimpleNamespace

from tests.train.around import blobs
from tests.train.test_tensorboard import events as tensorboard_events
from xdl.experiments.improving.layer_watch import LayerWatch
from xdl.experiments.translation.teaching import StopAfter
from xdl.optim import lr_scheduler as rates
from xdl.train import (
    Checkpoints,
    Collapse,
    Divergence,
    EarlyStopping,
    Events,
    EventStream,
    MetricsFile,
    ParameterTrace,
    Progress,
    SampleFrames,
    SampleMeasures,
    Schedule,
    TensorBoard,
    WeightAverage,
    WeightSnapshots,
    load_state,
    read_events,
    read_trace,
)

TIMES = ("second", "time")


def without_times(lines):
    """Records without what a clock has measured."""
    return [{name: v for name, v in line.items() if not any(word in name for word in TIMES)} for line in lines]


def told(folder, _):
    """The events that training has led to, without times."""
    found = [event for event in read_events(folder / "events.jsonl") if event["phase"] not in ("fit", "resumed")]
    return without_times([{**event, "measures": without_times([event["measures"]])} for event in found])


def shown(folder, _):
    """What TensorBoard shows: the scalars of all files, without those that a later file's purge removes."""
    scalars = []
    for event in tensorboard_events(folder / "board"):
        if event.session_log.status == 1:
            scalars = [one for one in scalars if one[1] < event.step]
        scalars += [(v.tag, event.step, v.simple_value) for v in event.summary.value if "second" not in v.tag]
    return scalars


def pictures(folder, _):
    """The names of all, and the strip's data."""
    names = sorted(path.name for path in (folder / "weights").iterdir())
    return names, (folder / "weights" / "strip.safetensors").read_bytes()


def checkpoints(folder, _):
    """The states in the files, but for times."""
    return [load_state(folder / "more" / name) for name in (Checkpoints.last, Checkpoints.best)]


def seen(_, watch):
    """What the layers were at every look."""
    return watch.epochs


CASES = {  # class -> (how it is made, with a folder, a model and an optimizer; what it leaves)
    Checkpoints: (lambda to: Checkpoints(to.folder / "more", best="validation_accuracy"), checkpoints),
    Collapse: (lambda _: Collapse("validation_accuracy", 0.01), None),
    Divergence: (lambda _: Divergence(1e9), None),
    EarlyStopping: (lambda _: EarlyStopping(patience=2, min_delta=0.02), None),
    Events: (lambda to: Events(EventStream(to.folder / "events.jsonl")), told),
    LayerWatch: (lambda to: LayerWatch(to.model, SimpleNamespace(train=blobs(40)), "sigmoid"), seen),
    MetricsFile: (
        lambda to: MetricsFile(SimpleNamespace(path=to.folder)),
        lambda folder, _: without_times(map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())),
    ),
    ParameterTrace: (
        lambda to: ParameterTrace(to.folder / "trace.jsonl", 1),
        lambda folder, _: read_trace(folder / "trace.jsonl"),
    ),
    Progress: (lambda _: Progress(io.StringIO()), None),
    SampleFrames: (lambda _: SampleFrames(lambda task: task.model[0].weight), lambda _, kept: kept.state_dict()),
    SampleMeasures: (
        lambda _: SampleMeasures(lambda task: {"bias": float(task.model[0].bias.sum())}),
        lambda folder, _: load_state(folder / Checkpoints.last)["progress"]["history"],
    ),
    Schedule: (lambda to: Schedule(rates.CosineAnnealingLR(to.optimizer, 12), "step"), None),
    StopAfter: (lambda _: StopAfter(1e6), None),
    TensorBoard: (lambda to: TensorBoard(to.folder / "board"), shown),
    WeightAverage: (lambda to: WeightAverage(to.model, 0.8), None),
    WeightSnapshots: (lambda to: WeightSnapshots(to.folder / "weights", "0.weight", 2, 3, (1, 2)), pictures),
}
