"""What the convolutions of a network make of one image."""

from __future__ import annotations

from typing import Any

from xdl import nn, plot
from xdl.creation import tensor
from xdl.data import LabelledImages
from xdl.experiments.run import Run
from xdl.tensor import no_grad


def draw_feature_maps(run: Run, features: nn.Sequential, data: LabelledImages) -> None:
    """Writes figures/feature_maps.png: the first test image, and what every ReLU among the features makes of it."""
    image = data.test.arrays[0][:1]
    maps: dict[str, Any] = {}
    with no_grad():
        x = tensor(image)
        for layer in features.eval():
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                maps[f"convolution {len(maps) + 1}"] = x.numpy()[0]
    run.figure("feature_maps", lambda path: plot.feature_maps(path, image[0, 0], maps))
