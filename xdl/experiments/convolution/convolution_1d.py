"""Convolution of a signal: valid, same, full, strides; and the same as a product with a matrix, forward and backward.

hwdong 6.1.1, 6.1.2, 6.3.1 and 6.3.3. With w turned around, P zeros before and after x, and stride S:

    y[p] = sum over i of w[i] x[p S - i + K - 1 - P]      y = A x = X w      dx = A^T g      dw = X^T g

A row of A holds w turned around, at the place where it meets x; a row of X holds the values that w meets there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xdl
from xdl import functional as F
from xdl import plot
from xdl.errors import SettingError
from xdl.experiments.shared.claims import counted
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {}
EPS = 1e-6  # of the numerical derivatives


@dataclass(frozen=True)
class Settings:
    """The signal, the kernel, and the stride of the last way."""

    signal: tuple[float, ...] = setting((1.0, 3.0, -2.0, 0.0, 4.0, 1.0, 2.0), "x, at most 16 numbers")
    kernel: tuple[float, ...] = setting((1.0, 0.0, -1.0), "w, not longer than x")
    stride: int = setting(2, "positions from one window to the next, in the last way", low=1)

    def __post_init__(self) -> None:
        if not 1 <= len(self.kernel) <= len(self.signal) <= 16:
            found = f"{len(self.kernel)} and {len(self.signal)}"
            raise SettingError("convolution-1d", "1 <= kernel's length <= signal's length <= 16", found)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The values of every way, then the matrix of each way with the errors of its products."""
    x, w = (xdl.tensor(list(values), dtype="float64") for values in (settings.signal, settings.kernel))
    k = len(settings.kernel)
    ways = {
        "full": (k - 1, 1),
        "same": (k // 2, 1),
        "valid": (0, 1),
        f"stride {settings.stride}": (0, settings.stride),
    }
    run.say(f"x = {_text(x)}   w = {_text(w)}   turned around: {_text(w.flip(0))}")
    values: list[tuple[Any, ...]] = []
    checks: list[tuple[Any, ...]] = []
    matrices: dict[str, Any] = {}
    drawn: dict[str, Any] = {"x": x.tolist(), "w": w.tolist()}
    for name, (padding, stride) in ways.items():
        count = _length(name, len(x), k, padding, stride)
        by_hand = [_value(settings.signal, settings.kernel, p * stride + k - 1 - padding) for p in range(count)]
        matrix = weights_matrix(w, len(x), padding, stride, count)
        y = matrix @ x
        values.append((name, count, _text(y)))
        checks.append((name, str(matrix.shape), *errors(name, x, w, matrix, by_hand, padding, stride)))
        drawn[f"y, {name}"] = y.tolist()
        if name in ("same", f"stride {settings.stride}"):
            matrices[f"A, {name}: y = A x, dx = A^T g"] = matrix.tolist()
    same = windows_matrix(x, k, *ways["same"], len(x))
    matrices["X, same: y = X w, dw = X^T g"] = same.tolist()
    table = run.table(("way", "values", "y"), values)
    say_a_value(run, settings)
    run.say("as a product with the matrix A; errors of y against the sums by hand and against xdl's function, of")
    run.say("dx = A^T g and dw = X^T g against the tape and against numerical derivatives:")
    headings = ("way", "A", "y, by hand", "y, xdl", "dx and dw, tape", "dx and dw, numerical")
    products = run.table(headings, checks)
    worst = max(max(row[2:5]) for row in checks)
    zeros = matrices["A, same: y = A x, dx = A^T g"]
    share = sum(value == 0 for row in zeros for value in row) / (len(zeros) * len(zeros[0]))
    weights = counted(k, "weight")
    see = run.see(
        f"each of the {len(ways)} ways is a product with a matrix (largest error {worst:.1g}); that of "
        f"'same' repeats {weights} in every row, and {share:.0%} of it is 0"
    )
    run.figure("matrices", plot.matrices_data({**drawn, **matrices}, "a convolution, and its matrix", columns=3), see)
    return {"ways": table, "products": products, "largest_error": worst}


def _length(name: str, length: int, kernel: int, padding: int, stride: int) -> int:
    """How many values a way gives: "same" as many as x, also where an even kernel needs one more zero at the end."""
    return length if name == "same" else (length + 2 * padding - kernel) // stride + 1


def _value(x: tuple[float, ...], w: tuple[float, ...], at: int) -> float:
    """The sum over i of w[i] x[at - i], where x is 0 outside."""
    return sum(w[i] * x[at - i] for i in range(len(w)) if 0 <= at - i < len(x))


def weights_matrix(w: Tensor, length: int, padding: int, stride: int, count: int) -> Tensor:
    """A (count, length): row p holds w (K,) turned around, from column p S - P on; what falls outside is left out."""
    return _at_places(w, length, padding, stride, count).sum(2)


def windows_matrix(x: Tensor, kernel: int, padding: int, stride: int, count: int) -> Tensor:
    """X (count, K): row p holds x[p S - i + K - 1 - P] for every i, 0 outside."""
    places = _at_places(xdl.ones(kernel, dtype=x.dtype), len(x), padding, stride, count)
    return (places * x.reshape(1, -1, 1)).sum(1)


def _at_places(w: Tensor, length: int, padding: int, stride: int, count: int) -> Tensor:
    """(count, L, K): w[i] where y[p] meets x[l] by w[i], l = p S - i + K - 1 - P; 0 elsewhere."""
    p, columns, i = (xdl.arange(n) for n in (count, length, len(w)))
    met = p.reshape(-1, 1, 1) * stride - i.reshape(1, 1, -1) + (len(w) - 1 - padding)
    return (columns.reshape(1, -1, 1) == met).to(w.dtype) * w.reshape(1, 1, -1)


def function_of(name: str, x: Tensor, w: Tensor, stride: int) -> Tensor:
    """The way by xdl's functions."""
    if name in ("full", "same", "valid"):
        return F.convolve(x, w, name)
    return F.conv1d(x.reshape(1, 1, -1), w.flip(0).reshape(1, 1, -1), stride=stride).flatten()


def errors(
    name: str, x: Tensor, w: Tensor, matrix: Tensor, by_hand: list[float], padding: int, stride: int
) -> tuple[float, ...]:
    """Largest errors: of A x against the sums and against the function, of A^T g and X^T g against tape and numbers."""
    inputs = [value.detach().requires_grad_() for value in (x, w)]
    y = function_of(name, inputs[0], inputs[1], stride)
    g = xdl.randn(*y.shape, dtype="float64")
    gradients = matrix.T @ g, windows_matrix(x, len(w), padding, stride, len(y)).T @ g
    taped: Any = xdl.grad(y, inputs, g)
    counted = [numerical(lambda v: (function_of(name, v, w, stride) * g).sum(), x)]
    counted.append(numerical(lambda v: (function_of(name, x, v, stride) * g).sum(), w))
    product = matrix @ x
    return (
        _apart(product, xdl.tensor(by_hand, dtype="float64")),
        _apart(product, y.detach()),
        max(_apart(a, b) for a, b in zip(gradients, taped, strict=True)),
        max(_apart(a, b) for a, b in zip(gradients, counted, strict=True)),
    )


def numerical(function: Any, at: Tensor) -> Tensor:
    """The derivative of a function of a signal (L,) by each of its values: (f(x + eps) - f(x - eps)) / 2 eps."""
    steps = EPS * xdl.eye(len(at), dtype="float64")
    slopes = [(function(at + step) - function(at - step)).item() / (2 * EPS) for step in steps]
    return xdl.tensor(slopes, dtype="float64")


def say_a_value(run: Run, settings: Settings) -> None:
    """Writes one value of the middle out: which products it is the sum of."""
    x, w = settings.signal, settings.kernel
    at = len(x) // 2
    met = [(w[i], x[at - i]) for i in range(len(w)) if 0 <= at - i < len(x)]
    terms = " + ".join(f"{a:g}*{b:g}" for a, b in met)
    run.say(f"full, y[{at}] = sum over i of w[i] x[{at} - i] = {terms} = {sum(a * b for a, b in met):g}\n")


def _apart(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max())


def _text(values: Tensor) -> str:
    return " ".join(f"{value:g}" for value in values.tolist())
