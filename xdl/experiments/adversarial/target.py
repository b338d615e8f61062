"""What generators of points and numbers have to make: where the data lie, and how near samples come, as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from xdl.data import gaussian_modes
from xdl.tensor import Tensor
from xdl.train.metrics.samples import Modes, mean_discrepancy, modes_covered, wasserstein_1d

COMPARED = 500  # samples for the mean discrepancy, which looks at all pairs


class Target(Protocol):
    """Data of which there are as many samples as are wanted."""

    def real(self, samples: int, seed: int) -> Any:
        """Samples (samples, D) of the data, float32."""

    def measures(self, samples: Tensor, real: Any) -> dict[str, float]:
        """How good samples are, beside real ones, by name."""


@dataclass(frozen=True)
class ModesOfPoints:
    """Points about known centres (K, 2).

    radius: within which a sample belongs to a mode; std: of the points about their mode; width: of the kernel
    """

    centres: Any
    radius: float = 0.25
    std: float = 0.05
    width: float = 0.5

    def real(self, samples: int, seed: int) -> Any:
        """See `Target`."""
        return gaussian_modes(self.centres, samples, self.std, seed)

    def modes(self, points: Any) -> Modes:
        """What of the modes the points cover."""
        return modes_covered(points, self.centres, self.radius)

    def measures(self, samples: Tensor, real: Any) -> dict[str, float]:
        """Modes covered, share of the samples near one, and the mean discrepancy."""
        found = self.modes(samples)
        apart = mean_discrepancy(samples[:COMPARED], real[:COMPARED], self.width)
        return {"modes": found.covered, "near": found.near, "mmd": apart}


@dataclass(frozen=True)
class Numbers:
    """Numbers of a list (N,): real ones are drawn from it, each as likely."""

    values: Any

    def real(self, samples: int, seed: int) -> Any:
        """See `Target`."""
        return gaussian_modes(self.values.reshape(-1, 1), samples, 0.0, seed)

    def measures(self, samples: Tensor, real: Any) -> dict[str, float]:
        """Mean and std, and the Wasserstein-1 distance, exact by sorting."""
        std = samples.std(correction=0).item()
        apart = wasserstein_1d(samples.reshape(-1), real.reshape(-1))
        return {"mean": samples.mean().item(), "std": float(std), "w1": apart}
