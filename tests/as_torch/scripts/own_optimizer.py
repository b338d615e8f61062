"""An optimizer of one's own over param_groups and state, with a schedule on it, and its state saved and loaded."""

import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR
from torch.optim.optimizer import Optimizer, required


class HeavyBall(Optimizer):
    def __init__(self, params, lr=required, beta=0.9):
        if lr is not required and lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        super().__init__(params, {"lr": lr, "beta": beta})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None if closure is None else closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if len(state) == 0:
                    state["step"], state["velocity"] = 0, torch.zeros_like(p)
                state["step"] += 1
                state["velocity"].mul_(group["beta"]).add_(p.grad, alpha=1 - group["beta"])
                p.data.addcdiv_(state["velocity"], p.grad.abs().add_(0.1), value=-group["lr"])
        return loss


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1))
optimizer = HeavyBall([{"params": net[0].parameters(), "lr": 0.2}, {"params": net[2].parameters()}], lr=0.1)
scheduler = StepLR(optimizer, step_size=1, gamma=0.5)
assert isinstance(torch.optim.SGD(net.parameters(), lr=0.1), Optimizer)
x, y = torch.randn(8, 3), torch.randn(8, 1)
for _ in range(3):
    optimizer.zero_grad()
    loss = ((net(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    scheduler.step()
    other = HeavyBall([{"params": net[0].parameters()}, {"params": net[2].parameters()}], lr=0.3)
    other.load_state_dict(optimizer.state_dict())
    other.param_groups[0]["lr"] *= 0.9
    optimizer = other
    scheduler = StepLR(optimizer, step_size=1, gamma=0.5)
