"""Sequences of several lengths in one tensor, step by step without padding: PyTorch's packed sequences.

T steps, N sequences, longest first; batch_sizes[t] = n_t sequences have a step t
data: the rows of step 0 of all N sequences, then those of step 1 of the n_1 that are longer, and so on
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from numbers import Integral
from typing import Any, NamedTuple

from xdl.backend import kinds
from xdl.creation import tensor
from xdl.errors import DtypeError, KindError, ShapeError, expect
from xdl.functional.operands import check_tensors
from xdl.functional.shape.shape import cat, transpose
from xdl.functional.typed_errors import typed
from xdl.tensor import Tensor

Lengths = Sequence[int] | Tensor


class _Packed(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None = None
    unsorted_indices: Tensor | None = None


class PackedSequence(_Packed):
    """data (n_0 + ... + n_T-1, ...), batch_sizes (T,) integers on the host, and the order, if not the given one.

    sorted_indices:   which of the given sequences stands at each place; None for the order that was given
    unsorted_indices: its inverse, which is found without

    Raises DtypeError for what is no Tensor, and for batch_sizes that are no integers.
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Tensor,
        batch_sizes: Tensor,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> PackedSequence:
        check_tensors("PackedSequence", data=data, batch_sizes=batch_sizes)
        right = kinds[batch_sizes.array.dtype] == "int" and batch_sizes.ndim == 1 and data.ndim > 0
        found = f"data {data.shape} and batch_sizes {batch_sizes.dtype} {batch_sizes.shape}"
        expect(right, DtypeError, "PackedSequence", "data (L, ...) and integer batch_sizes (T,)", found)
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The same with its data elsewhere or of another dtype."""
        return self._replace(data=self.data.to(*args, **kwargs))

    def cpu(self) -> PackedSequence:
        """The same with its data on the host."""
        return self._replace(data=self.data.cpu())

    def cuda(self) -> PackedSequence:
        """The same with its data on a GPU."""
        return self._replace(data=self.data.cuda())

    def double(self) -> PackedSequence:
        """The same with its data in float64."""
        return self.to("float64")

    def float(self) -> PackedSequence:
        """The same with its data in float32."""
        return self.to("float32")

    def arrangement(self, operation: str) -> tuple[tuple[int, ...], list[int] | None, list[int] | None]:
        """batch_sizes, sorted_indices and unsorted_indices as lists. Raises ShapeError unless the sizes fall, and add
        up to the rows of data, and the indices name each sequence once.
        """
        sizes = tuple(self.batch_sizes.tolist())
        falling = all(n >= following for n, following in zip(sizes, [*sizes[1:], 1], strict=False))
        wanted = f"falling batch_sizes of at least 1 that add up to the {self.data.shape[0]} rows of data"
        expect(bool(sizes) and falling and sum(sizes) == self.data.shape[0], ShapeError, operation, wanted, sizes)
        orders = []
        for name, indices in (("sorted_indices", self.sorted_indices), ("unsorted_indices", self.unsorted_indices)):
            order = None if indices is None else indices.tolist()
            fits = order is None or sorted(order) == list(range(sizes[0]))
            expect(fits, ShapeError, operation, f"{name} that name each of {sizes[0]} sequences once", order)
            orders.append(order)
        return sizes, orders[0], orders[1]


@typed
def pack_padded_sequence(
    input: Tensor, lengths: Lengths, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Packs padded sequences (T, N, ...), or (N, T, ...) with batch_first; lengths (N,) are host integers.

    enforce_sorted: the sequences must lie in falling order of length; else they are sorted, and the order kept

    Raises ShapeError for lengths that do not fit.
    """
    name = "pack_padded_sequence"
    check_tensors(name, input=input)
    expect(input.ndim >= 2, ShapeError, name, "input (T, N, ...)", input.shape)
    x = transpose(input, 0, 1) if batch_first else input
    order, sizes = by_length(name, lengths, *x.shape[:2])
    if enforce_sorted:
        if order != list(range(len(order))):
            hint = "Give enforce_sorted=False to have them sorted"
            raise ShapeError(name, "falling lengths", _as_list(name, lengths), hint)
        return PackedSequence(packed_data(x, sizes), tensor(sizes, device="cpu"))
    indices = tensor(order, device="cpu"), tensor(inverse(order), device="cpu")
    return PackedSequence(packed_data(x[:, order], sizes), tensor(sizes, device="cpu"), *indices)


@typed
def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """The padded sequences (T, N, ...), or (N, T, ...) with batch_first, and their lengths (N,), in the given order.

    total_length: pads to more steps than the longest sequence has. Raises ShapeError where that is too short, and for a
    sequence whose parts do not fit each other.
    """
    name = "pad_packed_sequence"
    expect(isinstance(sequence, PackedSequence), KindError, name, "a PackedSequence", type(sequence).__name__)
    sizes, _, back = sequence.arrangement(name)
    steps = len(sizes) if total_length is None else total_length
    expect(steps >= len(sizes), ShapeError, name, f"total_length >= {len(sizes)}", total_length)
    padded = padded_data(sequence.data, sizes, padding_value, steps)
    lengths = [sum(size > i for size in sizes) for i in range(sizes[0])]
    if back is not None:
        padded, lengths = padded[:, back], [lengths[i] for i in back]
    return transpose(padded, 0, 1) if batch_first else padded, tensor(lengths, device="cpu")


