"""`torch.fft`: its names are there, so that packages that hold a use of them can be imported; a call is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from xdl.errors import DtypeError

NAMES = (
    "fft", "fft2", "fftn", "hfft", "hfft2", "hfftn", "ifft", "ifft2", "ifftn", "ihfft", "ihfft2", "ihfftn", "irfft",
    "irfft2", "irfftn", "rfft", "rfft2", "rfftn",
)  # fmt: skip


def refused(name: str) -> Callable[..., NoReturn]:
    """A function that raises DtypeError: xdl has no complex numbers."""

    def transform(*_: Any, **__: Any) -> NoReturn:
        raise DtypeError(f"torch.fft.{name}", "real numbers all the way: xdl has no complex numbers", "a transform")

    transform.__name__ = name
    return transform


globals().update({name: refused(name) for name in NAMES})

__all__ = list(NAMES)  # noqa: PLE0605
