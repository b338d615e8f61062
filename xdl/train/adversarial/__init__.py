"""Training of two networks against each other: what each of them minimizes, and the task that a `Loop` runs."""

from xdl.train.adversarial.objectives import LogOdds, Objective, Wasserstein
from xdl.train.adversarial.penalty import gradient_penalty
from xdl.train.adversarial.task import Adversarial

__all__ = ["Adversarial", "LogOdds", "Objective", "Wasserstein", "gradient_penalty"]
