"""x[key] = value: writing in place by any key that `indexing.py` reads, on the tape and off it."""

from __future__ import annotations

import operator
from functools import partial
from typing import Any

from xdl.backend import Array, kinds, namespaces
from xdl.errors import ShapeError
from xdl.functional.aliases import check_writable, node_of, put_rule, rebase, spare
from xdl.functional.elementwise.convert import cast
from xdl.functional.elementwise.where import where
from xdl.functional.in_place import former, store
from xdl.functional.index.gather import last_writers
from xdl.functional.index.indexing import Part, check_mask, full_key, getitem_rule, has_arrays, read
from xdl.functional.index.select import take
from xdl.functional.operands import broadcast_shape, one_number, same_backend
from xdl.kernel import Kernel
from xdl.node import edge
from xdl.observe import composite
from xdl.tensor import Tensor, recording, written


@composite
def setitem(input: Tensor, key: Any, value: Any) -> None:
    """x[key] = value in place; on the tape as PyTorch has it: the gradient of what was overwritten goes to value.

    Of places that an index array names twice, the last one stays. Raises as `getitem`, GraphError for a leaf that
    requires grad (unless in no_grad()) and for memory that cannot be written, ShapeError for a value that does not
    broadcast, DtypeError for a number that x cannot hold. A Tensor of another dtype is converted, as by `to`.
    """
    if isinstance(value, Tensor):
        same_backend("setitem", input=input, value=value)
        value = cast(value, input.dtype)
    else:
        value = one_number("setitem", input, value)
    mask = _mask(input, key)
    single = not isinstance(value, Tensor) or value.ndim == 0
    parts = () if mask is not None and single else full_key(input, key)
    if not single:
        target = _target(input, parts)
        if broadcast_shape("setitem", target, value.shape) != target:
            raise ShapeError("setitem", f"a value that broadcasts to {target}", value.shape)
    if isinstance(value, Tensor) and _is_part(input, parts, value):
        return  # x[key] += 1 has written it already
    if mask is not None and single:
        mask = mask.reshape(*mask.shape, *[1] * (input.ndim - mask.ndim))
        store("setitem", input, where(mask, value, former(input, value)))
    elif has_arrays(parts):
        _put(input, parts, value)
    else:
        check_writable("setitem", input)
        recorded = recording.get() and (input.requires_grad or getattr(value, "requires_grad", False))
        if recorded:
            spare(input)
        before = edge(input)
        input.array[(*parts, Ellipsis)] = value.array if isinstance(value, Tensor) else value
        written([input])
        if recorded:
            rule = partial(getitem_rule, tuple(input.array.shape), parts)
            put = partial(put_rule, rule, operator.getitem, ((*parts, Ellipsis),))
            rebase(input, node_of(input, (before, edge(value)), put))


def _put(x: Tensor, parts: tuple[Part, ...], value: Any) -> None:
    """x[parts] = value for a full key with index arrays."""
    if not recording.get() or not (x.requires_grad or getattr(value, "requires_grad", False)):
        check_writable("setitem", x)
        put_items(x.array, parts, value.array if isinstance(value, Tensor) else value)
        written([x])
        return
    xp = namespaces[type(x.array)]
    places = read(Tensor(xp.reshape(xp.arange(x.array.size, device=x.array.device), x.shape)), parts)
    if places.array.size:
        writer, present = last_writers(places.flatten().array, x.array.size)
        values = take(value.expand(places.shape).flatten(), writer, 0) if isinstance(value, Tensor) else value
        store("setitem", x, where(Tensor(present), values, former(x, value).flatten()).reshape(x.shape))


def _is_part(x: Tensor, parts: tuple[Part, ...], value: Tensor) -> bool:
    """Whether value is the view x[parts] itself."""
    if value._view is None or value._view.parent is not x or has_arrays(parts):
        return False
    return value._view.cut is operator.getitem and value._view.how == ((*parts, Ellipsis),)


class PutItemsReference:
    """x[parts] = value in place, for a full key with index arrays: number the places, find who writes each last."""

    @staticmethod
    def forward(x: Array, parts: tuple[Part, ...], value: Any) -> tuple[Array, None]:
        xp = namespaces[type(x)]
        places = read(Tensor(xp.reshape(xp.arange(x.size, device=x.device), x.shape)), parts).array
        if places.size:
            writer, present = last_writers(xp.reshape(places, (places.size,)), x.size)
            values = xp.broadcast_to(xp.asarray(value, dtype=x.dtype, device=x.device), places.shape)
            chosen = xp.take(xp.reshape(values, (places.size,)), writer)
            x[...] = xp.where(xp.reshape(present, x.shape), xp.reshape(chosen, x.shape), x)
        return x, None


put_items = Kernel("put_items", PutItemsReference)


def _target(x: Tensor, parts: tuple[Part, ...]) -> tuple[int, ...]:
    """The shape of x[parts], without reading values of x."""
    if not has_arrays(parts):
        return tuple(x.array[parts].shape)
    xp = namespaces[type(x.array)]
    return read(Tensor(xp.broadcast_to(xp.asarray(0, device=x.array.device), x.shape)), parts).shape


def _mask(x: Tensor, key: Any) -> Tensor | None:
    """The key if it is one bool Tensor that fits."""
    if not isinstance(key, Tensor) or kinds[key.array.dtype] != "bool" or not key.ndim:
        return None
    check_mask(key.shape, x.shape[: key.ndim])
    same_backend("indexing", input=x, mask=key)
    return key
