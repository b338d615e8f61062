"""Energy models: what has a low energy is likely. Restricted Boltzmann machines, and a deep belief network of them."""

from xdl.models.energy.dbn import DBN
from xdl.models.energy.exact import log_likelihood, log_partition, pseudo_log_likelihood
from xdl.models.energy.gaussian_rbm import GaussianRBM
from xdl.models.energy.rbm import RBM

__all__ = ["DBN", "RBM", "GaussianRBM", "log_likelihood", "log_partition", "pseudo_log_likelihood"]
