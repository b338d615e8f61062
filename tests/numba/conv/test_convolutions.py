"""Compiled convolutions beyond the shared cases: every tail, layouts, threads, nan and infinity, gradients."""

import numpy as np
import pytest

from tests.functional.kernels.conv_cases import GEOMETRIES, geometry
from tests.functional.kernels.kernel_checks import ALL, Results, compare, poisoned_memory, strided
from xdl import backend, kernel, kernel_options, threads
from xdl.creation import tensor
from xdl.functional.conv.conv import correlate, input_grad, output_size, weight_grad
from xdl.gradcheck import gradcheck, gradgradcheck

backend.load("numpy")

if not kernel_options.compiled_wanted():  # the modules below would register their versions for all tests
    pytest.skip("no compiled kernels", allow_module_level=True)

from xdl.kernels.common.convolutions import Case  # noqa: E402
from xdl.kernels.numba.conv import choice, conv2d, patches, plan, spread, winograd  # noqa: E402

SLOTS = {"forward": "conv2d", "input_grad": "conv2d_input_grad", "weight_grad": "conv2d_weight_grad"}
WAYS = [(product, name) for name, way in conv2d.MODULES.items() for product in way.LOOPS]
TAILS = [*range(1, 18), 31, 33, 65]
LAYOUTS = {
    "C order": np.ascontiguousarray,
    "channels last": lambda x: np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2),
    "images last": lambda x: np.ascontiguousarray(x.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2),
    "strided": strided,
}
ODD = {
    "far apart": ((2, 3, 5, 6), (4, 3, 2, 2), geometry((7, 3), (2, 1))),
    "further than the image": ((2, 3, 5, 6), (4, 3, 2, 2), geometry(10**6, (2, 1))),
    "one pixel, wide padding": ((2, 5, 1, 1), (3, 5, 3, 3), geometry(1, 4)),
    "taps that meet nothing": ((1, 2, 2, 2), (3, 2, 5, 5), geometry(4, 3, 3)),
    "a row": ((3, 6, 1, 40), (7, 6, 1, 5), geometry((1, 2), (0, 2))),
    "groups of one": ((2, 4, 6, 5), (8, 1, 3, 3), geometry(2, 1, 1, 4)),
    "filters longer than a strip": ((2, 50, 5, 4), (3, 50, 3, 3), geometry(1, 1)),
    "planes": ((2, 17, 6, 19), (17, 1, 3, 3), geometry(1, 1, 1, 17)),
    "planes by two": ((2, 40, 7, 33), (40, 1, 3, 3), geometry(2, (1, 2), 1, 40)),
    "planes of which the last columns are not read": ((1, 16, 20, 18), (16, 1, 2, 2), geometry((3, 4), 0, 1, 16)),
    "planes by 5x4, dilated": ((1, 24, 9, 35), (24, 1, 5, 4), geometry(1, (4, 1), (2, 3), 24)),
    "planes padded widely": ((3, 16, 2, 16), (16, 1, 3, 6), geometry((1, 2), (3, 9), 1, 16)),
}
SQUARES = {
    "3x3 padded by 4": ((2, 17, 1, 3), (33, 17, 3, 3), geometry(1, 4)),
    "5x5 padded by 1 and 7": ((2, 3, 9, 2), (20, 3, 5, 5), geometry(1, (1, 7))),
    "3x3, one pixel of output": ((3, 2, 3, 5), (16, 2, 3, 3), geometry()),
    "5x5, rows of 4 and of 5": ((1, 16, 12, 13), (16, 16, 5, 5), geometry(1, (0, 2))),
    "5x5, more tiles than a block has": ((3, 18, 21, 20), (7, 18, 5, 5), geometry(1, 2)),
    "3x3, strips of channels": ((2, 150, 5, 6), (200, 150, 3, 3), geometry(1, 1)),
}
MANY = {
    "many images": ((128, 3, 5, 4), (7, 3, 3, 2), geometry(1, (1, 0))),
    "many images, 13 filters": ((64, 5, 4, 6), (13, 5, 2, 3), geometry(1, (0, 2), (2, 1))),
    "many images of one channel": ((64, 1, 5, 5), (3, 1, 5, 5), geometry(1, 2)),
}


