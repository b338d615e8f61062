"""Cases of normalization, channelwise dropout, distances, embedding with padding, and small layers."""

# ruff: noqa: ARG005 (every call takes the namespace F)
import numpy as np

from tests.functional.cases.case import case, integers, normal, positive


def norms():
    """layer_norm, group_norm, instance_norm, local_response_norm."""
    layer = lambda F, x, *wb, shape: F.layer_norm(x, shape, *wb)  # noqa: E731
    for shape, last in (((4, 3), (3,)), ((2, 3, 4), (3, 4)), ((2, 3, 4), (4,)), ((5,), (5,)), ((3, 33), (33,)),
                        ((0, 3), (3,)), ((3, 1), (1,))):  # fmt: skip
        label = f"layer_norm {shape} over {last}"
        call = lambda F, *x, s=last: layer(F, *x, shape=s)  # noqa: E731
        yield case(label, call, normal(*shape), positive(*last), normal(*last))
        yield case(f"{label} plain", call, normal(*shape))
    yield case("layer_norm without bias", lambda F, x, w: F.layer_norm(x, (3,), w, eps=0.1), normal(4, 3), positive(3))
    yield case("layer_norm of equal values", lambda F, x: F.layer_norm(x, (3,)), np.full((2, 3), 5.0), smooth=False)
    group = lambda F, x, *wb, g=2: F.group_norm(x, g, *wb)  # noqa: E731
    for shape, groups in (((2, 4), 2), ((2, 4, 3), 2), ((2, 4, 2, 3), 4), ((3, 6, 2), 1), ((0, 4, 2), 2)):
        call = lambda F, *x, g=groups: group(F, *x, g=g)  # noqa: E731
        yield case(f"group_norm {shape} in {groups}", call, normal(*shape), positive(shape[1]), normal(shape[1]))
        yield case(f"group_norm {shape} in {groups} plain", call, normal(*shape))
    for shape in ((2, 3, 4), (2, 3, 2, 3), (1, 2, 2, 1, 3)):
        c = shape[1]
        yield case(f"instance_norm {shape}", lambda F, x, w, b: F.instance_norm(x, weight=w, bias=b, eps=0.01),
                   normal(*shape), positive(c), normal(c))  # fmt: skip
        yield case(f"instance_norm {shape} plain", lambda F, x: F.instance_norm(x), normal(*shape))
        yield case(f"instance_norm {shape} running", lambda F, x, m, v: (F.instance_norm(x, m, v, momentum=0.3), m, v),
                   normal(*shape), normal(c), positive(c), fixed=(1, 2))  # fmt: skip
        given = lambda F, x, m, v, w, b: F.instance_norm(x, m, v, w, b, use_input_stats=False)  # noqa: E731
        yield case(f"instance_norm {shape} given", given, normal(*shape), normal(c), positive(c), positive(c),
                   normal(c), fixed=(1, 2))  # fmt: skip
    for size in (1, 2, 3, 5):
        yield case(f"local_response_norm {size}", lambda F, x, s=size: F.local_response_norm(x, s, 0.5, 0.75, 2.0),
                   normal(2, 4, 3))  # fmt: skip
    yield case("local_response_norm of images", lambda F, x: F.local_response_norm(x, 3), normal(1, 3, 2, 2))


