"""Which compiled way a convolution takes, if any: a table of rules from measurements, as NumPy's own ways have one.

Measured on one core of an AVX-512 machine, milliseconds of processor time for forward / dx / dw:

    images of      to, filter, stride  winograd, few        im2col_last          patches              spread
    64 of 32x14x14  64, 4x4, 2                              2.7 / 4.4 / 2.8      2.1 / 2.1 / 2.4
    64 of 1x28x28   32, 4x4, 2                              0.4 / 0.7 / 0.3      0.2 / 2.1 / 0.3      dx 0.5
    32 of 64x32x32  128, 3x3, 2                             15 / 20 / 15         12 / 12 / 13
    64 of 24x32x32  24, 3x3            6.8 / 6.5 / 6.5                           9.0 / 9.1 / 9.7
    64 of 8x32x32   8, 3x3                                  3.8 / 6.5 / 5.0      2.0 / 2.0 / 2.5
    16 of 512x2x2   512, 3x3           3.9 / 3.9 / 4.0                           7.1 / 5.8 / 8.6
    8 of 3x112x112  64, 7x7, 2                              7.6 / 15 / 7.9       5.2 /    / 6.3       dx 7.9
    64 of 6x14x14   16, 5x5                                 0.6 / 1.0 / 0.6      0.3 / 1.5 / 0.4      dx 0.8
    64 of 64x28x28  128, 4x4, 2        36 / 33 / 35                              31 / 31 / 32
    32 of 32x28x28  64, 6x6, 2         6.6 / 6.3 / 6.8                           8.7 / 8.9 / 9.2

    images of      to, filter          im2col_rows, pointwise                    patches              spread
    64 of 3x32x32   64, 3x3            3.2 / 5.6 / 2.8                           3.8 /    / 5.2       dx 5.4
    64 of 3x32x32   16, 3x3            1.1 / 2.4 / 1.0                           0.8 /    / 1.6       dx 2.7
    32 of 64x32x32  256, 1x1           15 / 15 / 16                              14 / 14 / 15
    64 of 16x32x32  32, 1x1, 2         0.4 / 0.4 / 0.4                           0.2 / 0.2 / 0.2      dx 0.4
    64 of 3x32x32   64, 3x3, 2         0.9 /     / 1.6                           0.6 /     / 1.1

    images of      to, filter          winograd             patches              tiles
    64 of 16x32x32  16, 3x3            3.7 / 3.4 / 3.6      2.8 / 2.9 / 3.4      1.3 / 1.3 / 1.4
    64 of 32x16x16  32, 3x3            1.9 / 1.9 / 2.0      2.7 / 2.8 / 2.9      1.0 / 1.0 / 1.1
    64 of 64x8x8    64, 3x3            1.3 / 1.3 / 1.4      2.7 / 2.8 / 2.9      0.9 / 0.9 / 1.0
    64 of 64x32x32  64, 3x3            21 / 21 / 22         44 / 44 / 45         16 / 16 / 17
    64 of 128x16x16 128, 3x3           18 / 19 / 20         43 / 43 / 44         14 / 14 / 17
    64 of 256x8x8   256, 3x3           19 / 19 / 20         43 / 43 / 47         14 / 14 / 19
    16 of 256x4x4   256, 3x3           2.8 / 2.4 / 3.8      3.3 / 3.2 / 4.1      1.4 / 1.4 / 2.0
    32 of 32x14x14  64, 5x5            2.8 / 3.2 / 2.9      5.8 / 5.8 / 6.1      1.9 / 2.1 / 2.1

    few pixels                         im2col_few                                taps
    16 of 512x2x2   512, 3x3           3.9 / 3.9 / 3.7                           2.4 / 2.1 / 2.1
    16 of 128x8x8   256, 3x3, 2        2.1 / 1.8 / 2.0                           1.3 / 1.3 / 1.3

    in CHWN memory                     im2col                                    patches              images
    64 of 1x28x28   6, 5x5             0.4 / 0.8 / 0.4                           0.7 / 2.4 / 1.1      0.2 / 0.4 / 0.2
    64 of 6x14x14   16, 5x5            0.5 / 0.8 / 0.8                                                0.3 / 0.6 / 0.3
    64 of 8x32x32   8, 3x3             1.9 / 5.1 / 1.8                                                1.2 / 1.3 / 1.1
    128 of 1x28x28  8, 3x3             0.3 / 0.4 / 0.3                                                0.2 / 0.5 / 0.2

    one filter a channel               depthwise                                 channels
    32 of 64x32x32  3x3                10 / 13 / 6.9                             0.8 / 0.7 / 1.0
    32 of 96x28x28  3x3, 2             3.8 / 5.3 / 3.3                           0.5 / 0.6 / 0.4
    32 of 32x14x14  5x5                4.6 / 5.5 / 3.8                           0.3 / 0.3 / 0.3

im2col_last stands for im2col, too, where that is what NumPy takes.
"""

