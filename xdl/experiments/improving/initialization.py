"""Initial weights: what 50 layers make of activations and gradients, and which networks then learn.

hwdong 5.2.1; 徐彬, chapter 7. Where n inputs of mean square q meet weights of deviation s, a sum has the mean square
n s^2 q: unless n s^2 times what the activation does is 1, a signal grows or fades by the same factor in every layer.

    Xavier  s^2 = 2 / (fan in + fan out)   for activations like tanh near 0 (Glorot and Bengio 2010)
    He      s^2 = 2 / fan in               ReLU halves the mean square (He, Zhang, Ren, Sun 2015)
    orthogonal: lengths are kept exactly, times the gain of the activation (Saxe, McClelland, Ganguli 2014)

Going back, a gradient meets the same weights and the activation's slope. That of the sigmoid is 1/4 at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log10, nan, prod, sqrt
from statistics import fmean
from typing import Any

import xdl
from xdl import nn, optim, plot
from xdl.data import DataLoader, LabelledImages, RandomSampler
from xdl.errors import NonFiniteError
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.images import EVALUATION_BATCH, images_of
from xdl.nn import init
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train import Trainer, accuracy

QUICK = {"seeds": 1, "steps": 60, "trained_layers": 10}
SAMPLES = 200  # inputs that go through the layers
FARTHEST = 1e12  # values beyond it, and below its inverse, are not drawn
ACTIVATIONS: dict[str, type[nn.Module]] = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}
SMALL, LARGE, XAVIER, HE, ORTHOGONAL = "normal, std 0.01", "normal, std 0.3", "Xavier", "He", "orthogonal"
Initializer = Callable[[Tensor, str], Tensor]  # (weight, name of the activation)
INITS: dict[str, Initializer] = {
    "zeros": lambda w, _: init.zeros_(w),
    SMALL: lambda w, _: init.normal_(w, std=0.01),
    LARGE: lambda w, _: init.normal_(w, std=0.3),
    XAVIER: lambda w, _: init.xavier_normal_(w),
    HE: lambda w, _: init.kaiming_normal_(w, nonlinearity="relu"),
    ORTHOGONAL: lambda w, activation: init.orthogonal_(w, init.calculate_gain(activation)),
}
FAN = (300, 100)  # in and out, of the weights whose deviation is compared with its formula
KINDS: tuple[tuple[str, Callable[[Tensor], Tensor], float], ...] = (
    ("zeros", init.zeros_, 0.0),
    ("normal, std 0.01", lambda w: init.normal_(w, std=0.01), 0.01),
    ("Xavier uniform", init.xavier_uniform_, sqrt(2 / sum(FAN))),
    ("Xavier normal", init.xavier_normal_, sqrt(2 / sum(FAN))),
    (
        "Xavier normal, gain of tanh",
        lambda w: init.xavier_normal_(w, init.calculate_gain("tanh")),
        5 / 3 * sqrt(2 / sum(FAN)),
    ),
    ("He uniform", lambda w: init.kaiming_uniform_(w, nonlinearity="relu"), sqrt(2 / FAN[0])),
    ("He normal", lambda w: init.kaiming_normal_(w, nonlinearity="relu"), sqrt(2 / FAN[0])),
    ("He normal, fan out", lambda w: init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"), sqrt(2 / FAN[1])),
    ("orthogonal", init.orthogonal_, sqrt(1 / FAN[0])),
)
Stds = dict[tuple[str, str], list[list[float]]]  # {(activation, init): [seed][layer]}


@dataclass(frozen=True)
class Settings:
    """A network too deep for chance: each layer's factor counts as often as there are layers."""

    layers: int = setting(50, "hidden layers that signals go through, untrained", low=2, high=200)
    width: int = setting(100, "units of a hidden layer", low=2)
    trained_layers: int = setting(20, "hidden layers of the networks that are trained", low=1)
    steps: int = setting(200, "steps of each training", low=1)
    lr: float = setting(0.001, "learning rate of Adam", above=0)
    seeds: int = setting(3, "networks of each kind, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Deviations of all initializers, then the signals of untrained networks, then who learns."""
    run.reseed()
    rows = [
        (name, *(round(v, 5) for v in (float(make(xdl.zeros(*FAN[::-1])).std()), std))) for name, make, std in KINDS
    ]
    run.say(f"weights from {FAN[0]} to {FAN[1]} units:")
    kinds = run.table(("initializer", "std", "by its formula"), rows)
    forward, backward = _signals(settings, run)
    table = _say_signals(settings, run, forward, backward)
    data = images_of(run)
    trained = _who_learns(settings, run, data)
    return {"data_description": data.description, "kinds": kinds, "signals": table, "trainings": trained}


def build(inputs: int, width: int, layers: int, outputs: int, activation: str, initializer: str) -> nn.Sequential:
    """The network; `apply` gives every linear layer its first weights, and biases of 0."""
    modules: list[nn.Module] = [nn.Flatten()]
    for fan_in in (inputs, *[width] * (layers - 1)):
        modules += [nn.Linear(fan_in, width), ACTIVATIONS[activation]()]
    model = nn.Sequential(*modules, nn.Linear(width, outputs))

    def start(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            INITS[initializer](module.weight, activation)
            if module.bias is not None:
                init.zeros_(module.bias)

    model.apply(start)
    return model


def signals(model: nn.Sequential, x: Tensor) -> tuple[list[float], list[float]]:
    """Std of each hidden layer's activations, and of the gradient by them of a sum with normal factors."""
    activations: list[Tensor] = []
    for module in model:
        x = module(x)
        if isinstance(module, tuple(ACTIVATIONS.values())):
            activations.append(x)
    gradients: Any = xdl.grad(x, activations, xdl.randn(*x.shape, dtype=x.dtype))
    return [float(a.std()) for a in activations], [float(g.std()) for g in gradients]


def _signals(settings: Settings, run: Run) -> tuple[Stds, Stds]:
    s = settings
    forward: Stds = {(a, i): [] for a in ACTIVATIONS for i in INITS}
    backward: Stds = {key: [] for key in forward}
    for activation, initializer in forward:
        for repeat in range(s.seeds):
            run.reseed(repeat)
            model = build(s.width, s.width, s.layers, s.width, activation, initializer).to("float64")
            found = signals(model, xdl.randn(SAMPLES, s.width, dtype="float64"))
            for stds, values in zip((forward, backward), found, strict=True):
                stds[activation, initializer].append(values)
    return forward, backward


def _say_signals(settings: Settings, run: Run, forward: Stds, backward: Stds) -> list[dict[str, Any]]:
    """A table of what arrives, what it says, and figures/activations and figures/gradients."""
    headings = ("activation", "weights", "std, layer 1", f"layer {settings.layers}", "gradient, last layer", "layer 1")
    rows = []
    for activation, initializer in forward:
        up, down = (fmean_of(stds[activation, initializer]) for stds in (forward, backward))
        rows.append((activation, initializer, *(f"{v:.2g}" for v in (up[0], up[-1], down[-1], down[0]))))
    table = run.table(headings, rows)
    seeds = range(settings.seeds)

    def factor(stds: Stds, activation: str, initializer: str, seed: int, back: bool = False) -> float:
        """How many powers of ten a signal has gained or lost on its way; -inf where nothing arrives."""
        values = stds[activation, initializer][seed]
        start, end = (values[-1], values[0]) if back else (values[0], values[-1])
        return log10(end / start) if end > 0 else float("-inf")

    layers = settings.layers
    seen = [
        claim(
            run,
            f"through {layers} layers of ReLU He's weights keep the std within a factor of 10, and Xavier's lose it",
            [
                abs(factor(forward, "relu", HE, i)) < 1 and factor(forward, "relu", XAVIER, i) < -0.1 * layers
                for i in seeds
            ],
        ),
        claim(
            run,
            "through tanh a gradient keeps more of its size with Xavier's weights than with small or large ones",
            [
                all(
                    abs(factor(backward, "tanh", XAVIER, i, True)) < abs(factor(backward, "tanh", other, i, True))
                    for other in (SMALL, LARGE)
                )
                for i in seeds
            ],
        ),
        claim(
            run,
            "no initializer here brings a hundredth of the gradient back through the sigmoids",
            [all(factor(backward, "sigmoid", name, i, True) < -2 for name in INITS) for i in seeds],
        ),
    ]
    for name, stds in (("activations", forward), ("gradients", backward)):
        panels = {a: {i: _line(stds[a, i]) for i in INITS if any(v > 0 for v in stds[a, i][0])} for a in ACTIVATIONS}
        title = f"std of the {name} by layer, before any training; {in_words(settings.seeds)}"
        drawn = plot.lines_data(panels, title, "hidden layer", log=True, share=True, one_legend=True)
        run.figure(
            name, drawn, "\n".join([*seen, f'"zeros" and what is beyond {FARTHEST:g} or its inverse is not drawn'])
        )
    return table


def fmean_of(values: list[list[float]]) -> list[float]:
    """The mean over the seeds, layer by layer."""
    return [fmean(column) for column in zip(*values, strict=True)]


def _line(values: list[list[float]]) -> Line:
    drawn = [[v if 1 / FARTHEST < v < FARTHEST else nan for v in one] for one in values]
    return Line.of_seeds(range(1, len(values[0]) + 1), drawn)


def _who_learns(settings: Settings, run: Run, data: LabelledImages) -> list[dict[str, Any]]:
    """Trains a network of each kind: figures/learning, the test accuracy."""
    found: dict[tuple[str, str], list[float]] = {}
    for initializer in INITS:
        for activation in ACTIVATIONS:
            found[initializer, activation] = [
                _train(settings, run, data, activation, initializer, i) for i in range(settings.seeds)
            ]
        text = ", ".join(f"{a} {fmean(found[initializer, a]):.3f}" for a in ACTIVATIONS)
        run.say(f"{initializer}: test accuracy with {text}")
    means = [[round(fmean(found[i, a]), 4) for a in ACTIVATIONS] for i in INITS]
    table = run.table(("weights", *ACTIVATIONS), [(i, *row) for i, row in zip(INITS, means, strict=True)])
    best = max(INITS, key=lambda name: fmean(found[name, "relu"]))
    others = [name for name in INITS if name not in (HE, ORTHOGONAL)]
    said = claim(
        run,
        f"{settings.trained_layers} layers of ReLU learn more with He's or orthogonal weights than with any other here",
        [
            min(found[name, "relu"][k] for name in (HE, ORTHOGONAL)) > max(found[name, "relu"][k] for name in others)
            for k in range(settings.seeds)
        ],
    )
    more = run.see(
        f"the best with ReLU is {best}; with zeros every unit of a layer stays like every other, and nothing is learned"
    )
    how = f"{settings.trained_layers} layers, {settings.steps} steps"
    title = f"{run.about['experiment']} on {data.name}: test accuracy, {how}"
    drawn = plot.heat_data(
        means, list(INITS), list(ACTIVATIONS), title, y="initial weights", x="activation", value="test accuracy"
    )
    run.figure("learning", drawn, f"{said}\n{more}")
    return table


def _train(settings: Settings, run: Run, data: LabelledImages, activation: str, initializer: str, repeat: int) -> float:
    """The test accuracy after the training; 0 where the loss did not stay finite."""
    run.reseed(repeat)
    s = settings
    model = build(prod(data.image_shape), s.width, s.trained_layers, len(data.class_names), activation, initializer)
    trainer = Trainer(model, nn.CrossEntropyLoss(), optim.Adam(model.parameters(), s.lr), {"accuracy": accuracy})
    drawn = RandomSampler(data.train, replacement=True, num_samples=50 * s.steps)
    try:
        trainer.fit(DataLoader(data.train, 50, sampler=drawn))
    except NonFiniteError:
        return 0.0
    return trainer.evaluate(DataLoader(data.test, EVALUATION_BATCH))["accuracy"]
