"""Training: the loop, its measures, what watches it, and what it leaves on the disk."""

from xdl.io.files import atomic, write_atomic
from xdl.io.model_file import load_model, save_model
from xdl.io.run_folder import RunFolder
from xdl.io.state_file import load_state, save_state
from xdl.train.adversarial import Adversarial
from xdl.train.bounds import elbo_parts, gaussian_kl, importance_bound, negative_elbo
from xdl.train.callbacks.best import Best
from xdl.train.callbacks.callback import Callback, Record
from xdl.train.callbacks.checkpoints import Checkpoints
from xdl.train.callbacks.collapse import Collapse, Divergence, SampleMeasures
from xdl.train.callbacks.early_stopping import EarlyStopping
from xdl.train.callbacks.events import Events, EventStream, read_events
from xdl.train.callbacks.metrics_file import MetricsFile
from xdl.train.callbacks.parameter_trace import ParameterTrace, read_trace
from xdl.train.callbacks.progress import Progress
from xdl.train.callbacks.sample_frames import SampleFrames
from xdl.train.callbacks.schedule import Schedule
from xdl.train.callbacks.tensorboard import TensorBoard
from xdl.train.callbacks.weight_average import WeightAverage
from xdl.train.callbacks.weight_snapshots import WeightSnapshots
from xdl.train.contrastive import ContrastiveDivergence
from xdl.train.cross_validation import CrossValidated, cross_validate
from xdl.train.loop import Loop
from xdl.train.means import RunningMeans
from xdl.train.metrics import Accuracy, Unchecked, accuracy, confusion_matrix
from xdl.train.reconstruction import Reconstruction
from xdl.train.state import Carried
from xdl.train.supervised import Supervised
from xdl.train.task import Measures, Task
from xdl.train.trainer import Trainer
from xdl.train.variational import Variational

__all__ = [
    "Accuracy",
    "Adversarial",
    "Best",
    "Callback",
    "Carried",
    "Checkpoints",
    "Collapse",
    "ContrastiveDivergence",
    "CrossValidated",
    "Divergence",
    "EarlyStopping",
    "EventStream",
    "Events",
    "Loop",
    "Measures",
    "MetricsFile",
    "ParameterTrace",
    "Progress",
    "Reconstruction",
    "Record",
    "RunFolder",
    "RunningMeans",
    "SampleFrames",
    "SampleMeasures",
    "Schedule",
    "Supervised",
    "Task",
    "TensorBoard",
    "Trainer",
    "Unchecked",
    "Variational",
    "WeightAverage",
    "WeightSnapshots",
    "accuracy",
    "atomic",
    "confusion_matrix",
    "cross_validate",
    "elbo_parts",
    "gaussian_kl",
    "importance_bound",
    "load_model",
    "load_state",
    "negative_elbo",
    "read_events",
    "read_trace",
    "save_model",
    "save_state",
    "write_atomic",
]
