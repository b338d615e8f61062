"""An index out of range on a device: nothing waits for the check, and the value that comes of it raises when read."""

import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from xdl import nn
from xdl.errors import DataError
from xdl.kernels.cuda.launch import Kernels

pytestmark = needs_compiler
F = nn.functional
CASES = {  # function of an index that is right for 1 and wrong for 3; the launches that the check alone costs
    "gather": (lambda x, i: x.gather(0, i.reshape(1, 1)), 1),
    "index_select": (lambda x, i: x.index_select(0, i), 1),
    "index_add": (lambda x, i: x.index_add(0, i, x[:1]), 1),
    "index_fill": (lambda x, i: x.index_fill(0, i, 0.0), 1),
    "scatter_add": (lambda x, i: x.scatter_add(0, i.reshape(1, 1), x), 1),
    "take_along_dim": (lambda x, i: x.take_along_dim(i.reshape(1, 1), 0), 1),
    "indexing": (lambda x, i: x[i], 1),
    "one_hot": (lambda _, i: F.one_hot(i, 3), 1),
    "embedding": (lambda x, i: F.embedding(i, x), 0),
    "cross_entropy": (lambda x, i: F.cross_entropy(x.T[:1], i), 0),
    "cross_entropy of sums": (lambda x, i: F.cross_entropy(x.T[:1], i, reduction="sum"), 0),
    "nll_loss": (lambda x, i: F.nll_loss(x.T[:1], i), 0),
    "multi_margin_loss": (lambda x, i: F.multi_margin_loss(x.T[:1], i), 2),
}


@pytest.fixture
def launched(monkeypatch):
    """The names of the kernels that were launched on the host device."""
    names, launch = [], Kernels.launch

    def noted(self, name, *arguments, **settings):
        names.append(name)
        return launch(self, name, *arguments, **settings)

    monkeypatch.setattr(Kernels, "launch", noted)
    xdl.use("cuda-on-host")
    return names


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("wrong", [3, -9])
def test_it_raises_where_values_are_read(case, wrong, launched):
    function, launches = CASES[case]
    x = xdl.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    right = function(x, xdl.tensor([1]))
    right.numpy()
    assert launched.count("flag_outside") == launches
    bad = function(x, xdl.tensor([wrong]))
    with pytest.raises(DataError, match="indices"):
        bad.numpy()
    function(x, xdl.tensor([1])).numpy()  # the flag is down again
