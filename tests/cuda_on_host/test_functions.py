"""Every function and module through the CUDA path on the CPU: outputs, first and second gradients as on NumPy.

Mode `required`: a slot that falls to its reference is refused, unless it is known to have no CUDA version.
"""

import pytest

from tests.cuda_on_host.needs import WITHOUT_CUDA, needs_compiler
from tests.functional.cases import CASES, linear_algebra
from tests.functional.cases.users import everyday, keywords
from tests.functional.namespaces import Xdl, hosts
from tests.functional.test_backends_agree import assert_equal
from xdl import backend, kernel
from xdl.errors import BackendError

F = Xdl()
COMPOSED = (linear_algebra, everyday, keywords)  # made of functions whose cases are all here: one case of each will do
REST = {case.id for family in COMPOSED for case in family.cases()} - {
    case.id for family in COMPOSED for case in {case.name: case for case in family.cases()}.values()
}
INTEGER_SUMS = {"bincount", "scatter_reduce"}  # the CUDA version of sum_at takes floats


@pytest.mark.parametrize(
    "name", [pytest.param("cuda-on-host", marks=needs_compiler), pytest.param("cupy", marks=pytest.mark.gpu)]
)
@pytest.mark.parametrize("case", [case for case in CASES if case.id not in REST], ids=lambda case: case.id)
def test_results_are_those_of_numpy(case, name):
    for dtype, tolerance in {"float64": 1e-11, "float32": 2e-4}.items():
        backend.use("numpy")
        kernel.set_mode("auto")
        expected = hosts(F, case, dtype)
        assert_equal(through_cuda(case, name, dtype), expected, tolerance, dtype)


def through_cuda(case, name, dtype):
    """What a case gives on the device, by its own kernels where it has them."""
    backend.use(name)
    kernel.set_mode("required")
    try:
        return hosts(F, case, dtype)
    except BackendError as refused:
        if refused.operation not in WITHOUT_CUDA and case.name not in INTEGER_SUMS:
            raise
        kernel.set_mode("auto")
        return hosts(F, case, dtype)
