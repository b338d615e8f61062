"""The examples of xdl.extend run as they stand, and its check finds what is wrong."""

import textwrap

import numpy as np
import pytest

import xdl
from xdl import extend, kernel
from xdl.errors import BackendError
from xdl.extend import Kernel, KernelError, check_kernel
from xdl.kernel import slots


@pytest.fixture
def example():
    """All code of the docstring, run as one program: its names."""
    lines = extend.__doc__.splitlines()
    code = [line for line in lines if line.startswith("    ") or not line]
    names = {}
    text = textwrap.dedent("\n".join(line for line in code if not line.strip().startswith("record(")))
    exec(compile(text, "xdl.extend", "exec"), names)
    yield names
    del slots["softsign"]


def test_the_examples_run(example):
    x = xdl.tensor(np.linspace(-3, 3, 7), requires_grad=True)
    y = example["softsign"](x)
    assert y.node.version.name == "softsign_in_place"
    y.sum().backward()
    host = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(y.detach().numpy(), host / (1 + np.abs(host)), rtol=1e-12)
    np.testing.assert_allclose(x.grad.numpy(), 1 / (1 + np.abs(host)) ** 2, rtol=1e-12)


def test_the_function_on_the_slot_has_both_orders_and_runs_its_version(example):
    softsign, pair = example["softsign"], example["softsign_pair"]
    x = xdl.randn(3, 4, dtype="float64", requires_grad=True)
    assert softsign(x).node.version.name == "softsign_in_place"
    assert extend.gradcheck(softsign, [x])
    assert extend.gradgradcheck(softsign, [x])
    assert softsign(x.mT).node.version.name == "reference"
    assert "softsign_in_place runs (takes C order)" in pair.explain(np.ones(3))
    assert "softsign_in_place does not fit" in pair.explain(np.ones((3, 4)).T)


def test_the_reference_runs_on_strict_arrays(example, strict):
    xdl.use(strict.name)
    x = xdl.tensor([-1.0, 0.0, 3.0], requires_grad=True)
    y = example["softsign"](x)
    y.sum().backward()
    np.testing.assert_allclose(y.detach().numpy(), [-0.5, 0, 0.75])
    np.testing.assert_allclose(x.grad.numpy(), [0.25, 1, 1 / 16])


class Double:
    """y = 2 x, and the gradient of it."""

    @staticmethod
    def forward(x):
        return x * 2, None

    @staticmethod
    def backward(g, saved, needs):
        return (g * 2,)


def wrong(change):
    """A version of Double with something else."""
    return type("wrong", (Double,), change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"forward": staticmethod(lambda x: (x * 2.1, None))}, "expected y within"),
        ({"forward": staticmethod(lambda x: (x * np.nan, None))}, "expected y within"),
        ({"forward": staticmethod(lambda x: ((x * 2).astype("float32"), None))}, "expected y .* float64"),
        ({"forward": staticmethod(lambda x: ((x * 2)[None], None))}, r"expected y \(4,\)"),
        ({"forward": staticmethod(lambda x: (np.multiply(x, 2, out=x), None))}, "expected argument 0"),
        ({"backward": staticmethod(lambda g, *_: (g * 3,))}, "expected gradient 0"),
        ({"backward": staticmethod(lambda *_: (None,))}, "found nothing"),
    ],
)
def test_a_wrong_version_is_found(change, message):
    slot = Kernel("double for a test", Double)
    try:
        with pytest.raises(BackendError, match="a version"):
            check_kernel(slot, np.ones(4))
        slot.register("numpy")(wrong(change))
        given = np.array([0.5, 2.0, -1.0, 3.0])
        with pytest.raises(KernelError, match=message):
            check_kernel(slot, given)
        assert given.tolist() == [0.5, 2.0, -1.0, 3.0]
    finally:
        del slots[slot.name]


def test_slots_that_write_in_place_are_compared_by_what_they_wrote():
    p, g, b = (np.random.RandomState(i).standard_normal(50) for i in range(3))
    assert check_kernel(slots["sgd_update"], p, [g], b, False, 0.1, 0.9, 0.0, 0.1, True, False) == ["sgd_blocks"]
    assert kernel.get_mode() == "auto"