def fitted(name, shapes, dtype="float32"):
    """Shapes for a way: vectors of channels have one filter each, those of images steps of one and so many images.

    Tiles have filters of 3x3 or 5x5, and steps of one.
    """
    x, w, steps = shapes
    if name == "tiles":
        r = 5 - w[0] % 2 * 2
        return (*x[:2], max(x[2], r), max(x[3], r)), (*w[:2], r, r), geometry(1, steps.padding)
    if name == "taps":
        c, o = (-(-size // 16) * 16 for size in (x[1], w[0]))
        return (x[0], c, *x[2:]), (o, c, *w[2:]), steps
    if name == "channels":
        return x, (x[1], 1, *w[2:]), steps._replace(groups=x[1])
    if name != "images":
        return shapes
    padding = tuple(min(p, k - 1) for p, k in zip(steps.padding, w[2:], strict=True))
    return (64 if dtype == "float32" else 32, *x[1:]), w, steps._replace(stride=(1, 1), padding=padding)


def drawing(dtype, seed=0):
    random = np.random.default_rng(seed)
    return lambda *shape: random.standard_normal(shape).astype(dtype)


def arguments(product, draw, x, w, steps, arrange=lambda a: a):
    """Of a slot, for the shapes of x and w."""
    g = (x[0], w[0], *output_size(x[2:], w[2:], steps))
    made = {
        "forward": lambda: (arrange(draw(*x)), draw(*w), draw(w[0]), steps),
        "input_grad": lambda: (arrange(draw(*g)), draw(*w), x, steps),
        "weight_grad": lambda: (arrange(draw(*g)), arrange(draw(*x)), w, steps),
    }
    return made[product]()


def version_of(product, name):
    slot = kernel.slots[SLOTS[product]]
    return next(v for v in slot.versions["numpy"] if v.name == f"{slot.name}_{name}")


def check(product, name, args, dtype, what):
    slot, version = kernel.slots[SLOTS[product]], version_of(product, name)
    expected = Results(slot.reference, args, [], ALL)
    with poisoned_memory():
        found = Results(version, args, [], ALL, expected)
    compare(found, expected, dtype, f"{product} by {name}, {what}, {dtype}")
    return found


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("product", "name"), WAYS)
def test_every_geometry_that_a_way_can_also_where_it_does_not_pay(product, name, dtype):
    for label, shapes in (GEOMETRIES | ODD | SQUARES | MANY).items():
        if choice.RULES[name].can(Case(*shapes, np.dtype(dtype), product)):
            check(product, name, arguments(product, drawing(dtype), *shapes), dtype, label)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("product", "name"), WAYS)
def test_layouts_of_images_and_cotangents(product, name, layout):
    shapes = fitted(name, ((5, 6, 9, 8), (17, 6, 3, 4), geometry((2, 1), (1, 2))), "float64")
    args = arguments(product, drawing("float64"), *shapes, LAYOUTS[layout])
    check(product, name, args, "float64", layout)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("product", "name"), WAYS)
