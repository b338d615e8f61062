"""PyTorch's random functions, answered by xdl's: the numbers that `python -m xdl.as_torch` gives the same script.

A function of PyTorch that draws for a layer's first weights goes on as it is: those are taken over as a whole.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import xdl
from xdl.as_torch.generator import Generator
from xdl.data import RandomSampler, random_split
from xdl.nn import functional

MADE = ("rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like")
CHOSEN = ("normal", "bernoulli", "multinomial")
WRITTEN = ("bernoulli_", "exponential_", "log_normal_", "normal_", "random_", "uniform_")
MASKS = ("dropout", "dropout1d", "dropout2d", "dropout3d")


class Answers:
    """Replaces functions of `torch`, which is PyTorch."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.generators: dict[tuple[int, int], Generator] = {}

    def put(self) -> None:
        """All of them, from here on."""
        torch, data = self.torch, self.torch.utils.data
        for name in MADE + CHOSEN:
            setattr(torch, name, self.drawn(getattr(torch, name), getattr(xdl, name)))
        for name in WRITTEN:
            setattr(torch.Tensor, name, self.written(name, getattr(torch.Tensor, name)))
        for name in MASKS:
            setattr(torch.nn.functional, name, self.masked(getattr(functional, name)))
        torch.manual_seed = self.seeded(torch.manual_seed)
        data.RandomSampler.__iter__ = lambda sampler: self.shuffled(sampler)
        data.random_split = data.dataset.random_split = self.split

    def drawn(self, original: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
        """xdl's function, with PyTorch's tensors and dtypes around it."""

        def draw(*args: Any, out: Any = None, device: Any = None, requires_grad: bool = False, **kwargs: Any) -> Any:
            if _inside():
                return original(*args, out=out, device=device, requires_grad=requires_grad, **kwargs)
            for unused in ("layout", "pin_memory", "memory_format"):
                kwargs.pop(unused, None)
            found = ours(*map(self.given, args), **{name: self.given(value) for name, value in kwargs.items()})
            y = self.back(found).to(device or next((t.device for t in args if self.is_tensor(t)), None))
            return out.copy_(y) if out is not None else y.requires_grad_(requires_grad)

        return draw

    def written(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        """The method that writes xdl's numbers into a tensor."""

        def write(t: Any, *args: Any, **kwargs: Any) -> Any:
            if _inside():
                return original(t, *args, **kwargs)
            y = xdl.zeros(tuple(t.shape), dtype=self.given(t.dtype))
            getattr(y, name)(*map(self.given, args), **{key: self.given(value) for key, value in kwargs.items()})
            return t.copy_(self.back(y))

        return write

    def masked(self, ours: Callable[..., Any]) -> Callable[..., Any]:
        """Dropout with xdl's mask."""

        def mask(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
            if not training or p == 0:
                return input
            factors = self.back(ours(xdl.ones(tuple(input.shape)), p, True)).to(input)
            return input.mul_(factors) if inplace else input * factors

        return mask

    def seeded(self, original: Callable[[int], Any]) -> Callable[[int], Any]:
        """`manual_seed` of both."""

        def seed(value: int) -> Any:
            xdl.manual_seed(int(value) % 2**64)
            return original(value)

        return seed

    def shuffled(self, sampler: Any) -> Iterator[int]:
        """The order of a RandomSampler."""
        some = None if sampler.num_samples == len(sampler.data_source) else sampler.num_samples
        n, generator = len(sampler.data_source), self.given(sampler.generator)
        return iter(RandomSampler(range(n), sampler.replacement, some, generator))

    def split(self, dataset: Any, lengths: Any, generator: Any = None) -> list[Any]:
        """The parts of `random_split`."""
        parts = random_split(range(len(dataset)), lengths, self.given(generator))
        return [self.torch.utils.data.Subset(dataset, list(part.indices)) for part in parts]

    def is_tensor(self, thing: Any) -> bool:
        """Whether it is PyTorch's."""
        return isinstance(thing, self.torch.Tensor)

    def given(self, thing: Any) -> Any:
        """An argument for xdl."""
        if self.is_tensor(thing):
            return xdl.tensor(thing.detach().cpu().numpy())
        if isinstance(thing, self.torch.dtype):
            return str(thing).removeprefix("torch.")
        if isinstance(thing, self.torch.Generator):
            key = (id(thing), thing.initial_seed())
            if key not in self.generators:
                self.generators[key] = Generator().manual_seed(thing.initial_seed())
            return self.generators[key]
        return tuple(thing) if isinstance(thing, self.torch.Size) else thing

    def back(self, y: Any) -> Any:
        """xdl's result for PyTorch."""
        return self.torch.as_tensor(y.numpy().copy())


def _inside() -> bool:
    """Whether PyTorch's own code draws, for layers' first weights or its machinery; distributions are the script's."""
    caller = sys._getframe(2).f_globals.get("__name__", "")
    return caller.startswith("torch.") and not caller.startswith("torch.distributions")
