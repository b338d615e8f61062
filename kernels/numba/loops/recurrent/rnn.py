"""Elman's network: h' = f(z), z = x w_ih^T + h w_hh^T + bias, f = tanh or relu. The arrays are those of lstm.py."""

from __future__ import annotations

from ..mathematics.hyperbolic import tanh
from ..panels import multiply
from ..template import loop
from .lstm import stay


@loop
def rnn(a, bias, panels, p, hs, order, relu, low, high):
    """a (T, N, H) = x w_ih^T; panels: of w_hh^T; bias (H,); p (N, H or more): h w_hh^T."""
    hidden = hs.shape[2]
    for k in range(order.shape[0]):
        t, before, after, end = order[k, 0], order[k, 1], order[k, 2], max(low, min(high, order[k, 3]))
        multiply(hs[before, low:end], panels, p[low:end], False)
        for b in range(low, end):
            if relu:
                for j in range(hidden):
                    z = a[t, b, j] + p[b, j] + bias[j]
                    hs[after, b, j] = 0.0 if z < 0.0 else z
            else:
                for j in range(hidden):
                    hs[after, b, j] = tanh(a[t, b, j] + p[b, j] + bias[j])
        stay(hs, before, after, end, high)


@loop
def rnn_back(dy, hs, panels, d, dh, order, relu, low, high):
    """d (T, N, H or more) = dh (1 - h'**2), or dh where h' is not 0.

    dh: from the gradient of the last h to that of the first, d w_hh.
    """
    hidden = hs.shape[2]
    for k in range(order.shape[0] - 1, -1, -1):
        t, after, end = order[k, 0], order[k, 2], max(low, min(high, order[k, 3]))
        for b in range(low, end):
            if relu:
                for j in range(hidden):
                    d[t, b, j] = dy[t, b, j] + dh[b, j] if hs[after, b, j] != 0.0 else 0.0
            else:
                for j in range(hidden):
                    new = hs[after, b, j]
                    d[t, b, j] = (dy[t, b, j] + dh[b, j]) * (1.0 - new * new)
        d[t, end:high] = 0.0
        multiply(d[t, low:end], panels, dh[low:end], False)
