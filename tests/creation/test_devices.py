"""Devices by PyTorch's names, and what is made and moved there."""

import numpy as np
import pytest

import xdl
from tests.strict_backend import registered
from xdl.devices import Device
from xdl.errors import BackendError


@pytest.fixture
def strict():
    with registered() as made:
        yield made


def no_card():
    return not xdl.cuda.is_available()


def test_a_device_has_a_name_and_a_number():
    assert str(xdl.device("cpu")) == "cpu"
    assert xdl.device("cpu").index is None
    one = xdl.device("cuda:1")
    assert (one.type, one.index, str(one)) == ("cuda", 1, "cuda:1")
    assert (
        one == xdl.device("cuda", 1) == xdl.device(1) == xdl.device(one) == xdl.device("cupy:1") != xdl.device("cuda")
    )
    assert repr(one) == "device(type='cuda', index=1)"
    assert repr(xdl.device("cpu")) == "device(type='cpu')"
    assert isinstance(one, xdl.device)
    assert len({one, xdl.device("cuda:1")}) == 1
    assert xdl.device("numpy") == xdl.device("cpu")
    assert xdl.device("cuda-on-host").type == "cuda-on-host"


@pytest.mark.parametrize("wrong", ["cud", "cuda:", "cuda:x", "cuda:-1", "cpu:1", "", None, 1.5, -1, True, [0]])
def test_what_is_no_device_is_refused(wrong):
    with pytest.raises(BackendError, match="device: expected"):
        xdl.device(wrong)


def test_where_tensors_live():
    assert xdl.zeros(2).device == Device("cpu")
    assert not xdl.zeros(2).is_cuda
    assert xdl.zeros(2, device="cpu").device.type == "cpu"
    assert xdl.zeros(2, device=xdl.device("cpu:0")).device == Device("cpu")
    x = xdl.ones(2)
    assert x.to("cpu") is x
    assert x.cpu() is x
    assert x.to(xdl.device("cpu")) is x


@pytest.mark.skipif("xdl.cuda.is_available()")
@pytest.mark.parametrize(
    "call",
    [
        lambda: xdl.zeros(2, device="cuda"),
        lambda: xdl.ones(2).cuda(),
        lambda: xdl.ones(2).to("cuda:1"),
        lambda: xdl.ones(2).to(device=0),
        lambda: xdl.tensor([1.0], device="cuda"),
        lambda: xdl.use("cuda"),
    ],
)
def test_without_a_card_cuda_says_what_to_do(call):
    with pytest.raises(BackendError, match=r"usable CUDA device.*(pip install|driver|nvidia)"):
        call()
    assert xdl.backend.current().name == "numpy"


def test_what_cuda_answers_without_a_card():
    if no_card():
        assert xdl.cuda.device_count() == 0
        assert xdl.cuda.memory_allocated() == 0
    xdl.cuda.synchronize()
    xdl.cuda.manual_seed_all(3)
    assert xdl.initial_seed() == 3


def test_a_tensor_moves_and_its_gradient_comes_back(strict):
    x = xdl.tensor([1.0, 2.0], requires_grad=True)
    y = x.to("array_api_strict")
    assert y.device.type == "array_api_strict"
    assert type(y.array) is strict.array_types[0]
    assert y.to(y) is y
    assert y.to(x).device.type == "cpu"
    (y * y).sum().backward()
    assert x.grad.device.type == "cpu"
    assert x.grad.tolist() == [2.0, 4.0]
    z = x.to(y.to("float64"))
    assert z.dtype == "float64"
    assert z.device == y.device
    (g,) = xdl.grad((x.to(y.device) ** 3).sum(), [x], create_graph=True)
    (second,) = xdl.grad(g.sum(), [x])
    assert second.tolist() == [6.0, 12.0]


def test_new_tensors_on_a_device(strict):
    like = xdl.ones(2, device=strict.name)
    made = [
        xdl.zeros(2, 3, device=strict.name),
        xdl.full((2,), 1.5, device=strict.name),
        xdl.empty(2, device=strict.name),
        xdl.arange(3, device=strict.name),
        xdl.linspace(0, 1, 3, device=strict.name),
        xdl.eye(2, device=strict.name),
        xdl.tensor([1.0], device=strict.name),
        xdl.as_tensor(np.ones(2), device=strict.name),
        xdl.rand(2, device=strict.name),
        xdl.randn(2, device=strict.name),
        xdl.randint(3, (2,), device=strict.name),
        xdl.randperm(3, device=strict.name),
        xdl.normal(0.0, 1.0, (2,), device=strict.name),
        xdl.zeros_like(like),
        xdl.rand_like(like),
        xdl.randint_like(like, 5),
        like.new_zeros(2),
        like.new_tensor([1.0]),
        xdl.zeros_like(xdl.ones(2), device=strict.name),
    ]
    assert {t.device.type for t in made} == {strict.name}
    xdl.manual_seed(0)
    there = xdl.rand(3, device=strict.name)
    xdl.manual_seed(0)
    assert there.tolist() == xdl.rand(3).tolist()
