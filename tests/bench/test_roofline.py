"""Bytes, operations and least times of bench/roofline.py against values worked out by hand."""

import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from xdl.kernels.cuda.index.embedding import embedding_forward
from xdl.kernels.cuda.launch import SOURCES
from xdl.kernels.cuda.optim.adam import adam_step
from xdl.kernels.cuda.products.gemm import multiply
from xdl.kernels.cuda.recurrent.rnn import lstm_cell_backward, lstm_cell_forward
from xdl.kernels.cuda.signature import read_signatures


@pytest.fixture
def counting(bench):
    return bench("counting")


@pytest.fixture
def device(counting):
    return counting.CountingDevice(tensor_cores=True)


def arrays(device, *shapes):
    return [device.empty(shape, "float32") for shape in shapes]


def figures(device):
    """(bytes read, bytes written, operations) of the only launch."""
    (work,) = device.done
    return work.read, work.written, work.operations


def test_the_larger_of_two_times_is_the_least(counting):
    card = counting.Card("any", bandwidth=100.0, float32=10.0, tf32=40.0)
    assert counting.Work("by memory", 150, 50, 10, False).least(card) == (2.0, True)
    assert counting.Work("by arithmetic", 150, 50, 30, False).least(card) == (3.0, False)
    assert counting.Work("on tensor cores", 150, 50, 30, True).least(card) == (2.0, True)
    old = counting.Card("old", bandwidth=100.0, float32=10.0, tf32=0.0)
    assert counting.Work("on none", 150, 50, 30, True).least(old) == (3.0, False)


def test_adam_moves_28_bytes_an_element(device):
    adam_step(device, *arrays(device, *[(100,)] * 4), 1, 1e-3, 0.9, 0.999, 1e-8, 0.0, False)
    assert figures(device) == (1600, 1200, 1500)


def test_a_step_of_lstm_cells(device):
    threads = 8 * 32
    gates, dsums, c, c_next, h, dh, dc, dh_next = arrays(device, *[(8, 128)] * 2, *[(8, 32)] * 6)
    lstm_cell_forward(device, gates, None, None, c, c_next, h)
    assert figures(device) == (20 * threads, 24 * threads, 20 * threads)
    device.done.clear()
    lstm_cell_backward(device, gates, c, c_next, dh, dh_next, dc, dsums)
    assert figures(device) == (36 * threads, 20 * threads, 25 * threads)


def test_a_matrix_that_meets_many_is_read_once(device):
    a, b, out = arrays(device, (4, 5), (3, 5, 6), (3, 4, 6))
    multiply(device, a, b, out)
    assert figures(device) == (4 * (20 + 90), 4 * 72, 2 * 3 * 4 * 5 * 6)
    device.done.clear()
    multiply(device, a, b, out, accumulate=True)
    assert figures(device)[0] == 4 * (20 + 90 + 72)


@needs_compiler
def test_the_products_of_convolutions_and_recurrent_layers(bench, counting):
    both = bench("roofline").both

    def found(model, shape, precision):
        return counting.count(lambda: both(model(), shape), precision, tensor_cores=True)

    works = found(lambda: xdl.nn.Conv2d(8, 16, 3, padding=1), (2, 8, 10, 10), "tf32")
    (forward,) = [work for work in works if work.kernel == "conv_tf32_forward"]
    assert (forward.operations, forward.tf32) == (2 * 2 * 16 * 100 * 72, True)
    assert forward.read == 4 * (2 * 8 * 100 + 16 * 72 + 16)
    for precision, products in (("tf32", 1), ("float32", 3)):
        for two in (False, True):
            works = found(lambda: xdl.nn.LSTM(128, 128, bidirectional=two), (2, 16, 128), precision)  # noqa: B023
            layer = [work for work in works if work.kernel.startswith("recurrent_persistent")]
            operations = (1 + two) * products * 2 * 2 * 16 * 512 * 128
            assert [(work.operations, work.tf32) for work in layer] == [(operations, True)] * 2


@needs_compiler
def test_a_training_step_is_counted_whole(bench, counting):
    def make():
        model = xdl.nn.Linear(20, 10)
        return bench("roofline").training(model, (30, 20), xdl.optim.SGD(model.parameters(), 0.1, momentum=0.9))

    works = counting.count(make, "float32", tensor_cores=False)
    products = [work.operations for work in works if work.kernel == counting.PRODUCTS]
    assert sorted(products) == [2 * 30 * 20 * 10] * 2  # forward, and the weight's gradient
    (update,) = [work for work in works if work.kernel == "sgd_step"]
    size = 208 + 10  # weights and biases begin at multiples of 64 bytes
    assert (update.read, update.written, update.operations) == (12 * size, 8 * size, 8 * size)


@needs_compiler
def test_the_table_says_that_it_is_calculated(bench):
    roofline = bench("roofline")
    text = roofline.report("LSTM")
    assert "CALCULATED, not measured" in text
    assert text.count("| together |") == 3
    assert "T4" in text.partition("float32, T4")[1]
    lines = [line for line in text.splitlines() if line.startswith("| sgd_step")]
    assert not lines


def test_the_rules_name_kernels_and_arrays_that_there_are(counting):
    kernels = {name: s for file in SOURCES.values() for name, s in read_signatures(file).items()}
    named = [(kernel, array) for kernel, (array, _) in counting.OPERATIONS.items()]
    named += [(kernel, array) for kernel, some in counting.UPDATED.items() for array in some]
    missing = [name for name in named if name[1] not in [p.name for p in kernels[name[0]].parameters]]
    assert not missing
    written = {(k, p.name) for k, s in kernels.items() for p in s.parameters if p.pointer and not p.const}
    assert {(k, array) for k, some in counting.UPDATED.items() for array in some} <= written


def test_an_embedding_reads_the_rows_that_it_takes(device):
    (weight,) = arrays(device, (1000, 8))
    embedding_forward(device, weight, device.empty((5,), "int64"), device.empty((1,), "uint32"))
    assert figures(device)[:2] == (5 * 8 + 5 * 32, 5 * 32 + 4)
