"""Your own functions and kernels: what xdl's own are made of, in one place.

A differentiable function
-------------------------
Compute y on raw arrays and record one node with the rule of its gradient:

    import xdl
    from xdl.extend import Tensor, gradcheck, gradgradcheck, record

    def softsign(input: Tensor) -> Tensor:
        "y = x / (1 + |x|); dy/dx = 1 / (1 + |x|)**2."
        x = input.array
        return record(x / (1 + abs(x)), (input,), softsign_rule)

    def softsign_rule(needs, g, y, saved, x):
        return (g / (1 + abs(x)) ** 2,)

    x = xdl.randn(3, 4, dtype="float64", requires_grad=True)
    assert gradcheck(softsign, [x]) and gradgradcheck(softsign, [x])

The rule gets g, the gradient of y, and the inputs, as arrays in the ordinary backward pass and as Tensors where a graph
of the gradient is wanted. Operators, indexing and the functions of `xdl.functional.either` (imported here) take both,
so that one rule serves both. It returns one gradient for each input; what `needs` says is not needed may be None.
Broadcast inputs need no care. Where x is an array, its namespace is `namespaces[type(x)]`: xp.exp(x), xp.where(...).

    record(y, (input,), rule, keep_y=True)      the rule reads y (else it gets None)
    record(y, (input.node or input,), rule)     the rule does not read input: it gets None, and memory is freed
    record(y, (input,), rule, saved)            the rule gets `saved` in the ordinary pass, None with create_graph
    record((y, z), (input,), rule)              two results: g is a list, with None for one that nobody used

`xdl.autograd.Function` has PyTorch's form of the same, a forward and a backward on Tensors.

The operation is called after its rule, here "softsign": `node.op.name` has it for profiles and error messages. A rule
that several functions share takes the name first: record(y, (input,), partial(shared_rule, "name", ...)), where
shared_rule(operation, ..., needs, g, y, saved, x). Of several results keep_y=(True, False) keeps the first.

A slot for kernels, and a version in it
---------------------------------------
A slot holds a reference pair in the plain array namespace. Versions for a backend register in it:

    import numpy as np
    from xdl.extend import Kernel, check_kernel, namespaces

    class SoftsignPair:
        @staticmethod
        def forward(x):
            return x / (1 + namespaces[type(x)].abs(x)), x
        @staticmethod
        def backward(g, x, needs):
            return (g / (1 + namespaces[type(x)].abs(x)) ** 2,)

    softsign_pair = Kernel("softsign", SoftsignPair)

    @softsign_pair.register("numpy", when=lambda x: x.flags.c_contiguous, why="C order")
    class softsign_in_place:
        @staticmethod
        def forward(x):
            d = np.abs(x)
            d += 1
            return x / d, d
        @staticmethod
        def backward(g, d, needs):
            return (g / (d * d),)

    assert check_kernel(softsign_pair, np.linspace(-2, 2, 33)) == ["softsign_in_place"]

`forward` returns y and what its own backward reads. The function on top calls the slot and hands the version on, and
gives a rule as above for second order:

    def softsign(input: Tensor) -> Tensor:
        version, y, saved = softsign_pair(input.array)
        return record(y, (input,), softsign_rule, saved, version)

The same `register` adds your version to a slot of xdl (`xdl.kernel.slots` lists them). Versions are tried by priority,
and of equal priorities the newest first; yours has 30 unless it says otherwise, above all of xdl's own (compiled ones
have 20, the others 10). So it runs from the next call on wherever its `when` takes the arguments:

    from xdl.kernel import slots

    @slots["relu"].register("numpy", when=lambda x: x.ndim == 1, why="one dimension", priority=40)
    class relu_of_vectors:
        @staticmethod
        def forward(x):
            y = np.maximum(x, 0)
            return y, y
        @staticmethod
        def backward(g, y, needs):
            return (g * (y > 0),)

    assert check_kernel(slots["relu"], np.linspace(-2, 2, 33))[0] == "relu_of_vectors"

`slots["relu"].explain(x)` says which version runs for x and why no other: one that comes after a version without `when`
is never reached, and is called "shadowed" there.
"""

from __future__ import annotations

from typing import Any

from xdl import backend
from xdl.backend import Array, kinds, namespaces
from xdl.errors import BackendError, XdlError
from xdl.functional import either
from xdl.gradcheck import gradcheck, gradgradcheck
from xdl.kernel import Kernel, Version
from xdl.tape import record
from xdl.tensor import Tensor

