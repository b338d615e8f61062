"""Training: the loop, its measures, what watches it, and what it leaves on the disk."""

from xdl.train.callback import Callback, Record
from xdl.train.decay import LearningRateDecay
from xdl.train.files import atomic, write_atomic
from xdl.train.metrics import RunningMeans, accuracy, confusion_matrix
from xdl.train.model_file import load_model, save_model
from xdl.train.progress import Progress
from xdl.train.run import MetricsFile, RunFolder
from xdl.train.state_file import load_state, save_state
from xdl.train.trainer import Trainer

__all__ = [
    "Callback",
    "LearningRateDecay",
    "MetricsFile",
    "Progress",
    "Record",
    "RunFolder",
    "RunningMeans",
    "Trainer",
    "accuracy",
    "atomic",
    "confusion_matrix",
    "load_model",
    "load_state",
    "save_model",
    "save_state",
    "write_atomic",
]
