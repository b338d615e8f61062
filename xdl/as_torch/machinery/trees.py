"""`torch.utils._pytree`, which packages use although it is private: nested containers as a list of leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class TreeSpec(NamedTuple):
    """What kind of container stood where: its type, the keys of a dict, and what its parts are. A leaf has no kind."""

    kind: Any
    keys: tuple[Any, ...]
    parts: tuple[Any, ...]


LEAF = TreeSpec(None, (), ())


def tree_flatten(tree: Any) -> tuple[list[Any], TreeSpec]:
    """The leaves in order, and what `tree_unflatten` needs to make the tree again."""
    if isinstance(tree, dict):
        keys, values = tuple(tree), list(tree.values())
    elif isinstance(tree, list | tuple):
        keys, values = (), list(tree)
    else:
        return [tree], LEAF
    flat = [tree_flatten(value) for value in values]
    return [leaf for leaves, _ in flat for leaf in leaves], TreeSpec(type(tree), keys, tuple(spec for _, spec in flat))


def tree_unflatten(leaves: Any, treespec: TreeSpec) -> Any:
    """The tree with these leaves."""
    left = iter(leaves)

    def build(spec: TreeSpec) -> Any:
        if spec.kind is None:
            return next(left)
        values = [build(part) for part in spec.parts]
        if issubclass(spec.kind, dict):
            return spec.kind(zip(spec.keys, values, strict=True))
        return spec.kind(*values) if hasattr(spec.kind, "_fields") else spec.kind(values)

    return build(treespec)


def tree_map(func: Callable[..., Any], tree: Any, *rests: Any) -> Any:
    """The tree of what func gives for each leaf, and for those at its place in the other trees."""
    leaves, spec = tree_flatten(tree)
    others = [tree_flatten(rest)[0] for rest in rests]
    return tree_unflatten([func(*each) for each in zip(leaves, *others, strict=True)], spec)


def tree_map_only(kind: Any, func: Callable[[Any], Any], tree: Any) -> Any:
    """The same, for leaves of a kind; others stay."""
    return tree_map(lambda leaf: func(leaf) if isinstance(leaf, kind) else leaf, tree)


def tree_leaves(tree: Any) -> list[Any]:
    """The leaves."""
    return tree_flatten(tree)[0]


__all__ = ["TreeSpec", "tree_flatten", "tree_leaves", "tree_map", "tree_map_only", "tree_unflatten"]
