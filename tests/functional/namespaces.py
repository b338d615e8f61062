"""The namespaces F that a case is written against, and what it gives: outputs, first and second gradients."""

import operator
from zlib import crc32

import numpy as np

import xdl
from xdl import backend


class Xdl:
    """xdl's functions and modules on the current backend."""

    nn, optim, linalg = xdl.nn, xdl.optim, xdl.linalg

    def __getattr__(self, name):
        return getattr(xdl.functional, name)

    def detach(self, x):
        """The values outside the tape."""
        return x.detach()

    def seeded(self):
        """The same masks in every call."""
        xdl.manual_seed(7)
        return self

    def run(self, module, *inputs, **state):
        """The module's output with these tensors as parameters and buffers; others stay."""
        for path, tensor in state.items():
            *parents, name = path.split(".")
            owner = module
            for parent in parents:
                owner = getattr(owner, parent)
            assert getattr(owner, name).shape == tensor.shape
            object.__setattr__(owner, name, tensor)  # a Tensor where a Parameter stood
        return module(*inputs)

    def tensor(self, host, requires_grad):
        """A tensor of the host values on the current backend."""
        return xdl.Tensor(backend.current().asarray(host), requires_grad)

    def host(self, x):
        """The values of a tensor."""
        return np.array(x.numpy())

    def gradients(self, outputs, inputs, cotangents, create_graph=False):
        """One gradient per input, None where nothing depends on it."""
        return xdl.grad(outputs, inputs, cotangents, create_graph=create_graph)

    def call(self, case):
        """How the case is called here."""
        return case.call


class Torch:
    """PyTorch under the same names."""

    def __init__(self):
        import torch

        self.torch, self.nn, self.optim = torch, torch.nn, torch.optim
        self.setitem, self.getitem = operator.setitem, operator.getitem

    def __getattr__(self, name):
        found = getattr(self.torch.nn.functional, name, None)
        return found or getattr(self.torch, name, None) or getattr(self.torch.Tensor, name)

    def detach(self, x):
        """The values outside the tape."""
        return x.detach()

    def to(self, x, dtype):
        """x in another dtype."""
        return x.to(getattr(self.torch, dtype))

    def run(self, module, *inputs, **state):
        """The module's output with these tensors as parameters and buffers."""
        return self.torch.func.functional_call(module, state, inputs)

    def tensor(self, host, requires_grad):
        """A tensor of the host values."""
        return self.torch.tensor(host, requires_grad=requires_grad)

    def host(self, x):
        """The values of a tensor."""
        return x.detach().numpy(force=True).copy()

    def gradients(self, outputs, inputs, cotangents, create_graph=False):
        """One gradient per input, None where nothing depends on it."""
        return self.torch.autograd.grad(outputs, inputs, cotangents, create_graph=create_graph, allow_unused=True)

    def call(self, case):
        """How the case is called here."""
        return case.torch or case.call


def evaluate(F, case, dtype="float64"):
    """What a case gives, as tensors by name: outputs y0, ..., first gradients d0, ..., second ones e0, ...

    d: of sum(outputs times cotangents u) with respect to the differentiable inputs
    e: of sum(d times cotangents v) with respect to the same inputs and to u
    u and v are normal numbers of the case's own; a gradient that does not exist is None.
    """
    places = case.differentiable()
    random = np.random.RandomState(crc32(f"{case.id}/cotangents".encode()))

    def cotangent(like, requires_grad=False):
        host = random.standard_normal(tuple(like.shape)).astype(str(like.dtype).rpartition(".")[2])
        return F.tensor(host, requires_grad)

    def forward():
        tensors = [F.tensor(x, i in places) for i, x in enumerate(case.inputs(dtype))]
        result = F.call(case)(F, *tensors)
        outputs = list(result) if isinstance(result, tuple | list) else [result]
        return [tensors[i] for i in places], outputs, [y for y in outputs if y.requires_grad]

    inputs, outputs, roots = forward()
    found = {f"y{i}": y for i, y in enumerate(outputs)}
    if not inputs:
        return found
    assert roots, "no output depends on the differentiable inputs"
    u = [cotangent(y, True) for y in roots]
    found |= {f"d{i}": d for i, d in enumerate(F.gradients(roots, inputs, [F.detach(c) for c in u]))}
    if case.second != "compared":
        return found
    inputs, _, roots = forward()
    graph = [d for d in F.gradients(roots, inputs, u, create_graph=True) if d is not None and d.requires_grad]
    if graph:
        second = F.gradients(graph, [*inputs, *u], [cotangent(d) for d in graph])
        found |= {f"e{i}": e for i, e in enumerate(second)}
    return found


def hosts(F, case, dtype="float64"):
    """`evaluate` as host arrays, None as it is."""
    return {name: None if t is None else F.host(t) for name, t in evaluate(F, case, dtype).items()}