__all__ = [
    "Kernel",
    "KernelError",
    "Tensor",
    "check_kernel",
    "either",
    "gradcheck",
    "gradgradcheck",
    "namespaces",
    "record",
]


class KernelError(XdlError, AssertionError):
    """A version that differs from its slot's reference."""


def check_kernel(slot: Kernel, *args: Any, tolerance: float = 1e-6) -> list[str]:
    """Runs every version of a slot that takes these arguments beside the reference; returns the versions' names.

    args:      as the slot's forward takes them: raw arrays of one backend, and options
    tolerance: the largest error, relative to the larger of 1 and the reference's largest value

    Compares the outputs, the arrays given, which some slots write in place, and the gradients for a random g of all
    floating arguments: together, and each as if it alone were needed. Arguments are copied for each run. Raises
    KernelError naming the first that differs, BackendError if no version takes them.
    """
    owner = backend.of(next(filter(_is_array, args)))
    versions = slot.versions.get(owner.name, [])
    fitting = [version for version in versions if version.when is None or version.when(*args)]
    if not fitting:
        raise BackendError("check_kernel", f"a version of {slot.name} for these arguments", slot.explain(*args))
    expected = _run(slot.reference, args)
    for version in fitting:
        found, label = _run(version, args), f"{slot.name}: {version.name}"
        if found.keys() != expected.keys():
            raise KernelError(label, ", ".join(expected), ", ".join(found))
        for name in expected:
            _compare(label, name, found[name], expected[name], tolerance)
    return [version.name for version in fitting]


def _is_array(argument: Any) -> bool:
    return hasattr(argument, "shape") and hasattr(argument, "dtype")


def _run(version: Version, args: tuple[Any, ...]) -> dict[str, Array | None]:
    """What one version gives, by name."""
    own = [namespaces[type(a)].asarray(a, copy=True) if _is_array(a) else a for a in args]
    y, saved = version.forward(*own)
    found = {f"argument {i}": a for i, a in enumerate(own) if _is_array(a)}
    outputs = y if isinstance(y, tuple) else (y,)
    found |= {"y" if len(outputs) == 1 else f"y {i}": a for i, a in enumerate(outputs)}
    if version.backward is not None:
        g = [_cotangent(a) for a in y] if isinstance(y, tuple) else _cotangent(y)
        found |= _gradients(version, g, saved, args)
    return found


def _cotangent(y: Array) -> Array | None:
    """Some numbers of y's shape, None for an output that has no gradient."""
    if kinds[y.dtype] != "float":
        return None
    xp = namespaces[type(y)]
    return xp.reshape(xp.cos(xp.arange(y.size, dtype=y.dtype, device=y.device) * 12.9898), y.shape)


def _gradients(version: Version, g: Any, saved: Any, args: tuple[Any, ...]) -> dict[str, Array | None]:
    """The gradients of the floating arguments together, and of each as if it alone were needed.

    g: the cotangent of y, or of each output
    """
    places = [i for i, a in enumerate(args) if _is_array(a) and kinds[a.dtype] == "float"]
    found: dict[str, Array | None] = {}
    for needed in (places, *([i] for i in places)):
        gradients = version.backward(g, saved, [i in needed for i in range(len(args))]) if version.backward else None
        alone = "" if needed is places else f", {needed[0]} needed alone"
        for i, d in enumerate(gradients or ()):
            kept = d is not None and i in needed
            found[f"gradient {i}{alone}"] = namespaces[type(d)].asarray(d, copy=True) if kept else None
    return found


def _compare(version: str, name: str, found: Array | None, expected: Array | None, tolerance: float) -> None:
    if _form(found) != _form(expected):
        raise KernelError(version, f"{name} {_form(expected)}", _form(found))
    if expected is None or found is None or not expected.size:
        return
    xp = namespaces[type(expected)]
    scale = max(1.0, float(xp.max(xp.abs(expected))))
    error = float(xp.max(xp.abs(found - expected)))
    if not error <= tolerance * scale:
        raise KernelError(
            version, f"{name} within {tolerance * scale:.3g} of the reference", f"an error of {error:.3g}"
        )


def _form(x: Array | None) -> str:
    return "nothing" if x is None else f"{tuple(x.shape)} {x.dtype}"
