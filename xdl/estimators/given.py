"""What comes in and goes out: lists, NumPy arrays, tables with columns, and Tensors.

A Tensor is computed with where it lies, and gives Tensors; all else goes to the current backend, and gives NumPy
arrays. float32 stays float32, other numbers become float64, as in scikit-learn. What `fit` learns is kept as NumPy
arrays, so that other libraries read it and a fitted estimator is copied and stored like any object.
"""

from __future__ import annotations

from typing import Any

from xdl import backend
from xdl.creation.given import as_tensor
from xdl.errors import DataError, DtypeError, ShapeError
from xdl.tensor import Tensor

HOST = "numpy"  # the backend of other libraries


def host_array(x: Tensor) -> Any:
    """The values as a NumPy array: the tensor's own memory where it lies on the host."""
    return backend.of(x.array).to_numpy(x.array)


def given_back(result: Tensor, X: Any) -> Any:
    """The result for a Tensor X, else its values as a NumPy array."""
    return result if isinstance(X, Tensor) else host_array(result)


def learned(values: Any, like: Tensor) -> Tensor:
    """What `fit` kept (a NumPy array or a number), in the dtype and on the device of `like`."""
    return as_tensor(values, dtype=like.dtype, device=like.device)


def matrix(operation: str, X: Any) -> Tensor:
    """X as a floating tensor (N, D), N and D at least 1, all finite; it may share X's memory.

    Raises ShapeError, DtypeError, DataError.
    """
    x = floats(operation, "X", X)
    if x.ndim != 2:
        hint = "Reshape your data: one feature by X.reshape(-1, 1), one sample by X.reshape(1, -1)"
        raise ShapeError(operation, "X (N, D)", f"shape {x.shape}", hint)
    if 0 in x.shape:
        raise ShapeError(operation, "X (N, D) of at least one sample and one feature", f"shape {x.shape}")
    check_finite(operation, "X", x)
    return x


def targets(operation: str, y: Any, x: Tensor, several: bool = True) -> Tensor:
    """y as numbers (N,), or (N, T) where `several` may be, of x's dtype and device. Raises as `matrix`."""
    if y is None:
        raise no_target(operation)
    t = floats(operation, "y", y).to(dtype=x.dtype, device=x.device)
    if t.ndim != 1 and not (several and t.ndim == 2):
        raise ShapeError(operation, "y (N,) or (N, T)" if several else "y (N,)", f"shape {t.shape}")
    check_rows(operation, x, t.shape[0])
    check_finite(operation, "y", t)
    return t


def sample_weights(operation: str, given: Any, x: Tensor) -> Tensor | None:
    """How much each sample counts (N,), of x's dtype and device; None where nothing is given.

    Raises ShapeError, DtypeError, and DataError for nan, infinity, a negative number and where none is above 0.
    """
    if given is None:
        return None
    weights = floats(operation, "sample_weight", given).to(dtype=x.dtype, device=x.device)
    if weights.shape != x.shape[:1]:
        raise ShapeError(operation, f"sample_weight {x.shape[:1]}, one for each sample", f"shape {weights.shape}")
    check_finite(operation, "sample_weight", weights)
    least, most = weights.amin().item(), weights.amax().item()
    if least < 0 or not most > 0:
        found = "all of them zero" if least == most == 0 else f"{least:g}"
        raise DataError(operation, "sample_weight of at least 0, and one above", found)
    return weights


def check_rows(operation: str, x: Tensor, rows: int) -> None:
    """Raises ShapeError unless there are as many targets as samples."""
    if x.shape[0] != rows:
        raise ShapeError(operation, f"as many targets in y as samples in X: {x.shape[0]}", rows)


def check_finite(operation: str, name: str, x: Tensor) -> None:
    """Raises DataError for nan and infinity; waits for a device."""
    if not x.isfinite().all().item():
        place = (~x.isfinite()).reshape(-1).to("int64").argmax().item()
        value = x.reshape(-1)[place].item()
        raise DataError(operation, f"finite {name}", f"{value} (NaN or inf) at {place // (x.numel() // x.shape[0])}")


def floats(operation: str, name: str, values: Any) -> Tensor:
    """Numbers of any kind as a floating tensor without a past. Raises DtypeError."""
    if isinstance(values, Tensor):
        return values.detach() if values.dtype.startswith("float") else values.detach().to("float64")
    array = host_values(operation, name, values)
    if array.dtype.kind not in "biufO":
        raise DtypeError(operation, f"real numbers as {name}", f"dtype {array.dtype}")
    dtype = "float32" if array.dtype == "float32" else "float64"
    try:
        return as_tensor(array.astype(dtype, copy=False))
    except (TypeError, ValueError) as error:  # an array of objects that are no numbers
        raise DtypeError(operation, f"numbers as {name}", f"{error!s:.200}") from error


def host_values(operation: str, name: str, values: Any) -> Any:
    """Lists, arrays and tables as a NumPy array of any dtype. Raises ShapeError for ragged lists."""
    if isinstance(values, Tensor):
        return host_array(values)
    if hasattr(values, "toarray"):
        raise DtypeError(operation, f"a dense {name}", f"sparse {type(values).__name__}", "Convert it with .toarray()")
    try:
        return backend.load(HOST).xp.asarray(values)
    except ValueError as error:
        raise ShapeError(operation, f"a rectangle of values as {name}", f"{error!s:.200}") from error


def no_target(operation: str) -> DataError:
    """The error for a target that is missing."""
    return DataError(operation, "a target y", "None", f"{operation} requires y to be passed, but the target y is None")


def names_of(X: Any) -> Any:
    """The names of a table's columns as a NumPy array of strings, or None where it has none."""
    columns = list(getattr(X, "columns", ()))
    if not columns or not all(isinstance(name, str) for name in columns):
        return None
    return backend.load(HOST).xp.asarray(columns, dtype=object)
