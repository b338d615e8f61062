"""Functions with a backward of their own: two results, saved results, a straight-through sign, a reversed gradient."""

import torch
from torch import nn
from torch.autograd import Function, gradcheck, gradgradcheck


class Polar(Function):
    @staticmethod
    def forward(ctx, x, y, unit=1.0):
        r = torch.sqrt(x * x + y * y) * unit
        angle = torch.atan2(y, x)
        ctx.save_for_backward(x, y, r)
        ctx.unit = unit
        return r, angle

    @staticmethod
    def backward(ctx, grad_r, grad_angle):
        x, y, r = ctx.saved_tensors
        unit = ctx.unit
        square = (r / unit) ** 2
        dx = grad_r * unit * unit * x / r - grad_angle * y / square
        dy = grad_r * unit * unit * y / r + grad_angle * x / square
        return dx, dy, None


class Sign(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input.sign()

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[input.abs() > 1] = 0
        return grad_input


class Reverse(Function):
    @staticmethod
    def forward(x, alpha):
        return x.view_as(x)

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, ctx.alpha = inputs

    @staticmethod
    def backward(ctx, grad):
        return grad.neg() * ctx.alpha, None


class Largest(Function):
    @staticmethod
    def forward(ctx, x):
        values, indices = x.max(1)
        ctx.mark_non_differentiable(indices)
        ctx.save_for_backward(indices)
        ctx.shape = x.shape
        return values, indices

    @staticmethod
    def backward(ctx, grad_values, grad_indices):
        assert ctx.needs_input_grad[0]
        (indices,) = ctx.saved_tensors
        grad = torch.zeros(ctx.shape, dtype=grad_values.dtype)
        return grad.scatter_(1, indices[:, None], grad_values[:, None])


def main(fixed):
    x = (fixed.normal(4).double() + 3).requires_grad_()
    y = (fixed.normal(4).double() + 2).requires_grad_()
    assert gradcheck(Polar.apply, (x, y, 2.0))
    assert gradgradcheck(Polar.apply, (x, y, 2.0))
    radius, _ = Polar.apply(x, y)
    (first,) = torch.autograd.grad((radius**3).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    numbers = [first.sum().item(), second.sum().item()]

    net = nn.Sequential(nn.Linear(5, 8), nn.Linear(8, 3))
    net = fixed.weights(net)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    inputs = fixed.normal(6, 5)
    for _ in range(3):
        optimizer.zero_grad()
        hidden = Sign.apply(net[0](inputs))
        values, indices = Largest.apply(net[1](hidden))
        assert not indices.requires_grad
        loss = (values**2).mean() + Reverse.apply(hidden, 0.5).mean()
        loss.backward()
        optimizer.step()
        numbers.append(loss.item())
        numbers.append(net[0].weight.grad.sum().item())
    return numbers
