"""What convolution and pooling are: values by hand, matrix products, windows, adjoints, full connection behind them."""

import numpy as np
import pytest

import xdl
from xdl import functional as F
from xdl import nn

SIGNAL, FILTER = [1.0, 2.0, 4.0, 8.0, 16.0], [1.0, 10.0, 100.0]


def normal(*shape):
    return xdl.tensor(np.random.RandomState(3).standard_normal(shape), requires_grad=True)


def close(a, b):
    np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=0, atol=1e-12)


def test_correlation_slides_the_filter_and_convolution_turns_it_around():
    x, w = xdl.tensor([[SIGNAL]]), xdl.tensor([[FILTER]])
    assert F.conv1d(x, w).tolist() == [[[421, 842, 1684]]]
    assert F.conv1d(x, w, stride=2).tolist() == [[[421, 1684]]]
    assert F.conv1d(x, w, padding="same").tolist() == [[[210, 421, 842, 1684, 168]]]
    full = [1, 12, 124, 248, 496, 960, 1600]
    assert F.convolve(x.flatten(), w.flatten()).tolist() == full
    assert F.convolve(x.flatten(), w.flatten(), "same").tolist() == full[1:-1]
    assert F.convolve(x.flatten(), w.flatten(), "valid").tolist() == full[2:-2]
    assert F.conv1d(x, w.flip((2,)), padding=2).tolist() == [[full]]


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize(("n", "k"), [(7, 3), (3, 7), (6, 4), (4, 6), (1, 5), (5, 5)])
def test_convolve_is_that_of_numpy(mode, n, k):
    random = np.random.RandomState(n + k)
    x, w = random.standard_normal(n), random.standard_normal(k)
    np.testing.assert_allclose(F.convolve(xdl.tensor(x), xdl.tensor(w), mode).numpy(), np.convolve(x, w, mode))


def test_convolution_commutes_and_associates_but_correlation_does_not():
    a, b, c = normal(6), normal(4)[1:], normal(9)[5:]
    close(F.convolve(a, b), F.convolve(b, a))
    close(F.convolve(F.convolve(a, b), c), F.convolve(a, F.convolve(b, c)))

    def correlate(x, w):
        return F.conv1d(x.reshape(1, 1, -1), w.reshape(1, 1, -1), padding=w.shape[0] - 1).flatten()

    assert np.abs((correlate(a, b) - correlate(b, a)).numpy()).max() > 0.1


def test_turning_an_image_and_its_filter_turns_the_result():
    x, w = normal(2, 3, 6, 5), normal(4, 3, 3, 2)
    close(F.conv2d(x.flip((2, 3)), w.flip((2, 3))), F.conv2d(x, w).flip((2, 3)))


def test_a_neuron_reads_one_window():
    x, w, b = normal(1, 2, 5, 6), normal(3, 2, 3, 3), normal(3)
    y = F.conv2d(x, w, b, stride=2)
    for p in range(2):
        for q in range(2):
            window = x[0, :, 2 * p : 2 * p + 3, 2 * q : 2 * q + 3]
            close(y[0, :, p, q], (window * w).sum((1, 2, 3)) + b)


@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"padding": 2}, {"dilation": 2, "padding": 1, "stride": 3}])
def test_one_dimension_is_a_matrix_product_forward_and_backward(options):
    x, w = normal(3, 2, 9), normal(4, 2, 3)
    y = F.conv1d(x, w, **options)
    g = normal(*y.shape)
    given = {"stride": 1, "padding": 0, "dilation": 1} | options
    columns = F.unfold(x.unsqueeze(2), (1, 3), (1, given["dilation"]), (0, given["padding"]), (1, given["stride"]))
    product = w.reshape(4, 6) @ columns
    close(product, y)
    close((g @ columns.mT).sum(0), xdl.grad(y, w, g, retain_graph=True)[0].reshape(4, 6))  # dw = g columns^T
    for found, expected in zip(xdl.grad(product, [x, w], g), xdl.grad(y, [x, w], g), strict=True):
        close(found, expected)


def test_transposed_convolution_is_the_adjoint():
    x, w = normal(2, 4, 7, 6), normal(5, 4, 3, 2)
    steps = {"stride": 2, "padding": 1}
    y = F.conv2d(x, w, **steps)
    g = normal(*y.shape)
    back = F.conv_transpose2d(g, w, **steps, output_padding=(0, 0))
    assert back.shape == x.shape
    close((y * g).sum(), (x * back).sum())


def test_pooling_by_hand():
    x = xdl.tensor([[[1.0, 2.0, 3.0, 0.0], [5.0, 4.0, 0.0, 7.0], [9.0, 0.0, 1.0, 1.0]]], requires_grad=True)
    y, places = F.max_pool2d(x, 2, return_indices=True)
    assert (y.tolist(), places.tolist()) == ([[[5, 7]]], [[[4, 7]]])
    y.sum().backward()
    assert x.grad.tolist() == [[[0, 0, 0, 0], [1, 0, 0, 1], [0, 0, 0, 0]]]
    assert F.max_pool2d(x, 2, ceil_mode=True).tolist() == [[[5, 7], [9, 1]]]
    assert F.avg_pool2d(x, 2, ceil_mode=True).tolist() == [[[3, 2.5], [4.5, 1]]]
    assert F.avg_pool2d(x, 2, padding=1).tolist() == [[[0.25, 1.25, 0], [3.5, 1.25, 2]]]
    assert F.avg_pool2d(x, 2, padding=1, count_include_pad=False).tolist() == [[[1, 2.5, 0], [7, 1.25, 4]]]
    assert F.max_unpool2d(y, places, 2, output_size=(3, 4)).tolist() == [[[0, 0, 0, 0], [5, 0, 0, 7], [0, 0, 0, 0]]]
    assert F.adaptive_avg_pool2d(x, 1).tolist() == [[[33 / 12]]]


def test_padding_never_wins():
    x = xdl.tensor(np.full((1, 1, 2, 2), -np.inf))
    assert F.max_pool2d(x, 3, 1, 1, return_indices=True)[1].flatten().tolist() == [0, 0, 0, 0]
    assert F.max_pool2d(x, 3, 3, ceil_mode=True, padding=1, return_indices=True)[1].flatten().tolist() == [0]


def test_uneven_averages_keep_infinity_in_its_windows():
    y = F.adaptive_avg_pool1d(xdl.tensor([[1.0, np.inf, 3.0, 4.0, 5.0]]), 3)
    assert y.tolist() == [[np.inf, np.inf, 4.5]]


def test_full_connection_behind_convolution():
    def network(x, w, b, full):
        return F.linear(F.avg_pool2d(F.conv2d(x, w, b).tanh(), 2).flatten(1), full)

    parts = normal(2, 1, 6, 6), normal(2, 1, 3, 3), normal(2), normal(3, 8)
    assert network(*parts).shape == (2, 3)
    assert xdl.gradcheck(network, list(parts))
    assert xdl.gradgradcheck(network, list(parts))


def test_convolution_needs_few_parameters():
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.AvgPool2d(2), nn.Flatten())
    table = nn.summary(net, (1, 1, 6, 6))
    assert [layer.output for layer in table.layers] == [(1, 2, 4, 4), (1, 2, 2, 2), (1, 8)]
    assert table.parameters == 2 * 9 + 2
    assert nn.summary(nn.Linear(36, 32), (1, 36)).parameters == 36 * 32 + 32  # the same outputs, fully connected
