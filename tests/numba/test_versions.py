"""Compiled versions beyond the shared cases: every tail of a vector, threads, and gradients of both orders.

tests/functional/kernels compares them with the references as well, where XDL_FAST says now.
"""

import numpy as np
import pytest

import xdl
from tests.functional.kernels.kernel_cases import WINDOWS
from tests.functional.kernels.kernel_checks import ALL, Results, compare, written_by
from tests.functional.kernels.loss_cases import SPECIAL
from tests.functional.kernels.norm_cases import behind
from tests.numba.arguments import PADDED, arguments
from xdl import backend, kernel, threads
from xdl import functional as F
from xdl.gradcheck import gradcheck, gradgradcheck

backend.load("numpy")
COMPILED = [
    (slot.name, version)
    for slot in kernel.slots.values()
    for version in slot.versions.get("numpy", ())
    if version.name.endswith("_compiled") and slot.name != "recurrence"  # see test_recurrences.py
]
TAILS = [*range(1, 18), 31, 33, 63, 65]


SPECIAL_SLOTS = (
    *("relu", "add_relu", "addition", "gelu", "softmax", "log_softmax", "layer_norm", "batch_norm", "group_norm"),
    *("batch_norm_activation", "batch_norm_add_relu"),
    *("max_pool2d", "avg_pool2d", "sum_at", "cumsum", "running", "running_best"),
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("slot", "version"), COMPILED, ids=lambda v: getattr(v, "name", v))
def test_every_tail_of_a_vector(slot, version, dtype):
    random = np.random.default_rng(0)
    for n in TAILS:
        for args in arguments(slot, lambda *shape: random.standard_normal(shape).astype(dtype), n):
            mutated = written_by(slot, args)
            expected = Results(kernel.slots[slot].reference, args, mutated, ALL)
            compare(Results(version, args, mutated, ALL, expected), expected, dtype, f"{slot} of {n}")


@pytest.mark.parametrize(("slot", "version"), COMPILED, ids=lambda v: getattr(v, "name", v))
def test_no_bit_depends_on_the_number_of_threads(slot, version, monkeypatch):
    monkeypatch.setattr("xdl.kernels.numba.sharing.WORTH", 0)
    monkeypatch.setattr("xdl.kernels.numba.sharing.FORK", 0)
    monkeypatch.setattr("xdl.kernels.numba.sharing.ROWS", 5)
    random = np.random.default_rng(0)

    def draw(*shape):
        rows = (37, *shape[1:]) if len(shape) > 1 else shape
        return random.standard_normal(rows).astype("float32")

    for args in arguments(slot, draw, 1003):
        args = [np.resize(x, 37) if isinstance(x, np.ndarray) and x.dtype == np.int64 else x for x in args]
        bits = set()
        for count in (1, 2, 3, 7):
            threads.set_num_threads(count)
            bits.add(tuple(Results(version, args, written_by(slot, args), ALL).bits()))
        assert len(bits) == 1


PLANES = "3x3 by 2", "3x3 by 1", "5x4 by 3"


def test_where_all_is_minus_infinity_the_first_element_wins_not_the_edge():
    x = np.full((1, 1, 7, 19), -np.inf)
    for name in PLANES:
        args = x, *WINDOWS[name][1:]
        expected = Results(kernel.slots["max_pool2d"].reference, args, [], ALL)
        (version,) = (v for slot, v in COMPILED if slot == "max_pool2d")
        compare(Results(version, args, [], ALL, expected), expected, "float64", name)


def pools(x):
    """Windows with those values, in planes and in images of 17 channels."""
    planes = np.resize(x, (1, 1, 4, 6))
    images = behind(np.concatenate([np.roll(planes, k, 2) for k in range(17)], 1))
    tame = np.where(np.isfinite(x), np.clip(x, -99, 99), x)  # sums of rows first: huge numbers would cancel elsewhere
    wide = [(np.resize(tame, (1, 1, 7, 23)), *WINDOWS[name][1:]) for name in PLANES]
    return [(planes, *WINDOWS["2x2"][1:]), (images, *WINDOWS["2x2"][1:]), (images, *PADDED), *wide]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SPECIAL_SLOTS)
