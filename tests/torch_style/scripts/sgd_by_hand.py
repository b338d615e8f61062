"""Regression and classification without optimizers: updates by hand through .data, in no_grad, and with momentum."""

import torch
import torch.nn as nn
import torch.nn.functional as F


def by_data(fixed):
    x, y = fixed.normal(20, 3), fixed.normal(20, 1)
    w = torch.zeros(3, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    losses = []
    for epoch in range(3):
        loss = ((x.mm(w) + b - y) ** 2).mean()
        loss.backward()
        w.data -= 0.1 * w.grad
        b.data.sub_(0.1 * b.grad.data)
        w.grad.zero_()
        b.grad.data.zero_()
        losses.append(loss.item())
    return losses


def in_no_grad(fixed):
    x, y = fixed.normal(20, 4), fixed.labels(3, 20)
    model = fixed.weights(nn.Sequential(nn.Linear(4, 16), nn.ReLU(True), nn.Linear(16, 3)))
    losses = []
    for epoch in range(3):
        loss = F.cross_entropy(model(x), y)
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= 0.5 * p.grad
        losses.append(loss.item())
    return losses


def with_momentum(fixed):
    x, y = fixed.normal(20, 4), fixed.normal(20)
    model = fixed.weights(nn.Linear(4, 1))
    velocity = [torch.zeros_like(p) for p in model.parameters()]
    losses = []
    for epoch in range(3):
        loss = (model(x).squeeze() - y).abs().clamp(max=2.0).mean()
        for p in model.parameters():
            p.grad = None
        loss.backward()
        with torch.no_grad():
            for p, v in zip(model.parameters(), velocity):
                v.mul_(0.9).add_(p.grad, alpha=-0.1)
                p.add_(v)
        losses.append(loss.item())
    return losses


def main(fixed):
    return by_data(fixed) + in_no_grad(fixed) + with_momentum(fixed)
