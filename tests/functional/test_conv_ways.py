"""Every way of convolution on NumPy by itself: against the reference wherever it can; settings; error bounds."""

import numpy as np
import pytest

import xdl
from tests.functional.kernels.conv_cases import GEOMETRIES
from xdl import backend, functional, kernel, nn
from xdl.errors import SettingError
from xdl.functional.conv import conv

backend.load("numpy")
from xdl.kernels.numpy.conv import choice as conv_choice_numpy  # noqa: E402
from xdl.kernels.numpy.conv import conv2d as conv2d_numpy  # noqa: E402
from xdl.kernels.numpy.conv import im2col as im2col_numpy  # noqa: E402

WAYS = [name for name in conv_choice_numpy.RULES if name != "im2col"]
LAYOUTS = {
    "C order": lambda x: x,
    "channels last": lambda x: np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2),
    "CHWN": lambda x: np.ascontiguousarray(x.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2),
}
SIZES = {
    f"{k}x{k} on {size}, padding {padding}": (
        (2, 3, *size),
        (4, 3, k, k),
        conv.Geometry((1, 1), (padding,) * 2, (1, 1), 1),
    )
    for k in (3, 5)
    for size in ((5, 5), (7, 31), (32, 33), (6, 9))
    for padding in (0, 1, 2)
}


@pytest.fixture(autouse=True)
def automatic():
    yield
    kernel.set_convolution("auto")


@pytest.mark.parametrize("tiny", [False, True], ids=["", "jobs of single rows"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("way", WAYS)
def test_way_against_reference_wherever_it_can(way, layout, tiny, monkeypatch):
    for name in ("BLOCK", "CHUNK", "FEW") if tiny else ():
        monkeypatch.setattr(conv2d_numpy.MODULES[way], name, 1, raising=False)
    module, rng, ran = conv2d_numpy.MODULES[way], np.random.default_rng(0), 0
    for label, (x_shape, w_shape, geometry) in (GEOMETRIES | SIZES).items():
        case = conv_choice_numpy.Case(x_shape, w_shape, geometry, np.dtype("f4"), "forward")
        if 0 in x_shape or not conv_choice_numpy.RULES[way].can(case):
            continue
        ran += 1
        x, w, b = (rng.standard_normal(s).astype("f4") for s in (x_shape, w_shape, w_shape[0]))
        y, _ = conv.Conv2dPair.forward(*(a.astype("f8") for a in (x, w, b)), geometry)
        g = rng.standard_normal(y.shape).astype("f4")
        dx, _ = conv.Conv2dInputGradReference.forward(g.astype("f8"), w.astype("f8"), x_shape, geometry)
        dw, _ = conv.Conv2dWeightGradReference.forward(g.astype("f8"), x.astype("f8"), w_shape, geometry)
        x, g = LAYOUTS[layout](x), LAYOUTS[layout](g)
        for found, expected in (
            (module.forward(x, w, b, geometry), y),
            (module.input_grad(g, w, x_shape, geometry), dx),
            (module.weight_grad(g, x, w_shape, geometry), dw),
        ):
            assert found.shape == expected.shape, label
            assert found.dtype == np.float32, label
            assert np.max(np.abs(found - expected)) <= 5e-5 * np.max(np.abs(expected)), label
    assert ran >= 3


@pytest.mark.parametrize("channels", [16, 64, 256])
def test_winograd_error_is_below_1e_4(channels):
    rng = np.random.default_rng(1)
    x, w = (rng.standard_normal(s).astype("f4") for s in ((4, channels, 12, 12), (32, channels, 3, 3)))
    geometry = conv.Geometry((1, 1), (1, 1), (1, 1), 1)
    y = conv2d_numpy.MODULES["winograd"].forward(x, w, None, geometry)
    expected, _ = im2col_numpy.Chwn.forward(x.astype("f8"), w.astype("f8"), None, geometry)
    assert np.max(np.abs(y - expected)) < 1e-4 * np.max(np.abs(expected))


def test_winograd_gives_the_same_bits_whatever_it_did_before():
    """Threads keep the memory of a job and its steps from call to call: more shapes than they keep, small and large."""
    winograd, rng = conv2d_numpy.MODULES["winograd"], np.random.default_rng(5)
    geometry = conv.Geometry((1, 1), (1, 1), (1, 1), 1)
    shapes = [(n, c, h, h + 1) for n, c, h in ((1, 2, 5), (3, 16, 9), (70, 16, 32), (2, 130, 12))]
    shapes += [(2, 3, h, 6) for h in range(4, 14)]

    def outcomes(shape):
        _, c, _, w = shape
        x, filters = np.ones(shape, "f4") * np.arange(w, dtype="f4"), filters_of[c]
        y = winograd.forward(x, filters, None, geometry)
        dx = winograd.input_grad(y, filters, shape, geometry)
        return [a.tobytes() for a in (y, dx, winograd.weight_grad(y, x, filters.shape, geometry))]

    filters_of = {c: rng.standard_normal((20, c, 3, 3)).astype("f4") for _, c, _, _ in shapes}
    first = {shape: outcomes(shape) for shape in shapes}
    for shape in (*shapes, *reversed(shapes)):
        assert outcomes(shape) == first[shape], shape


def gradients(way, dtype):
    """The loss and all gradients of a net of 3x3 and 5x5 convolutions with smooth activations."""
    kernel.set_convolution(way)
    xdl.manual_seed(3)
    layers = [nn.Conv2d(3, 16, 3, padding=1), nn.Tanh(), nn.Conv2d(16, 24, 3, padding=1), nn.BatchNorm2d(24), nn.GELU()]
    layers += [nn.AvgPool2d(2), nn.Conv2d(24, 32, 5, padding=2), nn.Tanh(), nn.Conv2d(32, 32, 3), nn.Softplus()]
    net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * 6 * 6, 10)).to(dtype)
    images, labels = xdl.randn(6, 3, 16, 16).to(dtype), xdl.randint(0, 10, (6,))
    loss = functional.cross_entropy(net(images), labels)
    loss.backward()
    return [loss.numpy(), *(p.grad.numpy() for p in net.parameters())]


