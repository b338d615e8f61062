"""Every function and module through the CUDA path on the CPU: outputs, first and second gradients as on NumPy."""

import pytest

from tests.cuda_on_host.needs import needs_compiler
from tests.functional.cases import CASES
from tests.functional.namespaces import Xdl, hosts
from tests.functional.test_backends_agree import assert_equal
from xdl import backend, kernel

F = Xdl()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "name", [pytest.param("cuda-on-host", marks=needs_compiler), pytest.param("cupy", marks=pytest.mark.gpu)]
)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_results_are_those_of_numpy(case, name, dtype):
    expected = hosts(F, case, dtype)
    backend.use(name)
    kernel.set_mode("auto")  # a few slots, such as layer_norm, have no CUDA version yet
    assert_equal(hosts(F, case, dtype), expected, {"float64": 1e-11, "float32": 2e-4}[dtype])
