"""Every case against what PyTorch gave: outputs, first and second gradients, and dtypes."""

import pytest

from tests.functional.cases import ORACLE
from tests.functional.namespaces import Xdl, evaluate, hosts
from tests.oracle.compare import assert_all_close
from tests.oracle.make_fixtures import FILE, read

F = Xdl()
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # cases outside a function's domain


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", ORACLE, ids=lambda case: case.id)
def test_values_and_gradients(case, dtype):
    assert_all_close(hosts(F, case, dtype), read()[0][case.id], dtype, case)


@pytest.mark.parametrize("case", ORACLE, ids=lambda case: case.id)
def test_dtypes(case):
    outputs = [t for name, t in evaluate(F, case, "float32").items() if name.startswith("y")]
    assert [y.dtype for y in outputs] == read()[1][case.id]


def test_the_file_is_small():
    assert FILE.stat().st_size < 1_000_000
