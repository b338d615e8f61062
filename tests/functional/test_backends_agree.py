"""Every case gives the same on NumPy's kernels, on the references, on a device that is not the host, in any layout."""

import numpy as np
import pytest

import xdl
from tests import strict_backend
from tests.functional.cases import CASES
from tests.functional.namespaces import Xdl, evaluate, hosts
from xdl import backend, kernel

F = Xdl()
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # cases outside a function's domain


class Strided(Xdl):
    """xdl with inputs that are not contiguous: each dimension is a step of -2 through a larger array."""

    def __init__(self, transposed):
        self.transposed = transposed

    def tensor(self, host, requires_grad):
        """A tensor of the host values over strange strides."""
        order = "F" if self.transposed else "C"
        larger = np.full([2 * size + 1 for size in host.shape], 99, host.dtype, order)
        view = larger[(*(slice(2 * size - 1, None, -2) if size else slice(0, 0) for size in host.shape), ...)]
        view[...] = host
        return xdl.Tensor(view, requires_grad)


def assert_equal(found, expected, tolerance, where=""):
    assert found.keys() == expected.keys(), where
    for name, value in expected.items():
        what = f"{name} {where}"
        if value is None:
            assert found[name] is None, what
            continue
        assert found[name].dtype == value.dtype, what
        assert found[name].shape == value.shape, what
        np.testing.assert_allclose(found[name], value, rtol=tolerance, atol=tolerance, err_msg=what)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_way_gives_the_same(case, strict, no_synchronization):
    """One test a case, since what NumPy's kernels give is computed once for all ways."""
    expected, mode = hosts(F, case), kernel.get_mode()
    assert_equal(hosts(Strided(False), case), expected, 1e-12, "with steps of -2")
    assert_equal(hosts(Strided(True), case), expected, 1e-12, "with steps of -2, transposed")
    kernel.set_mode("reference")
    assert_equal(hosts(F, case), expected, 1e-12, "by the references")
    kernel.set_mode(mode)
    assert_equal(strict_array_api(case, strict, no_synchronization), expected, 1e-12, "on the strict array API")


def strict_array_api(case, strict, no_synchronization):
    """What a case gives on a device whose values nobody may look at, but for cases that cannot do without."""
    backend.use(strict.name)
    reads_the_count = case.id == "BatchNorm1d of all batches equally"
    if reads_the_count:
        with pytest.raises(AssertionError, match="read from the device"), no_synchronization():
            evaluate(F, case)
        found = evaluate(F, case)
    elif case.dynamic:
        with strict_backend.values_may_be_read():
            found = evaluate(F, case)
    else:
        with no_synchronization():
            found = evaluate(F, case)
    assert all(t is None or type(t.array) is strict.array_types[0] for t in found.values())
    return {name: t if t is None else F.host(t) for name, t in found.items()}
