"""Tensors in tuples, lists and dicts: taken out in order, and put back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from xdl.errors import KindError, ShapeError
from xdl.tensor import Tensor

Tree = Any  # a Tensor, or a tuple, list or dict of trees


def leaves(operation: str, name: str, tree: Tree) -> list[Tensor]:
    """The Tensors of a tree, in order. Raises KindError, which names the argument, for anything else in it."""
    if isinstance(tree, Tensor):
        return [tree]
    if isinstance(tree, tuple | list | dict):
        parts = tree.values() if isinstance(tree, dict) else tree
        return [t for part in parts for t in leaves(operation, name, part)]
    expected = f"Tensors, or tuples, lists and dicts of such, as {name}"
    raise KindError(operation, expected, type(tree).__name__)


def filled(tree: Tree, values: Sequence[Any]) -> Tree:
    """A tree of the same form with these values in the places of its Tensors, in order."""
    return _filled(tree, iter(values))


def _filled(tree: Tree, values: Iterator[Any]) -> Tree:
    if isinstance(tree, Tensor):
        return next(values)
    if isinstance(tree, dict):
        return {key: _filled(part, values) for key, part in tree.items()}
    parts = [_filled(part, values) for part in tree]
    if isinstance(tree, list):
        return parts
    return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)


def alike(operation: str, name: str, tree: Tree, like: Tree) -> list[Tensor]:
    """The Tensors of a tree that go with those of another, in the other's order: dicts are matched by their keys.

    Raises KindError for what are no Tensors, ShapeError unless form and shapes are the same; a list is as a tuple.
    """
    shapes, expected = ([t.shape for t in leaves(operation, name, t)] for t in (tree, like))
    found = _beside(tree, like)
    if [t.shape if isinstance(t, Tensor) else None for t in found] != expected:
        raise ShapeError(operation, f"{name} of the shapes {filled(like, expected)}", filled(tree, shapes))
    return found


def _beside(tree: Any, like: Any) -> list[Any]:
    """What stands in a tree where another has Tensors; None for a part of another form."""
    if isinstance(like, Tensor):
        return [tree]
    if isinstance(like, dict):
        same = isinstance(tree, dict) and tree.keys() == like.keys()
        pairs = [(tree[key], like[key]) for key in like] if same else None
    else:
        same = isinstance(tree, tuple | list) and len(tree) == len(like)
        pairs = list(zip(tree, like, strict=True)) if same else None
    return [None] if pairs is None else [t for part, its in pairs for t in _beside(part, its)]