def test_nan_infinity_and_the_smallest_numbers(name, dtype):
    (version,) = (v for slot, v in COMPILED if slot == name)
    values = np.concatenate([SPECIAL, [1e-45, -1e-45, 3e-39, 5e-324, 1e38]])
    for shift in range(len(values)):
        x = np.roll(values, shift).astype(dtype)
        with np.errstate(all="ignore"):
            square, beside_one = (x[:, None] * x, 1), np.stack([x, np.ones_like(x)])[:, :, None]
        planes = np.repeat(beside_one / 16, 8, 2)  # a sixteenth, so that no sum overflows
        arguments = {
            "add_relu": [(x, x[::-1].copy())],
            "addition": [(x, x[::-1].copy(), False)],
            "gelu": [(x, "none"), (x, "tanh")],
            "softmax": [square],
            "log_softmax": [square],
            "layer_norm": [(x[None], None, None, 1e-5)],
            "batch_norm": [
                (given, None, None, *moments, 1.0)
                for given in (planes, beside_one)
                for moments in ((None, None), (np.zeros_like(x), np.ones_like(x)))
            ],
            "batch_norm_activation": [
                (given, *[None] * 2, *moments, 1.0, f)
                for given in (planes, beside_one)
                for moments in ((None, None), (np.zeros_like(x), np.ones_like(x)))
                for f in (("relu",), ("leaky_relu", 0.2))
            ],
            "batch_norm_add_relu": [
                (given, None, None, given[:, ::-1].copy(), *moments, 1.0)
                for given in (planes, beside_one)
                for moments in ((None, None), (np.zeros_like(x), np.ones_like(x)))
            ],
            "group_norm": [(planes, None, None, len(x), 1.0)],
            **dict.fromkeys(("max_pool2d", "avg_pool2d"), pools(x)),
            "sum_at": [(beside_one.transpose(1, 0, 2), np.array([1, 0]), 3)],
            "cumsum": [(x, 0, False), (x, 0, True), (beside_one, 0, False)],
            "running": [(x, 0, "logsumexp"), (beside_one, 0, "logsumexp")],
            "running_best": [(x, 0, True), (x, 0, False)],
        }
        for args in arguments.get(name, [(x,)]):
            with np.errstate(all="ignore"):
                expected = Results(kernel.slots[name].reference, args, [], ALL)
                compare(Results(version, args, [], ALL, expected), expected, dtype, f"{name} {shift}")


@pytest.mark.parametrize("f", [("relu",), ("leaky_relu", 0.2)])
@pytest.mark.parametrize("arrange", [np.ascontiguousarray, behind])
def test_infinite_gradients_behind_batch_norm(arrange, f):
    (version,) = (v for slot, v in COMPILED if slot == "batch_norm_activation")
    random = np.random.default_rng(2)
    x, g, ones = arrange(random.standard_normal((2, 3, 33))), arrange(np.full((2, 3, 33), np.inf)), np.ones(3)
    results = []
    for each in (version, kernel.slots["batch_norm_activation"].reference):
        _, saved = each.forward(x, ones, 0 * ones, 0 * ones, ones, 1e-5, f)
        with np.errstate(all="ignore"):
            results.append(each.backward((g, None, None), saved, [True] * 3)[0])
    np.testing.assert_array_equal(*results)
    assert not version.when(x, ones, ones, None, None, 1e-5, ("leaky_relu", 0.0))  # -infinity times 0 is nan there


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("slot", [slot for slot, _ in COMPILED if slot.endswith("_update")])
def test_steps_with_nan_and_infinity(slot, dtype):
    (version,) = (v for name, v in COMPILED if name == slot)
    rolls = iter(range(1000))
    values = np.asarray([0.5, np.nan, np.inf, -np.inf, 0.0, -3.0, 1e-45, 2.0, 7.0], dtype)
    for args in arguments(slot, lambda n: np.roll(np.resize(values, n), next(rolls)), 33):
        mutated = written_by(slot, args)
        with np.errstate(all="ignore"):
            expected = Results(kernel.slots[slot].reference, args, mutated, ALL)
            compare(Results(version, args, mutated, ALL, expected), expected, dtype, slot)


