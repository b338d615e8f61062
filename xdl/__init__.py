"""xdl: a deep-learning framework that reads from `model(x)` down to the GEMM and back."""

from pathlib import Path as _Path

_root = _Path(__file__).parent
if not (_root / "backends").exists():  # an uninstalled checkout: backends/ and kernels/ lie beside xdl/
    __path__.append(str(_root.parent))
