"""The classes of `torchvision.transforms` that draw nothing. Each is called with a picture or a Tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xdl.as_torch.vision.colour import rgb_to_grayscale
from xdl.as_torch.vision.conversion import convert_image_dtype, normalize, pil_to_tensor, to_pil_image, to_tensor
from xdl.as_torch.vision.geometry import InterpolationMode, center_crop, five_crop, pad, resize
from xdl.as_torch.vision.pillow import Image
from xdl.errors import KindError, expect
from xdl.nn import Module
from xdl.tensor import Tensor

BILINEAR = InterpolationMode.BILINEAR


class Compose:
    """One transform after the other."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, img: Any) -> Any:
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self) -> str:
        lines = "".join(f"\n    {transform}" for transform in self.transforms)
        return f"Compose({lines}\n)"


class Lambda:
    """A function of one's own."""

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        expect(callable(lambd), KindError, "Lambda", "a function", type(lambd).__name__)
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        return self.lambd(img)


class ToTensor:
    """`functional.to_tensor`: bytes as float32 from 0 to 1, channels first."""

    def __call__(self, pic: Any) -> Tensor:
        return to_tensor(pic)


class PILToTensor:
    """`functional.pil_to_tensor`: the picture's own numbers, channels first."""

    def __call__(self, pic: Any) -> Tensor:
        return pil_to_tensor(pic)


class ToPILImage:
    """`functional.to_pil_image`."""

    def __init__(self, mode: str | None = None) -> None:
        self.mode = mode

    def __call__(self, pic: Any) -> Any:
        return to_pil_image(pic, self.mode)


class ConvertImageDtype(Module):
    """`functional.convert_image_dtype`."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype

    def forward(self, image: Tensor) -> Tensor:
        """The values in the scale of the dtype."""
        return convert_image_dtype(image, self.dtype)


class Normalize(Module):
    """`functional.normalize`: (x - mean) / std of each channel."""

    def __init__(self, mean: Any, std: Any, inplace: bool = False) -> None:
        self.mean, self.std, self.inplace = mean, std, inplace

    def forward(self, tensor: Tensor) -> Tensor:
        """The scaled Tensor."""
        return normalize(tensor, self.mean, self.std, self.inplace)


class Resize(Module):
    """`functional.resize`."""

    def __init__(
        self, size: Any, interpolation: Any = BILINEAR, max_size: int | None = None, antialias: bool | None = True
    ) -> None:
        self.size, self.interpolation, self.max_size, self.antialias = size, interpolation, max_size, antialias

    def forward(self, img: Image) -> Image:
        """The image in the new size."""
        return resize(img, self.size, self.interpolation, self.max_size, self.antialias)


class CenterCrop(Module):
    """`functional.center_crop`."""

    def __init__(self, size: Any) -> None:
        self.size = size

    def forward(self, img: Image) -> Image:
        """The window in the middle."""
        return center_crop(img, self.size)


class FiveCrop(CenterCrop):
    """`functional.five_crop`: a tuple of five images."""

    def forward(self, img: Image) -> Any:
        """The windows at the corners and in the middle."""
        return five_crop(img, self.size)


class Pad(Module):
    """`functional.pad`."""

    def __init__(self, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> None:
        self.padding, self.fill, self.padding_mode = padding, fill, padding_mode

    def forward(self, img: Image) -> Image:
        """The image with its border."""
        return pad(img, self.padding, self.fill, self.padding_mode)


class Grayscale(Module):
    """`functional.rgb_to_grayscale`."""

    def __init__(self, num_output_channels: int = 1) -> None:
        self.num_output_channels = num_output_channels

    def forward(self, img: Image) -> Image:
        """The grey image."""
        return rgb_to_grayscale(img, self.num_output_channels)


__all__ = ["CenterCrop", "Compose", "ConvertImageDtype", "FiveCrop", "Grayscale", "InterpolationMode", "Lambda"]
__all__ += ["Normalize", "PILToTensor", "Pad", "Resize", "ToPILImage", "ToTensor"]
