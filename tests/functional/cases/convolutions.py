"""Cases of convolution, transposed convolution and their layers."""

from tests.functional.cases.case import case, normal


def images():
    """conv2d over kernels, strides, paddings, dilations and groups."""
    conv = lambda F, x, w, b, **options: F.conv2d(x, w, b, **options)  # noqa: E731
    for label, x, w, options in (
        ("3x3", (2, 3, 5, 5), (2, 3, 3, 3), {}),
        ("1x1", (2, 3, 4, 4), (5, 3, 1, 1), {}),
        ("1x1 stride 2", (2, 3, 5, 4), (2, 3, 1, 1), {"stride": 2}),
        ("1x1 padded", (1, 2, 3, 3), (2, 2, 1, 1), {"padding": 1}),
        ("one pixel", (1, 1, 1, 1), (1, 1, 1, 1), {}),
        ("padding 1", (2, 2, 4, 4), (3, 2, 3, 3), {"padding": 1}),
        ("stride 2", (2, 2, 7, 7), (3, 2, 3, 3), {"stride": 2}),
        ("stride 2 with a rest", (1, 2, 6, 8), (3, 2, 3, 3), {"stride": 2}),
        ("stride beyond the kernel", (1, 2, 9, 8), (2, 2, 2, 2), {"stride": 3}),
        ("stride 2 padding 1", (2, 2, 6, 5), (2, 2, 3, 3), {"stride": 2, "padding": 1}),
        ("dilation 2", (1, 2, 7, 7), (2, 2, 3, 3), {"dilation": 2}),
        ("dilation 2 padding 2 stride 2", (1, 2, 6, 6), (2, 2, 3, 3), {"dilation": 2, "padding": 2, "stride": 2}),
        ("rectangular", (2, 2, 5, 7), (2, 2, 2, 3), {"stride": (1, 2), "padding": (0, 1), "dilation": (2, 1)}),
        ("row kernel", (1, 2, 3, 33), (1, 2, 1, 5), {"padding": (0, 2)}),
        ("groups 2", (2, 4, 4, 4), (6, 2, 3, 3), {"groups": 2, "padding": 1}),
        ("groups 2 1x1", (2, 4, 3, 3), (2, 2, 1, 1), {"groups": 2}),
        ("depthwise", (1, 3, 5, 5), (6, 1, 3, 3), {"groups": 3, "stride": 2, "padding": 1}),
        ("kernel of the image's size", (2, 2, 3, 4), (3, 2, 3, 4), {}),
        ("kernel beyond the image", (1, 1, 2, 2), (1, 1, 5, 5), {"padding": 2}),
        ("empty batch", (0, 2, 4, 4), (3, 2, 3, 3), {}),
    ):
        yield case(
            f"conv2d {label}", lambda F, x, w, b, o=options: conv(F, x, w, b, **o), normal(*x), normal(*w), normal(w[0])
        )
    yield case(
        "conv2d without bias",
        lambda F, x, w: F.conv2d(x, w, stride=2, padding=1),
        normal(1, 2, 5, 5),
        normal(2, 2, 3, 3),
    )
    yield case("conv2d with constant images", conv, normal(1, 2, 4, 4), normal(2, 2, 3, 3), normal(2), fixed=(0,))


