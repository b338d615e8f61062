"""The stand-in plays stream capture: nothing runs, what CuPy and CUDA refuse is refused, a graph is one launch."""

import numpy as np
import pytest

from tests.cuda_on_host.needs import needs_compiler
from tests.stand_in_cupy import counted
from tests.stand_in_cupy.capturing import listed
from xdl.kernels.cuda.device import CupyDevice
from xdl.kernels.cuda.optim.sgd import sgd_step


@pytest.fixture
def stream(stand_in):
    return stand_in.cuda.Stream(non_blocking=True)


@needs_compiler
def test_what_is_queued_becomes_a_node_and_changes_nothing(stand_in, stream):
    device = CupyDevice()
    p, g = (device.to_device(np.ones(9, np.float32)) for _ in range(2))
    with stream:
        stream.begin_capture()
        assert stream.is_capturing()
        sgd_step(device, p, g, None, True, 0.5, 0.0, 0.0, 0.0, False)
        p *= 3
        y = p.copy()
        graph = stream.end_capture()
    assert not stream.is_capturing()
    assert p.tolist() == [1.0] * 9
    assert graph.nodes == [("launches", "sgd_step"), ("launches", "multiply"), ("copies", "device to device")]
    with counted() as costs:
        graph.launch()
    assert costs.launches.by_name() == {"graph": 1}
    assert y.shape == (9,)


def test_other_streams_run_as_ever(stand_in, stream):
    x = stand_in.ones(3)
    with stream:
        stream.begin_capture()
        with stand_in.cuda.Stream(non_blocking=True) as beside:
            held = stand_in.asarray(np.arange(3))
            beside.synchronize()
        stand_in.exp(x)
        assert stream.end_capture().nodes == [("launches", "exp")]
    assert held.tolist() == [0, 1, 2]


REFUSED = {
    "a wait": (lambda _, x: x.get(), RuntimeError, "StreamCaptureUnsupported"),
    "cuBLAS": (lambda _, x: x @ x, NotImplementedError, "cuBLAS"),
    "cuSOLVER": (lambda cupy, x: cupy.linalg.inv(x), NotImplementedError, "unsupported"),
    "values of the host": (lambda cupy, _: cupy.asarray(np.ones(2)), RuntimeError, "the host copies"),
    "a second capture": (lambda cupy, _: cupy.cuda.get_current_stream().begin_capture(), RuntimeError, "IllegalState"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cupy_and_cuda_refuse(stand_in, stream, what):
    call, kind, words = REFUSED[what]
    x = stand_in.ones((2, 2))
    with stream:
        stream.begin_capture()
        with pytest.raises(kind, match=words):
            call(stand_in, x)
        if what == "a wait":
            with pytest.raises(RuntimeError, match="Invalidated"):
                stream.end_capture()
        else:
            stream.end_capture()
    with listed() as found:
        x @ x
    assert found == [("products", "gemm")]


def test_the_default_stream_captures_nothing(stand_in):
    with pytest.raises(RuntimeError, match="default"):
        stand_in.cuda.Stream.null.begin_capture()
