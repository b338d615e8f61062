"""Steps of optimizers on flat parameters p and gradients g: what is read is written once. sign: -1 for a maximum."""

from __future__ import annotations

import numpy as np

from ..template import loop


@loop
def sgd(p, g, rate, weight_decay, sign):
    """p = p - rate g."""
    for i in range(p.size):
        p[i] -= rate * (sign * g[i] + weight_decay * p[i])


@loop
def momentum(p, g, b, rate, keep, take, weight_decay, sign, first, nesterov):
    """b = keep b + take g, or g in the first step; p = p - rate b, or - rate (g + keep b) with nesterov."""
    for i in range(p.size):
        d = sign * g[i] + weight_decay * p[i]
        past = d if first else keep * b[i] + take * d
        b[i] = past
        p[i] -= rate * (keep * past + d if nesterov else past)


@loop
def _averaged(a, x, beta):
    """beta a + (1 - beta) x."""
    return beta * a + (1.0 - beta) * x


@loop
def adam(p, g, m, v, rate, ahead, eps, beta1, beta2, weight_decay, shrink, sign):
    """p = shrink p - (rate m + ahead g) / (sqrt(v) + eps), the root of the bias correction in rate, ahead and eps."""
    for i in range(p.size):
        q = shrink * p[i]
        d = sign * g[i] + weight_decay * q
        m[i] = _averaged(m[i], d, beta1)
        v[i] = _averaged(v[i], d * d, beta2)
        p[i] = q - (rate * m[i] + ahead * d) / (np.sqrt(v[i]) + eps)


@loop
def moments(p, g, m, v, rate, beta1, beta2, weight_decay, shrink, sign):
    """p = shrink p - rate m: adam without the division, as long as v is uncertain."""
    for i in range(p.size):
        q = shrink * p[i]
        d = sign * g[i] + weight_decay * q
        m[i] = _averaged(m[i], d, beta1)
        v[i] = _averaged(v[i], d * d, beta2)
        p[i] = q - rate * m[i]


@loop
def amsgrad(p, g, m, v, largest, rate, ahead, eps, beta1, beta2, weight_decay, shrink, sign):
    """adam with the largest v so far in place of v; nan counts as the largest."""
    for i in range(p.size):
        q = shrink * p[i]
        d = sign * g[i] + weight_decay * q
        m[i] = _averaged(m[i], d, beta1)
        v[i] = _averaged(v[i], d * d, beta2)
        top = largest[i] if largest[i] > v[i] or largest[i] != largest[i] else v[i]
        largest[i] = top
        p[i] = q - (rate * m[i] + ahead * d) / (np.sqrt(top) + eps)


@loop
def adamax(p, g, m, u, rate, beta1, beta2, eps, weight_decay, sign):
    """u = max(beta2 u, |g| + eps), nan counting as the largest; p = p - rate m / u."""
    for i in range(p.size):
        d = sign * g[i] + weight_decay * p[i]
        m[i] = _averaged(m[i], d, beta1)
        past, new = beta2 * u[i], abs(d) + eps
        norm = past if past > new or past != past else new
        u[i] = norm
        p[i] -= rate * (m[i] / norm)


@loop
def adagrad(p, g, s, rate, eps, weight_decay, sign):
    """s = s + g**2; p = p - rate g / (sqrt(s) + eps)."""
    for i in range(p.size):
        d = sign * g[i] + weight_decay * p[i]
        s[i] += d * d
        p[i] -= rate * (d / (np.sqrt(s[i]) + eps))


@loop
def adadelta(p, g, s, a, rate, rho, eps, weight_decay, sign):
    """u = g sqrt(a + eps) / sqrt(s + eps); s and a average g**2 and u**2; p = p - rate u."""
    for i in range(p.size):
        d = sign * g[i] + weight_decay * p[i]
        s[i] = _averaged(s[i], d * d, rho)
        move = d / np.sqrt(s[i] + eps) * np.sqrt(a[i] + eps)
        a[i] = _averaged(a[i], move * move, rho)
        p[i] -= rate * move


@loop
def rmsprop(p, g, s, rate, alpha, eps, weight_decay, sign):
    """u = g / (sqrt(s) + eps), s an average of g**2; p = p - rate u."""
    for i in range(p.size):
        d = sign * g[i] + weight_decay * p[i]
        s[i] = _averaged(s[i], d * d, alpha)
        p[i] -= rate * (d / (np.sqrt(s[i]) + eps))


@loop
def rmsprop_momentum(p, g, s, b, rate, alpha, eps, weight_decay, momentum, sign):
    """b = momentum b + u; p = p - rate b."""
    for i in range(p.size):
        d = sign * g[i] + weight_decay * p[i]
        s[i] = _averaged(s[i], d * d, alpha)
        b[i] = momentum * b[i] + d / (np.sqrt(s[i]) + eps)
        p[i] -= rate * b[i]


@loop
def rmsprop_centered(p, g, s, a, rate, alpha, eps, weight_decay, sign):
    """rmsprop with s - a**2 for s, a an average of g."""
    for i in range(p.size):
        d = sign * g[i] + weight_decay * p[i]
        s[i] = _averaged(s[i], d * d, alpha)
        a[i] = _averaged(a[i], d, alpha)
        p[i] -= rate * (d / (np.sqrt(s[i] - a[i] * a[i]) + eps))


@loop
def rmsprop_centered_momentum(p, g, s, a, b, rate, alpha, eps, weight_decay, momentum, sign):
    """Both."""
    for i in range(p.size):
        d = sign * g[i] + weight_decay * p[i]
        s[i] = _averaged(s[i], d * d, alpha)
        a[i] = _averaged(a[i], d, alpha)
        b[i] = momentum * b[i] + d / (np.sqrt(s[i] - a[i] * a[i]) + eps)
        p[i] -= rate * b[i]


@loop
def rprop(p, g, q, h, less, more, smallest, largest, sign):
    """h takes `more` where g keeps the sign of q, and `less` where it turned; there g = 0; p = p - h sign g, q = g."""
    for i in range(p.size):
        d = sign * g[i]
        same = d * q[i]
        size = h[i] * (more if same > 0.0 else (less if same < 0.0 else 1.0))
        size = smallest if size < smallest else size
        size = largest if size > largest else size
        past = 0.0 if same < 0.0 else d
        h[i], q[i] = size, past
        p[i] -= size * (1.0 if past > 0.0 else (-1.0 if past < 0.0 else past))


@loop
def asgd(p, g, a, shrink, rate, share, weight_decay, sign, whole):
    """p = shrink p - rate g; a = a + share (p - a), or p itself with `whole`."""
    for i in range(p.size):
        new = shrink * p[i] - rate * (sign * g[i] + weight_decay * p[i])
        p[i] = new
        a[i] = new if whole else a[i] + share * (new - a[i])
