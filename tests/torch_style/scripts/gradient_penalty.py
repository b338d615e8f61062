"""WGAN-GP: the penalty of the critic's gradient at points between real and fake, by gradients of gradients."""

import torch
import torch.nn as nn
from torch import autograd, optim


def calc_gradient_penalty(netD, real_data, fake_data, alpha, device, LAMBDA=10):
    alpha = alpha.expand(real_data.size()).to(device)
    interpolates = alpha * real_data + ((1 - alpha) * fake_data)
    interpolates = interpolates.to(device).detach().requires_grad_(True)
    disc_interpolates = netD(interpolates)
    gradients = autograd.grad(
        outputs=disc_interpolates,
        inputs=interpolates,
        grad_outputs=torch.ones(disc_interpolates.size()).to(device),
        create_graph=True,
        retain_graph=True,
        only_inputs=True,
    )[0]
    gradients = gradients.view(gradients.size(0), -1)
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean() * LAMBDA


def main(fixed):
    device = torch.device("cpu")
    netG = fixed.weights(nn.Sequential(nn.Linear(2, 24), nn.ReLU(True), nn.Linear(24, 2)))
    netD = fixed.weights(
        nn.Sequential(nn.Linear(2, 24), nn.LeakyReLU(0.1), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))
    )
    optimizerD = optim.RMSprop(netD.parameters(), lr=1e-3)
    optimizerG = optim.RMSprop(netG.parameters(), lr=1e-3)
    one = torch.tensor(1.0)
    mone = one * -1
    losses = []
    for iteration in range(3):
        for p in netD.parameters():
            p.requires_grad = True
        real = fixed.normal(16, 2) * 0.5 + 1
        netD.zero_grad()
        D_real = netD(real).mean()
        D_real.backward(mone)
        fake = netG(fixed.normal(16, 2)).data
        D_fake = netD(fake).mean()
        D_fake.backward(one)
        gradient_penalty = calc_gradient_penalty(netD, real.data, fake, fixed.uniform(16, 1), device)
        gradient_penalty.backward()
        optimizerD.step()

        for p in netD.parameters():
            p.requires_grad = False
        netG.zero_grad()
        G = netD(netG(fixed.normal(16, 2))).mean()
        G.backward(mone)
        optimizerG.step()
        losses += [(D_fake - D_real + gradient_penalty).item(), -G.item()]
    return losses
