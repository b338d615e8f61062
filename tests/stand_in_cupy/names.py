"""Writes names.json: the public names of the installed CuPy with their signatures and the loops of its ufuncs.

python names.py       in an environment with CuPy 14.2 installed; no GPU is needed
"""

import inspect
import json
import re
from pathlib import Path

FILE = Path(__file__).with_name("names.json")
DEFAULT = re.compile(r"=<[^>]*>(?: \w+>)?")
PARAMETER = re.compile(r"(?:(?<=,)|^)\s*(?:\w+ )?(?P<name>\**\w*)(?P<default>=[^,]*)?")


def signature(value, name):
    """What is between the parentheses: of a Python function, or as the docstring of a compiled one begins; else None.
    Defaults that are objects become None.
    """
    try:
        found = inspect.signature(value)
        bare = [parameter.replace(annotation=parameter.empty) for parameter in found.parameters.values()]
        text = str(inspect.Signature(bare))[1:-1]
    except (TypeError, ValueError):
        found = re.match(rf"(?:\w+\.)?{re.escape(name)}\((?P<inside>[^)]*)\)", value.__doc__ or "")
        if found is None:
            return None
        inside = found["inside"].replace("\\", "")
        text = (
            ", ".join(match["name"] + (match["default"] or "") for match in PARAMETER.finditer(inside))
            if inside
            else ""
        )
    return DEFAULT.sub("=None", re.sub(r"^self(, )?", "", text))


def namespace(module):
    """Name -> signature of every public function, and the loops of every ufunc under "ufuncs"."""
    functions, ufuncs, others = {}, {}, []
    for name in sorted(dir(module)):
        value = getattr(module, name)
        if name.startswith("_") or inspect.ismodule(value):
            continue
        if type(value).__name__ == "ufunc":
            ufuncs[name] = " ".join(value.types)
        elif callable(value) and not isinstance(value, type):
            functions[name] = signature(value, name)
        else:
            others.append(name)
    return {"functions": functions, "ufuncs": ufuncs, "others": others}


def main():
    """Writes the file."""
    import cupy

    array = {
        name: signature(value, name) if callable(value) else ""
        for name, value in sorted(inspect.getmembers(cupy.ndarray))
        if not name.startswith("_")
    }
    found = {"version": cupy.__version__, "cupy": namespace(cupy), "ndarray": array}
    found |= {"linalg": namespace(cupy.linalg)["functions"], "fft": namespace(cupy.fft)["functions"]}
    FILE.write_text(json.dumps(found, indent=0) + "\n")


if __name__ == "__main__":
    main()
