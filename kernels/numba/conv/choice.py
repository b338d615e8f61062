"""Which compiled way a convolution takes, if any: a table of rules from measurements, as NumPy's own ways have one.

Measured on one core of an AVX-512 machine, milliseconds of processor time for forward / dx / dw:

TABLE
"""

from __future__ import annotations

from xdl.kernel import get_convolution

from ...common.convolutions import Case, Rule
from .. import choice
from ..sharing import REALS

LANES = 64  # bytes of a vector


def _plain(case: Case) -> bool:
    return case.dtype in REALS and 0 not in (*case.x, *case.w) and min(case.output()) > 0


def _vectors(m: int, size: int) -> int:
    """Vectors of a row of panels for m columns."""
    lanes = LANES // size
    return 1 if m <= lanes else -(-m // (2 * lanes)) * 2


def _gathered(case: Case) -> float:
    """Products of vectors that a gradient of x by patches takes."""
    (n, c, h, w), (o, _, kh, kw), (sh, sw), groups = case.x, case.w, case.geometry.stride, case.geometry.groups
    return n * h * w * (o * kh * kw / (sh * sw)) * _vectors(c // groups, case.dtype.itemsize)


def _spread(case: Case) -> float:
    """The same where all taps are columns, with what is added afterwards, of which a number takes as long as these."""
    (n, c, *_), (o, _, kh, kw), (oh, ow) = case.x, case.w, case.output()
    return n * oh * ow * (o * _vectors(c * kh * kw, case.dtype.itemsize) + 2 * kh * kw * c)


def _pays(case: Case) -> bool:
    return True


RULES = {
    "spread": Rule(
        lambda case: case.product == "input_grad" and case.geometry.groups == 1 and _plain(case),
        lambda case: _spread(case) < _gathered(case),
        "dx of one group where columns for all taps of few channels fill panels better",
    ),
    "patches": Rule(_plain, _pays, "float32 or float64, nothing empty"),
}


def fits(name: str, case: Case) -> bool:
    """Whether this way can and pays here, and nothing else is asked for."""
    rule = RULES[name]
    asked = case.dtype == "float32" and get_convolution() not in ("auto", "gemm")
    return not asked and rule.can(case) and rule.pays(case) and choice.used()


def best(case: Case) -> str | None:
    """The way that runs: the first of RULES that fits."""
    return next((name for name in RULES if fits(name, case)), None)
