"""Every function and module through the CUDA path on the CPU: outputs, first and second gradients as on NumPy.

Mode `required`: a slot that falls to its reference is refused, unless it is known to have no CUDA version.
"""

import pytest

from tests.cuda_on_host.needs import WITHOUT_CUDA, needs_compiler
from tests.functional.cases import CASES
from tests.functional.namespaces import Xdl, hosts
from tests.functional.test_backends_agree import assert_equal
from xdl import backend, kernel
from xdl.errors import BackendError

F = Xdl()
INTEGER_SUMS = {"bincount"}  # the CUDA version of sum_at takes floats


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "name", [pytest.param("cuda-on-host", marks=needs_compiler), pytest.param("cupy", marks=pytest.mark.gpu)]
)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_results_are_those_of_numpy(case, name, dtype):
    expected = hosts(F, case, dtype)
    backend.use(name)
    kernel.set_mode("required")
    try:
        found = hosts(F, case, dtype)
    except BackendError as refused:
        if refused.operation not in WITHOUT_CUDA and case.name not in INTEGER_SUMS:
            raise
        kernel.set_mode("auto")
        found = hosts(F, case, dtype)
    assert_equal(found, expected, {"float64": 1e-11, "float32": 2e-4}[dtype])
