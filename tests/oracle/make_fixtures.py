"""Writes fixtures.npz: what PyTorch gives for every case of the table, in float64.

    python -m tests.oracle.make_fixtures

The normal suite compares xdl with this file and needs no PyTorch; `pytest -m torch` compares with PyTorch itself, and
the file with what this script would write now.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np

from tests import environment  # noqa: F401 (which instructions PyTorch computes by, before it is loaded)
from tests.functional.cases import ORACLE
from tests.functional.namespaces import Torch, hosts

FILE = Path(__file__).with_name("fixtures.npz")


def fixtures():
    """({case id: {name: array}}, {case id: dtypes of the outputs of float32 inputs})."""
    F = Torch()
    arrays = {case.id: {name: x for name, x in hosts(F, case).items() if x is not None} for case in ORACLE}
    dtypes = {case.id: [str(x.dtype) for n, x in hosts(F, case, "float32").items() if n[0] == "y"] for case in ORACLE}
    return arrays, dtypes


def write():
    """Writes the file: all values in one array of float64, and where each result lies in it as JSON."""
    arrays, dtypes = fixtures()
    index = {id: {name: list(x.shape) for name, x in named.items()} for id, named in arrays.items()}
    values = np.concatenate([x.reshape(-1).astype("float64") for named in arrays.values() for x in named.values()])
    np.savez_compressed(FILE, values=values, index=json.dumps({"shapes": index, "dtypes": dtypes}))
    print(f"{FILE.name}: {FILE.stat().st_size} bytes")


@cache
def read():
    """What `fixtures` returned when the file was written, every array as float64."""
    with np.load(FILE, allow_pickle=False) as file:
        values, index = file["values"], json.loads(str(file["index"]))
    arrays, at = {}, 0
    for id, named in index["shapes"].items():
        arrays[id] = {}
        for name, shape in named.items():
            size = int(np.prod(shape))
            arrays[id][name] = values[at : at + size].reshape(shape)
            at += size
    assert at == len(values)
    return arrays, index["dtypes"]


if __name__ == "__main__":
    write()
