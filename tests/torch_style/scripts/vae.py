"""A VAE on images: reparameterization, two heads, a sum of losses, slices of a batch."""

import torch
import torch.nn.functional as F
from torch import nn, optim


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 40)
        self.fc21 = nn.Linear(40, 5)
        self.fc22 = nn.Linear(40, 5)
        self.fc3 = nn.Linear(5, 40)
        self.fc4 = nn.Linear(40, 64)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar, eps):
        std = torch.exp(0.5 * logvar)
        return mu + eps * std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(self, x, eps):
        mu, logvar = self.encode(x.view(-1, 64))
        z = self.reparameterize(mu, logvar, eps)
        return self.decode(z), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 64), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


def main(fixed):
    model = fixed.weights(VAE())
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    images = fixed.uniform(48, 1, 8, 8)
    model.train()
    losses = []
    for batch_idx in range(3):
        data = images[batch_idx * 16 : (batch_idx + 1) * 16]
        optimizer.zero_grad()
        recon_batch, mu, logvar = model(data, fixed.normal(16, 5))
        loss = loss_function(recon_batch, data, mu, logvar)
        loss.backward()
        optimizer.step()
        losses.append(loss.item() / len(data))
    model.eval()
    with torch.no_grad():
        sample = model.decode(fixed.normal(4, 5)).cpu().view(4, 1, 8, 8)
        comparison = torch.cat([images[:4], sample])
        losses.append(float(comparison.mean()))
    return losses
