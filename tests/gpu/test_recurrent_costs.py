"""What a recurrent layer costs on a GPU: launches, waits and copies of a forward and a backward pass over 100 steps."""

import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.stand_in_cupy import counted
from xdl import kernel, nn

STEPS, N, INPUTS, H = 100, 6, 4, 32
MOST = {nn.LSTM: 12, nn.GRU: 12}


@needs_compiler
@pytest.mark.parametrize("layer", MOST, ids=lambda layer: layer.__name__)
def test_a_layer_of_any_length_is_a_few_launches_and_never_waits(stand_in, layer):
    xdl.use("cupy")
    kernel.set_mode("required")
    made, x = layer(INPUTS, H), xdl.ones(STEPS, N, INPUTS)
    y, _ = made(x)
    y.backward(xdl.ones(*y.shape))
    made.zero_grad()
    x.requires_grad_()
    dy = xdl.ones(*y.shape)
    with counted() as costs:
        y, _ = made(x)
        y.backward(dy)
    assert costs.waits.total() == 0
    assert costs.launches.total() + costs.products.total() + costs.copies.total() <= MOST[layer], (
        costs.launches.listing() + costs.products.listing() + costs.copies.listing()
    )
