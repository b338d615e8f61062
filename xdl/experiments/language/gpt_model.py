"""A small transformer that names the next character: causal self-attention over a window (Radford et al. 2018)."""

from __future__ import annotations

from math import sqrt
from typing import Any

from xdl import nn
from xdl.errors import SettingError, expect
from xdl.functional import cat
from xdl.nn.attention.positions import LearnedPositions
from xdl.tensor import Tensor


class TinyGPT(nn.Module):
    """x (B, T) int64 and a state to logits (B, T, V) and the next state.

    context: characters that it sees at most, two or more: one position is learned for each

    The state holds the characters of the window that it is in (B, S), and their keys and values in every layer, so
    that each new step computes only its own. A full window is left for one that begins with its second half: each
    character is named with at least half a context before it, but for the first ones of a text.

    Matrices start normal with std 0.02, those that end a shortcut's branch with 0.02 / sqrt(2 layers), biases at 0
    (Radford et al. 2019, section 2.3), so that at first a character's own vector is not lost among what is added to it.
    """

    def __init__(
        self, characters: int, width: int, layers: int, heads: int, context: int, dropout: float = 0.0
    ) -> None:
        expect(context >= 2, SettingError, "TinyGPT", "context >= 2", context)
        self.context = context
        self.embedding = nn.Embedding(characters, width)
        self.positions = LearnedPositions(width, context)
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, dropout, activation="gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, layers, nn.LayerNorm(width))
        self.head = nn.Linear(width, characters)
        self._start(layers)

    def matrices(self) -> list[Tensor]:
        """The weights of the layers' products, but for those of the first and the last one."""
        return [p for p in self.encoder.layers.parameters() if p.ndim == 2]

    def _start(self, layers: int) -> None:
        for name, p in self.named_parameters():
            if p.ndim == 2:
                ends = name.endswith(("out_proj.weight", "linear2.weight"))
                nn.init.normal_(p, std=0.02 / sqrt(2 * layers) if ends else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def forward(self, x: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """The logits of the next character at every step, and the state; None: nothing came before."""
        if self.training and state is None and x.shape[1] <= self.context:
            return self._logits(self.encoder(self.positions(self.embedding(x)), is_causal=True)), None
        seen, caches = state or (x[:, :0], self.encoder.new_cache())
        pieces = []
        while x.shape[1]:
            if seen.shape[1] == self.context:
                seen, caches = seen[:, -(self.context // 2) :], self.encoder.new_cache()
                self._read(seen, 0, caches)
            piece, x = x[:, : self.context - seen.shape[1]], x[:, self.context - seen.shape[1] :]
            pieces.append(self._logits(self._read(piece, seen.shape[1], caches)))
            seen = cat([seen, piece], 1)
        return (pieces[0] if len(pieces) == 1 else cat(pieces, 1)), (seen, caches)

    def _read(self, x: Tensor, offset: int, caches: Any) -> Tensor:
        y: Tensor = self.encoder(self.positions(self.embedding(x), offset), is_causal=True, cache=caches)
        return y

    def _logits(self, y: Tensor) -> Tensor:
        logits: Tensor = self.head(y)
        return logits
