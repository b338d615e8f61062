"""Every case against what PyTorch gave: outputs, first and second gradients, and dtypes."""

import pytest

from tests.functional.cases import ORACLE
from tests.functional.namespaces import Xdl, evaluate, hosts
from tests.oracle.compare import assert_all_close
from tests.oracle.make_fixtures import FILE, read

F = Xdl()
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # cases outside a function's domain


@pytest.mark.parametrize("case", ORACLE, ids=lambda case: case.id)
def test_values_gradients_and_dtypes(case):
    values, dtypes = (part[case.id] for part in read())
    assert_all_close(hosts(F, case, "float64"), values, "float64", case)
    single = evaluate(F, case, "float32")
    assert_all_close({name: None if t is None else F.host(t) for name, t in single.items()}, values, "float32", case)
    assert [t.dtype for name, t in single.items() if name.startswith("y")] == dtypes


def test_the_file_is_small():
    assert FILE.stat().st_size < 1_000_000
