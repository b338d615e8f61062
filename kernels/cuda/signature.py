"""The C signatures of the kernels in a .cu file, read from its text.

Kernels are written so that a plain reader finds them: `extern "C" __global__ void`, optional launch bounds,
optional COOPERATIVE, the name, and parameters of the types below, without macros. A pointer whose name ends in
`_or_null` may be null. The host harness checks this reading against the compiler's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from xdl.errors import DataError

DTYPES = {  # of kernels/cuda/src/common.cuh, except `real`
    "float": "float32",
    "double": "float64",
    "int": "int32",
    "bool": "bool",
    "u8": "uint8",
    "u32": "uint32",
    "i64": "int64",
    "u64": "uint64",
}
REALS = {"float32": "float", "float64": "double"}

_KERNEL = re.compile(
    r'extern "C" __global__ void\s+(?:__launch_bounds__\((?P<bounds>[^)]*)\)\s+)?(?P<cooperative>COOPERATIVE\s+)?'
    r"(?P<name>\w+)\((?P<parameters>[^)]*)\)"
)
_PARAMETER = re.compile(r"(?P<const>const\s+)?(?P<type>\w+)\s*(?P<pointer>\*)?\s*(?:__restrict__\s+)?(?P<name>\w+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: an array of `dtype` (read-only if const, None allowed if nullable) or a scalar of it."""

    name: str
    dtype: str
    pointer: bool
    const: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """What a launch of the kernel must look like. max_threads: threads per block, from its launch bounds (0: any)."""

    name: str
    parameters: tuple[Parameter, ...]
    max_threads: int
    cooperative: bool
    dynamic_shared: bool


def read_signatures(path: Path, real: str = "float32") -> dict[str, Signature]:
    """The kernels of a .cu file by name. real: the dtype that the type `real` stands for.

    Raises DataError for a parameter that this reading does not know.
    """
    text = re.sub(r"//[^\n]*", "", path.read_text())
    found = list(_KERNEL.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    kernels = {}
    for match, end in zip(found, ends, strict=True):
        parameters = tuple(_read_parameter(path, part.strip(), real) for part in match["parameters"].split(","))
        kernels[match["name"]] = Signature(
            match["name"],
            parameters,
            int((match["bounds"] or "0").split(",")[0]),
            match["cooperative"] is not None,
            "DYNAMIC_SHARED(" in text[match.end() : end],
        )
    return kernels


def _read_parameter(path: Path, text: str, real: str) -> Parameter:
    match = _PARAMETER.fullmatch(text)
    if match is None or match["type"] not in {"real", *DTYPES}:
        raise DataError(path.name, f"a parameter of type real, {', '.join(DTYPES)} or a pointer to one", repr(text))
    dtype = real if match["type"] == "real" else DTYPES[match["type"]]
    pointer = match["pointer"] is not None
    name = match["name"]
    return Parameter(name, dtype, pointer, match["const"] is not None, pointer and name.endswith("_or_null"))
