"""Running results over long chains, and indices that point nowhere."""

import numpy as np
import pytest

import xdl
from xdl import backend, kernel
from xdl import functional as F
from xdl.errors import DataError
from xdl.gradcheck import gradcheck, gradgradcheck

backend.load("numpy")


def run(slot, *args):
    version, y, _ = kernel.slots[slot](*args)
    assert version.name.endswith("_compiled")
    return y


def test_a_long_sum_of_exponentials_keeps_its_digits():
    x = np.random.default_rng(0).standard_normal(200_000).astype("float32")
    y = run("running", x, 0, "logsumexp")
    np.testing.assert_allclose(y, np.logaddexp.accumulate(x.astype("float64")), rtol=0, atol=2e-6)


def test_numbers_far_apart_do_not_overflow():
    x = np.array([-1000.0, 1000.0, -np.inf, 999.0, 1000.0])
    y = run("running", x, 0, "logsumexp")
    np.testing.assert_allclose(y, np.logaddexp.accumulate(x))
    np.testing.assert_array_equal(
        run("running", np.array([-np.inf, -np.inf, 1.0]), 0, "logsumexp"), [-np.inf, -np.inf, 1]
    )


@pytest.mark.parametrize("wrong", [[0, 3], [-1, 0]])
def test_an_index_beyond_the_places_is_refused(wrong):
    with pytest.raises(DataError, match="sum_at"):
        run("sum_at", np.ones((1, 2, 4), "float32"), np.array(wrong), 3)


def test_rows_of_an_embedding_get_the_gradients_of_all_their_places():
    w = xdl.tensor(np.zeros((5, 33)), requires_grad=True)
    F.embedding(xdl.tensor([[4, 0], [4, 4]]), w).sum().backward()
    np.testing.assert_array_equal(w.grad.numpy(), np.array([1, 0, 0, 0, 3.0])[:, None] * np.ones(33))


def test_second_derivatives_of_running_products_run_on_the_recurrence():
    x = xdl.tensor(np.random.default_rng(1).standard_normal((3, 4)), requires_grad=True)
    for function in (lambda x: F.cumprod(x, 1), lambda x: F.logcumsumexp(x, 0), lambda x: F.cumsum(x, 0)):
        gradcheck(function, [x])
        gradgradcheck(function, [x])
