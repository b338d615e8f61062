"""Several cards, played by the stand-in for CuPy: which one computes, in every thread, and what others' arrays meet."""

import warnings
from threading import Thread

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.stand_in_cupy.install import installed
from tests.stand_in_cupy.machine import Machine
from xdl import backend
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


@pytest.mark.parametrize("name", ["cupy:", "cupy:x", "cupy:-1", "numpy:1", "cuda-on-host:1"])
def test_what_is_no_number_of_a_card_is_refused(stand_in, name):
    with pytest.raises(BackendError, match=r"backend: expected a number after"):
        xdl.use(name)


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


def test_a_kernel_refuses_an_array_of_another_card_with_both(two_cards):
    xdl.use("cupy")
    x = xdl.tensor([[1.0, 2.0]]).to("cuda:1")
    with pytest.raises(BackendError, match=r"argument x .*found one of cuda:1 \(kernels run on cuda:0: move it"):
        xdl.nn.functional.softmax(x, 1)


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
