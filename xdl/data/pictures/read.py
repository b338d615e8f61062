"""A file of pictures: PNG, JPEG, or an array of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from xdl.data.pictures.decode import decode, luma
from xdl.errors import DataError

PICTURES = (".png", ".jpg", ".jpeg")
LARGEST = 64_000_000  # bytes of an array's pictures as float32
SHAPES = "(H, W), (N, H, W), (N, 1, H, W), (H, W, C) or (N, H, W, C) with 1, 3 or 4 channels C"


def read_pictures(path: Path) -> list[tuple[str, Any]]:
    """(name, grey pixels (H, W) float32) of a picture, or of each picture in an array.

    PNG and JPEG are read by Pillow, from 0 to 1; see `decode`. An array (.npy) holds numbers of any range, grey or in
    colour: (H, W), (N, H, W), (N, 1, H, W), (H, W, C) or (N, H, W, C), where C is 1, 3 or 4 and smaller than H and W;
    a fourth channel is not looked at.

    Raises DataError, naming the file, for one that is missing, damaged, too large, of another kind or shape; for values
    that are not finite; without Pillow.
    """
    kinds = f"a picture ({', '.join(PICTURES)}) or an array (.npy)"
    if not path.is_file():
        raise DataError(f"{path}", kinds, "a folder" if path.is_dir() else "no such file")
    if path.suffix.lower() in PICTURES:
        return [(str(path), decode(path))]
    if path.suffix.lower() == ".npy":
        pictures = _from_array(path)
        return [(str(path) if len(pictures) == 1 else f"{path}[{i}]", one) for i, one in enumerate(pictures)]
    raise DataError(f"{path}", kinds, f"a file of kind {path.suffix or 'unknown'}")


def _from_array(path: Path) -> np.ndarray:
    """(N, H, W) float32. The file is mapped, so that its header alone takes no memory."""
    try:
        array: Any = np.lib.format.open_memmap(path, mode="r")  # which refuses pickles
    except Exception as error:  # NumPy evaluates the header, and raises anything for one that is none
        found = f"{type(error).__name__}: {error}".splitlines()[0]
        raise DataError(f"{path}", "an array of numbers that numpy.save has written", found) from error
    if array.dtype.kind not in "buif" or array.size == 0:
        raise DataError(f"{path}", "an array of numbers", f"{array.dtype} of shape {array.shape}")
    if 4 * array.size > LARGEST:
        raise DataError(f"{path}", f"at most {LARGEST // 4} values", array.size, "Give it in parts")
    with np.errstate(over="ignore"):  # what float32 cannot hold is refused below
        pictures = _grey(np.asarray(array, dtype=np.float32))
    if pictures is None:
        raise DataError(f"{path}", f"an array of shape {SHAPES}", array.shape)
    if not np.isfinite(pictures).all():
        raise DataError(f"{path}", "finite numbers in the range of float32", "nan, infinity or larger ones")
    return pictures


def _grey(x: np.ndarray) -> np.ndarray | None:
    """x as grey pictures (N, H, W); None for a shape that holds none."""
    if x.ndim in (3, 4) and x.shape[-1] in (1, 3, 4) and min(x.shape[-3:-1]) > x.shape[-1]:
        x = x[..., 0] if x.shape[-1] == 1 else luma(x)
    elif x.ndim == 4 and x.shape[1] == 1:
        x = x[:, 0]
    return {2: x[None], 3: x}.get(x.ndim) if x.ndim in (2, 3) else None