def norm_modules():
    """BatchNorm3d, LayerNorm, GroupNorm, InstanceNorm, LocalResponseNorm."""
    state = (positive(2), normal(2), normal(2), positive(2))
    call = lambda F, x, w, b, m, v: (  # noqa: E731
        F.run(F.nn.BatchNorm3d(2), x, weight=w, bias=b, running_mean=m, running_var=v), m, v,
    )  # fmt: skip
    yield case("BatchNorm3d", call, normal(2, 2, 2, 1, 3), *state, fixed=(3, 4))
    call = lambda F, x, w, b, m, v: F.run(  # noqa: E731
        F.nn.BatchNorm3d(2).eval(), x, weight=w, bias=b, running_mean=m, running_var=v
    )
    yield case("BatchNorm3d evaluation", call, normal(2, 2, 2, 1, 3), *state, fixed=(3, 4))
    affine = lambda F, module, x, w, b: F.run(module, x, weight=w, bias=b)  # noqa: E731
    yield case("LayerNorm", lambda F, *x: affine(F, F.nn.LayerNorm(4), *x), normal(2, 3, 4), positive(4), normal(4))
    yield case("LayerNorm of two dims", lambda F, *x: affine(F, F.nn.LayerNorm((3, 4), 0.1), *x), normal(2, 3, 4),
               positive(3, 4), normal(3, 4))  # fmt: skip
    yield case("LayerNorm plain", lambda F, x: F.nn.LayerNorm([4], elementwise_affine=False)(x), normal(3, 4))
    yield case("LayerNorm without bias", lambda F, x, w: F.run(F.nn.LayerNorm(4, bias=False), x, weight=w),
               normal(3, 4), positive(4))  # fmt: skip
    yield case("GroupNorm", lambda F, *x: affine(F, F.nn.GroupNorm(2, 4), *x), normal(2, 4, 3), positive(4), normal(4))
    yield case("GroupNorm plain", lambda F, x: F.nn.GroupNorm(2, 4, eps=0.1, affine=False)(x), normal(2, 4, 3))
    for d, places in ((1, (4,)), (2, (2, 3)), (3, (2, 1, 3))):
        name = f"InstanceNorm{d}d"
        make = lambda F, n=name, **options: getattr(F.nn, n)(2, **options)  # noqa: E731
        yield case(name, lambda F, x, f=make: f(F)(x), normal(3, 2, *places))
        yield case(f"{name} of one", lambda F, x, f=make: f(F)(x), normal(2, *places))
        call = lambda F, x, w, b, m, v, f=make: (  # noqa: E731
            F.run(f(F, affine=True, track_running_stats=True), x, weight=w, bias=b, running_mean=m, running_var=v),
            m, v,
        )  # fmt: skip
        yield case(f"{name} tracking", call, normal(3, 2, *places), *state, fixed=(3, 4))
        call = lambda F, x, m, v, f=make: F.run(  # noqa: E731
            f(F, track_running_stats=True).eval(), x, running_mean=m, running_var=v
        )
        yield case(f"{name} evaluation", call, normal(3, 2, *places), normal(2), positive(2), fixed=(1, 2))
    yield case("LocalResponseNorm", lambda F, x: F.nn.LocalResponseNorm(3, alpha=0.2, k=2.0)(x), normal(2, 4, 3))


def dropouts():
    """Dropout of channels, and alpha dropout; the statistics are in tests/random."""
    for d, places in ((1, (4,)), (2, (2, 3)), (3, (2, 1, 3))):
        seeded = lambda F, x, d=d: getattr(F.seeded(), f"dropout{d}d")(x, 0.4)  # noqa: E731
        yield case(f"dropout{d}d", seeded, normal(5, 4, *places), oracle=False)
        yield case(f"dropout{d}d in evaluation", lambda F, x, d=d: getattr(F, f"dropout{d}d")(x, 0.4, False) * 2,
                   normal(2, 3, *places))  # fmt: skip
        yield case(f"dropout{d}d of all", lambda F, x, d=d: getattr(F, f"dropout{d}d")(x, 1.0), normal(2, 3, *places))
        yield case(f"Dropout{d}d", lambda F, x, d=d: F.run(getattr(F.seeded().nn, f"Dropout{d}d")(0.3), x),
                   normal(4, 3, *places), oracle=False)  # fmt: skip
    for name, module in (("alpha_dropout", "AlphaDropout"), ("feature_alpha_dropout", "FeatureAlphaDropout")):
        seeded = lambda F, x, n=name: getattr(F.seeded(), n)(x, 0.4, True)  # noqa: E731
        yield case(name, seeded, normal(5, 4, 2), oracle=False)
        yield case(f"{name} by default", lambda F, x, n=name: getattr(F, n)(x, 0.4) * 2, normal(3, 4))
        yield case(f"{name} of all", lambda F, x, n=name: getattr(F, n)(x, 1.0, True), normal(3, 4))
        yield case(module, lambda F, x, n=module: F.run(getattr(F.seeded().nn, n)(0.4), x), normal(5, 4, 2),
                   oracle=False)  # fmt: skip