def test_every_tail_of_channels_filters_and_pixels(product, name, dtype):
    for k, c in enumerate(TAILS if name != "channels" else TAILS[1:]):
        o, side = TAILS[-k], 3 + k % 5
        shapes = fitted(name, ((1 + k % 3, c, side, side + 2), (o, c, 3, 2), geometry(1 + k % 2, k % 2)), dtype)
        check(product, name, arguments(product, drawing(dtype), *shapes), dtype, f"{c} channels to {o}")


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of a few pixels, and threads for all of them."""
    monkeypatch.setattr("xdl.kernels.numba.sharing.WORTH", 0)
    monkeypatch.setattr("xdl.kernels.numba.sharing.FORK", 0)
    for name, value in {"FEWEST": 1, "PIXELS": 9, "SOURCE": 200, "STRIP": 12}.items():
        monkeypatch.setattr(plan, name, value)
    monkeypatch.setattr(patches, "PIXELS", 9)
    monkeypatch.setattr(patches, "SUMS", 1 << 8)
    monkeypatch.setattr(spread, "PIXELS", 9)
    monkeypatch.setattr(winograd, "FEW", 5)
    monkeypatch.setattr(winograd, "ROOM", 0)
    monkeypatch.setattr(winograd, "STRIP", 16)
    monkeypatch.setattr(winograd, "FEWEST", 3)
    forget()
    yield
    forget()


def forget():
    for remembered in (plan.forward_plan, plan.input_plan, plan.weight_strips):
        remembered.cache_clear()


@pytest.mark.parametrize(("product", "name"), WAYS)
def test_no_bit_depends_on_the_number_of_threads(product, name, small_blocks):
    for given in (
        ((7, 5, 9, 8), (19, 5, 3, 3), geometry(2, 1)),
        ((1, 17, 13, 7), (3, 17, 1, 2), geometry()),
        ((2, 16, 6, 5), (8, 16, 3, 3), geometry(1, 2, 2)),
    ):
        shapes = fitted(name, given)
        bits = set()
        for count in (1, 2, 3, 7):
            threads.set_num_threads(count)
            args = arguments(product, drawing("float32"), *shapes)
            found = check(product, name, args, "float32", f"{count} threads")
            own = (*found.y, *(found.gradients or [])[2:])  # other gradients of a pair are other slots'
            bits.add(tuple(a.tobytes() for a in own))
        assert len(bits) == 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e-45])
@pytest.mark.parametrize(("product", "name"), WAYS)
def test_nan_and_infinity_come_out_where_the_reference_has_them(product, name, value, dtype):
    for places in range(2):  # x and w, g and w, or g and x: at a corner and in the middle
        for at in (0, 0.5):
            shapes = fitted(name, ((2, 5, 6, 7), (18, 5, 3, 3), geometry(2, 1)), dtype)
            args = arguments(product, drawing(dtype), *shapes)
            part = args[places].reshape(-1)
            part[int(at * part.size)] = value
            slot, version = kernel.slots[SLOTS[product]], version_of(product, name)
            with np.errstate(all="ignore"):
                y, expected = version.forward(*args)[0], slot.reference.forward(*args)[0]
            if name == "tiles":  # all of a tile is lost, which has no infinity left either
                assert np.isfinite(y).any()
                assert not np.isfinite(y[~np.isfinite(expected)]).any()
                y, expected = y[np.isfinite(y)], expected[np.isfinite(y)]
            if name == "taps":  # what lies outside of the images meets nothing
                assert np.isfinite(y).all() == np.isfinite(expected).all()
                met = np.isfinite(expected) | ~np.isfinite(y)
                y, expected = y[met], expected[met]
            inside = np.isfinite(expected) if product == "input_grad" and places == 1 else None
            # dx: zeros around g meet filters, too, as in NumPy's own ways
            assert inside is None or np.isfinite(y[inside]).mean() > 0.5
            keep = slice(None) if inside is None else ~inside | np.isfinite(y)
            bound = 1e-4 if dtype == "float32" else 1e-11
            what = f"{product} by {name}: {value} at {at} of {places}"
            np.testing.assert_allclose(y[keep], expected[keep], rtol=bound, atol=bound, equal_nan=True, err_msg=what)


def versions(x, w, steps):
    """The names of the versions that run for a convolution of float64 and its gradients."""
    every = [(SLOTS[p], arguments(p, drawing("float64"), x, w, steps)) for p in SLOTS]
    return [kernel.slots[name](*args)[0].name for name, args in every]


@pytest.mark.parametrize("stride", [1, 2])
def test_gradients_of_both_orders(stride):
    x, w, steps = (1, 8, 3, 3), (2, 8, 3, 2), geometry(stride, 1)
    assert all(name.endswith(("patches", "spread")) for name in versions((9, *x[1:]), w, steps))
    given = [tensor(a, requires_grad=True) for a in arguments("forward", drawing("float64", 3), x, w, steps)[:3]]
    g = tensor(drawing("float64", 4)(1, 2, *output_size(x[2:], w[2:], steps)), requires_grad=True)
    for function, inputs in (
        (lambda x, w, b: correlate(x, w, b, steps), given),
        (lambda g, w: input_grad(g, w, x, steps), [g, given[1]]),
        (lambda g, x: weight_grad(g, x, w, steps), [g, given[0]]),
    ):
        gradcheck(function, inputs)
        gradgradcheck(function, inputs)


@pytest.mark.parametrize("mistake", ["a run", "an offset", "a place", "a strip", "a row"])
def test_a_wrong_table_is_found(mistake):
    product = {"a strip": "weight_grad", "a row": "weight_grad", "a place": "input_grad"}.get(mistake, "forward")
    shapes = (4, 8, 6, 6), (8, 8, 3, 3), geometry(2, 1)
    args = arguments(product, drawing("float64"), *shapes)
    check(product, "patches", args, "float64", "right")
    strips = plan.weight_strips(*shapes)
    given = {
        "a run": lambda: (plan.forward_plan(*shapes).runs, (1, 0), 1),
        "an offset": lambda: (plan.forward_plan(*shapes).offsets, 5, 8),
        "a place": lambda: (plan.input_plan(args[0].shape, *shapes[1::-1], shapes[2]).places, 5, 8),
        "a strip": lambda: (strips.strips, (1, 0), 4),
        "a row": lambda: (strips.rows, 7, 1),
    }
    table, place, change = given[mistake]()
    table[place] += change
    try:
        with pytest.raises(AssertionError):
            check(product, "patches", args, "float64", mistake)
    finally:
        forget()
