"""`torch.fft`: its names are there, so that packages that hold a use of them can be imported; a call is refused."""

from __future__ import annotations

from xdl.as_torch.machinery.refused import refused

TRANSFORMS = [
    "fft",
    "fft2",
    "fftn",
    "hfft",
    "hfft2",
    "hfftn",
    "ifft",
    "ifft2",
    "ifftn",
    "ihfft",
    "ihfft2",
    "ihfftn",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftn",
]
REAL = "real numbers all the way: xdl has no complex numbers"

globals().update({name: refused(f"torch.fft.{name}", REAL) for name in TRANSFORMS})


def __dir__() -> list[str]:
    """The names of the transforms."""
    return TRANSFORMS


__all__ = TRANSFORMS
