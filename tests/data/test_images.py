"""Changing the size and scale of images."""

import numpy as np
import pytest

from xdl.data import resize, standardize
from xdl.data.images import interpolation
from xdl.errors import ShapeError


def bilinear(image, height, width):
    """One pixel at a time, from the definition."""
    old_height, old_width = image.shape
    out = np.empty((height, width))
    for i in range(height):
        for j in range(width):
            y = min(max((i + 0.5) * old_height / height - 0.5, 0), old_height - 1)
            x = min(max((j + 0.5) * old_width / width - 0.5, 0), old_width - 1)
            top, left = int(y), int(x)
            bottom, right = min(top + 1, old_height - 1), min(left + 1, old_width - 1)
            above = image[top, left] * (1 - x + left) + image[top, right] * (x - left)
            below = image[bottom, left] * (1 - x + left) + image[bottom, right] * (x - left)
            out[i, j] = above * (1 - y + top) + below * (y - top)
    return out


@pytest.mark.parametrize("old", [(8, 8), (1, 1), (3, 7), (5, 1)])
@pytest.mark.parametrize("new", [(28, 28), (1, 1), (4, 3), (8, 9)])
def test_resize_is_bilinear(old, new):
    images = np.random.default_rng(0).random((3, *old))
    expected = np.stack([bilinear(image, *new) for image in images])
    found = resize(images, new)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_resize_keeps_constants_and_takes_one_size_for_squares():
    np.testing.assert_allclose(resize(np.full((1, 4, 6), 3.0), 5), np.full((1, 5, 5), 3.0), rtol=1e-6)


@pytest.mark.parametrize(("old", "new"), [(8, 28), (28, 8), (1, 5), (6, 6)])
def test_each_row_of_weights_sums_to_one(old, new):
    matrix = interpolation(old, new)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-6)
    assert ((matrix > 0).sum(axis=1) <= 2).all()


@pytest.mark.parametrize(("shape", "size"), [((8, 8), 4), ((1, 0, 8), 4), ((1, 8, 8), 0), ((1, 8, 8), (4, -1))])
def test_resize_refuses_other_shapes(shape, size):
    with pytest.raises(ShapeError, match="resize"):
        resize(np.zeros(shape), size)


def test_standardize():
    assert standardize(np.array([1, 5], dtype=np.uint8), 3, 2).tolist() == [-1.0, 1.0]
    assert standardize([1, 5], 3, 2).dtype == np.float32
