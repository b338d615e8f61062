"""What a GAN minimizes, checked by numbers on the line (hwdong 8.6.1, 8.6.2, 8.6.3).

For a fixed generator the best critic is D* = p / (p + q), and its value E ln D + E ln(1 - D) is 2 JS(p, q) - ln 4: a
critic is trained on samples and laid beside both. KL(p | q) and KL(q | p) differ, and a normal density fitted by them
to two bumps covers both, or seeks one; JS is at most ln 2 however far p and q lie apart. And with D = D* each objective
of the generator has the gradient of a divergence (Goodfellow 2014, 2016; Arjovsky and Bottou 2017):

    minimax           2 JS(p, q)
    non-saturating    KL(q | p) - 2 JS(p, q)
    -E exp(score)     KL(p | q), so that it is maximum likelihood
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import Any

import xdl
from xdl import nn, optim, plot
from xdl.experiments.adversarial.divergences import grid, integral, js, kl, normal, sampled
from xdl.functional import softplus
from xdl.models import MLP
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train.adversarial import LogOdds

QUICK = {"steps": 300, "fit_steps": 100}
FRESH = 100_000  # samples that a trained critic's value is measured on
FAR = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0)  # distances of two densities whose divergences are drawn
SEEN = 6.0  # figures show the line from -SEEN to SEEN
FITS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "KL(p | q), as maximum likelihood": kl,
    "KL(q | p)": lambda p, q: kl(q, p),
    "JS(p, q)": js,
}


@dataclass(frozen=True)
class Settings:
    """p is N(0, 1), and the fixed generator's q is N(mean, std)."""

    means: tuple[float, ...] = setting((0.0, 1.0, 3.0), "of q, one critic each", low=-5, high=5)
    std: float = setting(1.0, "of q", low=0.2, high=2)
    steps: int = setting(3000, "steps of each critic", low=10)
    batch_size: int = setting(256, "samples of p and of q in a step", low=1)
    fit_steps: int = setting(1500, "steps of fitting a normal density to two bumps", low=10)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The critics, the divergences, the fits, and the gradients."""
    run.reseed()
    critics = [_critic(settings, run, mean) for mean in settings.means]
    headings = (
        "mean of q",
        "value reached",
        "2 JS - ln 4",
        "largest |D - D*|",
        "JS",
        "KL(p|q)",
        "KL(q|p)",
    )
    table = run.table(headings, [row for row, _ in critics])
    run.say(f"-ln 4 = {-log(4):.4f}, what the value comes to where q = p; ln 2 = {log(2):.4f}, more than any JS")
    off = max(abs(row["value reached"] - row["2 JS - ln 4"]) for row in table)
    see = run.see(
        f"the trained critics' values lie within {off:.3f} of 2 JS - ln 4, and their D within "
        f"{max(row['largest |D - D*|'] for row in table):.2f} of p / (p + q) wherever there are samples"
    )
    panels = {
        f"q = N({mean:g}, {settings.std:g})": lines for mean, (_, lines) in zip(settings.means, critics, strict=True)
    }
    title = "gan-theory: a critic that is trained to the end, and p / (p + q)"
    run.figure("critics", plot.lines_data(panels, title, "x", share=True, one_legend=True), see)
    return {
        "critics": table,
        "largest_value_off": off,
        "divergences": _divergences(run),
        "fits": _fits(settings, run),
        "gradients": _gradients(run),
    }


def _critic(settings: Settings, run: Run, mean: float) -> tuple[tuple[float, ...], dict[str, Line]]:
    """A row of the table, and the lines of the figure."""
    critic, objective = MLP((1, 32, 32, 1), nn.Tanh), LogOdds()
    optimizer = optim.Adam(critic.parameters(), lr=0.003)
    rates = optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.steps)
    for _ in range(settings.steps):
        p, q = sampled(0.0, 1.0, settings.batch_size), sampled(mean, settings.std, settings.batch_size)
        loss = objective.critic_loss(critic(p), critic(q))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rates.step()
    x = grid()
    p, q = normal(x, 0.0, 1.0), normal(x, mean, settings.std)
    with xdl.no_grad():
        fresh = critic(sampled(0.0, 1.0, FRESH)), critic(sampled(mean, settings.std, FRESH))
        value = -objective.critic_loss(*fresh).item()
        found = critic(x.to("float32").reshape(-1, 1)).sigmoid().reshape(-1).to("float64")
    best = p / (p + q + 1e-300)
    there = ((p + q) > 0.02).to("float64")  # elsewhere hardly any sample has taught the critic
    apart = ((found - best).abs() * there).max().item()
    run.say(f"critic of N(0, 1) against N({mean:g}, {settings.std:g}): value {value:.4f}")
    row = (mean, value, 2 * js(p, q).item() - log(4), apart, js(p, q).item(), kl(p, q).item(), kl(q, p).item())
    seen = [i for i, place in enumerate(x.tolist()) if abs(place) <= SEEN]
    on, part = [x.tolist()[i] for i in seen], slice(seen[0], seen[-1] + 1)
    lines = {
        "p": Line(on, p[part].tolist(), look="dashed", colour=7),
        "q": Line(on, q[part].tolist(), look="dashed", colour=1),
        "p / (p + q)": Line(on, best[part].tolist(), look="thick", colour=0),
        "trained D": Line(on, found[part].tolist(), colour=3),
    }
    return row, lines


def _divergences(run: Run) -> list[dict[str, Any]]:
    """The divergences of N(0, 1) and N(d, 0.5) by the distance d: a table and figures/divergences."""
    x = grid()
    p = normal(x, 0.0, 1.0)
    rows = []
    for d in FAR:
        q = normal(x, d, 0.5)
        rows.append((d, kl(p, q).item(), kl(q, p).item(), js(p, q).item()))
    columns = list(zip(*rows, strict=True))
    bound = Line([FAR[0], FAR[-1]], [log(2)] * 2, look="dashed", colour=7)
    panels = {
        "KL, both ways": {"KL(p | q)": Line(columns[0], columns[1]), "KL(q | p)": Line(columns[0], columns[2])},
        "JS": {"JS(p, q)": Line(columns[0], columns[3]), "ln 2": bound},
    }
    largest = max(columns[3])
    see = run.see(
        f"of p = N(0, 1) and q = N(d, 0.5): KL grows with the square of d and depends on the order; "
        f"JS stays below ln 2 = {log(2):.4f}, here by {log(2) - largest:.0e}, and is flat where they hardly meet: "
        "no gradient leads back from there"
    )
    title = "gan-theory: divergences of N(0, 1) and N(d, 0.5)"
    run.figure("divergences", plot.lines_data(panels, title, "distance d"), see)
    return run.table(("d", "KL(p|q)", "KL(q|p)", "JS"), rows)


def _fits(settings: Settings, run: Run) -> list[dict[str, Any]]:
    """A normal density fitted to two bumps by each divergence: a table and figures/fits."""
    x = grid()
    p = 0.6 * normal(x, -2.5, 0.6) + 0.4 * normal(x, 2.5, 0.6)
    seen = [i for i, place in enumerate(x.tolist()) if abs(place) <= SEEN]
    part, on = slice(seen[0], seen[-1] + 1), [x.tolist()[i] for i in seen]
    panels, rows = {}, []
    for name, divergence in FITS.items():
        mean, spread = (xdl.tensor(value, dtype="float64", requires_grad=True) for value in (-1.5, 0.0))
        optimizer = optim.Adam([mean, spread], lr=0.02)
        for _ in range(settings.fit_steps):
            loss = divergence(p, normal(x, mean, spread.exp()))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        q = normal(x, mean, spread.exp()).detach()
        likelihood = integral(p * (q + 1e-300).log()).item()
        rows.append((name, mean.item(), spread.exp().item(), divergence(p, q).item(), likelihood))
        panels[name] = {
            "p": Line(on, p[part].tolist(), look="thick", colour=7),
            "q": Line(on, q[part].tolist(), colour=1),
        }
    table = run.table(("fitted by", "mean", "std", "divergence", "mean ln q of the data"), rows)
    likeliest = max(rows, key=lambda row: row[4])
    spreads = "; ".join(f"{name}: mean {mean:.2f}, std {std:.2f}" for name, mean, std, *_ in rows)
    see = run.see(f"{spreads}. Wide ones cover both bumps, narrow ones seek one; the likeliest is by {likeliest[0]}")
    title = "gan-theory: a normal density for two bumps"
    run.figure("fits", plot.lines_data(panels, title, "x", share=True, one_legend=True), see)
    return table


def _gradients(run: Run) -> list[dict[str, Any]]:
    """The gradient of each objective of the generator by the mean of q, D held at D*, and that of its divergence."""
    x = grid()
    p = normal(x, 0.0, 1.0)
    mean = xdl.tensor(1.5, dtype="float64", requires_grad=True)
    q = normal(x, mean, 0.7)
    score = (p.log() - q.log()).detach()  # of D*, the log-odds of p against q
    pairs = {
        "minimax": (integral(q * -softplus(score)), 2 * js(p, q)),
        "non-saturating": (integral(q * softplus(-score)), kl(q, p) - 2 * js(p, q)),
        "-E exp(score)": (integral(q * -score.exp()), kl(p, q)),
    }
    names = ("2 JS(p, q)", "KL(q | p) - 2 JS(p, q)", "KL(p | q), maximum likelihood")
    rows = []
    for (objective, both), divergence in zip(pairs.items(), names, strict=True):
        slopes = [xdl.grad(value, [mean], retain_graph=True)[0] for value in both]
        one, other = (slope.item() for slope in slopes if slope is not None)
        rows.append((objective, one, divergence, other))
    table = run.table(("objective of the generator", "its gradient", "divergence", "that one's gradient"), rows)
    worst = max(abs(row[1] - row[3]) for row in rows)
    run.see(f"with D = p / (p + q) each objective has the gradient of its divergence, to {worst:.0e}")
    return table
