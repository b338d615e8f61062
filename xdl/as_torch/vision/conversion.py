"""Pictures to Tensors and back, and the scale of their values: `torchvision.transforms.functional`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

import xdl
from xdl.as_torch.vision.pillow import is_tensor, pillow
from xdl.errors import DtypeError, KindError, SettingError, ShapeError, expect
from xdl.tensor import Tensor

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}  # by the number of channels


def pil_to_tensor(pic: Any) -> Tensor:
    """A picture as a Tensor (C, H, W) of its own numbers: uint8 for most."""
    expect(not is_tensor("pil_to_tensor", pic), KindError, "pil_to_tensor", "a picture of Pillow", "Tensor")
    pixels = np.array(pic, np.uint8) if pic.mode == "1" else np.array(pic)
    return xdl.tensor(np.ascontiguousarray(pixels.reshape(pic.height, pic.width, -1).transpose(2, 0, 1)))


def to_tensor(pic: Any) -> Tensor:
    """A picture, or an array (H, W, C) or (H, W), as a Tensor (C, H, W): bytes / 255 as float32, others as they are.

    Raises KindError for anything else, ShapeError for an array of another number of dimensions.
    """
    if isinstance(pic, np.ndarray):
        expect(pic.ndim in (2, 3), ShapeError, "to_tensor", "an array (H, W) or (H, W, C)", pic.shape)
        pixels = np.atleast_3d(pic)
    else:
        expect(not is_tensor("to_tensor", pic), KindError, "to_tensor", "a picture or an array", "Tensor")
        pixels = np.array(pic).reshape(pic.height, pic.width, -1)
    first = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    if first.dtype == bool:  # a picture of one bit
        return xdl.tensor(first.astype(np.float32))
    return xdl.tensor(first.astype(np.float32) / np.float32(255) if first.dtype == np.uint8 else first)


def to_pil_image(pic: Any, mode: str | None = None) -> Any:
    """A Tensor (C, H, W) or (H, W), or an array (H, W, C) or (H, W), as a picture; floating Tensors times 255.

    Raises KindError for anything else, ShapeError for more than four channels.
    """
    expect(isinstance(pic, Tensor | np.ndarray), KindError, "to_pil_image", "a Tensor or an array", type(pic).__name__)
    expect(pic.ndim in (2, 3), ShapeError, "to_pil_image", "two or three dimensions", pic.shape)
    if isinstance(pic, Tensor):
        pixels = pic.detach().cpu().numpy()
        pixels = pixels if pixels.ndim == 2 else pixels.transpose(1, 2, 0)
        if pixels.dtype.kind == "f" and mode != "F":
            pixels = (pixels * 255).astype(np.int64).astype(np.uint8)
    else:
        pixels = pic
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    expect(channels in MODES, ShapeError, "to_pil_image", "one to four channels", pic.shape)
    if channels == 1:
        picture = pillow().Image.fromarray(np.ascontiguousarray(pixels.reshape(pixels.shape[:2])))
        return picture if mode in (None, picture.mode) else picture.convert(mode)
    expect(pixels.dtype == np.uint8, DtypeError, "to_pil_image", "uint8 for several channels", pixels.dtype)
    return pillow().Image.frombytes(
        mode or MODES[channels], pixels.shape[1::-1], np.ascontiguousarray(pixels).tobytes()
    )


def convert_image_dtype(image: Tensor, dtype: Any = "float32") -> Tensor:
    """The values in another dtype and its scale: floats from 0 to 1, integers from 0 to the largest.

    Raises DtypeError for integers of 32 bits and more to or from floats of fewer digits.
    """
    target = xdl.zeros(0, dtype=dtype)
    old, new = image.dtype, target.dtype
    floats = image.is_floating_point(), target.is_floating_point()
    if old == new or all(floats):
        return image.to(new)
    if not any(floats):
        low, high = (int(xdl.iinfo(name).max) for name in (old, new))
        return image.to(new) * ((high + 1) // (low + 1)) if high > low else (image // ((low + 1) // (high + 1))).to(new)
    if floats[1]:
        return image.to(new) / float(xdl.iinfo(old).max)
    exact = (new in ("uint8", "int8", "int16")) or (old == "float64" and new == "int32")
    expect(exact, DtypeError, "convert_image_dtype", f"a dtype whose integers {old} holds", new)
    return (image * (xdl.iinfo(new).max + 1 - 1e-3)).to(new)


def normalize(tensor: Tensor, mean: Any, std: Any, inplace: bool = False) -> Tensor:
    """(x - mean) / std of a floating Tensor (..., C, H, W), with one mean and std for each channel or for all.

    Raises KindError for what is no Tensor, DtypeError, ShapeError, SettingError for a std of 0.
    """
    expect(isinstance(tensor, Tensor), KindError, "normalize", "a Tensor, as ToTensor makes", type(tensor).__name__)
    expect(tensor.is_floating_point(), DtypeError, "normalize", "a floating Tensor", tensor.dtype)
    expect(tensor.ndim >= 3, ShapeError, "normalize", "an image (..., C, H, W)", tensor.shape)
    m, s = (_columns(tuple(np.ravel(value).tolist()), tensor.dtype, str(tensor.device)) for value in (mean, std))
    expect(0 not in np.ravel(std), SettingError, "normalize", "std that is not 0", std)
    return tensor.sub_(m).div_(s) if inplace else (tensor - m) / s


@lru_cache(maxsize=64)
def _columns(values: tuple[float, ...], dtype: str, device: str) -> Tensor:
    """A value for each channel (C, 1, 1), made once for all images."""
    return xdl.tensor(values, dtype=dtype, device=device).reshape(-1, 1, 1)


__all__ = ["convert_image_dtype", "normalize", "pil_to_tensor", "to_pil_image", "to_tensor"]