def distances():
    """normalize, cosine_similarity, pairwise_distance, bilinear, and their modules."""
    for p in (1.0, 2.0, 3.0, float("inf")):
        yield case(f"normalize p {p}", lambda F, x, p=p: F.normalize(x, p), normal(3, 4))
        yield case(f"pairwise_distance p {p}", lambda F, a, b, p=p: F.pairwise_distance(a, b, p), normal(3, 4),
                   normal(3, 4))  # fmt: skip
    yield case("normalize over -1", lambda F, x: F.normalize(x, dim=-1), normal(2, 3, 4))
    yield case("normalize over two dims", lambda F, x: F.normalize(x, dim=(0, 2)), normal(2, 3, 4))
    yield case("normalize of short", lambda F, x: F.normalize(x, eps=10.0), normal(2, 3))
    yield case("normalize of zeros", lambda F, x: F.normalize(x), np.zeros((2, 3)), smooth=False,
               oracle=False)  # fmt: skip  # second gradients of PyTorch are nan there
    yield case("pairwise_distance kept", lambda F, a, b: F.pairwise_distance(a, b, keepdim=True), normal(3, 4),
               normal(3, 4))  # fmt: skip
    yield case("pairwise_distance broadcast", lambda F, a, b: F.pairwise_distance(a, b), normal(3, 4), normal(1, 4))
    yield case("pairwise_distance of vectors", lambda F, a, b: F.pairwise_distance(a, b), normal(4), normal(4))
    cosine = lambda F, a, b: F.cosine_similarity(a, b)  # noqa: E731
    yield case("cosine_similarity", cosine, normal(3, 4), normal(3, 4))
    yield case("cosine_similarity over 0", lambda F, a, b: F.cosine_similarity(a, b, dim=0), normal(3, 4), normal(3, 4))
    yield case("cosine_similarity broadcast", lambda F, a, b: F.cosine_similarity(a, b, -1), normal(3, 1, 4),
               normal(2, 4))  # fmt: skip
    yield case("cosine_similarity of short", lambda F, a, b: F.cosine_similarity(a, b, eps=10.0), normal(2, 3),
               normal(2, 3), smooth=False)  # fmt: skip
    yield case("cosine_similarity of zeros", cosine, np.zeros((2, 3)), normal(2, 3), smooth=False,
               oracle=False)  # fmt: skip  # likewise
    yield case("bilinear", lambda F, *x: F.bilinear(*x), normal(5, 3), normal(5, 4), normal(2, 3, 4), normal(2))
    yield case("bilinear 3-d", lambda F, *x: F.bilinear(*x), normal(2, 2, 3), normal(2, 2, 4), normal(2, 3, 4))
    yield case("bilinear empty", lambda F, *x: F.bilinear(*x), normal(0, 3), normal(0, 4), normal(2, 3, 4), normal(2))
    yield case("Bilinear", lambda F, a, b, w, c: F.run(F.nn.Bilinear(3, 4, 2), a, b, weight=w, bias=c), normal(5, 3),
               normal(5, 4), normal(2, 3, 4), normal(2))  # fmt: skip
    yield case("CosineSimilarity", lambda F, a, b: F.nn.CosineSimilarity(dim=0)(a, b), normal(3, 4), normal(3, 4))
    yield case("PairwiseDistance", lambda F, a, b: F.nn.PairwiseDistance(3, keepdim=True)(a, b), normal(3, 4),
               normal(3, 4))  # fmt: skip


def tables():
    """embedding with padding_idx."""
    ids = np.array([[1, 4, 1], [0, 3, 1]])
    for padding in (1, -2):
        yield case(f"embedding padding {padding}", lambda F, i, w, p=padding: F.embedding(i, w, padding_idx=p), ids,
                   normal(5, 3), smooth=False)  # fmt: skip
    call = lambda F, i, w: F.run(F.nn.Embedding(5, 2, padding_idx=-1), i, weight=w)  # noqa: E731
    yield case("Embedding with padding", call, integers(5, 3, 4), normal(5, 2), smooth=False)


def forms():
    """Layers that hold or pass on."""
    yield case("unflatten", lambda F, x: F.unflatten(x, 1, (2, -1)) * 2, normal(3, 6))
    yield case("unflatten method", lambda F, x: x.unflatten(-1, (3, 1, 2)) * 2, normal(2, 6))
    yield case("Unflatten", lambda F, x: F.nn.Unflatten(1, (3, 2))(x) * 2, normal(2, 6, 2))
    yield case("Identity", lambda F, x: F.nn.Identity(3, a=4)(x) * 2, normal(2, 3))

    def chosen(F, x, w, u):
        class Net(F.nn.Module):
            def __init__(self):
                super().__init__()
                self.layers = F.nn.ModuleList([F.nn.Linear(3, 3, bias=False), F.nn.Tanh()])
                self.heads = F.nn.ModuleDict({"a": F.nn.Linear(3, 2, bias=False)})

            def forward(self, input):
                for layer in self.layers:
                    input = layer(input)
                return self.heads["a"](input)

        return F.run(Net(), x, **{"layers.0.weight": w, "heads.a.weight": u})

    for name in ("ModuleList", "ModuleDict"):
        yield case(f"{name} of a network", chosen, normal(4, 3), normal(3, 3), normal(2, 3))


def cases():
    """All of this file."""
    for family in (norms, norm_modules, dropouts, distances, tables, forms):
        yield from family()
