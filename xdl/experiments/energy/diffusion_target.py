"""What the diffusion of `diffusion-points` learns to make: points about known places, or images as vectors."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

from xdl.creation import tensor
from xdl.data import LabelledImages, gaussian_modes, ring_of_centres
from xdl.experiments.energy.visible import Units
from xdl.tensor import Tensor
from xdl.train.metrics.samples import Modes, mean_discrepancy, modes_covered

COMPARED = 500  # samples for the mean discrepancy, which looks at all pairs


class Target(Protocol):
    """Data, and how near to them samples come."""

    @property
    def size(self) -> int:
        """Numbers of a sample."""

    def train(self, seed: int) -> Tensor:
        """Samples (N, size) to learn from."""

    def held_out(self, seed: int) -> Tensor:
        """Others, to compare with."""

    def measures(self, samples: Tensor, real: Tensor) -> dict[str, float]:
        """How good samples are beside real ones, by name; "mmd" is among them, the less the better."""


@dataclass(frozen=True)
class Ring:
    """Points about centres evenly on a circle of radius 2, divided by 2 so that they lie where noise does."""

    modes: int
    points: int
    size: int = 2
    std: float = 0.05
    radius: float = 0.2

    @property
    def centres(self) -> Any:
        """(modes, 2)."""
        return ring_of_centres(self.modes) / 2

    def train(self, seed: int) -> Tensor:
        """See `Target`."""
        return tensor(gaussian_modes(self.centres, self.points, self.std, seed))

    def held_out(self, seed: int) -> Tensor:
        """See `Target`."""
        return tensor(gaussian_modes(self.centres, self.points, self.std, seed + 1000))

    def covered(self, samples: Tensor) -> Modes:
        """Which of the modes samples reach, within 4 std."""
        return modes_covered(samples, self.centres, self.radius)

    def measures(self, samples: Tensor, real: Tensor) -> dict[str, float]:
        """Modes covered, the share of the samples near one, and the mean discrepancy."""
        found = self.covered(samples)
        apart = mean_discrepancy(samples[:COMPARED], real[:COMPARED], 0.25)
        return {"modes": found.covered, "near": found.near, "mmd": apart}


@dataclass(frozen=True)
class Pictures:
    """Images with pixels from -1 to 1, as vectors."""

    data: LabelledImages

    @property
    def size(self) -> int:
        """Pixels."""
        return prod(self.data.image_shape)

    def train(self, seed: int) -> Tensor:  # noqa: ARG002 (there is one set)
        """See `Target`."""
        return self._vectors(self.data.train.arrays[0])

    def held_out(self, seed: int) -> Tensor:  # noqa: ARG002
        """See `Target`."""
        return self._vectors(self.data.test.arrays[0])

    def measures(self, samples: Tensor, real: Tensor) -> dict[str, float]:
        """The mean discrepancy, by a kernel as wide as images are apart."""
        apart = (real[0:1] - real[:COMPARED]).square().sum(1).mean().item() ** 0.5
        return {"mmd": mean_discrepancy(samples[:COMPARED], real[:COMPARED], float(apart))}

    def images(self, samples: Tensor) -> Tensor:
        """(N, C, H, W) from 0 to 1."""
        return ((samples + 1) / 2).clamp(0, 1).reshape(len(samples), *self.data.image_shape)

    def _vectors(self, images: Any) -> Tensor:
        return 2 * Units.of(self.data, "grey").from_images(images) - 1
