"""Transforms that draw nothing: against the formulas, and against Pillow for its own pictures."""

import numpy as np
import pytest
from PIL import Image

import xdl
from tests.as_torch.vision.made import picture, pixels
from xdl.as_torch.vision import blur, colour, conversion, fixed, geometry, turning
from xdl.errors import DtypeError, KindError, SettingError, ShapeError

PICTURE = picture()
FAINT = PICTURE.point(lambda value: 70 + value // 3)  # Pillow cuts and rounds between rows and columns
TENSOR = conversion.pil_to_tensor(PICTURE)
BICUBIC = geometry.InterpolationMode.BICUBIC
BILINEAR = geometry.InterpolationMode.BILINEAR


def test_bytes_become_parts_of_one_with_the_channels_first():
    x = fixed.ToTensor()(PICTURE)
    assert (x.shape, x.dtype) == ((3, 20, 30), "float32")
    np.testing.assert_array_equal(x.numpy(), pixels(PICTURE).astype(np.float32) / np.float32(255))
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3)
    np.testing.assert_array_equal(fixed.ToTensor()(grey).numpy(), grey[None].astype(np.float32) / np.float32(255))
    assert fixed.ToTensor()(grey.astype(np.float64)).dtype == "float64"
    assert fixed.ToTensor()(Image.new("1", (2, 1), 1)).tolist() == [[[1.0, 1.0]]]
    assert fixed.PILToTensor()(Image.new("1", (2, 1), 1)).tolist() == [[[1, 1]]]
    assert fixed.ToTensor()(Image.new("RGBA", (2, 1))).shape == (4, 1, 2)
    with pytest.raises(KindError, match="to_tensor: expected a picture of Pillow or a Tensor, found list"):
        fixed.ToTensor()([1])
    with pytest.raises(KindError, match="to_tensor: expected a picture or an array, found Tensor"):
        fixed.ToTensor()(TENSOR)


def test_tensors_and_arrays_become_pictures_and_back():
    for channels, mode in ((1, "L"), (3, "RGB")):
        image = picture(channels=channels)
        for given in (conversion.pil_to_tensor(image), fixed.ToTensor()(image), np.array(image)):
            back = fixed.ToPILImage()(given)
            assert (back.mode, back.tobytes()) == (mode, image.tobytes())
    assert fixed.ToPILImage("HSV")(TENSOR).mode == "HSV"
    assert fixed.ToPILImage()(xdl.zeros(2, 3)).size == (3, 2)
    with pytest.raises(ShapeError, match="one to four channels"):
        fixed.ToPILImage()(xdl.zeros(5, 2, 2))
    with pytest.raises(KindError, match="to_pil_image"):
        fixed.ToPILImage()(PICTURE)


def test_channels_are_normalized():
    x = fixed.ToTensor()(PICTURE)
    y = fixed.Normalize((0.1, 0.2, 0.3), [0.5, 0.25, 2])(x)
    mean, std = (np.array(v, np.float32).reshape(3, 1, 1) for v in ((0.1, 0.2, 0.3), (0.5, 0.25, 2)))
    np.testing.assert_allclose(y.numpy(), (x.numpy() - mean) / std, rtol=1e-6)
    np.testing.assert_allclose(fixed.Normalize(0.5, 0.5)(x).numpy(), 2 * x.numpy() - 1, atol=1e-6)
    assert fixed.Normalize(0.5, 0.5, inplace=True)(x) is x
    for wrong, error in ((TENSOR, DtypeError), (PICTURE, KindError), (xdl.zeros(2, 2), ShapeError)):
        with pytest.raises(error, match="normalize"):
            fixed.Normalize(0.5, 0.5)(wrong)
    with pytest.raises(SettingError, match="std that is not 0"):
        fixed.Normalize(0.5, (1, 0, 1))(x)


@pytest.mark.parametrize(
    ("value", "old", "new", "expected"),
    [
        (255, "uint8", "float32", 1.0),
        (1.0, "float32", "uint8", 255),
        (0.5, "float32", "uint8", 127),
        (200, "uint8", "int16", 200 * 128),
        (32767, "int16", "uint8", 255),
        (0.25, "float32", "float64", 0.25),
    ],
)
def test_values_change_their_scale_with_the_dtype(value, old, new, expected):
    x = fixed.ConvertImageDtype(new)(xdl.tensor([value], dtype=old))
    assert (x.dtype, x.item()) == (new, expected)
    with pytest.raises(DtypeError, match="convert_image_dtype"):
        conversion.convert_image_dtype(xdl.zeros(1), "int32")


