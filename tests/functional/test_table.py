"""The table of cases is complete: nothing public is without one, and no case stands there twice."""

from collections import Counter

import xdl
from tests.functional.cases import CASES, SMOOTH

ABSTRACT = {"Module", "FunctionModule", "Parameter", "UninitializedParameter", "Buffer", "functional", "init", "utils"}
HOLDERS = {
    "RNNBase",
    "KeyValueCache",
    "ParameterList",
    "ParameterDict",
    "RemovableHandle",
    "summary",
}  # tested in tests/nn
HOST = {  # tested in test_values.py
    "allclose",
    "broadcast_shapes",
    "equal",
    "is_complex",
    "is_contiguous",
    "is_floating_point",
    "is_tensor",
    "numel",
}
LAZY = {name for name in xdl.nn.__all__ if name.startswith("Lazy")}  # tested in tests/nn/test_lazy.py


def test_every_function_and_module_has_a_case():
    public = {*xdl.functional.__all__, *xdl.nn.__all__} - ABSTRACT - HOLDERS - HOST - LAZY
    public |= {f"linalg.{name}" for name in xdl.linalg.__all__}
    public = {name for name in public if not name.endswith("_")}  # written in place: test_keywords.py
    assert public - {case.name for case in CASES} == set()
    assert {case.name for case in CASES} - public == set()


def test_every_case_has_its_own_name():
    assert [name for name, count in Counter(case.id for case in CASES).items() if count > 1] == []


def test_every_differentiable_function_is_checked_by_finite_differences():
    exact = {"eq", "ne", "lt", "le", "gt", "ge", "argmax", "argmin", "setitem", "all", "any", "count_nonzero"}
    exact |= {"isnan", "isinf", "isfinite", "isclose", "logical_and", "logical_or", "logical_xor", "logical_not"}
    exact |= {"bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not", "floor_divide"}
    exact |= {"argsort", "nonzero", "one_hot", "searchsorted", "unique", "linalg.matrix_rank"}
    exact |= {"argwhere", "bucketize", "greater", "greater_equal", "histc", "isin", "less", "less_equal", "not_equal"}
    exact |= {"signbit", "tril_indices", "triu_indices"}
    assert {case.name for case in CASES} - {case.name for case in SMOOTH} == exact
