"""Metrics: how good predictions are. Of batches, for `Trainer`, and of whole sets of labels, scores and numbers.

Those of whole sets take lists, arrays and Tensors, compute in Python's float64, and return plain numbers and lists.
nan and infinity are refused. A measure that is not defined is never a made-up number: per class it is None, of a
whole set it is a DataError that says why.
"""

from xdl.train.metrics.confusion import confusion_matrix
from xdl.train.metrics.per_class import ClassMeasures, average_of_classes, class_measures
from xdl.train.metrics.probabilities import brier_score, log_loss
from xdl.train.metrics.ranking import (
    PrecisionRecallCurve,
    RocCurve,
    average_precision,
    one_vs_rest_auc,
    precision_recall_curve,
    roc_auc,
    roc_curve,
)
from xdl.train.metrics.regression import mean_absolute_error, mean_squared_error, r2_score, root_mean_squared_error
from xdl.train.metrics.right_labels import Accuracy, Metric, Unchecked, accuracy
from xdl.train.metrics.translation import chrf, exact_match

__all__ = [
    "Accuracy",
    "ClassMeasures",
    "Metric",
    "PrecisionRecallCurve",
    "RocCurve",
    "Unchecked",
    "accuracy",
    "average_of_classes",
    "average_precision",
    "brier_score",
    "chrf",
    "class_measures",
    "confusion_matrix",
    "exact_match",
    "log_loss",
    "mean_absolute_error",
    "mean_squared_error",
    "one_vs_rest_auc",
    "precision_recall_curve",
    "r2_score",
    "roc_auc",
    "roc_curve",
    "root_mean_squared_error",
]
