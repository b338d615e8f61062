"""GRU with the gate r after the product with w_hh (cuDNN, PyTorch), and before it (Cho et al. 2014): see lstm.py.

gates (T, N, 3, H): from x w_ih^T to r, z, n          h' = n + z (h - n)
"""

from __future__ import annotations

from ..mathematics.hyperbolic import sigmoid, tanh
from ..panels import multiply
from ..template import loop
from .lstm import stay


@loop
def gru(gates, b_n, bias, panels, p, hs, order, low, high):
    """r, z = sigmoid(a + b), n = tanh(a_n + r b_n); b = h w_hh^T + bias, b_n (T, N, H) is kept.

    bias (4, H): of r, z, a_n, and b_n; p (N, 3 H or more): h w_hh^T.
    """
    hidden = hs.shape[2]
    for k in range(order.shape[0]):
        t, before, after, end = order[k, 0], order[k, 1], order[k, 2], max(low, min(high, order[k, 3]))
        multiply(hs[before, low:end], panels, p[low:end], False)
        for b in range(low, end):
            for j in range(hidden):
                r = sigmoid(gates[t, b, 0, j] + p[b, j] + bias[0, j])
                z = sigmoid(gates[t, b, 1, j] + p[b, hidden + j] + bias[1, j])
                recurrent = p[b, 2 * hidden + j] + bias[3, j]
                n = tanh(gates[t, b, 2, j] + bias[2, j] + r * recurrent)
                gates[t, b, 0, j], gates[t, b, 1, j], gates[t, b, 2, j], b_n[t, b, j] = r, z, n, recurrent
                hs[after, b, j] = n + z * (hs[before, b, j] - n)
        stay(hs, before, after, end, high)


@loop
def gru_back(dy, gates, b_n, hs, panels, d, dh, order, low, high):
    """d (T, N, 4 H or more) = [dn r, dr, dz, dn], so that its first three are db and its last three da.

    panels: of w_hh in the order n, r, z; dh: from the gradient of the last h to that of the first.

    dn = dh (1 - z) (1 - n**2)      dz = dh (h - n) z (1 - z)      dr = dn b_n r (1 - r)      before: dh = dh z + db w
    """
    hidden = hs.shape[2]
    for k in range(order.shape[0] - 1, -1, -1):
        t, before, end = order[k, 0], order[k, 1], max(low, min(high, order[k, 3]))
        for b in range(low, end):
            for j in range(hidden):
                r, z, n = gates[t, b, 0, j], gates[t, b, 1, j], gates[t, b, 2, j]
                along = dy[t, b, j] + dh[b, j]
                dn = along * (1.0 - z) * (1.0 - n * n)
                d[t, b, j] = dn * r
                d[t, b, hidden + j] = dn * b_n[t, b, j] * r * (1.0 - r)
                d[t, b, 2 * hidden + j] = along * (hs[before, b, j] - n) * z * (1.0 - z)
                d[t, b, 3 * hidden + j] = dn
                dh[b, j] = along * z
        d[t, end:high] = 0.0
        multiply(d[t, low:end], panels, dh[low:end], True)


@loop
def gru_before(gates, bias, panels, panels_n, p, passed, hs, order, low, high):
    """r, z = sigmoid(a + h w^T + bias), n = tanh(a_n + (r h) w_n^T + bias_n).

    panels: of the rows of r and z in w_hh, turned; panels_n: of those of n; bias (3, H).
    p (N, 2 H or more): first h w^T, then passed w_n^T; passed (N, H): r h.
    """
    hidden = hs.shape[2]
    for k in range(order.shape[0]):
        t, before, after, end = order[k, 0], order[k, 1], order[k, 2], max(low, min(high, order[k, 3]))
        multiply(hs[before, low:end], panels, p[low:end], False)
        for b in range(low, end):
            for j in range(hidden):
                r = sigmoid(gates[t, b, 0, j] + p[b, j] + bias[0, j])
                gates[t, b, 0, j] = r
                gates[t, b, 1, j] = sigmoid(gates[t, b, 1, j] + p[b, hidden + j] + bias[1, j])
                passed[b, j] = r * hs[before, b, j]
        multiply(passed[low:end], panels_n, p[low:end], False)
        for b in range(low, end):
            for j in range(hidden):
                n = tanh(gates[t, b, 2, j] + p[b, j] + bias[2, j])
                gates[t, b, 2, j] = n
                hs[after, b, j] = n + gates[t, b, 1, j] * (hs[before, b, j] - n)
        stay(hs, before, after, end, high)


@loop
def gru_before_back(dy, gates, hs, panels, panels_n, u, d, dh, order, low, high):
    """d (T, N, 3 H or more) = [dr, dz, dn]; panels: of the rows of r and z in w_hh; panels_n: of those of n.

    u (N, H or more) = dn w_n is the gradient of r h, dr = u h r (1 - r), and before: dh = dh z + u r + [dr, dz] w.
    """
    hidden = hs.shape[2]
    for k in range(order.shape[0] - 1, -1, -1):
        t, before, end = order[k, 0], order[k, 1], max(low, min(high, order[k, 3]))
        for b in range(low, end):
            for j in range(hidden):
                z, n = gates[t, b, 1, j], gates[t, b, 2, j]
                along = dy[t, b, j] + dh[b, j]
                d[t, b, hidden + j] = along * (hs[before, b, j] - n) * z * (1.0 - z)
                d[t, b, 2 * hidden + j] = along * (1.0 - z) * (1.0 - n * n)
                dh[b, j] = along * z
        d[t, end:high] = 0.0
        multiply(d[t, low:end, 2 * hidden :], panels_n, u[low:end], False)
        for b in range(low, end):
            for j in range(hidden):
                r = gates[t, b, 0, j]
                d[t, b, j] = u[b, j] * hs[before, b, j] * r * (1.0 - r)
                dh[b, j] += u[b, j] * r
        multiply(d[t, low:end], panels, dh[low:end], True)
