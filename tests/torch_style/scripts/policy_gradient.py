"""REINFORCE with a baseline on a small game: Categorical and Normal, log_prob, entropy, discounted returns."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical, Normal, kl_divergence


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 24)
        self.action_head = nn.Linear(24, 3)
        self.value_head = nn.Linear(24, 1)
        self.log_std = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        x = F.relu(self.affine1(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)


def main(fixed):
    policy = fixed.weights(Policy())
    optimizer = optim.Adam(policy.parameters(), lr=1e-2)
    eps = torch.finfo(torch.float32).eps
    losses = []
    for episode in range(3):
        saved, rewards = [], []
        for t in range(6):
            state = fixed.normal(4)
            probs, value = policy(state)
            m = Categorical(probs)
            assert 0 <= m.sample().item() < 3
            action = fixed.labels(3)
            saved.append((m.log_prob(action), value, m.entropy()))
            rewards.append(float(fixed.uniform(1)))
        R = 0
        returns = []
        for r in rewards[::-1]:
            R = r + 0.99 * R
            returns.insert(0, R)
        returns = torch.tensor(returns)
        returns = (returns - returns.mean()) / (returns.std() + eps)
        policy_losses, value_losses = [], []
        for (log_prob, value, entropy), R in zip(saved, returns):
            advantage = R - value.item()
            policy_losses.append(-log_prob * advantage - 0.01 * entropy)
            value_losses.append(F.smooth_l1_loss(value, torch.tensor([R])))
        noise = Normal(torch.zeros(1), policy.log_std.exp())
        loss = torch.stack(policy_losses).sum() + torch.stack(value_losses).sum()
        loss = loss - noise.log_prob(torch.tensor([0.3])).sum() + kl_divergence(noise, Normal(0.0, 2.0)).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
