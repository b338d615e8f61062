"""Layers whose sizes the first input gives, as books of the last years write them, on one device by DataParallel."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(
    nn.LazyConv2d(4, kernel_size=3, padding=1),
    nn.LazyBatchNorm2d(),
    nn.ReLU(inplace=True),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.LazyLinear(8),
    nn.Sigmoid(),
    nn.LazyLinear(3),
)


def init_xavier(module):
    if type(module) in (nn.Linear, nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)


net(torch.zeros(2, 1, 8, 8))
net.apply(init_xavier)
net = nn.DataParallel(net)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler(enabled=False)
for _ in range(3):
    x, y = torch.randn(6, 1, 8, 8), torch.randint(0, 3, (6,))
    loss = nn.functional.cross_entropy(net(x), y)
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
