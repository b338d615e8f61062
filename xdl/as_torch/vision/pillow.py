"""Pillow, asked for when a picture is first needed, and what the transforms have to know of a picture."""

from __future__ import annotations

from functools import cache
from typing import Any

from xdl.errors import BackendError, KindError, ShapeError
from xdl.tensor import Tensor

Image = Any  # a picture of Pillow, or a Tensor (..., C, H, W)


@cache
def pillow() -> Any:
    """The package PIL. Raises BackendError, with the line that installs it, where it is missing."""
    try:
        import PIL.Image
        import PIL.ImageEnhance
        import PIL.ImageOps
    except ImportError as error:
        raise BackendError("torchvision", "Pillow", f"none ({error})", "Install it: pip install pillow") from error
    return PIL


def is_tensor(operation: str, image: Image) -> bool:
    """Whether it is a Tensor, and no picture. Raises KindError for what is neither, ShapeError for a vector."""
    if isinstance(image, Tensor):
        if image.ndim < 2:
            raise ShapeError(operation, "an image (..., C, H, W)", image.shape)
        return True
    if isinstance(image, pillow().Image.Image):
        return False
    raise KindError(operation, "a picture of Pillow or a Tensor", type(image).__name__)


def get_dimensions(img: Image) -> list[int]:
    """[C, H, W]."""
    if is_tensor("get_dimensions", img):
        return [1 if img.ndim == 2 else img.shape[-3], *img.shape[-2:]]
    return [len(img.getbands()), img.height, img.width]


def get_image_size(img: Image) -> list[int]:
    """[W, H]."""
    return get_dimensions(img)[:0:-1]


def get_image_num_channels(img: Image) -> int:
    """C."""
    return get_dimensions(img)[0]


__all__ = ["get_dimensions", "get_image_num_channels", "get_image_size"]
