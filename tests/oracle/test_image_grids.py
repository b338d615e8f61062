"""Convolution and pooling beside an installed PyTorch, over grids of sizes and settings (`pytest -m torch`).

Outputs, first and second gradients: within 1e-9 in float64 (1e-10 is what `assert_close` asks), 2e-5 in float32, of the
largest value. Settings that PyTorch refuses must be refused by xdl too.
"""

from itertools import product

import pytest

from tests.functional.cases.case import apart, case, normal
from tests.functional.namespaces import Torch, Xdl, hosts
from tests.oracle.compare import assert_all_close
from xdl.errors import XdlError

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]
SIZES = {1: (2, 4, 11), 2: (2, 4, 7, 6), 3: (1, 4, 5, 4, 6)}
KERNELS = {
    1: (1, 2, 3, 5),
    2: ((1, 1), (2, 3), (3, 3), (4, 1), (5, 5)),
    3: ((1, 1, 1), (2, 3, 1), (3, 3, 3), (1, 2, 4)),
}


@pytest.fixture(scope="module")
def torch_namespace():
    """PyTorch on one thread; a test that asks for it fails where it is not installed."""
    made = Torch()
    threads = made.torch.get_num_threads()
    made.torch.set_num_threads(1)
    yield made
    made.torch.set_num_threads(threads)


def compare(torch_namespace, made):
    """The number of settings compared, after comparing; those that PyTorch refuses have to be refused."""
    compared = 0
    for one in made:
        try:
            expected = hosts(torch_namespace, one)
        except (RuntimeError, ValueError):
            with pytest.raises(XdlError):
                hosts(Xdl(), one)
            continue
        for dtype in ("float64", "float32"):
            assert_all_close(hosts(Xdl(), one, dtype), expected, dtype, one)
        compared += 1
    return compared


def convolutions(dims, kernel):
    """conv: every stride, padding, dilation and number of groups with one kernel."""
    k = (kernel,) if dims == 1 else kernel
    for stride, padding, dilation, groups in product((1, 2, 3), (0, 1, 2, "same"), (1, 2, 3), (1, 2, 4)):
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        yield case(
            f"conv{dims}d {k} {options}",
            lambda F, x, w, b, o=options: getattr(F, f"conv{dims}d")(x, w, b, **o),
            *(normal(*SIZES[dims]), normal(8, 4 // groups, *k), normal(8)),
        )


def transposed(dims, kernel):
    """conv_transpose: every stride, padding, output padding, dilation and number of groups with one kernel."""
    k = (kernel,) if dims == 1 else kernel
    size = (*SIZES[dims][:2], *[n // 2 for n in SIZES[dims][2:]])
    for stride, padding, extra, dilation, groups in product((1, 2, 3), (0, 1, 2), (0, 1, 2), (1, 3), (1, 4)):
        options = {"stride": stride, "padding": padding, "output_padding": extra, "dilation": dilation}
        yield case(
            f"conv_transpose{dims}d {k} {options} {groups}",
            lambda F, x, w, b, o=options, g=groups: getattr(F, f"conv_transpose{dims}d")(x, w, b, **o, groups=g),
            *(normal(*size), normal(4, 4 // groups, *k), normal(4)),
        )


@pytest.mark.parametrize(("dims", "kernel"), [(dims, k) for dims, kernels in KERNELS.items() for k in kernels])
def test_convolution(dims, kernel, torch_namespace):
    assert compare(torch_namespace, convolutions(dims, kernel)) > 40


@pytest.mark.parametrize(("dims", "kernel"), [(dims, k) for dims, kernels in KERNELS.items() for k in kernels])
def test_transposed_convolution(dims, kernel, torch_namespace):
    assert compare(torch_namespace, transposed(dims, kernel)) > 60


LARGE = {
    "3x3": ((3, 32, 28, 28), (48, 32, 3, 3), {"padding": 1}),
    "3x3 of an odd size": ((2, 16, 35, 29), (24, 16, 3, 3), {}),
    "3x3 stride 2": ((2, 32, 29, 28), (32, 32, 3, 3), {"padding": 1, "stride": 2}),
    "3x3 of 128 channels": ((2, 128, 14, 14), (128, 128, 3, 3), {"padding": 1}),
    "5x5": ((2, 16, 32, 32), (32, 16, 5, 5), {"padding": 2}),
    "7x7 stride 2 of colours": ((2, 3, 64, 64), (16, 3, 7, 7), {"padding": 3, "stride": 2}),
    "11x11 stride 4": ((1, 3, 63, 63), (16, 3, 11, 11), {"padding": 2, "stride": 4}),
    "15x15": ((1, 4, 40, 40), (4, 4, 15, 15), {"padding": 7}),
    "1x1": ((4, 64, 14, 14), (96, 64, 1, 1), {}),
    "1x1 stride 2": ((3, 64, 15, 14), (32, 64, 1, 1), {"stride": 2}),
    "depthwise": ((2, 32, 28, 28), (32, 1, 3, 3), {"padding": 1, "groups": 32}),
    "groups": ((2, 32, 20, 20), (64, 8, 3, 3), {"padding": 1, "groups": 4}),
    "one channel": ((5, 1, 28, 28), (6, 1, 5, 5), {"padding": 2}),
}


@pytest.mark.parametrize("label", LARGE)
def test_layers_of_networks(label, torch_namespace):
    x, w, options = LARGE[label]
    large = case(label, lambda F, x, w, b: F.conv2d(x, w, b, **options), normal(*x), normal(*w), normal(w[0]))
    assert compare(torch_namespace, [large]) == 1


def pools(kind, dims):
    """All settings of pooling with small windows."""
    rest = product((True, False), (None, 5)[: 1 if dims == 1 else 2]) if kind == "avg" else product((1, 2), (None,))
    options = product((1, 2, 3), (None, 1, 4), (0, 1), (True, False), list(rest))
    for kernel, stride, padding, ceil_mode, (third, divisor) in options:
        given = {"kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": ceil_mode}
        if kind == "max":
            given |= {"dilation": third, "return_indices": True}
        else:
            given |= {"count_include_pad": third} | ({} if divisor is None else {"divisor_override": divisor})
        yield case(
            f"{kind}_pool{dims}d {given}",
            lambda F, x, o=given: getattr(F, f"{kind}_pool{dims}d")(x, **o),
            apart(*SIZES[dims]),
        )


@pytest.mark.parametrize("dims", SIZES)
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pooling(kind, dims, torch_namespace):
    assert compare(torch_namespace, pools(kind, dims)) > 50


@pytest.mark.parametrize("dims", SIZES)
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_adaptive_pooling(kind, dims, torch_namespace):
    name = f"adaptive_{kind}_pool{dims}d"
    options = {"return_indices": True} if kind == "max" else {}
    every = [
        case(f"{name} {m}", lambda F, x, m=m: getattr(F, name)(x, m, **options), apart(*SIZES[dims]))
        for m in product((1, 2, 3, 7), repeat=min(dims, 2))
        for m in [(*m, 2) if dims == 3 else m]
    ]
    assert compare(torch_namespace, every) == len(every)