@typed
def pad_sequence(
    sequences: Sequence[Tensor], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Sequences (T_i, ...) padded to (T, N, ...), or (N, T, ...) with batch_first, T the longest.

    padding_side: "right" or "left". Raises ShapeError for no sequences, or for other sizes behind T_i.
    """
    expect(len(sequences) > 0, ShapeError, "pad_sequence", "at least one sequence", "none")
    expect(padding_side in ("right", "left"), ShapeError, "pad_sequence", "a side right or left", padding_side)
    for one in sequences:
        check_tensors("pad_sequence", sequences=one)
        expect(one.ndim > 0, ShapeError, "pad_sequence", "sequences (T, ...)", one.shape)
    rest = sequences[0].shape[1:]
    steps = max(len(one) for one in sequences)
    columns = []
    for one in sequences:
        expect(
            one.shape[1:] == rest, ShapeError, "pad_sequence", f"sequences (T, {', '.join(map(str, rest))})", one.shape
        )
        missing = [one.new_full((steps - len(one), *rest), padding_value)] if len(one) < steps else []
        whole = [one, *missing] if padding_side == "right" else [*missing, one]
        columns.append(cat(whole).unsqueeze(0 if batch_first else 1))
    return cat(columns, 0 if batch_first else 1)


@typed
def unpad_sequence(padded_sequences: Tensor, lengths: Lengths, batch_first: bool = False) -> list[Tensor]:
    """The sequences (T_i, ...) within padded ones (T, N, ...): the inverse of `pad_sequence`."""
    x = padded_sequences if batch_first else transpose(padded_sequences, 0, 1)
    by_length("unpad_sequence", lengths, x.shape[1], x.shape[0])
    return [x[i, :length] for i, length in enumerate(_as_list("unpad_sequence", lengths))]


@typed
def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Packs sequences (T_i, ...)."""
    return pack_padded_sequence(pad_sequence(sequences), [len(one) for one in sequences], False, enforce_sorted)


@typed
def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences (T_i, ...) of a packed one: the inverse of `pack_sequence`."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences))


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes this one; None for None. Raises DtypeError, ShapeError for what is no permutation."""
    if permutation is None:
        return None
    check_tensors("invert_permutation", permutation=permutation)
    order = permutation.tolist()
    fits = permutation.ndim == 1 and sorted(order) == list(range(len(order)))
    expect(fits, ShapeError, "invert_permutation", "each of 0 to N - 1 once", order)
    return tensor(inverse(order), device="cpu")


def inverse(order: Sequence[int]) -> list[int]:
    """The permutation that undoes this one."""
    return sorted(range(len(order)), key=order.__getitem__)


def by_length(operation: str, lengths: Lengths, steps: int, sequences: int) -> tuple[list[int], tuple[int, ...]]:
    """The order of the sequences, longest first, and how many are there at each of the steps of the longest.

    Raises ShapeError unless there is a length between 1 and T for each sequence.
    """
    known = _as_list(operation, lengths)
    expect(sequences > 0, ShapeError, operation, "lengths of at least one sequence", "input of none")
    fits = len(known) == sequences and all(isinstance(n, int) and 1 <= n <= steps for n in known)
    expect(fits, ShapeError, operation, f"{sequences} lengths between 1 and {steps}", known)
    order = sorted(range(sequences), key=lambda i: -known[i])
    return order, tuple(sum(n > t for n in known) for t in range(max(known)))


def packed_data(x: Tensor, sizes: Sequence[int]) -> Tensor:
    """The rows of x (T, N, ...), sorted by length, that sequences have: step after step."""
    flat = x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])
    return flat[[t * x.shape[1] + i for t, n in enumerate(sizes) for i in range(n)]]


def padded_data(data: Tensor, sizes: Sequence[int], value: float = 0.0, steps: int | None = None) -> Tensor:
    """The inverse of `packed_data`: (T, N, ...) with the value where a sequence has no step."""
    steps = len(sizes) if steps is None else steps
    expect(sum(sizes) == len(data), ShapeError, "PackedSequence", f"data of {sum(sizes)} rows", data.shape)
    begins = [0, *accumulate(sizes)]
    known = [*sizes, *[0] * (steps - len(sizes))]
    places = [begins[t] + i if i < n else len(data) for t, n in enumerate(known) for i in range(sizes[0])]
    rows = cat([data, data.new_full((1, *data.shape[1:]), value)])
    return rows[places].reshape(steps, sizes[0], *data.shape[1:])


def _as_list(operation: str, lengths: Lengths) -> list[Any]:
    """The lengths, of a list, a Tensor or an array, as Python's own numbers where they are whole ones."""
    found = lengths.tolist() if hasattr(lengths, "tolist") else lengths
    right = isinstance(found, Sequence) and not isinstance(found, str)
    expect(right, KindError, operation, "lengths: a list of whole numbers", type(lengths).__name__)
    return [int(n) if isinstance(n, Integral) else n for n in found]
