"""The classes of `torchvision.transforms` that draw which pixels are seen, or whether something is done at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, log, sqrt
from typing import Any

import xdl
from xdl.as_torch.vision.chance import coin, integer, order, probability, size_pair, span, uniform
from xdl.as_torch.vision.colour import rgb_to_grayscale
from xdl.as_torch.vision.fixed import BILINEAR, Compose
from xdl.as_torch.vision.geometry import crop, erase, hflip, pad, resized_crop, vflip
from xdl.as_torch.vision.pillow import Image, get_dimensions
from xdl.errors import KindError, ShapeError, expect
from xdl.nn import Module
from xdl.tensor import Tensor

TRIES = 10  # at a window that fits


class RandomCrop(Module):
    """A window of that size somewhere in the image, which gets a border of `padding` first.

    pad_if_needed: as much border as the window needs
    """

    def __init__(
        self,
        size: Any,
        padding: Any = None,
        pad_if_needed: bool = False,
        fill: Any = 0,
        padding_mode: str = "constant",
    ) -> None:
        self.size, self.padding, self.pad_if_needed = size_pair("RandomCrop", size), padding, pad_if_needed
        self.fill, self.padding_mode = fill, padding_mode

    @staticmethod
    def get_params(img: Image, output_size: tuple[int, int]) -> tuple[int, int, int, int]:
        """(top, left, height, width), drawn. Raises ShapeError for a smaller image."""
        h, w = get_dimensions(img)[1:]
        height, width = output_size
        expect(height <= h and width <= w, ShapeError, "RandomCrop", f"an image of at least {output_size}", (h, w))
        return integer(0, h - height + 1), integer(0, w - width + 1), height, width

    def forward(self, img: Image) -> Image:
        """The window."""
        if self.padding is not None:
            img = pad(img, self.padding, self.fill, self.padding_mode)
        h, w = get_dimensions(img)[1:]
        down, right = max(self.size[0] - h, 0), max(self.size[1] - w, 0)
        if self.pad_if_needed and (down or right):
            img = pad(img, [right, down], self.fill, self.padding_mode)
        return crop(img, *self.get_params(img, self.size))


class RandomResizedCrop(Module):
    """A window with a part of the area from `scale` and a ratio of width to height from `ratio`, in a new size."""

    def __init__(
        self,
        size: Any,
        scale: Sequence[float] = (0.08, 1.0),
        ratio: Sequence[float] = (3 / 4, 4 / 3),
        interpolation: Any = BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        self.size, self.interpolation, self.antialias = (size_pair("RandomResizedCrop", size), interpolation, antialias)
        self.scale = span("RandomResizedCrop", "scale", scale, 0)
        self.ratio = span("RandomResizedCrop", "ratio", ratio, 0)

    @staticmethod
    def get_params(img: Image, scale: Sequence[float], ratio: Sequence[float]) -> tuple[int, int, int, int]:
        """(top, left, height, width), drawn; in the middle where no window fits."""
        h, w = get_dimensions(img)[1:]
        for _ in range(TRIES):
            area = h * w * uniform(scale[0], scale[1])
            aspect = exp(uniform(log(ratio[0]), log(ratio[1])))
            width, height = round(sqrt(area * aspect)), round(sqrt(area / aspect))
            if 0 < width <= w and 0 < height <= h:
                return integer(0, h - height + 1), integer(0, w - width + 1), height, width
        aspect = min(max(w / h, min(ratio)), max(ratio))
        width, height = (w, round(w / aspect)) if w / h < aspect else (round(h * aspect), h)
        height, width = min(height, h), min(width, w)
        return (h - height) // 2, (w - width) // 2, height, width

    def forward(self, img: Image) -> Image:
        """The window in the new size."""
        window = self.get_params(img, self.scale, self.ratio)
        return resized_crop(img, *window, self.size, self.interpolation, self.antialias)


class RandomHorizontalFlip(Module):
    """`functional.hflip` with probability p."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = probability(type(self).__name__, p)

    def forward(self, img: Image) -> Image:
        """The image, or its mirror image."""
        return hflip(img) if coin(self.p) else img


