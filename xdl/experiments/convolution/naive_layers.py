"""Layers in plain Python, one image at a time: lists of numbers, and a loop for every index (徐彬 4.3).

Notation: C channels, O outputs, K size of the kernel, H and W of the image; G gradient of the loss. Layers add to
their gradients until `step` uses them up.
"""

from __future__ import annotations

from itertools import product

Image = list[list[list[float]]]  # [channel][row][column]


class Convolution:
    """y[o][i][j] = b[o] + sum over c, k, l of x[c][i + k][j + l] w[o][c][k][l], without padding.

    weight: [O][C][K][K]; bias: [O]
    """

    def __init__(self, weight: list[Image], bias: list[float]) -> None:
        self.weight, self.bias = weight, bias
        self.kernel = list(product(range(len(weight[0])), range(len(weight[0][0])), range(len(weight[0][0]))))
        self._forget()

    def _forget(self) -> None:
        self.dw = [[[[0.0] * len(row) for row in plane] for plane in image] for image in self.weight]
        self.db = [0.0] * len(self.bias)

    def forward(self, x: Image) -> Image:
        """The maps [O][H-K+1][W-K+1] of an image [C][H][W]."""
        self.x = x
        size = len(self.weight[0][0]) - 1
        self.places = list(product(range(len(x[0]) - size), range(len(x[0][0]) - size)))
        y = [[[0.0] * (len(x[0][0]) - size) for _ in range(len(x[0]) - size)] for _ in self.weight]
        for o, w in enumerate(self.weight):
            for i, j in self.places:
                total = self.bias[o]
                for c, k, m in self.kernel:
                    total += x[c][i + k][j + m] * w[c][k][m]
                y[o][i][j] = total
        return y

    def backward(self, g: Image) -> None:
        """dw[o][c][k][l] += sum over i, j of G[o][i][j] x[c][i + k][j + l]; db[o] += sum of G[o]."""
        for o, dw in enumerate(self.dw):
            for i, j in self.places:
                slope = g[o][i][j]
                if slope:
                    self.db[o] += slope
                    for c, k, m in self.kernel:
                        dw[c][k][m] += slope * self.x[c][i + k][j + m]

    def step(self, lr: float) -> None:
        """w -= lr dw, b -= lr db"""
        for o, dw in enumerate(self.dw):
            self.bias[o] -= lr * self.db[o]
            for c, k, m in self.kernel:
                self.weight[o][c][k][m] -= lr * dw[c][k][m]
        self._forget()


class Pooling:
    """ReLU, then the largest of every 2x2: y = max(0, x) over the square; an odd last row or column is left out."""

    def forward(self, x: Image) -> list[float]:
        """The maxima of maps [O][H][W], in one list of O (H//2) (W//2) numbers."""
        self.shape = (len(x), len(x[0]), len(x[0][0]))
        self.winners: list[tuple[int, int, int]] = []
        y = []
        for o in range(len(x)):
            for i, j in product(range(len(x[0]) // 2), range(len(x[0][0]) // 2)):
                square = [(o, 2 * i + k, 2 * j + m) for k in (0, 1) for m in (0, 1)]
                winner = max(square, key=lambda at: x[at[0]][at[1]][at[2]])
                self.winners.append(winner)
                y.append(max(0.0, x[winner[0]][winner[1]][winner[2]]))
        self.y = y
        return y

    def backward(self, g: list[float]) -> Image:
        """Each gradient goes to the place of its maximum, if that was above 0."""
        outputs, height, width = self.shape
        dx = [[[0.0] * width for _ in range(height)] for _ in range(outputs)]
        for (o, i, j), value, slope in zip(self.winners, self.y, g, strict=True):
            if value > 0:
                dx[o][i][j] += slope
        return dx


class Dense:
    """y[k] = b[k] + sum over i of x[i] w[k][i]. weight: [K][I]; bias: [K]"""

    def __init__(self, weight: list[list[float]], bias: list[float]) -> None:
        self.weight, self.bias = weight, bias
        self._forget()

    def _forget(self) -> None:
        self.dw = [[0.0] * len(row) for row in self.weight]
        self.db = [0.0] * len(self.bias)

    def forward(self, x: list[float]) -> list[float]:
        """The sums [K] of inputs [I]."""
        self.x = x
        return [
            b + sum(xi * wi for xi, wi in zip(x, w, strict=True)) for w, b in zip(self.weight, self.bias, strict=True)
        ]

    def backward(self, g: list[float]) -> list[float]:
        """dw[k][i] += G[k] x[i], db[k] += G[k]; returns dx[i] = sum over k of G[k] w[k][i]."""
        for k, slope in enumerate(g):
            self.db[k] += slope
            row = self.dw[k]
            for i, value in enumerate(self.x):
                row[i] += slope * value
        return [sum(slope * w[i] for slope, w in zip(g, self.weight, strict=True)) for i in range(len(self.x))]

    def step(self, lr: float) -> None:
        """w -= lr dw, b -= lr db"""
        for k, row in enumerate(self.dw):
            self.bias[k] -= lr * self.db[k]
            for i, slope in enumerate(row):
                self.weight[k][i] -= lr * slope
        self._forget()
