"""A teacher by exponential moving average, by hand: deepcopy, state_dicts, buffers, mul_ and add_."""

import copy

import torch
import torch.nn as nn
import torch.nn.functional as F


class EMA:
    def __init__(self, model, decay):
        self.model = copy.deepcopy(model)
        self.model.eval()
        self.decay = decay
        for p in self.model.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        msd = model.state_dict()
        for k, v in self.model.state_dict().items():
            if v.dtype.is_floating_point:
                v.mul_(self.decay).add_(msd[k].detach(), alpha=1 - self.decay)
            else:
                v.copy_(msd[k])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(6, 12)
        self.bn = nn.BatchNorm1d(12)
        self.fc2 = nn.Linear(12, 4)
        self.register_buffer("scale", torch.ones(1))

    def forward(self, x):
        return self.fc2(F.dropout(F.silu(self.bn(self.fc1(x))), p=0.0, training=self.training)) * self.scale


def main(fixed):
    student = fixed.weights(Net())
    ema = EMA(student, 0.9)
    optimizer = torch.optim.SGD(
        [
            {"params": student.fc1.parameters()},
            {"params": student.fc2.parameters(), "lr": 1e-2},
            {"params": student.bn.parameters(), "weight_decay": 0},
        ],
        lr=1e-1,
        momentum=0.9,
        weight_decay=1e-3,
    )
    losses = []
    for step in range(3):
        x = fixed.normal(8, 6)
        logits = student(x)
        with torch.no_grad():
            target = F.softmax(ema.model(x), dim=-1)
        loss = F.kl_div(F.log_softmax(logits, dim=-1), target, reduction="batchmean") + 0.1 * F.mse_loss(logits, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        ema.update(student)
        distance = sum((a - b).pow(2).sum() for a, b in zip(student.parameters(), ema.model.parameters()))
        losses += [loss.item(), distance.item()]
    twin = Net()
    missing, unexpected = twin.load_state_dict(ema.model.state_dict(), strict=False)
    assert not missing and not unexpected
    losses.append(twin.eval()(x).mean().item())
    return losses
