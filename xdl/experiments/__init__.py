"""Experiments: the runnable rows of the checklist, one small file each. `xdl list` shows them."""

from xdl.experiments.registry import EXPERIMENTS, Experiment, find

__all__ = ["EXPERIMENTS", "Experiment", "find"]
