"""What to do with a file of another format: most of those that hold weights can run code, so xdl does not read them."""

from __future__ import annotations

import os
from pathlib import Path

TORCH = (
    "xdl reads no pickles, because they can run code. Where you trust it, convert it with PyTorch: "
    "safetensors.torch.save_file(torch.load(FILE, weights_only=True), 'model.safetensors')"
)
NUMPY = (
    "xdl reads no NumPy archives as models. Convert it: "
    "safetensors.numpy.save_file(dict(numpy.load(FILE, allow_pickle=False)), 'model.safetensors')"
)
HDF5 = "This is HDF5. Read it with h5py, and write its arrays with safetensors.numpy.save_file"
STARTS = {b"\x80": TORCH, b"PK\x03\x04": TORCH, b"\x93NUMPY": NUMPY, b"\x89HDF": HDF5}
ENDINGS = {
    **dict.fromkeys((".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle", ".joblib"), TORCH),
    **dict.fromkeys((".npz", ".npy"), NUMPY),
    **dict.fromkeys((".h5", ".hdf5"), HDF5),
}


def conversion(path: str | os.PathLike[str], first: bytes) -> str:
    """How to convert a file that ends so, or begins with these bytes; "" for one that is not known."""
    by_name = ENDINGS.get(Path(path).suffix.lower(), "")
    return by_name or next((hint for start, hint in STARTS.items() if first.startswith(start)), "")