@pytest.mark.parametrize(
    ("size", "max_size", "expected"),
    [(10, None, (15, 10)), ((5, 7), None, (7, 5)), (20, 24, (24, 16)), ([40], None, (60, 40)), (20, None, (30, 20))],
)
def test_pictures_are_resized_by_pillow(size, max_size, expected):
    for mode, code in ((BILINEAR, Image.Resampling.BILINEAR), (BICUBIC, Image.Resampling.BICUBIC), (0, 0)):
        found = fixed.Resize(size, mode, max_size)(FAINT)
        assert found.tobytes() == FAINT.resize(expected, code).tobytes()
        if mode:
            x = fixed.Resize(size, mode, max_size)(conversion.pil_to_tensor(FAINT))
            assert np.abs(x.numpy().astype(int) - pixels(found)).max() <= 1
    with pytest.raises(SettingError, match="resize"):
        geometry.resize(PICTURE, (3, 4, 5))
    with pytest.raises(SettingError, match="InterpolationMode"):
        geometry.resize(PICTURE, 3, "bilinear")


SAME = {
    "hflip": (geometry.hflip, lambda x: x[:, :, ::-1]),
    "vflip": (geometry.vflip, lambda x: x[:, ::-1]),
    "crop": (lambda i: geometry.crop(i, 3, 4, 5, 6), lambda x: x[:, 3:8, 4:10]),
    "crop beyond": (
        lambda i: geometry.crop(i, -1, 28, 4, 5),
        lambda x: np.pad(x[:, :3, 28:], ((0, 0), (1, 0), (0, 3))),
    ),
    "center": (lambda i: geometry.center_crop(i, (5, 7)), lambda x: x[:, 8:13, 12:19]),
    "center beyond": (
        lambda i: geometry.center_crop(i, (23, 4)),
        lambda x: np.pad(x[:, :, 13:17], ((0, 0), (1, 2), (0, 0))),
    ),
    "pad": (
        lambda i: geometry.pad(i, [1, 2, 3, 4], 7),
        lambda x: np.pad(x, ((0, 0), (2, 4), (1, 3)), constant_values=7),
    ),
    "pad two": (lambda i: geometry.pad(i, (1, 2)), lambda x: np.pad(x, ((0, 0), (2, 2), (1, 1)))),
    "edge": (lambda i: geometry.pad(i, 2, padding_mode="edge"), lambda x: np.pad(x, ((0, 0), (2, 2), (2, 2)), "edge")),
    "reflect": (
        lambda i: geometry.pad(i, 2, padding_mode="reflect"),
        lambda x: np.pad(x, ((0, 0), (2, 2), (2, 2)), "reflect"),
    ),
    "five": (lambda i: geometry.five_crop(i, 4)[3], lambda x: x[:, -4:, -4:]),
    "invert": (colour.invert, lambda x: 255 - x),
}


@pytest.mark.parametrize("name", SAME)
def test_pictures_and_tensors_move_alike(name):
    change, expected = SAME[name]
    for image, x in ((PICTURE, TENSOR), (picture(channels=1), conversion.pil_to_tensor(picture(channels=1)))):
        wanted = expected(pixels(image))
        np.testing.assert_array_equal(pixels(change(image)), wanted)
        np.testing.assert_array_equal(change(x).numpy(), wanted)


@pytest.mark.parametrize("angle", [0, 30, 90, -50])
def test_pictures_and_tensors_turn_alike(angle):
    turned = turning.rotate(PICTURE, angle)
    assert turned.tobytes() == PICTURE.rotate(angle).tobytes()
    np.testing.assert_array_equal(turning.rotate(TENSOR, angle).numpy(), pixels(turned))
    filled = turning.rotate(TENSOR, angle, fill=9).numpy()
    np.testing.assert_array_equal(filled, pixels(turning.rotate(PICTURE, angle, fill=9)))
    assert turning.rotate(PICTURE, 90, expand=True).size == (20, 30)
    moved = turning.affine(PICTURE, angle, (2, -3), 1.2, (5, 4))
    np.testing.assert_array_equal(turning.affine(TENSOR, angle, (2, -3), 1.2, (5, 4)).numpy(), pixels(moved))


def test_affine_maps_shift_enlarge_and_turn_with_the_clock():
    x = pixels(PICTURE)
    shifted = turning.affine(PICTURE, 0, (2, 3), 1.0, 0)
    np.testing.assert_array_equal(pixels(shifted), np.pad(x, ((0, 0), (3, 0), (2, 0)))[:, :20, :30])
    doubled = turning.affine(PICTURE, 0, (0, 0), 2.0, 0)
    np.testing.assert_array_equal(pixels(doubled), x[:, 5:15, 7:23].repeat(2, 1).repeat(2, 2)[:, :, 1:31])
    square = picture(8, 8)
    np.testing.assert_array_equal(
        pixels(turning.affine(square, 90, (0, 0), 1.0, 0)), np.rot90(pixels(square), -1, (1, 2))
    )
    with pytest.raises(SettingError, match="scale > 0"):
        turning.affine(PICTURE, 0, (0, 0), 0, 0)


