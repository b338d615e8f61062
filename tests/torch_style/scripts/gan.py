"""A GAN on points: two optimizers, detach, labels of ones and zeros, real data by index."""

import torch
import torch.nn as nn
import torch.optim as optim


class Generator(nn.Module):
    def __init__(self, latent_dim, hidden=32):
        super().__init__()
        self.main = nn.Sequential(
            nn.Linear(latent_dim, hidden),
            nn.BatchNorm1d(hidden, 0.8),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(hidden, 2),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.main(z)


class Discriminator(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.main = nn.Sequential(
            nn.Linear(2, hidden),
            nn.LeakyReLU(0.2, True),
            nn.Dropout(p=0.0, inplace=True),
            nn.Linear(hidden, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.main(x).view(-1)


def main(fixed):
    device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    netG = fixed.weights(Generator(8)).to(device)
    netD = fixed.weights(Discriminator()).to(device)
    criterion = nn.BCELoss()
    optimizerD = optim.Adam(netD.parameters(), lr=0.0002, betas=(0.5, 0.999))
    optimizerG = optim.Adam(netG.parameters(), lr=0.0002, betas=(0.5, 0.999))
    angle = fixed.uniform(64) * 6.2832
    data = torch.stack([angle.cos(), angle.sin()], dim=1).to(device)
    real_label, fake_label = 1.0, 0.0

    losses = []
    for step in range(3):
        real = data[step * 16 : (step + 1) * 16]
        netD.zero_grad()
        label = torch.full((real.size(0),), real_label, dtype=torch.float, device=device)
        errD_real = criterion(netD(real), label)
        errD_real.backward()
        noise = fixed.normal(real.size(0), 8).to(device)
        fake = netG(noise)
        label.fill_(fake_label)
        errD_fake = criterion(netD(fake.detach()), label)
        errD_fake.backward()
        errD = errD_real + errD_fake
        optimizerD.step()

        netG.zero_grad(set_to_none=True)
        label.fill_(real_label)
        errG = criterion(netD(fake), label)
        errG.backward()
        optimizerG.step()
        losses.append(errD.item())
        losses.append(errG.item())
    return losses
