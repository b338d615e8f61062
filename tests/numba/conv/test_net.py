"""Which order of memory the convolutions of a net take: for the net, by what they cost."""

from itertools import pairwise

import numpy as np
import pytest

import xdl
from xdl import kernel_options, nn, train
from xdl.functional.conv import orders
from xdl.functional.conv.conv import Geometry
from xdl.functional.conv.orders import CHANNELS_LAST, IMAGES_LAST, Layer

if not kernel_options.compiled_wanted():
    pytest.skip("no compiled kernels", allow_module_level=True)

from xdl.kernels.numba.conv import choice, costs, net


def chain(n, channels, size, *layers, dtype="float32"):
    """The layers (filters, kernel, stride) of a net, with padding that keeps the size but for strides."""
    found = []
    for filters, kernel, stride in layers:
        geometry = Geometry((stride, stride), (kernel // 2, kernel // 2), (1, 1), 1)
        x, w = (n, channels, size, size), (filters, channels, kernel, kernel)
        found.append(Layer(x, w, geometry, np.dtype(dtype), not found))
        channels, size = filters, (size - 1) // stride + 1
    return found


def letters(layers):
    return "".join({CHANNELS_LAST: "C", IMAGES_LAST: "I"}[order.name] for order in net.plan(layers))


def test_nets():
    lenet = chain(64, 1, 28, (6, 5, 1)) + chain(64, 6, 14, (16, 5, 1))
    assert letters(lenet) == "II"
    assert letters(chain(64, 3, 32, (64, 3, 1), (64, 3, 1), (128, 3, 1))) == "CCC"
    assert letters(chain(64, 3, 32, (16, 3, 1), *[(16, 3, 1)] * 6, (32, 3, 2), *[(32, 3, 1)] * 5)) == "C" * 13
    assert letters(chain(32, 1, 28, (32, 5, 1), (64, 5, 1))) == "CC"
    assert letters(chain(64, 3, 28, (12, 3, 1), (12, 3, 1), (8, 3, 1), (16, 1, 1))) == "IIII"
    assert letters(chain(64, 1, 28, (6, 3, 1), (6, 3, 2), (6, 3, 1))) == "III"  # a stride among them does not part them
    assert letters(chain(63, 1, 28, (6, 3, 1), (6, 3, 1))) == "CC"


def test_it_is_the_cheapest_way_through_the_net():
    random = np.random.default_rng(0)
    for _ in range(60):
        sizes = [(int(random.choice([4, 8, 16, 32, 64])), int(random.choice([1, 3, 5])), 1) for _ in range(5)]
        layers = chain(int(random.choice([64, 128])), int(random.choice([1, 3])), 16, *sizes)
        both = [net._costs(layer) for layer in layers]

        def total(path, layers=layers, both=both):
            turns = [a != b for a, b in pairwise(path)]
            sizes = [2 * net.TURN * np.prod(layer.x) for layer in layers[1:]]
            own = sum(cost.of[order] for cost, order in zip(both, path, strict=True))
            return own + sum(size for size, turn in zip(sizes, turns, strict=True) if turn)

        paths = [[orders.ORDERS[i >> k & 1] for k in range(5)] for i in range(32)]
        assert total([order.name for order in net.plan(layers)]) == pytest.approx(min(map(total, paths)))


def test_a_layer_alone_would_choose_wrongly():
    """The first layer of VGG takes less time with its images last, and all others then lose more."""
    layers = chain(64, 3, 32, (64, 3, 1), (64, 3, 1))
    assert letters(layers[:1]) == "I"
    assert letters(layers) == "CC"
    assert net.plan(layers)[0].why.endswith("; for the net, not for the layer alone")
    assert "not for the layer" not in net.plan(layers)[1].why


def test_reasons():
    first, second = net.plan(chain(64, 1, 28, (6, 5, 1), (6, 5, 2)))
    assert first.why == "1.75 ms with channels last (columns), 0.36 with images last (images)"
    assert "with images last (im2col); for the net, not for the layer alone" in second.why
    grouped = chain(64, 8, 28, (8, 3, 1))[0]
    grouped = grouped._replace(geometry=grouped.geometry._replace(groups=2), w=(8, 4, 3, 3))
    assert net.plan([grouped])[0].name == CHANNELS_LAST
    assert net.plan([grouped])[0].why.startswith("its images cannot be last: that takes one group")


def test_every_way_has_a_cost():
    for name in ("images", "im2col", "tiles", "spread", "patches", "pointwise", "columns"):
        assert len(costs.LINES[name]) == len(costs.PRODUCTS)
    assert set(costs.WORK) <= set(costs.LINES)


def model(dtype="float32"):
    xdl.manual_seed(0)
    layers = [nn.Conv2d(1, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [
        nn.Conv2d(6, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 12, 3, bias=False),
        nn.BatchNorm2d(12),
        nn.ReLU(),
    ]
    layers += [nn.Conv2d(12, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, 2, 1)]
    layers += [nn.ReLU(), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(64, 3)).to(getattr(xdl, dtype))


def batch(dtype="float32", n=64):
    rng = np.random.default_rng(1)
    return xdl.tensor(rng.standard_normal((n, 1, 16, 16)).astype(dtype)), xdl.tensor(rng.integers(0, 3, n))


def gradients(m, x, labels):
    for p in m.parameters():
        p.grad = None
    loss = nn.CrossEntropyLoss()(m(x), labels)
    loss.backward()
    return [loss.numpy(), *[p.grad.numpy() for p in m.parameters()]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_and_gradients_are_those_of_the_references(dtype):
    m, (x, labels) = model(dtype), batch(dtype)
    first = gradients(m, x, labels)
    found = gradients(m, x, labels)
    names = [line.split(": ")[1].split(",")[0] for line in nn.utils.explain_orders(m).splitlines()]
    assert {CHANNELS_LAST, IMAGES_LAST} == set(names)  # the way through the net turns on it
    xdl.kernel.set_mode("reference")
    try:
        expected = gradients(m, x, labels)
    finally:
        xdl.kernel.set_mode("auto")
    for passes in (first, found):
        for a, b in zip(passes, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=(2e-4 if dtype == "float32" else 1e-12) * np.abs(b).max())


def test_what_is_chosen_runs():
    m, (x, labels) = model(), batch()
    for _ in range(2):
        gradients(m, x, labels)
    assert m[0](x).array.transpose(1, 2, 3, 0).flags.c_contiguous
    for name, order in (("conv2d_patches", CHANNELS_LAST), ("conv2d_images", IMAGES_LAST)):
        geometry = Geometry((1, 1), (1, 1), (1, 1), 1, order)
        arrays = xdl.zeros(64, 16, 8, 8).array, xdl.zeros(12, 16, 3, 3).array, None
        assert xdl.kernel.slots["conv2d"](*arrays, geometry)[0].name == name


def test_another_training_in_the_process_has_the_same_bits():
    def trained():
        m = model()
        optimizer = xdl.optim.SGD(m.parameters(), 0.1)
        for n in (64, 64, 40, 64):
            gradients(m, *batch(n=n))
            optimizer.step()
        return [p.numpy() for p in m.parameters()]

    for a, b in zip(trained(), trained(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("capture", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_resume_repeats_the_choice_with_an_evaluation_first(steps, capture, tmp_path):
    def trainer():
        m = model()
        loss = nn.CrossEntropyLoss()
        return train.Trainer(m, loss, xdl.optim.SGD(m.parameters(), 0.1), capture=capture)

    whole, first, second = trainer(), trainer(), trainer()
    batches = [batch()]
    whole.fit(batches, epochs=5)
    first.fit(batches, epochs=steps)
    train.save_state(tmp_path / "state.safetensors", first.state_dict())
    second.load_state_dict(train.load_state(tmp_path / "state.safetensors"))
    second.evaluate(batches)
    assert nn.utils.explain_orders(second.model) == nn.utils.explain_orders(first.model) != ""
    second.fit(batches, epochs=5)
    for a, b in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_settings_that_leave_winograd_out_change_the_costs(monkeypatch):
    layer = chain(64, 64, 16, (64, 3, 1))[0]
    assert "(tiles)" in net.plan([layer])[0].why
    monkeypatch.setattr(kernel_options, "_convolution", "gemm")
    assert "(patches)" in net.plan([layer])[0].why
    assert choice.channels_last_way(net._cases(layer)[0]) == "patches"


def test_where_numpy_computes_nothing_is_chosen(monkeypatch):
    monkeypatch.setattr("xdl.kernels.numba.choice._decided", [False])
    xdl.kernel.set_mode("auto")  # forget what ran before
    m, (x, labels) = model(), batch()
    for _ in range(3):
        gradients(m, x, labels)
    assert nn.utils.explain_orders(m) == ""
    monkeypatch.undo()
    xdl.kernel.set_mode("auto")
    for _ in range(2):
        gradients(m, x, labels)
    assert nn.utils.explain_orders(m) != ""
