"""A neuron, a layer and a network of convolutions by numbers; then flatten and a linear layer, forward and backward.

hwdong 6.2.1 and 6.2.2, 徐彬 4.2 and 4.3. Notation: x (C, H, W), W (O, C, K, K), b (O,), maps a (O, P, Q).

    neuron    a = relu(b + sum over c, i, j of W[c, i, j] x[c, p + i, q + j]), with the same W and b at every p, q
    layer     O such neurons, each with weights of its own: O maps
    flatten   f[(o P + p) Q + q] = a[o, p, q]                       backward: the same numbers as (O, P, Q)
    linear    z = V f + d        backward: dV = g f^T, dd = g, df = V^T g, where g is the gradient by z
    layer     backward: where a is 0, nothing goes on; dW, db by the loops of `conv_loops`
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import xdl
from xdl import nn, plot
from xdl.experiments.convolution import conv_loops
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {}
EPS = 1e-6  # of the numerical derivatives


@dataclass(frozen=True)
class Settings:
    """The sizes of the network: convolution, ReLU, flatten, linear."""

    channels: int = setting(2, "channels of the image", low=1, high=8)
    size: int = setting(5, "pixels of the image a side", low=3, high=12)
    filters: int = setting(3, "neurons of the convolution, each making one map", low=1, high=16)
    kernel: int = setting(3, "height and width of a neuron's window, at most 3", low=1, high=3)
    classes: int = setting(4, "outputs of the linear layer", low=1, high=16)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """One neuron's sum written out, the layer by loops, the summary, and the gradients by hand."""
    s = settings
    x = xdl.randint(-2, 4, (s.channels, s.size, s.size)).to("float64")
    side = s.size - s.kernel + 1
    model = nn.Sequential(
        nn.Conv2d(s.channels, s.filters, s.kernel), nn.ReLU(), nn.Flatten(), nn.Linear(s.filters * side**2, s.classes)
    ).to("float64")
    conv = model[0]
    with xdl.no_grad():
        for parameter in model.parameters():
            parameter.copy_((10 * parameter).round() / 10 + 0.0)  # so that they can be read
        conv.bias += 0.05  # so that no sum is 0, where ReLU has no derivative

    maps = [by_loops(x.tolist(), conv.weight[o].tolist(), float(conv.bias[o])) for o in range(s.filters)]
    with xdl.no_grad():
        layer = model[1](conv(x.unsqueeze(0)))[0]
        z = model(x.unsqueeze(0))[0]
    best = int(layer[0].argmax())
    total = neuron(run, x, conv.weight[0].detach(), float(conv.bias[0]), (best // side, best % side))
    layer_error = _apart(layer, xdl.tensor(maps, dtype="float64"))
    run.say(f"layer: {s.filters} neurons give maps {tuple(layer.shape)}; by loops the same, to {layer_error:.1g}\n")
    summary = model.summary((1, *x.shape), "float64")
    run.say(f"{summary}\n")

    flat = layer.flatten()
    place = min(1, s.filters - 1), side - 1, 0
    index = (place[0] * side + place[1]) * side + place[2]
    run.say(f"flatten: a{list(place)} = {float(layer[place]):.3g} is f[{index}] = {float(flat[index]):.3g}")
    checks = gradients(model, x)
    table = run.table(("gradient", "shape", "by hand, apart from the tape", "from numerical derivatives"), checks)
    worst = max(row[2] for row in checks), max(row[3] for row in checks)
    shared, full = sum(p.numel() for p in conv.parameters()), (x.numel() + 1) * layer.numel()
    see = run.see(
        f"{shared} numbers make the {layer.numel()} values of the maps, where a linear layer needs {full:,}; gradients "
        "by hand through linear layer, flatten, ReLU and convolution differ from the tape's by "
        f"{worst[0]:.1g}, from numerical ones by {worst[1]:.1g}"
    )
    draw(run, x, conv, layer, z, see)
    return {
        "neuron": total,
        "layer_error": layer_error,
        "parameters": {"convolution": shared, "linear_instead": full, "network": summary.parameters},
        "gradients": table,
        "error_from_tape": worst[0],
        "error_from_numbers": worst[1],
    }


def neuron(run: Run, x: Tensor, w: Tensor, b: float, at: tuple[int, int]) -> dict[str, float]:
    """Says the sum of the first neuron at one place, channel by channel; returns it before and after ReLU."""
    k, (p, q) = w.shape[-1], at
    sums = []
    for c, (plane, weights) in enumerate(zip(x[:, p : p + k, q : q + k].tolist(), w.tolist(), strict=True)):
        pairs = [(v, n) for row in zip(weights, plane, strict=True) for v, n in zip(*row, strict=True)]
        sums.append(sum(v * n for v, n in pairs))
        run.say(f"channel {c}: " + " + ".join(f"{v:g}*{n:g}" for v, n in pairs) + f" = {sums[-1]:.3g}")
    total = b + sum(sums)
    run.say(
        f"neuron: a[0, {p}, {q}] = relu({b:g} + {' + '.join(f'{value:.3g}' for value in sums)}) = {max(0.0, total):.3g}"
    )
    return {"z": total, "a": max(0.0, total)}


def by_loops(x: Any, w: Any, b: float) -> list[list[float]]:
    """One neuron at every place of an image [C][H][W]: its map [P][Q]."""
    k = len(w[0])
    window = list(product(range(len(w)), range(k), range(k)))

    def activation(p: int, q: int) -> float:
        return max(0.0, b + float(sum(w[c][i][j] * x[c][p + i][q + j] for c, i, j in window)))

    return [[activation(p, q) for q in range(len(x[0][0]) - k + 1)] for p in range(len(x[0]) - k + 1)]


def gradients(model: nn.Sequential, x: Tensor) -> list[tuple[Any, ...]]:
    """By hand through linear layer and flatten, beside the tape's and numerical ones, of the sum of u z."""
    conv, act, flatten, linear = model
    maps = act(conv(x.unsqueeze(0)))
    z = linear(flatten(maps))
    u = xdl.randn(*z.shape, dtype="float64")
    wanted = [linear.weight, linear.bias, maps, conv.weight, conv.bias]
    taped: Any = xdl.grad(z, wanted, u)
    g, f = u.flatten(), maps.detach().flatten()
    da = (linear.weight.detach().T @ g).reshape(maps.shape)
    beyond = (da * (maps.detach() > 0)).tolist()
    _, dw, db = conv_loops.convolve_backward(beyond, x.unsqueeze(0).tolist(), conv.weight.tolist())
    by_hand = [g.reshape(-1, 1) @ f.reshape(1, -1), g, da, *(xdl.tensor(part, dtype="float64") for part in (dw, db))]
    kept = maps.detach()
    after, whole = lambda: (linear(flatten(kept)) * u).sum(), lambda: (model(x.unsqueeze(0)) * u).sum()
    rows = []
    for i, name in enumerate(("dV = g f^T", "dd = g", "da = V^T g, as maps", "dW, convolution", "db, convolution")):
        counted = numerical(after if i < 3 else whole, kept if i == 2 else wanted[i])
        rows.append((name, str(tuple(counted.shape)), _apart(by_hand[i], taped[i]), _apart(by_hand[i], counted)))
    return rows


def numerical(function: Any, at: Tensor) -> Tensor:
    """The derivative by each element of a Tensor that the function reads: (f(x + eps) - f(x - eps)) / 2 eps."""
    slopes = []
    with xdl.no_grad():
        elements = at.detach().reshape(-1)
        for i, value in enumerate(elements.tolist()):
            ends = []
            for step in (EPS, -EPS):
                elements[i] = value + step
                ends.append(function().item())
            elements[i] = value
            slopes.append((ends[0] - ends[1]) / (2 * EPS))
    return xdl.tensor(slopes, dtype="float64").reshape(at.shape)


def draw(run: Run, x: Tensor, conv: nn.Conv2d, layer: Tensor, z: Tensor, see: str) -> None:
    """figures/numbers.png: image, weights of the first neuron, maps, and what becomes of them."""
    matrices: dict[str, Any] = {f"x, channel {c}": plane.tolist() for c, plane in enumerate(x)}
    matrices |= {f"W of neuron 0, channel {c}": plane.tolist() for c, plane in enumerate(conv.weight[0].detach())}
    matrices |= {f"map {o}, after ReLU": plane.tolist() for o, plane in enumerate(layer)}
    matrices["z = V f + d"] = z.tolist()
    run.figure("numbers", plot.matrices_data(matrices, "a layer of convolutions by numbers"), see)


def _apart(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max())
