"""LSTM: all steps of some sequences, low to high. They never meet those of other threads.

T steps, N sequences, H units; gates (T, N, 4, H)   hs, cs (T + 1, N, H)   dy (T, N, H)
d (T, N, 4 H or more)   dh, dc (N, H or more)
order (T, 4): of each step its t, the places of the states before and after it in hs, how many sequences are there
"""

from __future__ import annotations

from ..mathematics.hyperbolic import sigmoid, tanh
from ..panels import multiply
from ..template import loop


@loop
def stay(states, before, after, end, high):
    """States of sequences that are not there in a step: end to high."""
    for b in range(end, high):
        for j in range(states.shape[2]):
            states[after, b, j] = states[before, b, j]


@loop
def parts(row, n):
    """The first four parts of n numbers each, of which a last one may be missing."""
    return row[:n], row[n : 2 * n], row[2 * n : 3 * n], row[3 * n : 4 * n]


@loop
def lstm(gates, bias, panels, z, hs, cs, order, low, high):
    """gates: from x w_ih^T to i, f, g, o; panels: of w_hh^T; bias (4, H); z (N, 4 H or more): h w_hh^T.

    a = x w_ih^T + h w_hh^T + bias      c' = f c + i g      h' = o tanh(c')
    """
    hidden = hs.shape[2]
    for k in range(order.shape[0]):
        t, before, after, end = order[k, 0], order[k, 1], order[k, 2], max(low, min(high, order[k, 3]))
        multiply(hs[before, low:end], panels, z[low:end], False)
        for b in range(low, end):
            for j in range(hidden):
                i = sigmoid(gates[t, b, 0, j] + z[b, j] + bias[0, j])
                f = sigmoid(gates[t, b, 1, j] + z[b, hidden + j] + bias[1, j])
                g = tanh(gates[t, b, 2, j] + z[b, 2 * hidden + j] + bias[2, j])
                o = sigmoid(gates[t, b, 3, j] + z[b, 3 * hidden + j] + bias[3, j])
                c = f * cs[before, b, j] + i * g
                gates[t, b, 0, j], gates[t, b, 1, j], gates[t, b, 2, j], gates[t, b, 3, j] = i, f, g, o
                cs[after, b, j] = c
                hs[after, b, j] = o * tanh(c)
        stay(hs, before, after, end, high)
        stay(cs, before, after, end, high)


@loop
def lstm_back(dy, gates, cs, panels, d, dh, dc, order, low, high):
    """d: the gradient of a; dh, dc: from the gradients of the last states to those of the first. panels: of w_hh.

    dc = dc' + dh o (1 - s**2), s = tanh(c')          before: dh = d w_hh, dc = dc f
    d = [dc g i (1 - i),  dc c f (1 - f),  dc i (1 - g**2),  dh s o (1 - o)]
    """
    hidden = cs.shape[2]
    for k in range(order.shape[0] - 1, -1, -1):
        t, before, after, end = order[k, 0], order[k, 1], order[k, 2], max(low, min(high, order[k, 3]))
        for b in range(low, end):
            di, df, dg, do = parts(d[t, b], hidden)
            for j in range(hidden):
                i, f, g, o = gates[t, b, 0, j], gates[t, b, 1, j], gates[t, b, 2, j], gates[t, b, 3, j]
                s, along = tanh(cs[after, b, j]), dy[t, b, j] + dh[b, j]
                slope = dc[b, j] + along * o * (1.0 - s * s)
                di[j] = slope * g * i * (1.0 - i)
                df[j] = slope * cs[before, b, j] * f * (1.0 - f)
                dg[j] = slope * i * (1.0 - g * g)
                do[j] = along * s * o * (1.0 - o)
                dc[b, j] = slope * f
        d[t, end:high] = 0.0
        multiply(d[t, low:end], panels, dh[low:end], False)