NAMED = {
    "1": ((2, 4, 9), (6, 2, 3), {"stride": 2, "padding": 1, "groups": 2}),
    "1 dilated": ((1, 2, 9), (3, 2, 3), {"dilation": 3, "padding": 4}),
    "1 unbatched": ((2, 5), (3, 2, 2), {}),
    "1 same": ((1, 2, 6), (3, 2, 4), {"padding": "same", "dilation": 3}),
    "2 unbatched": ((2, 4, 5), (3, 2, 3, 2), {"stride": (2,), "padding": (1, 0)}),
    "2 same": ((1, 2, 5, 4), (2, 2, 3, 5), {"padding": "same"}),
    "2 same and even": ((2, 2, 4, 5), (2, 1, 2, 4), {"padding": "same", "dilation": (3, 1), "groups": 2}),
    "2 valid": ((1, 2, 5, 4), (2, 2, 3, 2), {"padding": "valid", "stride": 2}),
    "3": ((2, 2, 4, 5, 4), (2, 2, 3, 2, 3), {}),
    "3 all at once": (
        (1, 4, 6, 4, 5),
        (2, 2, 2, 3, 1),
        {"stride": (2, 1, 3), "padding": (1, 2, 0), "dilation": (3, 1, 2), "groups": 2},
    ),
    "3 depthwise same": ((1, 2, 3, 4, 3), (4, 1, 2, 3, 4), {"padding": "same", "groups": 2}),
    "3 unbatched": ((2, 3, 3, 3), (1, 2, 2, 2, 2), {"stride": 1}),
    "3 of no images": ((0, 2, 3, 3, 3), (1, 2, 2, 2, 2), {}),
}
TRANSPOSED = {
    "1": ((2, 4, 5), (4, 3, 3), {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}),
    "1 unbatched": ((2, 4), (2, 3, 2), {}),
    "2": ((2, 3, 4, 3), (3, 2, 3, 3), {}),
    "2 stride 2": ((1, 2, 3, 4), (2, 3, 3, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
    "2 dilated": ((1, 2, 3, 3), (2, 2, 3, 2), {"dilation": (2, 3), "stride": (3, 1), "padding": (0, 2)}),
    "2 groups": ((1, 4, 3, 3), (4, 3, 2, 2), {"groups": 2, "stride": 2}),
    "2 depthwise": ((1, 3, 3, 2), (3, 1, 4, 4), {"groups": 3, "stride": 2, "padding": 1}),
    "2 padded beyond a stride": ((1, 2, 3, 3), (2, 2, 2, 2), {"stride": (1, 2), "dilation": 3, "output_padding": 2}),
    "2 cut": ((1, 2, 5, 5), (2, 2, 3, 3), {"padding": 3}),
    "2 unbatched": ((2, 3, 3), (2, 3, 2, 2), {"stride": 3}),
    "2 of no images": ((0, 2, 3, 3), (2, 3, 2, 2), {"stride": 2}),
    "3": ((1, 2, 3, 2, 3), (2, 2, 2, 3, 2), {"stride": 2, "padding": 1, "output_padding": (1, 0, 1)}),
    "3 groups dilated": ((2, 2, 2, 2, 2), (2, 1, 2, 1, 2), {"groups": 2, "dilation": (2, 1, 3), "stride": (1, 2, 1)}),
}


def dimensions():
    """One to three dimensions, named paddings, no batch, and all of transposed convolution."""
    for prefix, table in (("conv", NAMED), ("conv_transpose", TRANSPOSED)):
        for label, (x, w, options) in table.items():
            name = f"{prefix}{label[0]}d"
            filters = w[0] if prefix == "conv" else w[1] * options.get("groups", 1)
            yield case(
                f"{name}{label[1:]} with bias",
                lambda F, x, w, b, n=name, o=options: getattr(F, n)(x, w, b, **o),
                *(normal(*x), normal(*w), normal(filters)),
            )
        x, w, _ = table["1 unbatched"]
        yield case(f"{prefix}1d", lambda F, x, w, n=f"{prefix}1d": getattr(F, n)(x, w), normal(*x), normal(*w))


def signals():
    """Classic convolution."""
    for mode in ("full", "same", "valid"):
        for n, k in ((7, 3), (4, 4), (3, 6), (5, 1), (6, 2)):
            yield case(
                f"convolve {mode} {n} and {k}",
                lambda F, x, w, m=mode: F.convolve(x, w, m),
                *(normal(n), normal(k)),
                torch=lambda F, x, w, m=mode: _by_conv1d(F, x, w, m),
            )


def _by_conv1d(F, x, w, mode):
    n, k = max(len(x), len(w)), min(len(x), len(w))
    full = F.conv1d(x[None, None], w.flip(0)[None, None], padding=len(w) - 1).flatten()
    start, size = {"full": (0, n + k - 1), "same": ((k - 1) // 2, n), "valid": (k - 1, n - k + 1)}[mode]
    return full[start : start + size]


LAYERS = {
    "Conv1d": ((2, 2, 7), {"stride": 2, "padding": 1}),
    "Conv1d reflect": ((2, 2, 5), {"padding": 2, "padding_mode": "reflect"}),
    "Conv2d replicate": ((1, 2, 4, 3), {"padding": (2, 1), "padding_mode": "replicate", "stride": (1, 2)}),
    "Conv2d circular same": ((1, 2, 4, 5), {"padding": "same", "padding_mode": "circular", "dilation": (1, 2)}),
    "Conv2d reflect valid": ((2, 4, 4), {"padding": "valid", "padding_mode": "reflect"}),
    "Conv2d same": ((1, 2, 4, 5), {"padding": "same", "bias": False}),
    "Conv3d": ((1, 2, 3, 3, 4), {"padding": 1, "stride": 2}),
    "Conv3d circular": ((1, 2, 3, 3, 2), {"padding": (1, 0, 1), "padding_mode": "circular"}),
    "ConvTranspose1d": ((2, 2, 4), {"stride": 2, "padding": 1, "output_padding": 1}),
    "ConvTranspose2d": ((1, 2, 3, 4), {"stride": 2, "groups": 2, "dilation": 2}),
    "ConvTranspose2d sized": ((1, 2, 3, 4), {"stride": 3, "bias": False}),
    "ConvTranspose3d": ((2, 2, 2, 2), {"stride": (2, 1, 1)}),
}


def layers():
    """Layers with the kernel (3, 2, 2), (3, 2) or 3, from two channels to four."""
    for id, (x, options) in LAYERS.items():
        name = id.split()[0]
        kernel = (3, 2, 2)[: int(name[-2])]
        outer, inner = (2, 4) if "Transpose" in name else (4, 2)
        if "groups" in options:
            inner //= 2
        sized = ((2, 4, 11, 12)[4 - len(x) :],) if "sized" in id else ()
        bias = () if "bias" in options else (normal(4),)

        def run(F, x, w, *b, n=name, k=kernel, o=options, s=sized):
            layer = getattr(F.nn, n)(2, 4, k, **o)
            state = {"weight": w} | ({"bias": b[0]} if b else {})
            return F.run(layer, x, *s, **state)

        yield case(id, run, normal(*x), normal(outer, inner, *kernel), *bias)


def cases():
    """All of this file."""
    for family in (images, dimensions, signals, layers):
        yield from family()
