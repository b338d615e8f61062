"""`torch.hub` and `torch.utils.model_zoo`: nothing is fetched, since what they fetch is code and pickles."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from xdl.errors import BackendError

HASH_REGEX = re.compile(r"-([a-f0-9]*)\.")


def load_state_dict_from_url(url: str, *_: Any, **__: Any) -> Any:
    """Raises BackendError: those files are pickles."""
    raise BackendError("load_state_dict_from_url", "weights in a safetensors file that is here", url)


def load(repo_or_dir: str, *_: Any, **__: Any) -> Any:
    """Raises BackendError: xdl loads no code from elsewhere."""
    raise BackendError("torch.hub.load", "a model that is here", repo_or_dir)


load_url = download_url_to_file = load_state_dict_from_url


def get_dir() -> str:
    """Where PyTorch would keep what it fetches."""
    return str(Path("~/.cache/torch/hub").expanduser())


def set_dir(d: str) -> None:
    """Nothing: nothing is fetched."""


__all__ = ["HASH_REGEX", "download_url_to_file", "get_dir", "load", "load_state_dict_from_url", "load_url", "set_dir"]
__all__ += ["urlparse"]
