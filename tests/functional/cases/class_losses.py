"""Cases of losses of several classes with a margin, and of sequences without alignment."""

# ruff: noqa: E731
import numpy as np

from tests.functional.cases.case import apart, case, integers, normal, positive
from tests.functional.cases.losses import REDUCTIONS, signs

SETS = np.array([[0, 3, -1, 1], [-1, 0, 0, 0], [1, 2, 3, 0]])
LABELS = np.array([[1, 1, 2], [2, 1, 0], [2, 0, 0]])
STEPS, COUNTS = (5, 4, 2), (3, 2, 1)


def margins():
    """multi_margin_loss, multilabel_margin_loss, multilabel_soft_margin_loss and their layers."""
    for reduction in REDUCTIONS:
        for p in (1, 2):
            call = lambda F, x, t, *w, r=reduction, p=p: F.multi_margin_loss(x, t, p, 0.73, *w, reduction=r)
            yield case(f"multi_margin_loss {reduction} p {p}", call, apart(4, 3), integers(3, 4), second="skipped")
            yield case(f"multi_margin_loss {reduction} p {p} weighted", call, apart(4, 3), integers(3, 4), positive(3),
                       fixed=(2,), second="skipped")  # fmt: skip
            yield case(f"multi_margin_loss {reduction} p {p} of one", call, apart(3), integers(3), second="skipped")
        sets = lambda F, x, t, r=reduction: F.multilabel_margin_loss(x, t, reduction=r)
        yield case(f"multilabel_margin_loss {reduction}", sets, normal(3, 4), SETS, second="skipped")
        yield case(f"multilabel_margin_loss {reduction} of one", sets, normal(4), SETS[0], second="skipped")
        soft = lambda F, x, t, *w, r=reduction: F.multilabel_soft_margin_loss(x, (t + 1) / 2, *w, reduction=r)
        yield case(f"multilabel_soft_margin_loss {reduction}", soft, normal(3, 4), signs(3, 4), fixed=(1,))
        yield case(f"multilabel_soft_margin_loss {reduction} weighted", soft, normal(3, 4), signs(3, 4), positive(4),
                   fixed=(1, 2))  # fmt: skip
    ties = np.array([[1.0, 0.0, 1.0], [0.5, 0.5, -0.5]])
    yield case("multi_margin_loss of ties", lambda F, x, t: F.multi_margin_loss(x, t), ties, np.array([0, 1]),
               smooth=False, second="skipped")  # fmt: skip
    yield case("multilabel_margin_loss of ties", lambda F, x, t: F.multilabel_margin_loss(x, t), ties,
               np.array([[0, -1, 1], [1, 1, -1]]), smooth=False, second="skipped")  # fmt: skip
    yield case("MultiMarginLoss", lambda F, x, t, w: F.run(F.nn.MultiMarginLoss(2, 0.73, reduction="sum"), x, t) * w,
               apart(4, 3), integers(3, 4), positive(1), second="skipped")  # fmt: skip
    yield case("MultiLabelMarginLoss", lambda F, x, t: F.nn.MultiLabelMarginLoss(reduction="none")(x, t), normal(3, 4),
               SETS, second="skipped")  # fmt: skip
    layer = lambda F, x, t, w: F.nn.MultiLabelSoftMarginLoss(w, reduction="sum")(x, (t + 1) / 2)
    yield case("MultiLabelSoftMarginLoss", layer, normal(3, 4), signs(3, 4), positive(4), fixed=(1, 2))


def triplets():
    """triplet_margin_with_distance_loss."""
    vectors = (normal(3, 4), normal(3, 4), normal(3, 4))
    taxi = lambda a, b: (a - b).abs().sum(-1)
    for reduction in REDUCTIONS:
        for swap in (False, True):
            yield case(
                f"triplet_margin_with_distance_loss {reduction} swap {swap}",
                lambda F, *x, r=reduction, s=swap: F.triplet_margin_with_distance_loss(
                    *x, distance_function=taxi, margin=2.5, swap=s, reduction=r
                ),
                *vectors,
            )
    yield case("triplet_margin_with_distance_loss", lambda F, *x: F.triplet_margin_with_distance_loss(*x), *vectors)
    layer = lambda F, *x: F.nn.TripletMarginWithDistanceLoss(distance_function=taxi, swap=True)(*x)
    yield case("TripletMarginWithDistanceLoss", layer, *vectors)


def sequences():
    """ctc_loss behind log_softmax, as PyTorch means it, and of log-probabilities themselves."""
    for reduction in REDUCTIONS:
        call = lambda F, x, t, r=reduction: F.ctc_loss(F.log_softmax(x, 2), t, STEPS, COUNTS, reduction=r)
        label = f"ctc_loss {reduction}"
        yield case(label, call, normal(5, 3, 4), LABELS, second="skipped")
        one = lambda F, x, t, r=reduction: F.ctc_loss(F.log_softmax(x, 1), t, (5,), (3,), reduction=r)
        yield case(f"{label} of one", one, normal(5, 4), LABELS[0], second="skipped")
        leaf = lambda F, x, t, r=reduction: F.ctc_loss(x, t, STEPS, COUNTS, reduction=r)
        yield case(f"{label} of log-probabilities", leaf, normal(5, 3, 4), LABELS, oracle=False)
    mean = lambda F, x, t, **o: F.ctc_loss(F.log_softmax(x, 2), t, STEPS, COUNTS, **o)
    yield case("ctc_loss end to end", mean, normal(5, 3, 4), np.array([1, 1, 2, 2, 1, 2]), second="skipped")
    yield case("ctc_loss blank 3", lambda F, x, t: mean(F, x, t, blank=3), normal(5, 3, 4), LABELS, second="skipped")
    short = lambda F, x, t: F.ctc_loss(F.log_softmax(x, 2), t, (3, 0, 0), (3, 2, 0), 0, "none", True)
    yield case("ctc_loss of what cannot be", short, normal(5, 3, 4), LABELS, second="skipped")
    tensors = lambda F, x, t, a, b: F.ctc_loss(F.log_softmax(x, 2), t, a, b, reduction="sum")
    lengths = np.array(STEPS), np.array(COUNTS)
    yield case("ctc_loss of tensors", tensors, normal(5, 3, 4), LABELS, *lengths, second="skipped", dynamic=True)
    plain = lambda F, x, t: F.ctc_loss(F.log_softmax(x, 2), t, (3, 3), (2, 0), reduction="none")
    yield case("ctc_loss of repeats in three steps", plain, normal(3, 2, 3), np.array([[1, 1], [0, 0]]),
               second="skipped")  # fmt: skip
    none = lambda F, x, t: F.ctc_loss(F.log_softmax(x, 2), t, (3, 2), (0, 0))
    yield case("ctc_loss without labels", none, normal(3, 2, 3), np.zeros((2, 0), np.int64), second="skipped")
    layer = lambda F, x, t: F.nn.CTCLoss(1, "sum", True)(F.log_softmax(x, 2), t, (5, 1), (3, 3))
    yield case("CTCLoss", layer, normal(5, 2, 4), np.array([[0, 2, 0], [2, 2, 3]]), second="skipped")


def cases():
    """All of this file."""
    for family in (margins, triplets, sequences):
        yield from family()
