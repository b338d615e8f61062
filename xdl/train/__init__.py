"""Training: the loop, its measures, what watches it, and what it leaves on the disk."""

from xdl.train.best import Best
from xdl.train.callback import Callback, Record
from xdl.train.checkpoints import Checkpoints
from xdl.train.early_stopping import EarlyStopping
from xdl.train.files import atomic, write_atomic
from xdl.train.metrics import RunningMeans, accuracy, confusion_matrix
from xdl.train.metrics_file import MetricsFile
from xdl.train.model_file import load_model, save_model
from xdl.train.parameter_trace import ParameterTrace, read_trace
from xdl.train.progress import Progress
from xdl.train.run import RunFolder
from xdl.train.schedule import Schedule
from xdl.train.state_file import load_state, save_state
from xdl.train.tensorboard import TensorBoard
from xdl.train.trainer import Trainer
from xdl.train.weight_average import WeightAverage
from xdl.train.weight_snapshots import WeightSnapshots

__all__ = [
    "Best",
    "Callback",
    "Checkpoints",
    "EarlyStopping",
    "MetricsFile",
    "ParameterTrace",
    "Progress",
    "Record",
    "RunFolder",
    "RunningMeans",
    "Schedule",
    "TensorBoard",
    "Trainer",
    "WeightAverage",
    "WeightSnapshots",
    "accuracy",
    "atomic",
    "confusion_matrix",
    "load_model",
    "load_state",
    "read_trace",
    "save_model",
    "save_state",
    "write_atomic",
]
