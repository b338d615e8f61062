"""roi_align, by its definition: each place is the mean of samples, each sample a blend of four pixels."""

import math

import numpy as np
import pytest

import xdl
from xdl.as_torch.vision.regions import roi_align
from xdl.errors import ShapeError

BOXES = np.array([[0, 1.2, 0.5, 7.7, 6.1], [1, -3, 2, 20, 14], [1, 4, 4, 4.2, 4.1], [0, 0, 0, 11, 9]])


def sample(image, y, x):
    """The blend of image (C, H, W) at a place, 0 further than a pixel outside."""
    height, width = image.shape[1:]
    if not (-1 <= y <= height and -1 <= x <= width):
        return np.zeros(len(image))
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    dy, dx = y - top, x - left
    upper = (1 - dx) * image[:, top, left] + dx * image[:, top, right]
    lower = (1 - dx) * image[:, bottom, left] + dx * image[:, bottom, right]
    return (1 - dy) * upper + dy * lower


def region(image, box, size, scale, ratio, aligned):
    """One box of image (C, H, W), place by place."""
    left, top, right, bottom = [c * scale - 0.5 * aligned for c in box]
    high, wide = (bottom - top, right - left) if aligned else (max(bottom - top, 1), max(right - left, 1))
    n, m = (ratio, ratio) if ratio > 0 else (max(math.ceil(high / size[0]), 1), max(math.ceil(wide / size[1]), 1))
    result = np.zeros((len(image), *size))
    for i in range(size[0]):
        for j in range(size[1]):
            ys = [top + (i + (a + 0.5) / n) * high / size[0] for a in range(n)]
            xs = [left + (j + (b + 0.5) / m) * wide / size[1] for b in range(m)]
            result[:, i, j] = np.mean([sample(image, y, x) for y in ys for x in xs], axis=0)
    return result


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize(("scale", "ratio"), [(1.0, -1), (0.5, 2), (1.0, 1)])
def test_regions_are_means_of_samples(scale, ratio, aligned):
    images = np.random.RandomState(0).standard_normal((2, 3, 9, 11))
    found = roi_align(xdl.tensor(images), xdl.tensor(BOXES), (3, 4), scale, ratio, aligned)
    expected = [region(images[int(box[0])], box[1:], (3, 4), scale, ratio, aligned) for box in BOXES]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-12)


def test_boxes_of_each_image_and_gradients():
    images = xdl.tensor(np.random.RandomState(0).standard_normal((2, 3, 9, 11)), requires_grad=True)
    rows = BOXES[np.argsort(BOXES[:, 0], kind="stable")]
    several = [xdl.tensor(rows[rows[:, 0] == i, 1:]) for i in range(2)]
    found = roi_align(images, several, 2)
    np.testing.assert_array_equal(found.detach().numpy(), roi_align(images, xdl.tensor(rows), 2).detach().numpy())
    assert xdl.gradcheck(lambda x: roi_align(x, xdl.tensor(BOXES[:2]), 2, 1.0, 2), [images])
    assert roi_align(images, xdl.zeros(0, 5), 2).shape == (0, 3, 2, 2)
    with pytest.raises(ShapeError, match=r"roi_align: expected boxes \(K, 5\)"):
        roi_align(images, xdl.zeros(2, 4), 2)
