"""What to do with a file of another format: most of those that hold weights can run code, so xdl does not read them.

The lines that convert copy every array to C order first: safetensors 0.8.0 writes NumPy's other layouts wrongly
(findings/safetensors-numpy-column-major.sh), and refuses PyTorch's, and tensors that share memory.
"""

from __future__ import annotations

import os
from pathlib import Path

TORCH = (
    "xdl reads no pickles, because they can run code. Where you trust it, convert it with PyTorch: "
    "safetensors.torch.save_file({k: v.clone(memory_format=torch.contiguous_format) for k, v in "
    "torch.load(FILE, weights_only=True).items()}, 'model.safetensors')"
)
NPZ = (
    "xdl reads no NumPy archives as models. Convert it: safetensors.numpy.save_file({k: numpy.ascontiguousarray(v) "
    "for k, v in numpy.load(FILE, allow_pickle=False).items()}, 'model.safetensors')"
)
NPY = (
    "xdl reads no NumPy arrays as models. Convert it, under the parameter's name: safetensors.numpy.save_file("
    "{'weight': numpy.ascontiguousarray(numpy.load(FILE, allow_pickle=False))}, 'model.safetensors')"
)
HDF5 = "This is HDF5. Read it with h5py, and write its arrays, in C order, with safetensors.numpy.save_file"
STARTS = {b"\x80": TORCH, b"PK\x03\x04": TORCH, b"\x93NUMPY": NPY, b"\x89HDF": HDF5}
ENDINGS = {
    **dict.fromkeys((".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle", ".joblib"), TORCH),
    ".npz": NPZ,
    ".npy": NPY,
    **dict.fromkeys((".h5", ".hdf5"), HDF5),
}


def conversion(path: str | os.PathLike[str], first: bytes) -> str:
    """How to convert a file that ends so, or begins with these bytes; "" for one that is not known."""
    by_name = ENDINGS.get(Path(path).suffix.lower(), "")
    return by_name or next((hint for start, hint in STARTS.items() if first.startswith(start)), "")
