"""The dtype of a result that several operands have: PyTorch's rules, the same on every backend.

Dtypes fall into categories, bool < integer < floating. Operands fall into three ranks: tensors with dimensions, 0-d
tensors, Python numbers. Within a rank the common dtype is `promote_types`. A lower rank counts only where its category
is higher than that of all ranks above it: `int8 tensor + 5` is int8, `int8 tensor + 1.5` is float32.

Source: PyTorch's documentation, "Tensor attributes", section "torch.dtype" (type promotion). There uint16, uint32 and
uint64 have no common dtype with other integers; here they have the smallest that holds both, as in the array API.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from numbers import Number
from typing import Any

from xdl import backend
from xdl.backend import DTYPES, named_dtype
from xdl.errors import DtypeError, nearest
from xdl.tensor import Tensor

DEFAULTS = {"bool": "bool", "int": "int64", "float": "float32"}  # the dtypes of Python's numbers
CATEGORIES = tuple(DEFAULTS)  # lower ones first


def category(dtype: str) -> str:
    """ "bool", "int" or "float". Raises DtypeError for an unknown name."""
    if dtype not in DTYPES:
        raise DtypeError("dtype", "a dtype name", repr(dtype), nearest(str(dtype), DTYPES))
    return dtype.lstrip("u").rstrip("0123456789")


def higher(a: str, b: str) -> bool:
    """Whether the category a is above b."""
    return CATEGORIES.index(a) > CATEGORIES.index(b)


def promote_types(type1: Any, type2: Any) -> str:
    """The smallest dtype of the higher category that holds both: "int8" and "uint8" give "int16".

    Raises DtypeError for an unknown name, and for uint64 with a signed type, which no integer type holds.
    """
    return _promoted(named_dtype(type1), named_dtype(type2))


@cache
def _promoted(type1: str, type2: str) -> str:
    if type1 == type2:
        return type1
    a, b = category(type1), category(type2)
    if a != b:
        return type1 if higher(a, b) else type2
    wide1, wide2 = _bits(type1), _bits(type2)
    if type1.startswith("u") == type2.startswith("u"):
        return type1 if wide1 > wide2 else type2
    signed, unsigned = (wide2, wide1) if type1.startswith("u") else (wide1, wide2)
    bits = signed if signed > unsigned else 2 * unsigned
    if bits > 64:
        raise DtypeError(
            "promote_types", "dtypes with a common one", f"{type1} and {type2}", 'Convert one with .to("int64")'
        )
    return f"int{bits}"


def _bits(dtype: str) -> int:
    return int(dtype.lstrip("uintfloa"))


def result_type(tensor1: Any, tensor2: Any, operation: str = "result_type") -> str:
    """The dtype that an operation of two operands, Tensors or numbers, computes in and returns.

    operation: what a DtypeError names. It is raised for what is neither, and where there is no common dtype.
    """
    result = ""
    for rank in (2, 1, 0):  # tensors with dimensions, 0-d tensors, numbers
        types = [_dtype(t, operation) for t in (tensor1, tensor2) if _rank(t) == rank]
        if types:
            common = _promoted(types[0], types[-1])
            if not result or higher(category(common), category(result)):
                result = _promoted(result, common) if result else common
    return result


def _rank(operand: Any) -> int:
    return min(operand.ndim, 1) + 1 if isinstance(operand, Tensor) else 0


def _dtype(operand: Any, operation: str) -> str:
    return (
        backend.dtype_name(operand.array) if isinstance(operand, Tensor) else DEFAULTS[number_kind(operand, operation)]
    )


@dataclass(frozen=True, init=False)
class finfo:
    """The limits of a floating dtype, float32 unless told otherwise. Raises DtypeError for another.

    eps: the distance from 1 to the next number;  tiny: the smallest number with all its digits
    """

    dtype: str
    bits: int
    eps: float
    max: float
    min: float
    tiny: float

    def __init__(self, dtype: Any = "float32") -> None:
        name = named_dtype(dtype)
        if category(name) != "float":
            raise DtypeError("finfo", "a floating dtype", name)
        digits, exponent = (23, 127) if name == "float32" else (52, 1023)
        largest = (2 - 2.0**-digits) * 2.0**exponent
        values = (name, _bits(name), 2.0**-digits, largest, -largest, 2.0 ** (1 - exponent))
        self.__dict__.update(zip(self.__annotations__, values, strict=True))


@dataclass(frozen=True, init=False)
class iinfo:
    """The limits of an integer dtype. Raises DtypeError for another."""

    dtype: str
    bits: int
    max: int
    min: int

    def __init__(self, dtype: Any) -> None:
        name = named_dtype(dtype)
        if category(name) != "int":
            raise DtypeError("iinfo", "an integer dtype", name)
        signed, bits = not name.startswith("u"), _bits(name)
        values = (name, bits, (1 << (bits - signed)) - 1, -(1 << (bits - 1)) if signed else 0)
        self.__dict__.update(zip(self.__annotations__, values, strict=True))


def number_kind(number: Any, operation: str) -> str:
    """The category of a Python or NumPy number. Raises DtypeError for what is no real number."""
    value = number.item() if isinstance(number, Number) and hasattr(number, "item") else number
    for kind, python_type in zip(CATEGORIES, (bool, int, float), strict=True):
        if isinstance(value, python_type):
            return kind
    hint = "Wrap arrays and lists with xdl.tensor(...)"
    raise DtypeError(operation, "a Tensor or a number", type(number).__name__, hint)
