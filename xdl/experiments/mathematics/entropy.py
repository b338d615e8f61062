"""Entropy and cross entropy of a real text, in nats (徐彬 2.6.1, 2.6.2).

    surprise       -log p(x)                       of one character
    entropy        H(q) = - sum of q log q         its mean, where one knows the true shares q
    cross entropy  H(q, p) = - sum of q log p      where one believes p
    divergence     KL(q || p) = H(q, p) - H(q) >= 0

With a context c, q(x | c) stands for q(x), and H(x | c) = H(c, x) - H(c). The shares q are those of the held-out text
itself; p was counted in the training text, so that KL is what not knowing the other text costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Any

from xdl import plot
from xdl.creation import linspace, tensor
from xdl.data import NGrams, Vocabulary, load_shakespeare
from xdl.data.text.ngrams import SMOOTHINGS
from xdl.functional import stack, unique
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK = {"order": 3}
NAMES = ("unigram", "bigram", "trigram", "4-gram", "5-gram", "6-gram", "7-gram")
COMMON = 12  # characters whose surprise is shown


@dataclass(frozen=True)
class Settings:
    """How much context counts, and the coin beside it."""

    order: int = setting(4, "the most characters of context", low=1, high=6)
    smoothing: str = setting("witten-bell", "of the counts of the training text", choices=SMOOTHINGS)
    p: float = setting(0.3, "probability of heads of the coin whose cross entropy is drawn", above=0, high=0.99)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The ladder from equal characters to n-grams, the divergence in two ways, and the curves of a coin."""
    text = load_shakespeare(run.about["data"], run.data_dir)
    run.say(text.description)
    vocabulary = Vocabulary.of(text.train)
    learnt, held = vocabulary.encode(text.train), vocabulary.encode(text.test)
    size, test = len(vocabulary), tensor(held)
    _surprises(run, vocabulary, *unique(tensor(learnt), return_counts=True))
    models = [NGrams(learnt, size, k, settings.smoothing) for k in range(settings.order + 1)]
    own, train = (
        [conditional_entropy(tokens, size, k) for k in range(len(models))] for tokens in (test, tensor(learnt))
    )
    crossed = [-float(model.log_probabilities(held)[k:].mean()) for k, model in enumerate(models)]
    rows: list[tuple[Any, ...]] = [("all equal", log(size), own[0], log(size) - own[0], None)]
    rows += [(NAMES[k], crossed[k], own[k], crossed[k] - own[k], train[k]) for k in range(len(models))]
    headings = ("model p", "H(q, p), held-out", "H(q), held-out", "KL(q || p)", "H of the training text")
    run.say("nats per character; each character after its context")
    table = run.table(headings, rows)
    direct = [divergence(models[k], test, size, k) for k in (0, 1)]
    apart = max(abs(direct[k] - (crossed[k] - own[k])) for k in (0, 1))
    run.say(f"KL as a sum of q log(q / p): {direct[0]:.6f} and {direct[1]:.6f}, {apart:.1e} from the differences")
    best = min(range(len(models)), key=crossed.__getitem__)
    see = run.see(
        f"{NAMES[best]}s leave {crossed[best]:.2f} nats of the {log(size):.2f} of equal characters: as if "
        f"{exp(crossed[best]):.1f} in place of {size} could come next. More context lowers the entropy of a "
        f"text's own shares without end, {own[-1]:.2f} with {settings.order}, but what is believed is another text's: "
        f"KL grows from {crossed[0] - own[0]:.3f} to {crossed[-1] - own[-1]:.2f}"
    )
    run.figure("ladder", _ladder(run, size, own, crossed, train), see)
    coin = _coin(run, settings.p)
    return {"ladder": table, "divergence_apart": apart, "divergence": direct, **coin}


def entropy(counts: Tensor) -> float:
    """H of the shares that counts (N,) above 0 are."""
    p = counts.to("float64") / counts.sum()
    return -float((p * p.log()).sum().item())


