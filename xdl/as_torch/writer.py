"""`torch.utils.tensorboard.SummaryWriter`, which is tensorboardX's, with Tensors as it takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl.errors import BackendError
from xdl.tensor import Tensor


class SummaryWriter:
    """Writes event files to `log_dir`; every method is tensorboardX's of that name.

    Raises BackendError without tensorboardX (the extra `tensorboard`).
    """

    def __init__(self, log_dir: Any = None, *settings: Any, **named: Any) -> None:
        try:
            from tensorboardX import SummaryWriter as Writer
        except ImportError as error:
            hint = 'Install it: pip install "tensorboardX>=2.6"'
            raise BackendError("SummaryWriter", "tensorboardX", f"none ({error})", hint) from error
        self.writer = Writer(log_dir, *settings, **named)

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.close()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.writer, name)

        def called(*arguments: Any, **named: Any) -> Any:
            return method(*map(_host, arguments), **{key: _host(value) for key, value in named.items()})

        return called


def _host(thing: Any) -> Any:
    """Arrays for Tensors, numbers for Tensors of one element, also within a dict."""
    if isinstance(thing, Tensor):
        return thing.item() if thing.numel() == 1 else thing.numpy()
    return {key: _host(value) for key, value in thing.items()} if isinstance(thing, dict) else thing


__all__ = ["SummaryWriter"]
