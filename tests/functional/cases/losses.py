"""Cases of all losses, as functions and as modules."""

import numpy as np

from tests.functional.cases.case import apart, case, integers, normal, positive, probabilities

REDUCTIONS = ("mean", "sum", "none")
HUGE = np.array([[1e4, -1e4, 0.0], [-1e30, 0.0, 1e30], [5.0, 5.0, 5.0]])
FAR = np.array([[-800.0, -40.0, 0.0], [1.0, 40.0, 800.0]])


def inside(*shape):
    """Values between 0.05 and 0.95."""
    return lambda random: random.uniform(0.05, 0.95, shape)


def signs(*shape):
    """1 and -1."""
    return lambda random: np.where(random.uniform(size=shape) < 0.5, -1.0, 1.0)


def counts(*shape):
    """0 to 4, as floating numbers."""
    return lambda random: random.randint(0, 5, shape).astype("float64")


def _each(name, inputs, fixed=(), smooth=True, **settings):
    """A function with each reduction, without elements, and its settings one by one."""
    call = lambda F, *x, **options: getattr(F, name)(*x, **options)  # noqa: E731
    for reduction in REDUCTIONS:
        yield case(
            f"{name} {reduction}",
            lambda F, *x, r=reduction: call(F, *x, reduction=r),
            *inputs(3, 4),
            fixed=fixed,
            smooth=smooth,
        )
    for label, options in settings.items():
        yield case(f"{name} {label}", lambda F, *x, o=options: call(F, *x, **o), *inputs(3, 4), fixed=fixed)
    yield case(f"{name} empty", lambda F, *x: call(F, *x, reduction="sum"), *inputs(0, 4), fixed=fixed)
    yield case(f"{name} empty mean", lambda F, *x: call(F, *x), *inputs(0, 4), fixed=tuple(range(len(inputs(0)))))


def elements():
    """Losses of each element by itself."""
    two = lambda *shape: (normal(*shape), normal(*shape))  # noqa: E731
    yield from _each("mse_loss", two)
    yield from _each("l1_loss", two)
    yield from _each("smooth_l1_loss", two, **{"beta": {"beta": 0.3}, "beta 0": {"beta": 0.0}})
    yield from _each("huber_loss", two, delta={"delta": 0.3})
    likely = lambda *shape: (normal(*shape), inside(*shape))  # noqa: E731
    yield from _each("kl_div", likely, batchmean={"reduction": "batchmean"}, log_target={"log_target": True})
    yield case(
        "kl_div of impossible targets",
        lambda F, x, t: F.kl_div(x, t, reduction="sum"),
        normal(2, 3),
        np.array([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]),
        fixed=(1,),
    )
    poisson = lambda *shape: (normal(*shape), counts(*shape))  # noqa: E731
    yield from _each("poisson_nll_loss", poisson, fixed=(1,), full={"full": True})
    yield case(
        "poisson_nll_loss of rates",
        lambda F, x, t: F.poisson_nll_loss(x, t, log_input=False, eps=1e-3),
        positive(3, 4),
        positive(3, 4),
    )
    gaussian = lambda *shape: (normal(*shape), normal(*shape), positive(*shape))  # noqa: E731
    yield from _each("gaussian_nll_loss", gaussian, full={"full": True})
    gauss = lambda F, x, t, v: F.gaussian_nll_loss(x, t, v)  # noqa: E731
    yield case("gaussian_nll_loss of one variance a row", gauss, normal(3, 4), normal(3, 4), positive(3))
    yield case("gaussian_nll_loss of one variance a row kept", gauss, normal(3, 4), normal(3, 4), positive(3, 1))
    yield case("gaussian_nll_loss of no variance", gauss, normal(2, 2), normal(2, 2), np.zeros((2, 2)), smooth=False)
    for name in ("l1_loss", "smooth_l1_loss", "huber_loss"):
        yield case(f"{name} of ties and edges", lambda F, x, t, n=name: getattr(F, n)(x, t, reduction="sum"),
                   np.array([1.0, 2.0, 3.0, 1e30]), np.array([1.0, 1.0, 4.0, 0.0]), smooth=False)  # fmt: skip
    yield case("mse_loss of 0-d", lambda F, x, t: F.mse_loss(x, t), normal(), normal())


