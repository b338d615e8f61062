"""Sequences to measure, the same in xdl and in PyTorch: recurrent layers, and training steps of recurrent nets,
attention and a transformer block.

`sequence(library, name)` returns a `Sequence`: called, it does one run, for a layer its forward and backward, for a
training step zero_grad, forward, loss, backward, clipping and Adam, tape and allocation included. Both libraries get
the same data and weights, so `digest` tells of both what they computed, and `difference` whether it is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from sequence_nets import NETS

LAYERS = {
    "lstm 32x64x128 to 128": ("LSTM", 32, 64, 128, 128),  # T, N, I, H
    "lstm 100x32x256 to 256": ("LSTM", 100, 32, 256, 256),
    "lstm 50x128x512 to 512": ("LSTM", 50, 128, 512, 512),
    "gru 32x64x128 to 128": ("GRU", 32, 64, 128, 128),
    "gru 100x32x256 to 256": ("GRU", 100, 32, 256, 256),
}
TRANSFORMER = "transformer layer, d 128, 64x32"
SEQUENCES = (*LAYERS, *NETS, TRANSFORMER)
TOLERANCE = 1e-3  # of the norm of an array in float32; a gate or a mask that differs gives far more


@dataclass(frozen=True)
class Sequence:
    """A workload. run: returns its output or loss; inputs: leaves that are no parameters of the model."""

    model: Any
    run: Callable[[], Any]
    inputs: dict[str, Any]

    def __call__(self) -> None:
        """One run."""
        self.run()

    def digest(self) -> dict[str, list[float]]:
        """For the result and each gradient of one run its size, its norm, and its product with a fixed vector."""
        arrays = {"result": self.run().detach()}
        arrays |= {f"gradient of {name}": p.grad for name, p in [*self.inputs.items(), *self.model.named_parameters()]}
        found = {}
        for name, x in arrays.items():
            values = np.asarray(x.numpy(), np.float64).ravel()
            fixed = np.cos(np.arange(values.size))
            found[name] = [float(values.size), float(np.linalg.norm(values)), float(values @ fixed)]
        return found


def difference(a: dict[str, list[float]], b: dict[str, list[float]]) -> str:
    """What differs between two digests, or "" where nothing does."""
    if a.keys() != b.keys():
        return f"only one has {', '.join(sorted(a.keys() ^ b.keys()))}"
    for name, (size, norm, product) in a.items():
        other = b[name]
        if size != other[0] or not max(abs(norm - other[1]), abs(product - other[2])) <= TOLERANCE * norm:
            return f"{name} (size, norm, product): {a[name]} and {other}"
    return ""


def sequence(library: str, name: str) -> Sequence:
    """The named workload in "xdl" or "torch"."""
    framework: Any = __import__(library)
    rng = np.random.default_rng(0)
    return _step(framework, name, rng) if name in NETS else _layer(framework, name, rng)


def _layer(framework: Any, name: str, rng: np.random.Generator) -> Sequence:
    if name == TRANSFORMER:
        model, shape = framework.nn.TransformerEncoderLayer(128, 4, 512, dropout=0.0), (64, 32, 128)
        mask = framework.nn.Transformer.generate_square_subsequent_mask(shape[0])
    else:
        kind, t, n, i, h = LAYERS[name]
        model, shape = getattr(framework.nn, kind)(i, h), (t, n, i)
    _give_weights(framework, model)
    x = framework.tensor(rng.standard_normal(shape, dtype=np.float32))
    x.requires_grad = True

    def forward() -> Any:
        return model(x, mask, is_causal=True) if name == TRANSFORMER else model(x)[0]

    g = framework.tensor(rng.standard_normal(tuple(forward().shape)).astype(np.float32))

    def run() -> Any:
        x.grad = None
        model.zero_grad()
        y = forward()
        y.backward(g)
        return y

    return Sequence(model, run, {"input": x})


def _step(framework: Any, name: str, rng: np.random.Generator) -> Sequence:
    net = NETS[name]
    model = net.build(framework)
    _give_weights(framework, model)
    batch = [framework.tensor(array) for array in net.batch(rng)]
    optimizer = framework.optim.Adam(model.parameters(), lr=0.003)

    def run() -> Any:
        optimizer.zero_grad()
        loss = model(*batch)
        loss.backward()
        if net.clip:
            framework.nn.utils.clip_grad_norm_(model.parameters(), net.clip)
        optimizer.step()
        return loss

    return Sequence(model, run, {})


def _give_weights(framework: Any, model: Any) -> None:
    """Weights drawn from the name of each: the same in both libraries, of the usual size."""
    weights = {}
    for name, w in model.state_dict().items():
        shape = tuple(w.shape)
        drawn = np.random.default_rng(crc32(name.encode())).uniform(-1, 1, shape) / np.sqrt(shape[-1])
        weights[name] = framework.tensor(drawn.astype(np.float32))
    model.load_state_dict(weights)