class RandomVerticalFlip(RandomHorizontalFlip):
    """`functional.vflip` with probability p."""

    def forward(self, img: Image) -> Image:
        """The image, or upside down."""
        return vflip(img) if coin(self.p) else img


class RandomGrayscale(Module):
    """Grey with probability p, with as many channels as before."""

    def __init__(self, p: float = 0.1) -> None:
        self.p = probability("RandomGrayscale", p)

    def forward(self, img: Image) -> Image:
        """The image, or its grey version."""
        return rgb_to_grayscale(img, get_dimensions(img)[0]) if coin(self.p) else img


class RandomApply(Module):
    """All the transforms, with probability p."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]], p: float = 0.5) -> None:
        self.transforms, self.p = transforms, probability("RandomApply", p)

    def forward(self, img: Any) -> Any:
        """The image, or what the transforms make of it."""
        return Compose(self.transforms)(img) if coin(self.p) else img


class RandomChoice:
    """One of the transforms. p: how likely each is, compared with the others."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]], p: Sequence[float] | None = None) -> None:
        self.transforms, self.p = transforms, p

    def __call__(self, img: Any) -> Any:
        shares = [1.0] * len(self.transforms) if self.p is None else list(self.p)
        at = uniform(0, sum(shares))
        for transform, share in zip(self.transforms, shares, strict=True):
            at -= share
            if at < 0:
                return transform(img)
        return self.transforms[-1](img)


class RandomOrder(RandomChoice):
    """All of the transforms, in random order."""

    def __call__(self, img: Any) -> Any:
        return Compose([self.transforms[i] for i in order(len(self.transforms))])(img)


class RandomErasing(Module):
    """A window of a Tensor (..., C, H, W) is covered with probability p (Zhong et al., arXiv 1708.04896, 2017).

    value: what covers it: a number, one for each channel, or "random" for normal numbers
    """

    def __init__(
        self,
        p: float = 0.5,
        scale: Sequence[float] = (0.02, 0.33),
        ratio: Sequence[float] = (0.3, 3.3),
        value: Any = 0,
        inplace: bool = False,
    ) -> None:
        self.p, self.value, self.inplace = probability("RandomErasing", p), value, inplace
        self.scale = span("RandomErasing", "scale", scale, 0)
        self.ratio = span("RandomErasing", "ratio", ratio, 0)

    def forward(self, img: Tensor) -> Tensor:
        """The Tensor, covered or not; as it is, where no window fits."""
        expect(isinstance(img, Tensor), KindError, "RandomErasing", "a Tensor", type(img).__name__)
        if not coin(self.p):
            return img
        c, h, w = get_dimensions(img)
        for _ in range(TRIES):
            area, aspect = h * w * uniform(*self.scale), exp(uniform(log(self.ratio[0]), log(self.ratio[1])))
            height, width = round(sqrt(area * aspect)), round(sqrt(area / aspect))
            if 0 < height < h and 0 < width < w:
                top, left = integer(0, h - height + 1), integer(0, w - width + 1)
                return erase(img, top, left, height, width, self._cover(img, c, height, width), self.inplace)
        return img

    def _cover(self, img: Tensor, channels: int, height: int, width: int) -> Tensor:
        if self.value == "random":
            return xdl.randn(channels, height, width, device=img.device, generator=xdl.random.stream("transforms"))
        return xdl.tensor(self.value, dtype=img.dtype, device=img.device).reshape(-1, 1, 1)


__all__ = ["RandomApply", "RandomChoice", "RandomCrop", "RandomErasing", "RandomGrayscale", "RandomHorizontalFlip"]
__all__ += ["RandomOrder", "RandomResizedCrop", "RandomVerticalFlip"]