def classes():
    """cross_entropy and nll_loss."""
    for reduction in REDUCTIONS:
        for name, first in (("cross_entropy", normal), ("nll_loss", normal)):
            call = lambda F, x, t, *w, r=reduction, n=name, **o: getattr(F, n)(x, t, *w, reduction=r, **o)  # noqa: E731
            label = f"{name} {reduction}"
            yield case(label, call, first(4, 3), np.array([0, 2, 2, 1]))
            yield case(f"{label} of images", call, first(2, 3, 2, 2), integers(3, 2, 2, 2))
            yield case(f"{label} weighted", call, first(4, 3), np.array([0, 2, 2, 1]), positive(3), fixed=(2,))
            yield case(
                f"{label} ignoring", lambda F, x, t, w, f=call: f(F, x, t, w, ignore_index=2), first(4, 3),
                np.array([0, 2, 2, 1]), positive(3), fixed=(2,),
            )  # fmt: skip
            yield case(f"{label} ignoring images", call, first(2, 3, 2), np.array([[0, -100], [2, 1]]))
            yield case(f"{label} of one sample", call, first(3), np.array(1))
        entropy = lambda F, x, t, *w, r=reduction, **o: F.cross_entropy(x, t, *w, reduction=r, **o)  # noqa: E731
        smoothed = lambda F, x, t, *w, f=entropy: f(F, x, t, *w, label_smoothing=0.2)  # noqa: E731
        label = f"cross_entropy {reduction}"
        yield case(f"{label} smoothed", smoothed, normal(4, 3), np.array([0, 2, -100, 1]))
        yield case(f"{label} smoothed weighted", smoothed, normal(4, 3), np.array([0, 2, -100, 1]), positive(3),
                   fixed=(2,))  # fmt: skip
        yield case(f"{label} smoothed images", smoothed, normal(2, 3, 2), np.array([[0, -100], [2, 1]]))
        yield case(f"{label} of probabilities", entropy, normal(4, 3), probabilities(4, 3), fixed=(1,))
        yield case(f"{label} of image probabilities", entropy, normal(2, 3, 4), probabilities(2, 3, 4))
        yield case(f"{label} of probabilities weighted", entropy, normal(4, 3), probabilities(4, 3), positive(3),
                   fixed=(2,))  # fmt: skip
        yield case(f"{label} of probabilities smoothed", smoothed, normal(4, 3), probabilities(4, 3))
        yield case(f"{label} of huge", entropy, HUGE, np.array([1, 2, 0]), smooth=False)
    plain = lambda F, x, t: F.cross_entropy(x, t)  # noqa: E731
    yield case("cross_entropy ignoring", plain, normal(5, 3), np.array([0, -100, 2, -100, 1]))
    yield case("cross_entropy ignoring all", plain, normal(2, 3), np.array([-100, -100]), smooth=False, oracle=False)
    yield case("cross_entropy ignoring a class", lambda F, x, t: F.cross_entropy(x, t, ignore_index=1), normal(5, 3),
               np.array([0, 1, 2, 1, 1]))  # fmt: skip
    yield case("cross_entropy of one class", plain, normal(3, 1), np.zeros(3, np.int64))
    yield case("cross_entropy 5 of 33", plain, normal(5, 33), integers(33, 5))
    yield case("cross_entropy of one probability vector", plain, normal(3), inside(3))
    yield case("cross_entropy empty", lambda F, x, t: F.cross_entropy(x, t, reduction="sum"), normal(0, 2),
               integers(2, 0))  # fmt: skip
    yield case("cross_entropy empty mean", plain, normal(0, 2), integers(2, 0), fixed=(0,))


def binary():
    """Losses of two classes."""
    both = lambda *shape: (inside(*shape), inside(*shape))  # noqa: E731
    yield from _each("binary_cross_entropy", both)
    yield case("binary_cross_entropy weighted", lambda F, x, t, w: F.binary_cross_entropy(x, t, weight=w), inside(3, 4),
               inside(3, 4), positive(4), fixed=(2,))  # fmt: skip
    yield case("binary_cross_entropy of certainty", lambda F, x, t: F.binary_cross_entropy(x, t, reduction="none"),
               np.array([0.0, 0.0, 1.0, 1.0, 1e-300]), np.array([0.0, 1.0, 0.0, 1.0, 1.0]), fixed=(0, 1))  # fmt: skip
    logits = lambda *shape: (normal(*shape), inside(*shape))  # noqa: E731
    yield from _each("binary_cross_entropy_with_logits", logits)
    weighted = lambda F, x, t, w, p: F.binary_cross_entropy_with_logits(x, t, weight=w, pos_weight=p)  # noqa: E731
    yield case("binary_cross_entropy_with_logits weighted", weighted, normal(3, 4), inside(3, 4), positive(3, 1),
               positive(4), fixed=(2, 3))  # fmt: skip
    yield case("binary_cross_entropy_with_logits of far", lambda F, x, t: F.binary_cross_entropy_with_logits(x, t),
               FAR, np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 0.0]]), fixed=(1,), smooth=False)  # fmt: skip
    yield from _each("soft_margin_loss", lambda *shape: (normal(*shape), signs(*shape)), fixed=(1,))
    yield case("soft_margin_loss of far", lambda F, x, t: F.soft_margin_loss(x, t), FAR,
               np.array([[-1.0, 1.0, 1.0], [1.0, 1.0, -1.0]]), fixed=(1,), smooth=False, oracle=False)  # fmt: skip


