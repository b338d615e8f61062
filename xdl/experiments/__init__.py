"""Experiments: the runnable rows of the checklist, one small file each. `xdl list` shows them."""

from xdl.experiments.registry import EXPERIMENTS, Experiment, find, rows_shown

__all__ = ["EXPERIMENTS", "Experiment", "find", "rows_shown"]
