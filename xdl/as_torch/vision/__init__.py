"""torchvision, as far as xdl has it: datasets, transforms, grids of images, and the networks of `xdl.models`.

Pictures are Pillow's, as there; transforms take Tensors (..., C, H, W) too. What is random draws from the stream
"transforms", so that `torch.manual_seed` fixes it.
"""

from xdl.errors import SettingError, expect

__version__ = "0.28.0"  # of the torchvision whose names are answered


def get_image_backend() -> str:
    """Pillow."""
    return "PIL"


def set_image_backend(backend: str) -> None:
    """Takes "PIL", which it is. Raises SettingError for another."""
    expect(backend == "PIL", SettingError, "torchvision.set_image_backend", '"PIL"', repr(backend))


__all__ = ["__version__", "get_image_backend", "set_image_backend"]