@pytest.mark.parametrize("way", ["auto", "winograd", "fft"])
def test_gradients_of_a_smooth_net_agree_to_1e_4_throughout(way):
    exact = gradients("gemm", "float64")
    largest = max(np.max(np.abs(g)) for g in exact[1:])
    for found, expected in zip(gradients(way, "float32"), exact, strict=True):
        # a bias before batch norm has no gradient but rounding: it is measured against the largest of all
        assert np.max(np.abs(found - expected)) <= 1e-4 * max(np.max(np.abs(expected)), 1e-3 * largest)


def ran(way, x, w, **settings):
    kernel.set_convolution(way)
    lines = functional.conv2d.explain(x, w, **settings).splitlines()
    return [line.split()[1].removeprefix(line.split(":")[0] + "_") for line in lines if line.split()[2] == "runs"]


def test_explain_names_the_way_and_its_reason():
    x, w = xdl.zeros(4, 16, 8, 8), xdl.zeros(16, 16, 3, 3)
    assert ran("auto", x, w, padding=1) == ["winograd"] * 3
    assert "fewer multiplications" in functional.conv2d.explain(x, w, padding=1)
    assert ran("auto", x, w, stride=2) == ["im2col_last"] * 3
    wide = xdl.zeros(16, 32, 16, 16), xdl.zeros(32, 32, 4, 4)
    assert ran("auto", *wide, stride=2, padding=1) == ["winograd_strided"] * 3
    assert ran("gemm", *wide, stride=2, padding=1) == ["im2col_last"] * 3
    assert ran("auto", x, xdl.zeros(8, 16, 1, 1)) == ["pointwise"] * 3
    assert ran("auto", x, xdl.zeros(16, 1, 3, 3), groups=16) == ["depthwise"] * 3
    assert ran("auto", x, xdl.zeros(16, 16, 7, 7), padding=3) == ["fft"] * 3
    assert ran("auto", xdl.zeros(1, 3, 8, 8), xdl.zeros(6, 3, 3, 3)) == ["im2col"] * 3
    assert ran("auto", xdl.zeros(1, 3, 18, 18), xdl.zeros(16, 3, 3, 3)) == ["im2col_rows"] * 3


def test_few_channels_and_many_images_give_chwn_memory():
    features = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 2), nn.Tanh())
    for images, last in ((15, False), (16, True)):
        y = features(xdl.randn(images, 1, 10, 10))
        assert y.array.transpose(1, 2, 3, 0).flags.c_contiguous is last
        assert y.flatten(1).array.flags.f_contiguous is last


def test_the_setting_chooses_where_it_can():
    x, w = xdl.zeros(4, 16, 8, 8), xdl.zeros(16, 16, 3, 3)
    assert ran("gemm", x, w, padding=1) == ["im2col_last"] * 3
    assert ran("fft", x, w, padding=1) == ["fft"] * 3
    assert ran("winograd", xdl.zeros(1, 2, 8, 8), xdl.zeros(2, 2, 3, 3)) == ["winograd"] * 3
    assert ran("winograd", x, w, stride=2) == ["im2col_last"] * 3
    assert ran("winograd", x, xdl.zeros(2, 16, 5, 5), stride=2) == ["winograd_strided"] * 3
    assert ran("winograd", x.to("float64"), w.to("float64")) == ["im2col_last"] * 3
    with pytest.raises(SettingError, match="winograd"):
        kernel.set_convolution("winogrd")
