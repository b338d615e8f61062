"""LSTMs with peepholes, with coupled gates, and without an output gate: the letters are those of lstm.py.

a = x w_ih^T + h w_hh^T + bias for each gate; s = tanh(c'); p (3, H) peepholes of i, f and o
"""

from __future__ import annotations

from ..mathematics.hyperbolic import sigmoid, tanh
from ..panels import multiply
from ..template import loop
from .lstm import parts, stay


@loop
def peephole(gates, bias, panels, z, hs, cs, p, order, low, high):
    """i and f look at c, and o at c' = f c + i g: each gate's a has p times that state; h' = o s."""
    hidden = hs.shape[2]
    for k in range(order.shape[0]):
        t, before, after, end = order[k, 0], order[k, 1], order[k, 2], max(low, min(high, order[k, 3]))
        multiply(hs[before, low:end], panels, z[low:end], False)
        for b in range(low, end):
            for j in range(hidden):
                past = cs[before, b, j]
                i = sigmoid(gates[t, b, 0, j] + z[b, j] + bias[0, j] + p[0, j] * past)
                f = sigmoid(gates[t, b, 1, j] + z[b, hidden + j] + bias[1, j] + p[1, j] * past)
                g = tanh(gates[t, b, 2, j] + z[b, 2 * hidden + j] + bias[2, j])
                c = f * past + i * g
                o = sigmoid(gates[t, b, 3, j] + z[b, 3 * hidden + j] + bias[3, j] + p[2, j] * c)
                gates[t, b, 0, j], gates[t, b, 1, j], gates[t, b, 2, j], gates[t, b, 3, j] = i, f, g, o
                cs[after, b, j] = c
                hs[after, b, j] = o * tanh(c)
        stay(hs, before, after, end, high)
        stay(cs, before, after, end, high)


@loop
def peephole_back(dy, gates, cs, panels, d, dh, dc, p, order, low, high):
    """As `lstm_back`, where c' has the gradient of o's a, and c those of i's and f's, times p."""
    hidden = cs.shape[2]
    for k in range(order.shape[0] - 1, -1, -1):
        t, before, after, end = order[k, 0], order[k, 1], order[k, 2], max(low, min(high, order[k, 3]))
        for b in range(low, end):
            di, df, dg, do = parts(d[t, b], hidden)
            for j in range(hidden):
                i, f, g, o = gates[t, b, 0, j], gates[t, b, 1, j], gates[t, b, 2, j], gates[t, b, 3, j]
                s, along = tanh(cs[after, b, j]), dy[t, b, j] + dh[b, j]
                of_o = along * s * o * (1.0 - o)
                slope = dc[b, j] + along * o * (1.0 - s * s) + of_o * p[2, j]
                of_i, of_f = slope * g * i * (1.0 - i), slope * cs[before, b, j] * f * (1.0 - f)
                di[j], df[j], dg[j] = of_i, of_f, slope * i * (1.0 - g * g)
                do[j] = of_o
                dc[b, j] = slope * f + of_i * p[0, j] + of_f * p[1, j]
        d[t, end:high] = 0.0
        multiply(d[t, low:end], panels, dh[low:end], False)


@loop
def coupled(gates, bias, panels, z, hs, cs, order, low, high):
    """c' = f c + (1 - f) g, h' = o s; gates: f, g, o."""
    hidden = hs.shape[2]
    for k in range(order.shape[0]):
        t, before, after, end = order[k, 0], order[k, 1], order[k, 2], max(low, min(high, order[k, 3]))
        multiply(hs[before, low:end], panels, z[low:end], False)
        for b in range(low, end):
            for j in range(hidden):
                f = sigmoid(gates[t, b, 0, j] + z[b, j] + bias[0, j])
                g = tanh(gates[t, b, 1, j] + z[b, hidden + j] + bias[1, j])
                o = sigmoid(gates[t, b, 2, j] + z[b, 2 * hidden + j] + bias[2, j])
                c = f * cs[before, b, j] + (1.0 - f) * g
                gates[t, b, 0, j], gates[t, b, 1, j], gates[t, b, 2, j] = f, g, o
                cs[after, b, j] = c
                hs[after, b, j] = o * tanh(c)
        stay(hs, before, after, end, high)
        stay(cs, before, after, end, high)


