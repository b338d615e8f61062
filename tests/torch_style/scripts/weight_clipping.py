"""WGAN with clipped weights, gradients clipped by norm and value, and weights tied and frozen."""

import torch
import torch.nn as nn
from torch.nn.utils import clip_grad_norm_, clip_grad_value_


def main(fixed):
    critic = fixed.weights(nn.Sequential(nn.Linear(3, 16), nn.ReLU(inplace=True), nn.Linear(16, 1)))
    maker = fixed.weights(nn.Sequential(nn.Linear(4, 16), nn.ELU(), nn.Linear(16, 3)))
    maker[0].bias.requires_grad_(False)
    opt_c = torch.optim.RMSprop(critic.parameters(), lr=5e-4)
    opt_m = torch.optim.AdamW(filter(lambda p: p.requires_grad, maker.parameters()), lr=1e-3, weight_decay=0.01)
    losses = []
    for step in range(3):
        real = fixed.normal(10, 3)
        for _ in range(2):
            fake = maker(fixed.normal(10, 4)).detach()
            loss = critic(fake).mean() - critic(real).mean()
            opt_c.zero_grad()
            loss.backward()
            norm = clip_grad_norm_(critic.parameters(), max_norm=0.5)
            opt_c.step()
            for p in critic.parameters():
                p.data.clamp_(-0.2, 0.2)
        for p in critic.parameters():
            p.data = p.data.clamp(min=-0.1, max=0.1)
        loss_m = -critic(maker(fixed.normal(10, 4))).mean()
        opt_m.zero_grad(set_to_none=False)
        loss_m.backward()
        clip_grad_value_(maker.parameters(), 0.01)
        opt_m.step()
        assert torch.all(critic[0].weight.abs() <= 0.1)
        losses += [loss.item(), loss_m.item(), float(norm)]
    return losses