def test_affine_maps_are_the_product_of_their_parts():
    angle, scale, x, y, shift = np.radians(25), 0.8, *np.tan(np.radians([20, 30])), np.array([2, -3])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    back = np.linalg.inv(scale * turn @ np.array([[1, 0], [-y, 1]]) @ np.array([[1, -x], [0, 1]]))
    rows, columns = np.mgrid[:20, :30]
    seen = np.stack([columns + 0.5 - 15, rows + 0.5 - 10], -1) - shift
    j, i = np.floor(seen @ back.T + [15, 10]).astype(int).transpose(2, 0, 1)
    inside = (i >= 0) & (i < 20) & (j >= 0) & (j < 30)
    expected = np.where(inside, pixels(PICTURE)[:, i.clip(0, 19), j.clip(0, 29)], 0)
    for image in (PICTURE, TENSOR):
        moved = turning.affine(image, 25, (2, -3), 0.8, (20, 30))
        np.testing.assert_array_equal(pixels(moved) if image is PICTURE else moved.numpy(), expected)


COLOURS = [
    (colour.adjust_brightness, 0.6),
    (colour.adjust_brightness, 1.7),
    (colour.adjust_contrast, 0.6),
    (colour.adjust_contrast, 1.7),
    (colour.adjust_saturation, 0.6),
    (colour.adjust_saturation, 1.7),
    (colour.adjust_gamma, 0.5),
]


@pytest.mark.parametrize(("adjust", "factor"), COLOURS)
def test_colours_change_alike(adjust, factor):
    by_pillow = pixels(adjust(PICTURE, factor)).astype(float)  # whole numbers, and weights of grey in whole parts
    assert np.abs(adjust(TENSOR, factor).numpy() - by_pillow).max() <= 2
    assert np.abs(adjust(TENSOR.float() / 255, factor).numpy() * 255 - by_pillow).max() <= 2
    with pytest.raises(SettingError):
        adjust(TENSOR, -1)


def test_grey_is_the_weighted_mean_of_the_colours():
    x = pixels(PICTURE).astype(np.float32)
    expected = 0.2989 * x[0] + 0.587 * x[1] + 0.114 * x[2]
    np.testing.assert_allclose(fixed.Grayscale(3)(TENSOR.float())[2].numpy(), expected, rtol=1e-6)
    assert fixed.Grayscale()(PICTURE).tobytes() == PICTURE.convert("L").tobytes()
    assert fixed.Grayscale(3)(PICTURE).mode == "RGB"
    with pytest.raises(ShapeError, match="1 or 3 channels"):
        fixed.Grayscale()(xdl.zeros(2, 4, 4))


def test_blur_is_the_weighted_mean_of_the_neighbours():
    x = pixels(PICTURE).astype(np.float64)
    rows, columns = (np.exp(-0.5 * (np.arange(-reach, reach + 1) / s) ** 2) for reach, s in ((2, 1.5), (1, 0.8)))
    wide = np.pad(x, ((0, 0), (2, 2), (1, 1)), "reflect")
    windows = np.lib.stride_tricks.sliding_window_view(wide, (5, 3), axis=(1, 2))
    expected = np.einsum("cijab,a,b->cij", windows, rows / rows.sum(), columns / columns.sum())
    found = blur.gaussian_blur(TENSOR.double(), [3, 5], [0.8, 1.5])
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)
    assert np.abs(pixels(blur.gaussian_blur(PICTURE, [3, 5], [0.8, 1.5])) - expected).max() <= 0.5 + 1e-3
    same = blur.gaussian_blur(TENSOR.double(), 3, 0.8)
    np.testing.assert_array_equal(blur.gaussian_blur(TENSOR.double(), (3,)).numpy(), same.numpy())
    with pytest.raises(SettingError, match="kernel_size as odd numbers"):
        blur.gaussian_blur(PICTURE, 4)


def test_hues_go_round():
    red = Image.new("RGB", (1, 1), (255, 0, 0))
    assert np.array(colour.adjust_hue(red, 1 / 3)).tolist() == [[[0, 255, 0]]]
    assert np.abs(np.array(colour.adjust_hue(red, -1 / 3)).astype(int) - [0, 0, 255]).max() <= 6
    assert colour.adjust_hue(picture(channels=1), 0.3).tobytes() == picture(channels=1).tobytes()
    with pytest.raises(KindError, match="a picture of Pillow"):
        colour.adjust_hue(TENSOR, 0.1)


def test_transforms_follow_one_another():
    both = fixed.Compose([fixed.Resize((4, 6)), fixed.Lambda(lambda image: image.size), list])
    assert both(PICTURE) == [6, 4]
    assert repr(fixed.Compose([fixed.CenterCrop(3)])).startswith("Compose(\n    CenterCrop")
    assert fixed.Pad(1, fill=3)(picture(1, 1, 1)).getpixel((0, 0)) == 3
    assert len(fixed.FiveCrop(3)(PICTURE)) == 5
