"""Generators and critics: networks that are trained against each other, see `xdl.train.Adversarial`."""

from xdl.models.adversarial.dcgan import DCGANCritic, DCGANGenerator
from xdl.models.adversarial.dense import DenseCritic, DenseGenerator
from xdl.models.adversarial.spectral import spectral

__all__ = ["DCGANCritic", "DCGANGenerator", "DenseCritic", "DenseGenerator", "spectral"]
