"""Several cards, played by the stand-in for CuPy: which one computes, in every thread, and what others' arrays meet."""

import sys
import warnings
from threading import Thread

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.stand_in_cupy.install import installed
from tests.stand_in_cupy.machine import Machine
from xdl import backend, kernel
from xdl.errors import BackendError

pytestmark = needs_compiler


@pytest.fixture
def two_cards(monkeypatch):
    """The stand-in for CuPy with two cards. A kernel runs only while the card that it was loaded on is current."""
    monkeypatch.setattr(backend, "several_cards", False)
    with warnings.catch_warnings(), installed(Machine(devices=2)) as cupy:
        yield cupy


def test_a_number_after_the_name_chooses_the_card(two_cards):
    used = xdl.use("cupy:1")
    assert (used.name, used.home) == ("cupy", 1)
    x = xdl.tensor([-1.0, 2.0])
    assert str(x.device) == "cuda:1"
    assert xdl.nn.functional.softmax(x, 0).device == x.device
    assert xdl.use("cuda:0").home == 0
    assert str(xdl.zeros(2).device) == "cuda:0"
    assert str(x.device) == "cuda:1"


def test_so_does_the_variable(two_cards, monkeypatch):
    monkeypatch.setenv("XDL_BACKEND", "cupy:1")
    monkeypatch.setattr(backend, "_current", None)
    assert str(xdl.tensor([1.0]).device) == "cuda:1"


@pytest.mark.parametrize("name", ["cupy:2", "cuda:2"])
def test_a_card_that_is_not_there_is_refused(two_cards, name):
    with pytest.raises(BackendError, match=r"number of a card in \[0, 2\), found 2\. .*CUDA_VISIBLE_DEVICES"):
        xdl.use(name)
    assert backend.current().name == "numpy"


WRONG = ["cupy:", "cupy:x", "cupy:-1", f"cupy:{'9' * 5000}", "cupy:\u0661"]


@pytest.mark.parametrize("name", [*WRONG, "numpy:1", "cuda-on-host:1"], ids=lambda name: ascii(name[:12]))
def test_what_is_no_number_of_a_card_is_refused(stand_in, name):
    with pytest.raises(BackendError, match=r"backend: expected a number after"):
        xdl.use(name)


@pytest.mark.parametrize("name", WRONG, ids=lambda name: ascii(name[:12]))
def test_it_is_refused_without_cupy_too_and_as_a_device(monkeypatch, name):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(BackendError, match=r"backend: expected a number after"):
        xdl.use(name)
    with pytest.raises(BackendError, match="device: expected one of"):
        xdl.ones(2, device=name)


def test_kernels_are_launched_on_the_card_in_every_thread(two_cards):
    xdl.use("cupy:1")
    x = xdl.tensor([[1.0, 2.0]])
    found = []
    thread = Thread(target=lambda: found.append(xdl.nn.functional.softmax(x, 1)))
    thread.start()
    thread.join()
    assert str(found[0].device) == "cuda:1"
    assert found[0].tolist() == xdl.nn.functional.softmax(x, 1).tolist()


def test_moving_goes_to_the_card_that_is_named_or_to_the_one_that_computes(two_cards):
    xdl.use("cupy:1")
    x = xdl.tensor([1.0, 2.0])
    there = x.to("cuda:0")
    assert (str(there.device), there.tolist()) == ("cuda:0", [1, 2])
    assert str(there.to("cuda").device) == "cuda:1"
    assert x.to("cuda") is x
    assert x.to("cuda:1") is x


def test_two_arguments_on_two_cards_are_refused_with_both(two_cards):
    xdl.use("cupy")
    x = xdl.tensor([[1.0, 2.0]])
    y = x.to("cuda:1")
    with pytest.raises(BackendError, match=r'input on cuda:0 and other on cuda:1\. Move one with \.to\("cuda:0"\)'):
        x + y
    with pytest.raises(BackendError, match="input on cuda:0 and weight on cuda:1"):
        xdl.nn.functional.linear(x, y)


