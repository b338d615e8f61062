"""An adversarial pair (Goodfellow et al. 2014): two models, two optimizers, two backward passes a step."""

import numpy as np

import xdl
from xdl import nn, optim
from xdl.functional import binary_cross_entropy_with_logits
from xdl.train import Measures, Task

NOISE, DIMENSIONS, EPOCHS = 3, 2, 12


class Adversarial(Task):
    """A generator of points, and a critic that tells them from the data's. Batches are Tensors (N, DIMENSIONS)."""

    def __init__(self):
        self.generator = nn.Sequential(nn.Linear(NOISE, 8), nn.ReLU(), nn.Linear(8, DIMENSIONS))
        self.critic = nn.Sequential(nn.Linear(DIMENSIONS, 8), nn.LeakyReLU(0.2), nn.Dropout(0.1), nn.Linear(8, 1))
        self.generator_optimizer = optim.Adam(self.generator.parameters(), lr=0.01, betas=(0.5, 0.9))
        self.critic_optimizer = optim.Adam(self.critic.parameters(), lr=0.01, betas=(0.5, 0.9))

    def parts(self):
        return {
            "generator": self.generator,
            "critic": self.critic,
            "generator_optimizer": self.generator_optimizer,
            "critic_optimizer": self.critic_optimizer,
        }

    def train_step(self, real):
        n = len(real)
        made = self.generator(xdl.randn(n, NOISE))
        critic_loss = self.judged(real, 1) + self.judged(made.detach(), 0)
        self.minimize(critic_loss, self.critic_optimizer, n)
        generator_loss = self.judged(made, 1)
        self.minimize(generator_loss, self.generator_optimizer, n)
        return Measures({"critic_loss": critic_loss, "generator_loss": generator_loss}, n)

    def evaluate_step(self, real):
        made = self.generator(xdl.randn(len(real), NOISE))
        return Measures({"distance": ((made.mean(0) - real.mean(0)) ** 2).sum().sqrt()}, len(real))

    def judged(self, points, target):
        """How far the critic's verdict is from a target, 0 or 1."""
        logits = self.critic(points)
        return binary_cross_entropy_with_logits(logits, xdl.full(logits.shape, float(target)))


def points(n=64, seed=0):
    """A cloud about (2, -1)."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, DIMENSIONS)) / 4 + [2, -1]).astype(np.float32)


def build():
    """The task and its loader: a list of Tensors."""
    return Adversarial(), [xdl.tensor(part) for part in np.split(points(), 4)]
