"""The handwritten digits that ship with xdl: 1797 real images of 8x8 pixels (origin: files/README.md)."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from importlib.resources import files

import numpy as np

from xdl.data.labelled import LabelledImages, hold_out_fifth, labelled_images
from xdl.errors import DataError

COUNT, SIDE, INK, CLASSES = 1797, 8, 16, 10
SHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"


def read_digits() -> tuple[np.ndarray, np.ndarray]:
    """The file as it is: pixels (1797, 8, 8) uint8 from 0 to 16, and labels (1797,) int64.

    Raises DataError if the file is damaged.
    """
    source = files("xdl.data.files") / "digits.csv.gz"
    try:
        text = gzip.decompress(source.read_bytes())
    except (OSError, EOFError, zlib.error) as error:  # what gzip raises for missing, cut and changed files
        raise DataError("digits", f"a whole gzip file at {source}", error, "Install xdl again") from error
    found = hashlib.sha256(text).hexdigest()
    if found != SHA256:
        raise DataError("digits", f"{source} with SHA-256 {SHA256}", found, "Install xdl again")
    rows = np.loadtxt(text.decode().splitlines(), delimiter=",", dtype=np.uint8)
    return rows[:, :-1].reshape(COUNT, SIDE, SIDE), rows[:, -1].astype(np.int64)


def load_digits(size: int = SIDE) -> LabelledImages:
    """The digits in three parts, the same ones always: no chance is involved.

    Test: of each digit, one image in five, evenly over the file (359 images). Validation: one in ten of what
    remains (143). Training: the rest (1295). The same 13 people wrote all parts, so the figures say how
    well new images of known writers are read. For a size other than 8 the images are enlarged to size x size by
    bilinear interpolation (`resize`). Then pixels are standardized by the mean and std of the training part.
    """
    pixels, labels = read_digits()
    parts = hold_out_fifth(labels)
    about = f"{COUNT} handwritten digits, {SIDE}x{SIDE} pixels; {parts}, a held-out fifth of each digit"
    names = tuple(str(digit) for digit in range(CLASSES))
    return labelled_images("digits", about, names, pixels[:, None], labels, parts, size)