def conditional_entropy(text: Tensor, size: int, k: int) -> float:
    """H(x | c) of the characters x of a text (N,) after k characters c, from the shares of the text itself."""
    codes, contexts = _codes(text, size, k)
    joint, context = (unique(one, return_counts=True)[1] for one in (codes, contexts))
    return entropy(joint) - entropy(context)


def _codes(text: Tensor, size: int, k: int) -> tuple[Tensor, Tensor]:
    """A number for each run of k + 1 characters, and for its first k, (N - k,) each."""
    n = text.shape[0] - k
    contexts = text[:n] * 0
    for i in range(k):
        contexts = contexts * size + text[i : i + n]
    return contexts * size + text[k:], contexts


def divergence(model: NGrams, text: Tensor, size: int, k: int) -> float:
    """KL as the sum of q(c, x) log(q(x | c) / p(x | c)) over all contexts of k <= 1 characters."""
    codes, contexts = _codes(text, size, k)
    total, n = 0.0, text.shape[0] - k
    for context in unique(contexts).tolist():
        kinds, counts = unique(codes[contexts == context] % size, return_counts=True)
        q = counts.to("float64") / counts.sum()
        p = tensor(model.distribution([context][:k]))[kinds]
        total += int(counts.sum().item()) / n * (q * (q / p).log()).sum().item()
    return total


def _surprises(run: Run, vocabulary: Vocabulary, kinds: Tensor, counts: Tensor) -> None:
    """The commonest characters: share, surprise, and what they add to the entropy."""
    order = counts.argsort(descending=True)[:COMMON]
    p = counts[order].to("float64") / counts.sum()
    names = [repr(vocabulary.tokens[i]) for i in kinds[order].tolist()]
    rows = list(zip(names, p.tolist(), (-p.log()).tolist(), (-p * p.log()).tolist(), strict=True))
    run.table(("character", "p", "surprise -log p", "p times it"), rows)


def _ladder(run: Run, size: int, own: list[float], crossed: list[float], train: list[float]) -> plot.FigureData:
    ks = list(range(len(own)))
    lines = {
        "all characters equal": Line(ks, [log(size)] * len(ks), look="dashed", colour=7),
        "cross entropy H(q, p); band: KL": Line(ks, crossed, own, crossed, colour=3),
        "entropy H(q) of the held-out text itself": Line(ks, own, colour=0),
        "entropy of the training text itself": Line(ks, train, look="dashed", colour=0),
    }
    title = f"{run.about['experiment']} on {run.about['data']}: nats per character"
    return plot.lines_data({"by the length of the context": lines}, title, "characters of context")


def _coin(run: Run, p: float) -> dict[str, Any]:
    """The entropy of a coin by its probability, and the cross entropy of one coin by what is believed of it."""
    q = linspace(0.005, 0.995, 199, dtype="float64")
    both = stack([q, 1 - q])
    h = -(both * both.log()).sum(0)
    true = tensor([[p], [1 - p]], dtype="float64")
    crossed = -(true * both.log()).sum(0)
    own = -(true * true.log()).sum().item()
    least = int(crossed.argmin().item())
    belief = q[least].item()
    xs = q.tolist()
    panels = {
        "entropy of a coin": {
            "H(p)": Line(xs, h.tolist()),
            f"fair: log 2 = {log(2):.4f}": Line([0.5], [log(2)], look="dots", colour=3),
        },
        f"a coin of p = {p:g}, believed to be q": {
            "cross entropy; band: KL": Line(xs, crossed.tolist(), [own] * len(xs), crossed.tolist(), colour=3),
            f"entropy {own:.4f}": Line(xs, [own] * len(xs), look="dashed", colour=0),
            f"least at q = {belief:.3g}": Line([belief], [crossed[least].item()], look="dots", colour=1),
        },
    }
    see = run.see(
        f"the cross entropy is least, {crossed[least].item():.4f}, where q is p: it is then the entropy {own:.4f}"
    )
    run.figure(
        "coin", plot.lines_data(panels, "entropy, cross entropy and their difference", ["p", "q"], columns=2), see
    )
    return {"least_at": belief, "coin_entropy": own}
