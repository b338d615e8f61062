"""The same table beside an installed PyTorch, and the fixtures beside what it would give now (`pytest -m torch`)."""

import numpy as np
import pytest

from tests.functional.cases import ORACLE
from tests.functional.namespaces import Torch, Xdl, hosts
from tests.oracle.compare import assert_all_close
from tests.oracle.make_fixtures import fixtures, read

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def torch_namespace():
    """PyTorch; a test that asks for it fails where it is not installed."""
    return Torch()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", ORACLE, ids=lambda case: case.id)
def test_values_and_gradients(case, dtype, torch_namespace):
    # the float64 values, since PyTorch's own float32 loses more digits than we allow (batch_norm of a large mean)
    assert_all_close(hosts(Xdl(), case, dtype), hosts(torch_namespace, case), dtype, case)


def test_fixtures_are_up_to_date():
    (committed, dtypes), (current, current_dtypes) = read(), fixtures()
    assert dtypes == current_dtypes
    assert {id: list(named) for id, named in committed.items()} == {id: list(named) for id, named in current.items()}
    for id, named in current.items():
        for name, value in named.items():
            np.testing.assert_allclose(committed[id][name], value, rtol=1e-10, atol=1e-12, err_msg=f"{id}: {name}")