MADE = {
    "arange": lambda device: xdl.arange(3, device=device),
    "empty": lambda device: xdl.empty(3, device=device),
    "eye": lambda device: xdl.eye(3, device=device),
    "full": lambda device: xdl.full((2,), 1.5, device=device),
    "linspace": lambda device: xdl.linspace(0, 1, 3, device=device),
    "ones": lambda device: xdl.ones(3, device=device),
    "zeros_like": lambda device: xdl.zeros_like(xdl.ones(3, device=device)),
    "rand": lambda device: xdl.rand(3, device=device),
    "randn": lambda device: xdl.randn(3, device=device),
    "randint": lambda device: xdl.randint(9, (3,), device=device),
    "randperm": lambda device: xdl.randperm(3, device=device),
}


@pytest.mark.parametrize("name", MADE)
def test_new_tensors_are_on_the_card_that_is_named(two_cards, name):
    xdl.use("cupy")
    made = []
    for device in ("cuda:1", "cuda:0", "cuda"):
        xdl.manual_seed(0)
        made.append(MADE[name](device))
    assert [str(x.device) for x in made] == ["cuda:1", "cuda:0", "cuda:0"]
    if name != "empty":
        assert made[0].tolist() == made[1].tolist() == made[2].tolist()


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: x + x,
        lambda x: 2 * x,
        lambda x: x @ x,
        lambda x: x.sum(),
        lambda x: x.sin(),
        lambda x: xdl.cat([x, x]),
        lambda x: x.__setitem__(0, 1.0),
        lambda x: xdl.nn.Linear(2, 2, device=x.device),
    ],
)
def test_a_card_that_does_not_compute_is_named_with_two_ways_out(two_cards, compute):
    xdl.use("cupy")
    x = xdl.ones(2, 2, device="cuda:1")
    with pytest.raises(BackendError, match=r"cuda:1\. Move it with \.to\(\"cuda:0\"\), or compute there: .*\"cuda:1\""):
        compute(x)


@pytest.mark.parametrize("other", ["cuda:1", "cpu"])
def test_gradients_from_elsewhere_are_refused_and_copies_are_not(two_cards, other):
    xdl.use("cupy")
    x, there = xdl.ones(2, requires_grad=True), xdl.full((2,), 3, device=other)
    for give in (lambda: setattr(x, "grad", there), lambda: (x * 2).backward(there)):
        with pytest.raises(BackendError, match=f"a gradient on the tensor's device cuda:0, found {other}"):
            give()
    assert x.grad is None
    y = xdl.zeros(2)
    assert y.copy_(there) is y
    assert (str(y.device), y.dtype, y.tolist()) == ("cuda:0", "float32", [3, 3])


def test_a_kernel_refuses_an_array_of_another_card_with_both(two_cards):
    xdl.use("cupy")
    x = xdl.tensor([[1.0, 2.0]]).to("cuda:1")
    with pytest.raises(BackendError, match=r"argument x .*found one of cuda:1 \(kernels run on cuda:0: move it"):
        kernel.slots["softmax"](x.array, 1)


def test_what_cupy_would_read_through_the_bus_is_an_error(two_cards):
    xdl.use("cupy")
    message = "The device where the array resides (1) is different from the current device (0). Peer access ..."
    with pytest.raises(UserWarning, match="resides"):
        warnings.warn(message, stacklevel=1)


def test_each_card_has_a_flag_of_its_own_and_changing_reads_it(two_cards):
    xdl.use("cupy")
    xdl.nn.functional.cross_entropy(xdl.zeros(2, 3), xdl.tensor([0, 3]))
    with pytest.raises(xdl.errors.DataError, match="one outside"):
        xdl.use("cupy:1")
    assert xdl.use("cupy:1").home == 1
    assert np.isfinite(xdl.zeros(2).numpy()).all()


def test_one_card_costs_no_look_at_cards(stand_in):
    xdl.use("cupy")
    assert not backend.several_cards
