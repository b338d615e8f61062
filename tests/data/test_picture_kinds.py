"""Pictures as people have them: 16 bits, turned by EXIF, transparent, in colour; and as nobody should have them."""

import subprocess
import sys
import tracemalloc
import zlib
from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.house.source import ROOT
from xdl.data import prepare, read_pictures
from xdl.errors import DataError

Image = pytest.importorskip("PIL.Image")
MEGABYTES = 200  # that reading and preparing any file under 10 MB may take, Python and NumPy included


def corner(dtype=np.uint8, light=255):
    """Dark, with a light corner at the top left."""
    pixels = np.zeros((12, 8), dtype)
    pixels[:3, :2] = light
    return pixels


def read(path):
    ((_, pixels),) = read_pictures(path)
    return pixels


def test_16_bits_keep_their_digits(tmp_path):
    pixels = np.linspace(0, 65535, 96).reshape(12, 8).astype(np.uint16)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert read(tmp_path / "a.png") == pytest.approx(pixels / 65535, abs=1e-6)


def test_a_large_picture_of_16_bits_is_reduced_by_means(tmp_path):
    pixels = np.zeros((3000, 2100), np.uint16)
    pixels[:, 1000:1500] = 65535
    Image.fromarray(pixels).save(tmp_path / "a.png")
    small = read(tmp_path / "a.png")
    assert small.shape == (1500, 1050)
    assert (small[:, 500:750] == 1).all()
    assert small.sum() == 1500 * 250


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_exif_orientation_is_obeyed(tmp_path, orientation, kind):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{kind.lower()}"
    Image.fromarray(corner()).save(path, kind, exif=exif)
    with Image.open(path) as picture:
        expected = np.asarray(ImageOps.exif_transpose(picture)) / 255
    assert read(path) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
@pytest.mark.parametrize(("ink", "paper"), [(0, 1.0), (255, 0.0)])
def test_what_is_transparent_becomes_paper_unlike_the_ink(tmp_path, mode, ink, paper):
    alpha = corner()
    if mode == "P":
        picture = Image.fromarray((alpha > 0).astype(np.uint8)).convert("P")
        picture.putpalette([9, 9, 9, ink, ink, ink])
        picture.save(tmp_path / "a.png", transparency=0)
    else:
        grey = np.full_like(alpha, ink)
        channels = [grey, alpha] if mode == "LA" else [grey, grey, grey, alpha]
        Image.fromarray(np.stack(channels, -1), mode).save(tmp_path / "a.png")
    assert np.array_equal(read(tmp_path / "a.png"), np.where(alpha > 0, ink / 255, paper).astype(np.float32))


@pytest.mark.parametrize("shape", [(12, 8, 3), (12, 8, 1), (12, 8, 4), (1, 12, 8, 3), (1, 12, 8, 1)])
def test_arrays_in_colour_are_grey_by_luma(tmp_path, shape):
    pixels = np.random.default_rng(0).random(shape).astype(np.float32)
    np.save(tmp_path / "a.npy", pixels)
    last = pixels.reshape(12, 8, shape[-1])
    grey = last[..., 0] if shape[-1] == 1 else last[..., :3] @ [0.299, 0.587, 0.114]
    assert read(tmp_path / "a.npy") == pytest.approx(grey, abs=1e-6)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("fortran", [False, True])
def test_arrays_of_any_memory_are_read(tmp_path, order, fortran):
    pixels = np.arange(96, dtype=f"{order}f8").reshape(12, 8)
    np.save(tmp_path / "a.npy", np.asfortranarray(pixels) if fortran else pixels)
    assert np.array_equal(read(tmp_path / "a.npy"), pixels)


def chunk(name, content):
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")


def empty_png(width, height, kind=0, depth=8):
    """A PNG of zeros, which compresses to a thousandth."""
    bits = width * depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    row = b"\0" * (1 + -(-bits // 8))
    packer = zlib.compressobj(6)
    data = b"".join([packer.compress(row) for _ in range(height)]) + packer.flush()
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([depth, kind, 0, 0, 0])
    palette = chunk(b"PLTE", bytes(6)) if kind == 3 else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette + chunk(b"IDAT", data) + chunk(b"IEND", b"")


MEASURE = """
import re, sys
from pathlib import Path
from xdl.data import prepare, read_pictures
from xdl.errors import DataError
for name in sys.argv[1:]:
    try:
        for _, pixels in read_pictures(Path(name)):
            prepare(pixels, (1, 28, 28), "auto")
    except DataError as error:
        print("refused:", error)
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory in Linux's units")
def test_no_file_takes_more_memory_than_it_may(tmp_path):
    files = {
        "long.png": empty_png(30000, 1),
        "tall.png": empty_png(1, 30000),
        "allowed.png": empty_png(3870, 3870, kind=6),
        "deep.png": empty_png(3870, 3870, depth=16),
        "palette.png": empty_png(3870, 3870, kind=3),
        "larger.png": empty_png(7000, 7000),
    }
    with BytesIO() as jpeg:
        Image.new("L", (15000, 9000)).save(jpeg, "JPEG")
        files["large.jpg"] = jpeg.getvalue()
    for name, content in files.items():
        assert len(content) < 10e6
        (tmp_path / name).write_bytes(content)
    np.save(tmp_path / "many.npy", np.zeros((10000, 28, 28), np.uint8))
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (9000000000, 28), }".ljust(117) + b"\n"
    (tmp_path / "promise.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    names = [str(tmp_path / name) for name in (*files, "many.npy", "promise.npy")]
    command = [sys.executable, "-c", MEASURE, *names]
    *refused, peak = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split(":")[1].rpartition("/")[2] for line in refused] == ["larger.png", "promise.npy"]
    assert int(peak) <= MEGABYTES


def test_a_chunk_takes_no_more_memory_than_the_file_has(tmp_path):
    content = bytearray(encoded("PNG"))
    place = content.index(b"IDAT") - 4
    content[place : place + 2] = b"\xff\xff"  # 4 GB, it says
    path = tmp_path / "promise.png"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with suppress(DataError):
            read_pictures(path)
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()


def encoded(kind):
    with BytesIO() as file:
        if kind == "npy":
            np.save(file, corner(np.float32))
        else:
            Image.fromarray(corner()).save(file, kind)
        return file.getvalue()


WHOLE = {kind: encoded(kind) for kind in ("PNG", "JPEG", "npy")}


@settings(max_examples=150, deadline=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(WHOLE)), st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=3)), max_size=4))
@example("npy", [(10, b"\x00")])
def test_mutated_files_are_read_or_refused_by_name(tmp_path, kind, changes):
    content = WHOLE[kind]
    for place, new in changes:
        content = content[:place] + new + content[place + 1 :]
    path = tmp_path / f"a.{kind.lower()}"
    path.write_bytes(content)
    found, refusal = [], f"{path.name}: read"
    try:
        found = read_pictures(path)
    except DataError as error:
        refusal = str(error)
    assert path.name in refusal
    assert "\n" not in refusal
    for _, pixels in found:
        assert np.isfinite(prepare(pixels, (1, 8, 8), "auto")[0]).all()


def test_a_folder_is_called_one(tmp_path):
    with pytest.raises(DataError, match="found a folder"):
        read_pictures(tmp_path)
