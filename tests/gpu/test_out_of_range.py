"""Indices and labels beyond their range on a device: nothing waits for them, and what reads values next raises."""

import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.stand_in_cupy import counted
from xdl import functional as F
from xdl.errors import DataError

pytestmark = needs_compiler
ROW, PAIRS, LABELS = [0, 9, 1], [[0, 9], [1, 1]], [0, 1, 2, 7]


def filled(x, i):
    """x, in which the rows of these numbers are 1."""
    y = x.clone()
    y[i] = 1.0
    return y


CALLS = {
    "gather": (lambda x, i: x.gather(1, i), PAIRS),
    "index_select": (lambda x, i: x.index_select(0, i), ROW),
    "take_along_dim": (lambda x, i: F.take_along_dim(x, i, 1), [[0], [9], [1], [2]]),
    "indexing": (lambda x, i: x[i], ROW),
    "indexing of columns": (lambda x, i: x[:, i], ROW),
    "indexing in two dimensions": (lambda x, i: x[i, i], ROW),
    "assignment": (filled, ROW),
    "embedding": (lambda x, i: F.embedding(i, x), ROW),
    "embedding_bag": (lambda x, i: F.embedding_bag(i, x), PAIRS),
    "one_hot": (lambda _, i: F.one_hot(i, 3), ROW),
    "scatter": (lambda x, i: x.scatter(1, i, xdl.ones(2, 2)), PAIRS),
    "scatter_add": (lambda x, i: x.scatter_add(1, i, xdl.ones(2, 2)), PAIRS),
    "scatter_reduce": (lambda x, i: x.scatter_reduce(1, i, xdl.ones(2, 2), "sum"), PAIRS),
    "index_add": (lambda x, i: x.index_add(0, i, xdl.ones(3, 5)), ROW),
    "index_copy": (lambda x, i: x.index_copy(0, i, xdl.ones(3, 5)), ROW),
    "index_fill": (lambda x, i: x.index_fill(0, i, 2.0), ROW),
    "cross_entropy": (F.cross_entropy, LABELS),
    "nll_loss": (F.nll_loss, LABELS),
    "multi_margin_loss": (F.multi_margin_loss, LABELS),
}


@pytest.mark.parametrize("name", CALLS)
def test_it_raises_where_values_are_read(stand_in, name):
    xdl.use("cupy")
    call, indices = CALLS[name]
    x, i = xdl.randn(4, 5), xdl.tensor(indices)
    with counted() as costs:
        y = call(x, i)
    assert not costs.waits.total()
    with pytest.raises(DataError, match="cupy: expected labels, indices"):
        y.tolist()
    xdl.zeros(1).item()  # the flag is down again


def test_counts_that_are_read_anyway_raise_at_once(stand_in):
    xdl.use("cupy")
    with pytest.raises(DataError, match="one outside"):
        F.repeat_interleave(xdl.ones(3), xdl.tensor([1, -1, 1]), 0)
