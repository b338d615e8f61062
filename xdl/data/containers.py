"""Dicts, tuples and lists of parts: making one like another, and joining the batches of several datasets."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from copy import copy
from typing import Any

import numpy as np

from xdl.errors import DataError, ShapeError


def like_mapping(model: Mapping[Any, Any], content: dict[Any, Any]) -> Any:
    """The content in a mapping of the model's type, or in a dict where that type takes none."""
    try:
        if not isinstance(model, MutableMapping):
            return type(model)(content)  # type: ignore[call-arg]
        clone = copy(model)
        clone.update(content)
        return clone
    except TypeError:
        return content


def like_sequence(model: Sequence[Any], parts: list[Any]) -> Any:
    """The parts in a namedtuple or sequence of the model's type; in a list for tuples and types that take none."""
    if is_named(model):
        return type(model)(*parts)
    if type(model) is list or isinstance(model, tuple):
        return parts
    try:
        if not isinstance(model, MutableSequence):
            return type(model)(parts)  # type: ignore[call-arg]
        clone = copy(model)
        for i, part in enumerate(parts):
            clone[i] = part
        return clone
    except TypeError:
        return parts


def is_named(value: object) -> bool:
    """Whether this is a namedtuple."""
    return isinstance(value, tuple) and hasattr(value, "_fields")


def join(parts: Sequence[Any], order: np.ndarray, operation: str) -> Any:
    """The batches of several datasets as one of the same form.

    order: the sample that comes next, counted through all parts, int64 (samples,)

    Raises ShapeError where arrays have different shapes or dtypes, whatever batch they meet in, and DataError where
    the forms differ.
    """
    first = parts[0]
    if all(isinstance(part, np.ndarray) for part in parts):
        kinds = sorted({f"{part.shape[1:]} {part.dtype}" for part in parts})
        if len(kinds) > 1:
            raise ShapeError(operation, "the same shape and dtype in every dataset", " and ".join(kinds))
        return np.concatenate(parts)[order]
    if all(isinstance(part, Mapping) and part.keys() == first.keys() for part in parts):
        return like_mapping(first, {key: join([part[key] for part in parts], order, operation) for key in first})
    if all(_is_text(part) for part in parts):
        texts = [text for part in parts for text in part]
        return [texts[i] for i in order]
    if all(isinstance(part, list | tuple) and len(part) == len(first) and not _is_text(part) for part in parts):
        return like_sequence(first, [join(column, order, operation) for column in zip(*parts, strict=True)])
    found = " and ".join(sorted({type(part).__name__ for part in parts}))
    raise DataError(operation, "samples of the same form in every dataset", f"{found} with other parts")


def _is_text(part: object) -> bool:
    return isinstance(part, list) and len(part) > 0 and isinstance(part[0], str | bytes)
