"""Cases of what reads images at places, bags of embeddings, and layers with random numbers or slopes."""

# ruff: noqa: E731
import numpy as np

from tests.functional.cases.case import apart, case, integers, normal, positive

SIZES = {2: (4, 5), 3: (3, 4, 2)}
PLACES = {2: (3, 4), 3: (2, 3, 2)}
PADDINGS = ("zeros", "border", "reflection")


def within(bound, *shape):
    """Numbers between -bound and bound."""
    return lambda random: random.uniform(-bound, bound, shape)


def grids():
    """grid_sample in all modes, in the image and far beyond it; affine_grid."""
    for mode, dims in (("bilinear", 2), ("bilinear", 3), ("nearest", 2), ("nearest", 3), ("bicubic", 2)):
        for padding in PADDINGS:
            for corners in (True, False):
                call = lambda F, x, g, m=mode, p=padding, c=corners: F.grid_sample(x, g, m, p, c)
                label = f"grid_sample {mode} {dims}-d {padding} {'corners' if corners else 'edges'}"
                images, places = normal(2, 2, *SIZES[dims]), within(2.5, 2, *PLACES[dims], dims)
                yield case(label, call, images, places, second="skipped")
    plain = lambda F, x, g: F.grid_sample(x, g)
    yield case("grid_sample of a row", plain, normal(1, 2, 1, 4), within(1, 1, 2, 2, 2), second="skipped")
    yield case("grid_sample empty", plain, normal(1, 2, 3, 4), within(1, 1, 0, 2, 2), second="skipped")
    for corners in (True, False):
        flat = lambda F, t, c=corners: F.affine_grid(t, (2, 1, 3, 4), c)
        yield case(f"affine_grid {corners}", flat, normal(2, 2, 3))
        yield case(f"affine_grid {corners} of one row", lambda F, t, c=corners: F.affine_grid(t, [1, 2, 1, 3], c),
                   normal(1, 2, 3))  # fmt: skip
        yield case(f"affine_grid {corners} 3-d", lambda F, t, c=corners: F.affine_grid(t, (2, 1, 2, 3, 4), c),
                   normal(2, 3, 4))  # fmt: skip
    pixels = np.stack(np.meshgrid([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0, 3.0, -2.0]), -1)[None]
    for padding in PADDINGS:
        call = lambda F, x, g, p=padding: F.grid_sample(x, g, "bilinear", p, True)
        yield case(f"grid_sample {padding} of pixels", call, normal(1, 1, 3, 3), pixels, smooth=False, second="skipped")


def bags():
    """embedding_bag by rows and by offsets, and its layer."""
    for mode in ("sum", "mean", "max"):
        for padding in (None, 2, -1):
            options = {"mode": mode, "padding_idx": padding}
            label = f"embedding_bag {mode} without {padding}"
            rows = lambda F, i, w, o=options: F.embedding_bag(i, w, **o)
            yield case(label, rows, integers(5, 3, 4), normal(5, 2), second="skipped")
            starts = lambda F, i, w, s, o=options: F.embedding_bag(i, w, s, **o)
            yield case(f"{label} by offsets", starts, integers(5, 8), normal(5, 2), np.array([0, 0, 3, 6, 8]),
                       second="skipped", dynamic=mode == "max")  # fmt: skip
        nothing = lambda F, i, w, s, m=mode: F.embedding_bag(i, w, s, mode=m)
        yield case(f"embedding_bag {mode} of nothing", nothing, integers(5, 0), normal(5, 2), np.array([0, 0, 0]),
                   second="skipped", dynamic=mode == "max")  # fmt: skip
        if mode != "max":
            scaled = lambda F, i, w, m=mode: F.embedding_bag(i, w, mode=m, scale_grad_by_freq=True, padding_idx=1)
            yield case(f"embedding_bag {mode} by frequency", scaled, integers(3, 3, 4), normal(5, 2), smooth=False,
                       second="skipped", oracle=False)  # fmt: skip
    weighted = lambda F, i, w, a, s: F.embedding_bag(
        i, w, s, mode="sum", per_sample_weights=a, include_last_offset=True, padding_idx=0
    )
    yield case("embedding_bag weighted", weighted, integers(5, 7), normal(5, 2), normal(7), np.array([0, 2, 7]),
               second="skipped")  # fmt: skip
    layer = lambda F, i, w, s: F.run(F.nn.EmbeddingBag(5, 2, mode="sum", padding_idx=-1), i, s, weight=w)
    yield case("EmbeddingBag", layer, integers(5, 6), normal(5, 2), np.array([0, 4]), second="skipped")
    yield case("EmbeddingBag of rows", lambda F, i, w: F.run(F.nn.EmbeddingBag(5, 2), i, weight=w), integers(5, 2, 3),
               normal(5, 2), second="skipped")  # fmt: skip