@loop
def coupled_back(dy, gates, cs, panels, d, dh, dc, order, low, high):
    """dc = dc' + dh o (1 - s**2); d = [dc (c - g) f (1 - f),  dc (1 - f) (1 - g**2),  dh s o (1 - o)]."""
    hidden = cs.shape[2]
    for k in range(order.shape[0] - 1, -1, -1):
        t, before, after, end = order[k, 0], order[k, 1], order[k, 2], max(low, min(high, order[k, 3]))
        for b in range(low, end):
            df, dg, do, _ = parts(d[t, b], hidden)
            for j in range(hidden):
                f, g, o = gates[t, b, 0, j], gates[t, b, 1, j], gates[t, b, 2, j]
                s, along = tanh(cs[after, b, j]), dy[t, b, j] + dh[b, j]
                slope = dc[b, j] + along * o * (1.0 - s * s)
                df[j] = slope * (cs[before, b, j] - g) * f * (1.0 - f)
                dg[j] = slope * (1.0 - f) * (1.0 - g * g)
                do[j] = along * s * o * (1.0 - o)
                dc[b, j] = slope * f
        d[t, end:high] = 0.0
        multiply(d[t, low:end], panels, dh[low:end], False)


@loop
def no_output(gates, bias, panels, z, hs, cs, order, low, high):
    """c' = f c + i g, h' = s; gates: i, f, g."""
    hidden = hs.shape[2]
    for k in range(order.shape[0]):
        t, before, after, end = order[k, 0], order[k, 1], order[k, 2], max(low, min(high, order[k, 3]))
        multiply(hs[before, low:end], panels, z[low:end], False)
        for b in range(low, end):
            for j in range(hidden):
                i = sigmoid(gates[t, b, 0, j] + z[b, j] + bias[0, j])
                f = sigmoid(gates[t, b, 1, j] + z[b, hidden + j] + bias[1, j])
                g = tanh(gates[t, b, 2, j] + z[b, 2 * hidden + j] + bias[2, j])
                c = f * cs[before, b, j] + i * g
                gates[t, b, 0, j], gates[t, b, 1, j], gates[t, b, 2, j] = i, f, g
                cs[after, b, j] = c
                hs[after, b, j] = tanh(c)
        stay(hs, before, after, end, high)
        stay(cs, before, after, end, high)


@loop
def no_output_back(dy, gates, cs, panels, d, dh, dc, order, low, high):
    """dc = dc' + dh (1 - s**2); d = [dc g i (1 - i),  dc c f (1 - f),  dc i (1 - g**2)]."""
    hidden = cs.shape[2]
    for k in range(order.shape[0] - 1, -1, -1):
        t, before, after, end = order[k, 0], order[k, 1], order[k, 2], max(low, min(high, order[k, 3]))
        for b in range(low, end):
            di, df, dg, _ = parts(d[t, b], hidden)
            for j in range(hidden):
                i, f, g = gates[t, b, 0, j], gates[t, b, 1, j], gates[t, b, 2, j]
                s = tanh(cs[after, b, j])
                slope = dc[b, j] + (dy[t, b, j] + dh[b, j]) * (1.0 - s * s)
                di[j] = slope * g * i * (1.0 - i)
                df[j] = slope * cs[before, b, j] * f * (1.0 - f)
                dg[j] = slope * i * (1.0 - g * g)
                dc[b, j] = slope * f
        d[t, end:high] = 0.0
        multiply(d[t, low:end], panels, dh[low:end], False)