FUNCTIONS = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu tanh": lambda x: F.gelu(x, "tanh"),
    "softmax": lambda x: F.softmax(x, 1),
    "log_softmax": lambda x: F.log_softmax(x, 1),
    "cross_entropy": lambda x: F.cross_entropy(x, xdl.tensor([1, 0, 4])),
    "silu": F.silu,
    "sigmoid": F.sigmoid,
    "mish": F.mish,
    "softplus": F.softplus,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
    "prelu": lambda x: F.prelu(x, xdl.tensor([0.3, -0.2, 2.0, 0.5, 1.0], dtype="float64")),
    "elu": F.elu,
    "hardtanh": F.hardtanh,
    "hardswish": F.hardswish,
    "hardsigmoid": F.hardsigmoid,
    "softshrink": F.softshrink,
    "softsign": F.softsign,
    "max_pool2d": lambda x: F.max_pool2d(x.reshape(1, 1, 3, 5), 2),
    "max_pool2d of rows": lambda x: F.max_pool2d(x.reshape(1, 1, 1, 15), (1, 3), 2, (0, 1)),
    "avg_pool2d": lambda x: F.avg_pool2d(x.reshape(1, 1, 3, 5), 2),
    "avg_pool2d of rows": lambda x: F.avg_pool2d(x.reshape(1, 1, 1, 15), (1, 3), 2, (0, 1)),
    "rms_norm": lambda x: F.rms_norm(x, (5,), xdl.tensor([1.0, 2.0, 0.5, 1.5, -1.0], dtype="float64")),
    "batch_norm": lambda x: F.batch_norm(x, None, None, xdl.tensor([1.0, 2.0, 0.5, 1.5, -1.0], dtype="float64")),
    "batch_norm of planes": lambda x: F.batch_norm(x.reshape(1, 3, 5), None, None),
    "group_norm": lambda x: F.group_norm(x.reshape(1, 1, 15), 1),
    "attention": lambda x: F.scaled_dot_product_attention(*[x[None]] * 3),
    "causal attention": lambda x: F.scaled_dot_product_attention(*[x[None]] * 3, is_causal=True, scale=0.7),
    "layer_norm": lambda x: F.layer_norm(x, (5,), xdl.tensor([1.0, 2.0, 0.5, 1.5, -1.0], dtype="float64")),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_of_both_orders(name):
    x = xdl.tensor(np.random.default_rng(1).standard_normal((3, 5)), requires_grad=True)
    y = FUNCTIONS[name](x)
    versions = {kernel.slots[slot].versions["numpy"][0].name for slot in ("relu", "gelu", "softmax")}
    assert all(version.endswith("_compiled") for version in versions)
    assert y.dtype == "float64"
    gradcheck(FUNCTIONS[name], [x])
    gradgradcheck(FUNCTIONS[name], [x])


def trained():
    """Losses of a few steps of a small net."""
    xdl.manual_seed(0)
    net = xdl.nn.Sequential(
        xdl.nn.Linear(20, 33), xdl.nn.ReLU(), xdl.nn.LayerNorm(33), xdl.nn.GELU(), xdl.nn.Linear(33, 4)
    )
    optimizer = xdl.optim.Adam(net.parameters(), lr=1e-2)
    x, t, losses = xdl.randn(8, 20), xdl.tensor([0, 1, 2, 3] * 2), []
    for _ in range(5):
        loss = F.cross_entropy(net(x), t)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_a_net_learns_as_by_the_references():
    found = trained()
    kernel.set_mode("reference")
    np.testing.assert_allclose(found, trained(), rtol=1e-4)
    assert found[-1] < 0.5 * found[0]
