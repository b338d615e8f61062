"""Einstein's summation: products of tensors whose dimensions are named by letters.

    einsum("bik,bkj->bij", a, b)      y[b,i,j] = sum over k of  a[b,i,k] b[b,k,j]

A letter that the output lacks is summed over. A letter twice in one operand takes its diagonal; "..." stands for
dimensions that broadcast. Without "->" the output has the letters that occur once, in alphabetical order, after "...".
Operands are contracted from left to right, each pair by one batched matrix product.
"""

from __future__ import annotations

from collections import Counter
from math import prod

from xdl.errors import DataError, ShapeError
from xdl.functional.index.diagonal import diagonal
from xdl.functional.operands import floating
from xdl.functional.products.linear import matmul
from xdl.observe import composite
from xdl.tensor import Tensor

Named = tuple[Tensor, str]  # a tensor and one letter for each of its dimensions
_BROADCAST = "0123456789"  # the names of the dimensions behind "...", the last one first


@composite
def einsum(equation: str, *operands: Tensor) -> Tensor:
    """The sum of products that the equation describes, as in the module docstring, for floating operands.

    Raises DataError for an equation that makes no sense, ShapeError where operands and subscripts do not fit (both
    name the subscript), DtypeError unless all share one floating dtype.
    """
    floating("einsum", **{f"operands_{i}": x for i, x in enumerate(operands)})
    inputs, output = _parse(equation, operands)
    sizes = _sizes(inputs, operands)
    named = [_diagonals(x, letters) for x, letters in zip(operands, inputs, strict=True)]
    named = [_broadcast(x, letters, sizes) for x, letters in named]
    x, letters = named[0]
    for i, (other, theirs) in enumerate(named[1:], 2):
        later = output + "".join(name for _, name in named[i:])
        x, letters = _contract((x, letters), (other, theirs), later)
    x, letters = _sum_away(x, letters, output)
    return x.permute([letters.index(letter) for letter in output])


def _parse(equation: str, operands: tuple[Tensor, ...]) -> tuple[list[str], str]:
    """One name per dimension of every operand, and of the output."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    subscripts = left.split(",")
    if not operands or len(subscripts) != len(operands):
        raise DataError("einsum", f"one subscript for each of {len(operands)} operands", repr(equation))
    inputs = [_expand(term, x.ndim, equation) for term, x in zip(subscripts, operands, strict=True)]
    broadcast = max((name for names in inputs for name in names if name in _BROADCAST), default=None)
    dots = "" if broadcast is None else _BROADCAST[: int(broadcast) + 1][::-1]
    if not arrow:
        once = Counter("".join(inputs))
        return inputs, dots + "".join(sorted(c for c, n in once.items() if n == 1 and c not in _BROADCAST))
    output = right.replace("...", dots, 1)
    for letter, count in Counter(output).items():
        if count > 1:
            raise DataError("einsum", f"each letter of the output once in {equation!r}", f"{letter!r} {count} times")
        if letter not in "".join(inputs):
            raise DataError("einsum", f"an output of letters that the operands of {equation!r} have", repr(letter))
    return inputs, output


def _expand(term: str, ndim: int, equation: str) -> str:
    """The term with "..." replaced by the names of the dimensions that it stands for."""
    letters = term.replace("...", "", 1)
    for letter in letters:
        if not (letter.isascii() and letter.isalpha()):
            raise DataError("einsum", f"letters and one ... in subscript {term!r} of {equation!r}", repr(letter))
    count = ndim - len(letters)
    if count < 0 or (count and "..." not in term) or count > len(_BROADCAST):
        raise ShapeError("einsum", f"an operand with the {len(letters)} dimensions of subscript {term!r}", f"{ndim}")
    return term.replace("...", _BROADCAST[:count][::-1])


def _sizes(inputs: list[str], operands: tuple[Tensor, ...]) -> dict[str, int]:
    """The size of every letter. Raises ShapeError, naming the letter, where two differ and neither is 1."""
    sizes: dict[str, int] = {}
    for letters, x in zip(inputs, operands, strict=True):
        for letter, size in zip(letters, x.shape, strict=True):
            known = sizes.setdefault(letter, size)
            if known == 1:
                sizes[letter] = size
            elif size not in (1, known):
                what = "..." if letter in _BROADCAST else repr(letter)
                raise ShapeError("einsum", f"one size for subscript {what}", f"{known} and {size}")
    return sizes


def _diagonals(x: Tensor, letters: str) -> Named:
    """x with every repeated letter's dimensions replaced by their diagonal, which stands last."""
    for letter, count in Counter(letters).items():
        for _ in range(count - 1):
            first = letters.index(letter)
            second = letters.index(letter, first + 1)
            if x.shape[first] != x.shape[second]:
                found = f"{x.shape[first]} and {x.shape[second]}"
                raise ShapeError("einsum", f"one size for subscript {letter!r} within an operand", found)
            x = diagonal(x, 0, first, second)
            letters = letters[:first] + letters[first + 1 : second] + letters[second + 1 :] + letter
    return x, letters


def _broadcast(x: Tensor, letters: str, sizes: dict[str, int]) -> Named:
    """x with the full size of each of its letters."""
    full = tuple([sizes[letter] for letter in letters])
    return (x if x.shape == full else x.expand(full)), letters


def _contract(a: Named, b: Named, later: str) -> Named:
    """The product of two tensors, summed over the letters that nothing later needs."""
    x, xs = _sum_away(*a, b[1] + later)
    y, ys = _sum_away(*b, xs + later)
    batch = [c for c in xs if c in ys and c in later]
    summed = [c for c in xs if c in ys and c not in later]
    rows, columns = [c for c in xs if c not in ys], [c for c in ys if c not in xs]
    size = dict(zip(xs + ys, x.shape + y.shape, strict=True))
    n = prod([size[c] for c in summed])
    left = x.permute([xs.index(c) for c in batch + rows + summed])
    right = y.permute([ys.index(c) for c in batch + summed + columns])
    lead = [size[c] for c in batch]
    left = left.reshape(*lead, prod([size[c] for c in rows]), n)
    right = right.reshape(*lead, n, prod([size[c] for c in columns]))
    names = batch + rows + columns
    return matmul(left, right).reshape([size[c] for c in names]), "".join(names)


def _sum_away(x: Tensor, letters: str, kept: str) -> Named:
    """x summed over the letters that are not kept."""
    gone = tuple([i for i, c in enumerate(letters) if c not in kept])
    return (x.sum(gone), "".join(c for c in letters if c in kept)) if gone else (x, letters)
