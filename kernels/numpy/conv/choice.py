"""Which way a convolution goes on NumPy: one table of rules from measurements, never trials at run time.

Measured on one core of an AVX-512 machine, milliseconds for forward / dx / dw:

    images of      to, filter    winograd, fft (11x11, 7x7)   im2col_last       im2col             im2col_rows, few
    64 of 64x32x32  64, 3x3      12 / 12 / 13                 31 / 32 / 33      44 / 51 / 51
    64 of 16x32x32  16, 3x3      2.6 / 2.6 / 2.5              4.0 / 4.0 / 5.0   6.8 / 12 / 8.8
    32 of 32x14x14  64, 5x5      2.8 / 3.2 / 3.4              10 / 7.8 / 6.5    7.9 / 11 / 8.0
    64 of 3x32x32   64, 3x3      5.9 / 19 / 7.8               4.1 / 9.1 / 4.9   6.3 / 8.5 / 10     1.9 / 4.5 / 2.1
    32 of 1x28x28   32, 5x5                                   0.9 / 4.1 / 1.0   1.1 / 1.7 / 1.6    0.4 / 0.9 / 0.4
    64 of 6x14x14   16, 5x5                                   0.4 / 2.0 / 0.5   0.5 / 0.9 / 0.8    0.5 / 1.6 / 0.5
    the same in CHWN memory                                                      0.4 / 0.6 / 0.4
    16 of 32x32x32  32, 11x11    3.7 / 3.8 / 3.5              47 / 48 / 50      50 / 72 / 52
    16 of 32x32x32  32, 7x7      3.1 / 3.1 / 3.0              19 / 19 / 20
    64 of 32x14x14  64, 4x4 / 2  2.4 / 2.0 / 2.6 (strided)    2.7 / 3.3 / 2.6
    16 of 64x32x32 128, 4x4 / 2  9.7 / 9.4 / 9.2              12 / 14 / 14
    16 of 32x32x32  64, 6x6 / 2  3.4 / 3.8 / 3.5              7.5 / 7.0 / 7.7
    64 of 256x4x4   256, 3x3     7.1 / 6.6 / 5.8              8.8 / 8.4 / 8.7   9.6 / 11 / 12      9.9 / 9.9 / 12
    16 of 256x4x4   256, 3x3     2.8 / 2.1 / 2.2              2.5 / 2.0 / 2.2   1.8 / 2.2 / 2.6    1.8 / 1.8 / 1.8
    16 of 512x2x2   512, 3x3     7.2 / 4.7 / 5.4              7.4 / 4.0 / 4.2   1.9 / 2.2 / 3.5    1.8 / 2.2 / 1.7
"""

from __future__ import annotations

from math import prod

from xdl.functional.conv.conv import output_size
from xdl.kernel import get_convolution

from ...common.convolutions import Case, Rule, fourier_can, fourier_pays
from .winograd import best_size


def _always(_: Case) -> bool:
    return True


def _pointwise(case: Case) -> bool:
    return case.w[2:] == (1, 1) and case.geometry.padding == (0, 0) and case.geometry.groups == 1


def _depthwise(case: Case) -> bool:
    return case.w[1] == 1 and case.w[0] == case.x[1] == case.geometry.groups


def _winograd(case: Case) -> bool:
    r = case.w[2]
    return case.w[2:] in ((3, 3), (5, 5)) and max(case.geometry.padding) < r and case.steps_by_one()


def _strided(case: Case) -> bool:
    plain = case.geometry.stride == (2, 2) and case.geometry.dilation == (1, 1) and case.geometry.groups == 1
    return plain and case.dtype == "float32" and case.w[2:] in ((4, 4), (5, 5), (6, 6))


def _many_squares(case: Case) -> bool:
    r = -(-case.w[2] // 2)
    more, least = (r - 1, 1.7) if case.product == "input_grad" else (0, 2.1)
    output = [size + more for size in case.output()]
    m = best_size(r, (output[0], output[1]))
    tiles = prod(-(-size // m) for size in output)
    wide = case.channels() >= (32 if r == 2 else 16) and case.x[0] * tiles >= max(case.x[1], case.w[0])
    return wide and prod(output) * r * r >= least * tiles * (m + r - 1) ** 2  # multiplications for each square


def _wide(case: Case) -> bool:
    if case.product == "input_grad":
        return case.channels() >= 16
    return case.w[0] >= 16 and not case.stays()


def _rows(case: Case) -> bool:
    _, columns = output_size(case.x[2:], case.w[2:], case.geometry)
    return (
        case.x[1] <= (4 if case.product == "input_grad" else 8)
        and case.w[0] >= 16
        and columns >= 16
        and not case.stays()
    )


RULES = {
    "pointwise": Rule(_pointwise, _always, "1x1 filters without padding or groups: one product"),
    "depthwise": Rule(_depthwise, lambda case: case.x[1] > 1, "one filter a channel: there are no sums over channels"),
    "im2col_few": Rule(
        lambda case: case.geometry.groups == 1,
        lambda case: case.few_pixels(),
        "one group, no more pixels than channels: the filters are used as they lie in memory",
    ),
    "winograd": Rule(
        _winograd,
        lambda case: case.channels() >= 16,
        "float32, 3x3 or 5x5, stride 1, from 16 channels each way: 4 to 6 times fewer multiplications",
    ),
    "winograd_strided": Rule(
        _strided,
        _many_squares,
        "float32, stride 2, 4x4 (from 32 channels each way), 5x5, 6x6 (16), many outputs: 2 to 4 times fewer products",
    ),
    "fft": Rule(
        fourier_can,
        fourier_pays,
        "float32, from 7x7, stride 1, from 4 channels each way, if that is less work: it does not grow with filters",
    ),
    "im2col_rows": Rule(
        lambda case: case.geometry.groups == 1 and case.geometry.stride[1] == 1,
        _rows,
        "one group, steps of one column, up to 8 channels (dx: 4) to 16 or more, rows from 16 pixels: long runs",
    ),
    "im2col_last": Rule(
        lambda case: case.geometry.groups == 1,
        _wide,
        "one group, from 16 filters (for dx channels too) and enough pixels: long runs of channels to copy",
    ),
    "im2col": Rule(_always, _always, "everything: CHWN memory, so that few channels make long runs"),
}
ROUNDING = ("winograd", "winograd_strided", "fft")  # what "gemm" leaves out


def fits(name: str, case: Case) -> bool:
    """Whether this way can and pays here; if `XDL_CONV` asks for one that can, that one alone fits."""
    setting, rule = get_convolution(), RULES[name]
    wanted = next((way for way in ROUNDING if way.startswith(setting) and RULES[way].can(case)), None)
    if wanted is not None and 0 not in case.x:
        return name == wanted
    return not (setting == "gemm" and name in ROUNDING) and rule.can(case) and rule.pays(case)


def best(case: Case) -> str:
    """The way that runs: the first of RULES that fits."""
    return next(name for name in RULES if fits(name, case))
