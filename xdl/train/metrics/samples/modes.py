"""Modes covered: how many of the places that the data have a sampler reaches, and how near it comes."""

from __future__ import annotations

from typing import Any, NamedTuple

from xdl.errors import SettingError, expect
from xdl.functional import bincount
from xdl.tensor import no_grad
from xdl.train.metrics.samples.points import squared_distances, two_samples

LEAST = 0.2  # of its even share, for a mode to count as covered


class Modes(NamedTuple):
    """covered: modes with enough samples; of: all modes; near: share of the samples within the radius of a mode;
    counts: samples near each mode."""

    covered: int
    of: int
    near: float
    counts: list[int]


def modes_covered(samples: Any, centres: Any, radius: float) -> Modes:
    """Each sample counts for its nearest centre, where that is within the radius.

    samples: (N, D); centres: (K, D); radius: three times the modes' std is usual. A mode is covered by a fifth of its
    even share, N / (5 K), and by one sample at least. One sample alone is what Metz et al. 2016 ("Unrolled generative
    adversarial networks") and Srivastava et al. 2017 ("VEEGAN", within three std) ask for; of many samples that are
    scattered evenly over the plane some lie near every mode by chance, so that this asks for more.

    Raises ShapeError, DataError, and SettingError for a radius that is not above 0.
    """
    expect(radius > 0, SettingError, "modes_covered", "radius > 0", radius)
    points, places = two_samples("modes_covered", samples=samples, centres=centres)
    with no_grad():
        squares = squared_distances(points, places)
        near = (squares.min(1).values <= radius * radius).to("int64")
        nearest = squares.argmin(1) + 1
        counts = bincount(near * nearest, minlength=len(places) + 1).tolist()[1:]  # 0: near none
    enough = max(1.0, LEAST * len(points) / len(places))
    return Modes(sum(count >= enough for count in counts), len(places), sum(counts) / len(points), counts)
