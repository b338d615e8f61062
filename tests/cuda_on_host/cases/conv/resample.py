"""resample.cu, in both directions, against products with the matrices of the taps in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, random
from xdl.functional.conv.resample import Rule, taps
from xdl.kernels.cuda.conv import resample as resample_cuda
from xdl.kernels.cuda.launch import Device

SIZES = [  # n and m of every dimension
    ((5, 8), (7, 4)),
    ((40, 11),),
    ((2, 3), (3, 3), (4, 2)),
    ((3, 40), (300, 7)),
    ((1, 3), (6, 6)),
]
MODES = ("nearest", "nearest-exact", "linear", "bicubic", "smooth-bilinear", "smooth-bicubic")


def matrix(rule: Rule) -> np.ndarray:
    """[m, n]."""
    _, n, m, _, _ = rule
    found = np.zeros((m, n))
    for places, weights in taps(rule):
        np.add.at(found, (np.arange(m), places), 1.0 if weights is None else weights)
    return found


def resample(device: Device, real: str, small: bool) -> Iterator[Check]:
    for sizes in SIZES[:3] if small else SIZES:
        for mode in MODES:
            for corners in (False, True) if mode in ("linear", "bicubic") else (False,):
                rules = tuple((mode, n, m, n / m, corners) for n, m in sizes)
                for adjoint in (False, True):
                    x = random((2, 3, *(size[adjoint] for size in sizes)), real)
                    expected = x.astype(np.float64)
                    for d, rule in enumerate(rules, 2):
                        w = matrix(rule).T if adjoint else matrix(rule)
                        expected = np.moveaxis(np.moveaxis(expected, d, -1) @ w.T, -1, d)
                    y = resample_cuda.resample(device, device.to_device(x), rules, adjoint)
                    name = f"{mode} {sizes} corners {corners} adjoint {adjoint}"
                    yield close(name, device, y, expected, TOLERANCES[real])
