"""Diffusion models: noise is added to data step by step, and a network learns to take it away again."""

from xdl.models.diffusion.denoiser import TimeMLP, time_waves
from xdl.models.diffusion.process import Diffusion
from xdl.models.diffusion.schedules import cosine_betas, linear_betas

__all__ = ["Diffusion", "TimeMLP", "cosine_betas", "linear_betas", "time_waves"]
