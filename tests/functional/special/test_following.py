"""A kernel for a layer and its activation leaves out no version that a user registered for either."""

import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from xdl import backend, kernel, nn

PAIRS = {
    "linear": (nn.Linear(4, 3), (2, 4)),
    "conv2d": (nn.Conv2d(1, 3, 2), (2, 1, 3, 3)),
}


@pytest.fixture
def registered():
    """Registers the reference of a slot as a user's version, which notes that it ran: name -> the slots that ran."""
    ran, slots = [], []

    def register(name):
        slot = kernel.slots[name]

        class Noted:
            @staticmethod
            def forward(*args):
                ran.append(name)
                return slot.reference.forward(*args)

            backward = staticmethod(slot.reference.backward)

        slot.register("cuda-on-host")(Noted)
        slots.append(slot)
        return ran

    yield register
    for slot in slots:
        slot.versions["cuda-on-host"][:] = [v for v in slot.versions["cuda-on-host"] if v.name != "Noted"]
        slot.forget()


@needs_compiler
@pytest.mark.parametrize("changed", [[], [0], [1], [0, 1]], ids=str)
@pytest.mark.parametrize("layer", PAIRS)
def test_versions_of_users_run(layer, changed, registered):
    backend.use("cuda-on-host")
    module, shape = PAIRS[layer]
    model, names = nn.Sequential(module, nn.ReLU()).to("cuda-on-host"), [layer, "relu"]
    x = xdl.randn(*shape)
    plain, ran = model(x).tolist(), []
    for i in changed:
        ran = registered(names[i])
    y = model(x)
    y.sum().backward()
    assert y.tolist() == plain
    assert ran == [names[i] for i in changed]


def test_a_gradient_of_a_gradient_makes_no_product_again(monkeypatch):
    calls, linear = [], kernel.slots["linear"]
    monkeypatch.setattr(type(linear), "__call__", noting(type(linear).__call__, linear, calls))
    x = xdl.randn(2, 4, requires_grad=True)
    y = nn.Sequential(nn.Linear(4, 3), nn.LeakyReLU(0.2))(x)
    before = len(calls)
    (g,) = xdl.grad(y.sum(), [x], create_graph=True)
    g.square().sum().backward()
    assert len(calls) == before > 0


def noting(call, slot, calls):
    """The call of slots, which notes those of one slot."""

    def noted(self, *args):
        if self is slot:
            calls.append(1)
        return call(self, *args)

    return noted
