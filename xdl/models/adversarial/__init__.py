"""Generators and critics: networks that are trained against each other, see `xdl.train.Adversarial`."""

from xdl.models.adversarial.spectral import spectral

__all__ = ["spectral"]
