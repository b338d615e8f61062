"""How the sequences that a recurrent layer is given lie in memory, and how its results are given back.

T steps, N sequences, I inputs, L layers, D directions, K outputs of a direction

given                                          computed on                             outputs given back
(T, N, I), or (N, T, I) with batch_first       (T, N, I)                               (T, N, D K), or (N, T, D K)
(T, I): one sequence                           (T, 1, I)                               (T, D K)
either of the first two, and lengths           the same, longest first, with sizes,    the same order; 0 beyond lengths
                                               up to the longest's end
PackedSequence                                 padded to (T, N, I), with sizes         PackedSequence
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdl.errors import ShapeError, expect
from xdl.functional.operands import no_tensor
from xdl.functional.shape.shape import cat, transpose
from xdl.nn.utils.rnn import PackedSequence, by_length, inverse, packed_data, padded_data
from xdl.tensor import Tensor


@dataclass(frozen=True)
class Arranged:
    """x (T, N, I), and what brings outputs and states back into the form that was given.

    sizes: how many sequences are there at each step, None for all at each; order: that of the sequences within x
    after: steps that were given behind the longest sequence's end
    """

    x: Tensor
    sizes: tuple[int, ...] | None = None
    order: list[int] | None = None
    packed: PackedSequence | None = None
    batch_first: bool = False
    alone: bool = False
    after: int = 0

    def outputs(self, y: Tensor) -> Tensor | PackedSequence:
        """y (T, N, D K) in the form that was given."""
        if self.packed is not None:
            assert self.sizes is not None
            return self.packed._replace(data=packed_data(y, self.sizes))
        if self.alone:
            return y[:, 0]
        y = y if self.order is None else y[:, inverse(self.order)]
        y = cat([y, y.new_zeros((self.after, *y.shape[1:]))]) if self.after else y
        return transpose(y, 0, 1) if self.batch_first else y

    def state(self, h: Tensor) -> Tensor:
        """A last state (L D, N, K) in the order of the sequences that were given; (L D, K) of one sequence."""
        if self.alone:
            return h[:, 0]
        return h if self.order is None else h[:, inverse(self.order)]

    def initial(self, operation: str, name: str, h: Tensor, wanted: tuple[int, int, int]) -> Tensor:
        """A first state as it was given, in the order of x. Raises ShapeError unless it is (L D, N, K)."""
        if h.shape != ((wanted[0], wanted[2]) if self.alone else wanted):
            shape = f"({wanted[0]}, {wanted[2]})" if self.alone else wanted
            raise ShapeError(operation, f"{name} {shape} for this input", h.shape)
        if self.alone:
            return h.unsqueeze(1)
        return h if self.order is None else h[:, self.order]


def arrange(
    operation: str,
    input: Tensor | PackedSequence,
    lengths: Sequence[int] | Tensor | None,
    batch_first: bool,
    features: int,
) -> Arranged:
    """The input in the order and the form in which it is computed. Raises ShapeError, and DtypeError for no Tensor."""
    if isinstance(input, PackedSequence):
        if lengths is not None:
            raise ShapeError(operation, "a PackedSequence, which has its lengths, or lengths", "both")
        if input.data.ndim != 2 or input.data.shape[1] != features:
            raise ShapeError(operation, f"a PackedSequence of data (L, {features})", input.data.shape)
        sizes, order, _ = input.arrangement(operation)
        return Arranged(padded_data(input.data, sizes), sizes, order, packed=input)
    if not isinstance(input, Tensor):
        raise no_tensor(operation, "input", input)
    wanted = f"input (T, {features}), or {'(N, T' if batch_first else '(T, N'}, {features})"
    if input.ndim not in (2, 3) or input.shape[-1] != features:
        raise ShapeError(operation, wanted, input.shape)
    steps = input.shape[1 if batch_first and input.ndim == 3 else 0]
    expect(steps > 0, ShapeError, operation, f"{wanted}, of sequence length T >= 1", f"T = 0 in {input.shape}")
    if input.ndim == 2:
        if lengths is not None:
            raise ShapeError(operation, "lengths with several sequences only", f"input {input.shape}")
        return Arranged(input.unsqueeze(1), alone=True)
    x = transpose(input, 0, 1) if batch_first else input
    if lengths is None:
        return Arranged(x, batch_first=batch_first)
    order, sizes = by_length(operation, lengths, *x.shape[:2])
    after = x.shape[0] - len(sizes)
    return Arranged(x[: len(sizes), order], sizes, order, batch_first=batch_first, after=after)
