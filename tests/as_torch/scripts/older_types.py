"""Older spellings: types of tensors, Variable, .data, size_average, uint8 masks, resize_, in-place shapes, new."""

import torch
import torch.nn as nn
from torch.autograd import Variable
from torch.utils.data import DataLoader, Dataset

dtype = torch.FloatTensor


class Squares(Dataset):
    def __init__(self, n):
        self.x = torch.linspace(-1, 1, n).unsqueeze_(1)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return {"x": self.x[i], "y": self.x[i] ** 2}


torch.manual_seed(0)
data = Squares(12)
assert isinstance(data, Dataset)
assert not isinstance([1, 2], Dataset)
w1 = Variable(torch.randn(1, 6).type(dtype), requires_grad=True)
w2 = Variable(torch.randn(6, 1).type(dtype), requires_grad=True)
criterion = nn.MSELoss(size_average=False)
buffer = torch.FloatTensor(1)
for batch in DataLoader(data, batch_size=4, shuffle=True):
    x = Variable(batch["x"].type(dtype))
    buffer.resize_as_(batch["y"]).copy_(batch["y"])
    mask = (x > 0).type(torch.ByteTensor)
    target = torch.where(mask, buffer, buffer.new(buffer.size()).fill_(0.5))
    hidden = x.mm(w1).clamp(min=0)
    hidden += 0.1
    loss = criterion(hidden.mm(w2), target) + x[mask].sum()
    loss.backward()
    w1.data -= 1e-2 * w1.grad.data
    w2.data.sub_(1e-2 * w2.grad.data)
    w1.grad.data.zero_()
    w2.grad.data.zero_()
