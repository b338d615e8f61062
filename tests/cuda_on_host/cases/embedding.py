"""embedding.cu and sort.cu against NumPy's indexing, sorting and sums in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, exact, random
from xdl.kernels.cuda.index import embedding as embedding_cuda
from xdl.kernels.cuda.launch import Device

# tokens, vocabulary, width
SMALL = [(12, 5, 33)]
SIZES = [(300, 20, 33), (1, 1, 1), (700, 300, 5), (513, 70000, 1), (0, 4, 3)]


def embedding(device: Device, real: str, small: bool) -> Iterator[Check]:
    for count, vocabulary, width in SMALL if small else SIZES:
        name = f"{count} of {vocabulary} x {width}"
        tokens = np.random.default_rng(0).integers(0, vocabulary, count)
        tokens[::3] = tokens[:1].sum()  # one token a third of the time
        weight, g = random((vocabulary, width), real), random((count, width), real, 1)
        tokens_device, flag = device.to_device(tokens), device.to_device(np.zeros(1, np.uint32))
        y = embedding_cuda.embedding_forward(device, device.to_device(weight), tokens_device, flag)
        yield exact(f"y {name}", device, y, weight[tokens])
        yield exact(f"no bad token {name}", device, flag, np.zeros(1, np.uint32))
        order = embedding_cuda.sort_positions(device, tokens_device, vocabulary)
        yield exact(f"order {name}", device, order, tokens.argsort(stable=True).astype(np.int32))
        dweight = embedding_cuda.embedding_backward(device, device.to_device(g), tokens_device, vocabulary)
        expected = np.zeros((vocabulary, width))
        np.add.at(expected, tokens, g.astype(np.float64))
        yield close(f"dweight {name}", device, dweight, expected, TOLERANCES[real])
    tokens = np.random.default_rng(1).integers(0, 9, 300)
    order = embedding_cuda.sort_positions(device, device.to_device(tokens), 9)
    yield exact("order across blocks", device, order, tokens.argsort(stable=True).astype(np.int32))
    weight, tokens = random((5, 2), real), np.array([4, 5, -1, 0])
    tokens_device, flag = device.to_device(tokens), device.to_device(np.zeros(1, np.uint32))
    y = embedding_cuda.embedding_forward(device, device.to_device(weight), tokens_device, flag)
    yield exact("rows of bad tokens", device, np.isnan(device.to_host(y))[:, 0], np.array([False, True, True, False]))
    yield exact("bad tokens are flagged", device, flag, np.ones(1, np.uint32))
    dweight = embedding_cuda.embedding_backward(device, device.to_device(random((4, 2), real, 1)), tokens_device, 5)
    expected = np.zeros((5, 2), real)
    expected[[4, 0]] = random((4, 2), real, 1)[[0, 3]]
    yield exact("bad tokens take no part", device, dweight, expected)
