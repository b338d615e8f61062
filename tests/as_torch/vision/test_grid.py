"""make_grid and save_image, by what torchvision documents: places, borders and scales of the images."""

import numpy as np
import pytest
from PIL import Image

import xdl
from xdl.as_torch.vision.grid import make_grid, save_image
from xdl.errors import KindError, ShapeError


def images(n=5, channels=3, height=2, width=4):
    return xdl.tensor(np.random.default_rng(0).normal(size=(n, channels, height, width)).astype(np.float32))


def test_images_stand_in_rows_with_borders():
    x = images()
    grid = make_grid(x, nrow=3, padding=1, pad_value=0.5)
    assert grid.shape == (3, 2 * 3 + 1, 3 * 5 + 1)
    expected = np.full(grid.shape, 0.5, np.float32)
    for i, (top, left) in enumerate([(1, 1), (1, 6), (1, 11), (4, 1), (4, 6)]):
        expected[:, top : top + 2, left : left + 4] = x[i].numpy()
    assert grid.tolist() == expected.tolist()
    assert make_grid(x).shape == (3, 2 + 4, 5 * 6 + 2)  # fewer than nrow = 8, padding = 2
    assert make_grid(list(x), nrow=3, padding=1, pad_value=0.5).tolist() == grid.tolist()


def test_grey_images_get_three_channels_and_one_image_no_border():
    x = images(1, 1)
    for given in (x, x[0], x[0, 0]):
        grid = make_grid(given)
        assert grid.shape == (3, 2, 4)
        assert all(channel.tolist() == x[0, 0].tolist() for channel in grid)


def test_values_are_scaled_together_each_or_by_a_range():
    x = images()
    low, high = x.min().item(), x.max().item()
    np.testing.assert_allclose(
        make_grid(x, padding=0, normalize=True)[:, :, :4].numpy(), (x[0].numpy() - low) / (high - low), rtol=1e-6
    )
    each = make_grid(x, padding=0, normalize=True, scale_each=True)
    assert [
        (each[:, :, 4 * i : 4 * i + 4].min().item(), each[:, :, 4 * i : 4 * i + 4].max().item()) for i in range(5)
    ] == [(0, 1)] * 5
    cut = make_grid(x, padding=0, normalize=True, value_range=(-0.5, 0.5))[:, :, :4]
    np.testing.assert_allclose(cut.numpy(), x[0].numpy().clip(-0.5, 0.5) + 0.5, rtol=1e-6)
    flat = make_grid(xdl.full((2, 3, 2, 2), 7.0), normalize=True)
    assert flat.abs().max().item() == 0
    assert x.min().item() == low


def test_a_grid_needs_no_gradient_and_images_of_one_form():
    assert not make_grid(images().requires_grad_()).requires_grad
    with pytest.raises(ShapeError, match="make_grid"):
        make_grid(xdl.zeros(2, 2, 3, 4, 4))
    with pytest.raises(KindError, match="make_grid: expected Tensors, found int"):
        make_grid([1, 2])


def test_a_file_holds_the_rounded_bytes(tmp_path):
    values = xdl.tensor([[[-1.0, 0.0, 0.25, 0.998, 1.0, 2.0]]])
    save_image(values, tmp_path / "a.png")
    assert np.array(Image.open(tmp_path / "a.png"))[0, :, 1].tolist() == [0, 0, 64, 254, 255, 255]
    with (tmp_path / "b").open("wb") as file:
        save_image(images(4), file, format="png", nrow=2, padding=0)
    assert Image.open(tmp_path / "b").size == (8, 4)
