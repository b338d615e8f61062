"""Steps of optimizers on flat parameters p and gradients g: what is read is written once. sign: -1 for a maximum."""

from __future__ import annotations

import numpy as np

from .template import loop


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