from __future__ import annotations

from math import prod

from xdl.functional.conv.orders import CHANNELS_LAST, IMAGES_LAST
from xdl.kernel import get_convolution

from ...common.convolutions import Case, Rule, fourier_can, fourier_pays
from .. import choice
from ..sharing import REALS
from .costs import PRODUCTS

LANES = 64  # bytes of a vector
SOME = 4  # images at least whose pixels are rows of products by taps
GRIDS = 256  # that a plan for dx has at most
SHORT = 12  # numbers of a run in dx, below which adding to it is slow
WRITE, PLACE = 8, 4  # how many products of vectors a vector written takes, and one that its tile writes
ADD, ADD_SHORT, RUN = 0.5, 1.5, 24  # the same of a number added, and to begin with a run of them
TRANSFORM, FILTER = 7, 20  # how many products a number of a tile's transform, and of a filter's, takes


def _plain(case: Case) -> bool:
    return case.dtype in REALS and 0 not in (*case.x, *case.w) and min(case.output()) > 0


def _one_group(case: Case) -> bool:
    return case.product == "input_grad" and case.geometry.groups == 1 and _plain(case)


def _vectors(m: int, size: int) -> int:
    """Vectors of a row of panels for m columns."""
    lanes = LANES // size
    return 1 if m <= lanes else -(-m // (2 * lanes)) * 2


def _grids(case: Case) -> int:
    """Of dx: pixels that lie a stride apart are one."""
    return prod(min(s, n) for s, n in zip(case.geometry.stride, case.x[2:], strict=True))


def _gathered(case: Case) -> float:
    """Products of vectors that dx by patches takes, and what it writes."""
    (n, c, h, w), (o, _, kh, kw), (sh, sw) = case.x, case.w, case.geometry.stride
    vectors = _vectors(c // case.geometry.groups, case.dtype.itemsize)
    write = PLACE if vectors * LANES * case.geometry.groups == c * case.dtype.itemsize else WRITE
    return n * h * w * vectors * (o / case.geometry.groups * kh * kw / (sh * sw) + write)


def _spread(case: Case) -> float:
    """The same where all taps are columns, with what is added afterwards."""
    (n, c, *_), (o, _, kh, kw), (oh, ow) = case.x, case.w, case.output()
    short = kw * c < SHORT or case.geometry.dilation[1] > 1
    add = kh * kw * c * ADD_SHORT if short else kh * (kw * c * ADD + RUN)
    return n * oh * ow * (o * _vectors(c * kh * kw, case.dtype.itemsize) + add)


def _spread_pays(case: Case) -> bool:
    few = case.w[3] * case.x[1] < SHORT and case.geometry.stride[1] == 1
    return not few and not _better_elsewhere(case) and _spread(case) < _gathered(case)


def _better_elsewhere(case: Case) -> bool:
    """Whether NumPy's ways with fewer multiplications, in CHWN memory, or without packed filters, are faster."""
    six = case.dtype == "float32" and case.geometry.stride == (2, 2) and case.w[2:] == (6, 6)
    fourier = fourier_can(case) and fourier_pays(case)
    return (six and case.channels() >= 32) or _pointwise(case) or _stays(case) or fourier or case.few_pixels()


def _stays(case: Case) -> bool:
    return case.geometry.order != CHANNELS_LAST and case.stays()


def _pointwise(case: Case) -> bool:
    """One product, in any memory."""
    one = case.w[2:] == (1, 1) and (case.geometry.stride, case.geometry.padding) == ((1, 1), (0, 0))
    return one and case.geometry.groups == 1


def _patches_pay(case: Case) -> bool:
    (o, c, kh, kw), groups = case.w, case.geometry.groups
    if _better_elsewhere(case) or (groups > 1 and min(c, o // groups) < 8):
        return False
    if case.product == "input_grad":
        return groups > 1 or _gathered(case) < 1.5 * _spread(case)
    k, apart = c * kh * kw, case.geometry.stride != (1, 1)
    return k >= 48 or (apart and k >= 16) or (case.product == "forward" and o >= 16 and (apart or o < 64))


def _square(case: Case) -> bool:
    geometry = case.geometry
    by_one = (geometry.stride, geometry.dilation, geometry.groups) == ((1, 1), (1, 1), 1)
    return by_one and case.w[2:] in ((3, 3), (5, 5)) and _plain(case)


def _fewer_products(case: Case) -> bool:
    """Whether Winograd's algorithm takes less time, for its rounding is coarser: of float32 alone."""
    (n, c, *size), (o, _, r, _) = case.x, case.w
    down, across = size if case.product == "input_grad" else case.output()
    tiles, points = n * -(-down // 4) * -(-across // 4), (r + 3) ** 2
    pairs, numbers = _whole(c) * _whole(o), _whole(c) + _whole(o)
    work = points * (tiles * (pairs + TRANSFORM * numbers) + FILTER * pairs)
    return case.dtype == "float32" and case.channels() >= 16 and work < n * down * across * r * r * pairs


def _whole(c: int) -> int:
    """Channels that fill vectors of float32."""
    return -(-c // 16) * 16


def _many_images(case: Case) -> bool:
    """Whether images fill vectors, and steps are of one; for dx padding is less than the filters reach."""
    geometry, wide = case.geometry, 4 * LANES // case.dtype.itemsize
    reach = (d * (k - 1) for k, d in zip(case.w[2:], geometry.dilation, strict=True))
    inside = case.product != "input_grad" or all(p <= r for p, r in zip(geometry.padding, reach, strict=True))
    return _plain(case) and geometry.stride == (1, 1) and geometry.groups == 1 and inside and case.x[0] % wide == 0


def _images_pay(case: Case) -> bool:
    """As the net has it, see `net.py`; where it has not been seen yet, of few channels."""
    if case.geometry.order is not None:
        return case.geometry.order == IMAGES_LAST
    (o, c, *kernel), product = case.w, case.product
    first = product == "forward" and c <= 4 and o <= 8
    return kernel != [1, 1] and c <= 8 and (first or (case.chwn and o <= 16 and (product != "input_grad" or c > 2)))


def images_last_way(case: Case) -> str | None:
    """What all products of a layer take with its images last, by the names of `costs.py`; None for one that cannot."""
    if (fourier_can(case) and fourier_pays(case)) or case.few_pixels() or (_pointwise(case) and not _images_can(case)):
        return None
    if _images_can(case):
        return "images"
    plain = case.geometry.groups == 1 and _plain(case)
    return "im2col" if plain and case._replace(chwn=True).stays() else None


def _images_can(case: Case) -> bool:
    return all(_many_images(case._replace(product=product)) for product in PRODUCTS)


def channels_last_way(case: Case) -> str:
    """What a product takes with its channels last, by the names of `costs.py`."""
    compiled = next((name for name in ("tiles", "taps", "spread", "patches") if fits(name, case)), None)
    return compiled or ("pointwise" if _pointwise(case) else "columns")


def _one_channel_each(case: Case) -> bool:
    return _plain(case) and case.w[1] == 1 and case.w[0] == case.x[1] == case.geometry.groups > 1


RULES = {
    "channels": Rule(  # where it can, it pays
        _one_channel_each,
        _one_channel_each,
        "one filter a channel: vectors of channels, the sums in registers",
    ),
    "images": Rule(
        _many_images,
        _images_pay,
        "stride 1, one group, 64 images or a multiple (float64: 32), up to 8 channels to 16 in CHWN memory, or 4 to 8, "
        "until the order of the net is chosen",
    ),
    "tiles": Rule(
        _square,
        _fewer_products,
        "3x3 or 5x5, stride 1, one group; float32, from 16 channels each way, enough pixels: a fourth of the products",
    ),
    "taps": Rule(
        lambda case: _plain(case) and case.geometry.groups == 1 and case.x[1] % 16 == case.w[0] % 16 == 0,
        lambda case: case.few_pixels() and not _pointwise(case) and case.x[0] >= SOME,
        f"no more pixels than channels, {SOME} images, channels and filters that fill vectors",
    ),
    "spread": Rule(
        _one_group, _spread_pays, "dx of one group where panels of all taps of few channels have fewer empty columns"
    ),
    "patches": Rule(
        lambda case: _plain(case) and (case.product != "input_grad" or _grids(case) <= GRIDS),
        _patches_pay,
        "float32 or float64, nothing empty, from 8 channels in a group, patches of 48 numbers (strided 16; forward: or "
        "16 to 63 filters, strided or more), where NumPy has no way with fewer multiplications",
    ),
}


def fits(name: str, case: Case) -> bool:
    """Whether this way can and pays here; where Winograd's algorithm is asked for, whether this is that and can."""
    rule, setting = RULES[name], get_convolution() if case.dtype == "float32" else "auto"
    if setting == "winograd":
        wanted = name == "tiles" and rule.can(case)
    elif setting == "gemm":
        wanted = name != "tiles" and rule.can(case) and rule.pays(case)
    else:
        wanted = setting == "auto" and rule.can(case) and rule.pays(case)
    return wanted and choice.used()


def best(case: Case) -> str | None:
    """The way that runs: the first of RULES that fits."""
    return next((name for name in RULES if fits(name, case)), None)