def random_ones():
    """gumbel_softmax and rrelu, and their layers."""
    soft = lambda F, x, **o: F.seeded().gumbel_softmax(x, 0.7, **o)
    yield case("gumbel_softmax", soft, normal(3, 4), oracle=False)
    yield case("gumbel_softmax over 0", lambda F, x: soft(F, x, dim=0), normal(3, 4), oracle=False)
    yield case("gumbel_softmax hard", lambda F, x: soft(F, x, hard=True), normal(3, 4), oracle=False, smooth=False)
    yield case("rrelu", lambda F, x: F.rrelu(x), apart(3, 4))
    yield case("rrelu of one slope", lambda F, x: F.rrelu(x, 0.2, 0.2, training=True), apart(3, 4))
    yield case("rrelu training", lambda F, x: F.seeded().rrelu(x, 0.1, 0.9, True), apart(3, 4), oracle=False)
    yield case("RReLU", lambda F, x: F.nn.RReLU(0.1, 0.3).eval()(x), apart(3, 4))
    yield case("RReLU training", lambda F, x: F.run(F.seeded().nn.RReLU(), x), apart(3, 4), oracle=False)


def small():
    """rms_norm, channel_shuffle, lp_pool3d, upsampling layers, Softmax2d."""
    for shape, last in (((4, 3), (3,)), ((2, 3, 4), (3, 4)), ((5,), (5,)), ((0, 3), (3,)), ((3, 1), (1,))):
        label = f"rms_norm {shape} over {last}"
        yield case(label, lambda F, x, w, s=last: F.rms_norm(x, s, w, 1e-3), normal(*shape), positive(*last))
        yield case(f"{label} plain", lambda F, x, s=last: F.rms_norm(x, s, eps=1e-3), normal(*shape))
    yield case("rms_norm by default", lambda F, x: F.rms_norm(x, (4,)), normal(3, 4))
    yield case("RMSNorm", lambda F, x, w: F.run(F.nn.RMSNorm((3, 4)), x, weight=w), normal(2, 3, 4), positive(3, 4))
    yield case("RMSNorm plain", lambda F, x: F.nn.RMSNorm(4, 0.1, False)(x), normal(2, 3, 4))
    yield case("channel_shuffle", lambda F, x: F.channel_shuffle(x, 3) * 2, normal(2, 6, 2, 3))
    yield case("ChannelShuffle", lambda F, x: F.nn.ChannelShuffle(2)(x) * 2, normal(1, 4, 3))
    pool = lambda F, x: F.lp_pool3d(x, 3, 2, 1, True)
    yield case("lp_pool3d", pool, positive(1, 2, 3, 4, 3))
    yield case("LPPool3d", lambda F, x: F.nn.LPPool3d(2, (1, 2, 2))(x), positive(1, 2, 3, 4, 3))
    yield case("UpsamplingNearest2d", lambda F, x: F.nn.UpsamplingNearest2d(scale_factor=2)(x) * 2, normal(1, 2, 2, 3))
    yield case("UpsamplingBilinear2d", lambda F, x: F.nn.UpsamplingBilinear2d((3, 5))(x) * 2, normal(1, 2, 2, 3))
    yield case("Softmax2d", lambda F, x: F.nn.Softmax2d()(x), normal(2, 3, 2, 2))
    yield case("Softmax2d of one", lambda F, x: F.nn.Softmax2d()(x), normal(3, 2, 2))


def cases():
    """All of this file."""
    for family in (grids, bags, random_ones, small):
        yield from family()
