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
    forget(slots["relu"], "relu_of_vectors")


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


def test_a_users_version_of_a_slot_of_xdl_runs(example):
    for shape, name in (((5,), "relu_of_vectors"), ((5, 2), "relu_blocks")):
        assert xdl.randn(*shape, requires_grad=True).relu().node.version.name == name
    text = slots["relu"].explain(np.ones(3))
    assert text.splitlines()[:2] == [
        "relu: relu_of_vectors runs (takes one dimension)",
        "relu: relu_blocks would also fit (takes float32 or float64 without gaps in memory)",
    ]


def forget(slot, name):
    """Takes a version out of a slot again."""
    slot.versions["numpy"] = [v for v in slot.versions["numpy"] if v.name != name]
    slot.forget()


def test_a_users_version_is_reached_where_one_of_xdl_takes_everything():
    full = [slot for slot in slots.values() if [v.when for v in slot.versions.get("numpy", ())] == [None]]
    assert len(full) > 9
    for slot in full:
        slot.register("numpy", name="mine")(slot.reference)
        (theirs,) = [v.name for v in slot.versions["numpy"] if v.name != "mine"]
        assert slot.explain(np.ones(3)).splitlines() == [
            f"{slot.name}: mine runs",
            f"{slot.name}: {theirs} shadowed by mine",
            f"{slot.name}: reference would also fit",
        ]
        forget(slot, "mine")


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
        ({"backward": staticmethod(lambda *_: ())}, "gradient 0.*found argument 0, y$"),
        ({"backward": staticmethod(lambda *_: None)}, "gradient 0.*found argument 0, y$"),
        ({"backward": staticmethod(lambda g, *_: (g * 2, None))}, "found.*gradient 1"),
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


def test_gradients_are_asked_for_one_at_a_time():
    class Product:
        @staticmethod
        def forward(a, b):
            return a * b, (a, b)

        @staticmethod
        def backward(g, saved, needs):
            a, b = saved
            return (g * b if needs[0] else None, g * a if needs[1] else None)

    class Shifted(Product):
        @staticmethod
        def backward(g, saved, needs):
            return tuple(d for d in Product.backward(g, saved, needs) if d is not None)

    class Together(Product):
        @staticmethod
        def backward(g, saved, needs):
            return Product.backward(g, saved, needs) if all(needs) else (None, None)

    slot = Kernel("product for a test", Product)
    given = np.arange(1.0, 5), np.arange(2.0, 6)
    try:
        for version, message in ((Shifted, "gradient 1, 0 needed alone"), (Together, "0 needed alone.*nothing")):
            slot.register("numpy")(version)
            with pytest.raises(KernelError, match=message):
                check_kernel(slot, *given)
            forget(slot, version.__name__)
        slot.register("numpy")(type("same", (Product,), {}))
        assert check_kernel(slot, *given) == ["same"]
    finally:
        del slots[slot.name]


def test_versions_of_several_outputs_are_checked():
    x, c = np.random.RandomState(0).standard_normal((4, 3, 20)), np.arange(1.0, 4)
    for given in ((c, c, None, None), (None, None, c, c)):
        assert check_kernel(slots["batch_norm"], x, *given, 1e-5) == ["batch_norm_images"]


def test_slots_that_write_in_place_are_compared_by_what_they_wrote():
    p, g, b = (np.random.RandomState(i).standard_normal(50) for i in range(3))
    assert check_kernel(slots["sgd_update"], p, [g], b, False, 0.1, 0.9, 0.0, 0.1, True, False) == ["sgd_blocks"]
    assert kernel.get_mode() == "auto"