def margins():
    """Losses with a margin."""
    hinge = lambda *shape: (apart(*shape), signs(*shape))  # noqa: E731
    yield from _each("hinge_embedding_loss", hinge, fixed=(1,), margin={"margin": 0.32})
    three = lambda *shape: (normal(*shape), normal(*shape), signs(*shape))  # noqa: E731
    yield from _each("margin_ranking_loss", three, fixed=(2,), margin={"margin": 0.5})
    yield case("margin_ranking_loss of ties", lambda F, a, b, t: F.margin_ranking_loss(a, b, t), np.array([1.0, 2.0]),
               np.array([1.0, 2.0]), np.array([1.0, -1.0]), fixed=(2,), smooth=False)  # fmt: skip
    vectors = lambda *shape: (normal(*shape), normal(*shape), normal(*shape))  # noqa: E731
    settings = {"swap": {"swap": True}, "p 1": {"p": 1.0}, "p 3": {"p": 3.0, "margin": 2.0}}
    yield from _each("triplet_margin_loss", vectors, **settings)
    yield case("triplet_margin_loss of one", lambda F, a, p, n: F.triplet_margin_loss(a, p, n), *vectors(5))
    for reduction in REDUCTIONS:
        cosine = lambda F, a, b, t, r=reduction: F.cosine_embedding_loss(a, b, t, margin=-0.2, reduction=r)  # noqa: E731
        yield case(f"cosine_embedding_loss {reduction}", cosine, normal(4, 3), normal(4, 3),
                   np.array([1.0, -1.0, -1.0, 1.0]), fixed=(2,))  # fmt: skip
    plain = lambda F, a, b, t: F.cosine_embedding_loss(a, b, t)  # noqa: E731
    yield case("cosine_embedding_loss of one", plain, normal(3), normal(3), np.array(1.0), fixed=(2,))
    yield case("cosine_embedding_loss of zeros", plain, np.zeros((2, 3)), normal(2, 3), np.array([1.0, -1.0]),
               fixed=(2,), smooth=False)  # fmt: skip


def modules():
    """Each loss as a module with other than its default settings."""
    pair = (normal(3, 4), normal(3, 4))
    for name, settings, inputs, fixed in (
        ("MSELoss", {"reduction": "sum"}, pair, ()),
        ("L1Loss", {"reduction": "sum"}, pair, ()),
        ("SmoothL1Loss", {"beta": 0.4}, pair, ()),
        ("HuberLoss", {"reduction": "sum", "delta": 0.4}, pair, ()),
        ("KLDivLoss", {"reduction": "batchmean", "log_target": True}, pair, ()),
        ("PoissonNLLLoss", {"full": True}, (normal(3, 4), counts(3, 4)), (1,)),
        ("GaussianNLLLoss", {"full": True, "eps": 1e-3}, (normal(3, 4), normal(3, 4), positive(3, 1)), ()),
        ("SoftMarginLoss", {"reduction": "none"}, (normal(3, 4), signs(3, 4)), (1,)),
        ("HingeEmbeddingLoss", {"margin": 0.32}, (apart(3, 4), signs(3, 4)), (1,)),
        ("MarginRankingLoss", {"margin": 0.3}, (normal(5), normal(5), signs(5)), (2,)),
        ("TripletMarginLoss", {"margin": 0.5, "p": 1.5}, (normal(3, 4), normal(3, 4), normal(3, 4)), ()),
        ("CosineEmbeddingLoss", {"margin": -0.1}, (normal(3, 4), normal(3, 4), signs(3)), (2,)),
        ("BCELoss", {"reduction": "sum"}, (inside(3, 4), inside(3, 4)), ()),
        ("BCEWithLogitsLoss", {}, (normal(3, 4), inside(3, 4)), ()),
        ("NLLLoss", {"ignore_index": 1}, (normal(4, 3), np.array([0, 1, 1, 2])), ()),
        ("CrossEntropyLoss", {"label_smoothing": 0.1}, (normal(4, 3), np.array([0, 1, 1, 2])), ()),
    ):
        make = lambda F, *x, n=name, s=settings: F.run(getattr(F.nn, n)(**s), *x)  # noqa: E731
        yield case(name, make, *inputs, fixed=fixed)
    weighted = lambda F, x, t, w, n: F.run(getattr(F.nn, n)(w), x, t)  # noqa: E731
    yield case("CrossEntropyLoss weighted", lambda F, x, t, w: weighted(F, x, t, w, "CrossEntropyLoss"), normal(4, 3),
               np.array([0, 1, 1, 2]), positive(3), fixed=(2,))  # fmt: skip
    yield case("NLLLoss weighted", lambda F, x, t, w: weighted(F, x, t, w, "NLLLoss"), normal(4, 3),
               np.array([0, 1, 1, 2]), positive(3), fixed=(2,))  # fmt: skip
    yield case("BCELoss weighted", lambda F, x, t, w: weighted(F, x, t, w, "BCELoss"), inside(4, 3), inside(4, 3),
               positive(3), fixed=(2,))  # fmt: skip
    yield case("BCEWithLogitsLoss weighted", lambda F, x, t, p: F.run(F.nn.BCEWithLogitsLoss(pos_weight=p), x, t),
               normal(4, 3), inside(4, 3), positive(3), fixed=(2,))  # fmt: skip


def cases():
    """All of this file."""
    for family in (elements, classes, binary, margins, modules):
        yield from family()
