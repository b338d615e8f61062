"""All parity cases by family: what a family is called, its case, and the dtypes it exists in."""

from __future__ import annotations

from tests.cuda_on_host.cases.check import Case
from tests.cuda_on_host.cases.im2col import im2col
from tests.cuda_on_host.cases.pool import average_pool, max_pool

BOTH = ("float32", "float64")

FAMILIES: dict[str, tuple[Case, tuple[str, ...]]] = {
    "im2col": (im2col, BOTH),
    "max_pool": (max_pool, BOTH),
    "average_pool": (average_pool, BOTH),
}
