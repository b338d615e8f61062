"""Points about several centres, the modes that a generator of points has to find: on a ring, and on a grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl import backend, random
from xdl.errors import SettingError, expect


def ring_of_centres(modes: int = 8, radius: float = 2.0) -> Any:
    """Centres (modes, 2) evenly on a circle, float32. Raises SettingError for modes below 1 or a radius not above 0."""
    expect(modes >= 1 and radius > 0, SettingError, "ring_of_centres", "modes >= 1 and radius > 0", (modes, radius))
    angles = 2 * np.pi * np.arange(modes) / modes
    return (radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)).astype(np.float32)


def grid_of_centres(side: int = 5, spacing: float = 1.0) -> Any:
    """Centres (side**2, 2) on a square grid about the origin, float32. Raises SettingError as `ring_of_centres`."""
    expect(side >= 1 and spacing > 0, SettingError, "grid_of_centres", "side >= 1 and spacing > 0", (side, spacing))
    along = spacing * (np.arange(side) - (side - 1) / 2)
    return np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2).astype(np.float32)


def gaussian_modes(centres: Any, samples: int, std: float = 0.05, seed: int = 0) -> Any:
    """Points (samples, D) float32: a centre by chance, each as likely, and normal noise of that std about it.

    centres: (K, D), as `ring_of_centres` and `grid_of_centres` give them; eight on a ring and 25 on a grid are the
    usual tests of a generator (Metz et al. 2016). Raises SettingError for samples below 1 or a std below 0.
    """
    expect(samples >= 1 and std >= 0, SettingError, "gaussian_modes", "samples >= 1 and std >= 0", (samples, std))
    places, like = np.asarray(centres, np.float64), np.empty(0, np.uint64)
    backend.load("numpy")
    stream = random.Stream(seed, "gaussian_modes")
    chosen = stream.integers(0, len(places), (samples,), like)
    noise = stream.normal((samples, places.shape[1]), "float64", like)
    return (places[chosen] + std * noise).astype(np.float32)
