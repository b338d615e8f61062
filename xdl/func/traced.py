"""One run of a function on the tape, from arguments that are chosen.

Each chosen Tensor is given to the function as a handle: a leaf of its own or, where the Tensor requires a gradient
itself, its alias on the tape. So gradients stop at the handles, and what is around them can be differentiated too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xdl import tape
from xdl.creation import zeros_like
from xdl.errors import KindError, SettingError
from xdl.func.trees import Tree, filled, leaves
from xdl.node import Node
from xdl.tensor import Tensor, enable_grad, is_grad_enabled

Argnums = int | tuple[int, ...]


@dataclass(frozen=True)
class Traced:
    """What a function gave, and how its results hang on the tape.

    given:   the chosen arguments;  handles: the Tensors that stood in their place;  count: of them in each argument
    output:  what the function returned;  outputs: its Tensors;  aux: what else it returned
    around:  whether the outputs depend on anything beside the handles that requires a gradient
    """

    given: list[Tree]
    handles: list[Tensor]
    output: Tree
    outputs: list[Tensor]
    aux: Any
    around: bool

    def shown(self, tree: Tree) -> Tree:
        """A result as the caller gets it: off the tape, unless it depends on something around."""
        return tree if self.around else _detached(tree)

    def gradients(
        self,
        outputs: Sequence[Tensor],
        cotangents: Sequence[Tensor] | None = None,
        *,
        create_graph: bool,
        strict: bool = False,
    ) -> list[Tensor]:
        """The gradients of the handles; zeros where no output depends on one, GraphError there if strict."""
        roots = [i for i, y in enumerate(outputs) if y.requires_grad or strict]
        if not roots:
            return [zeros_like(t) for t in self.handles]
        found = tape.grad(
            [outputs[i] for i in roots],
            self.handles,
            None if cotangents is None else [cotangents[i] for i in roots],
            retain_graph=True,
            create_graph=create_graph,
            allow_unused=not strict,
        )
        return [zeros_like(t) if g is None else g for t, g in zip(self.handles, found, strict=True)]

    def per_argument(self, values: Sequence[Any]) -> list[Tree]:
        """Values, one for each handle, in the form of the chosen arguments."""
        return list(filled(self.given, values))


def traced(
    operation: str,
    function: Callable[..., Any],
    argnums: Sequence[int],
    has_aux: bool,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> Traced:
    """Runs function(*args, **kwargs) with handles in place of the arguments of these numbers.

    Raises SettingError for a number of no argument, KindError for arguments and results that hold no Tensors, and with
    has_aux for a result that is no pair.
    """
    recorded = is_grad_enabled()
    for number in argnums:
        if not -len(args) <= number < len(args):
            raise SettingError(operation, f"argnums of the {len(args)} arguments", number)
    given = [args[number] for number in argnums]
    with enable_grad():
        handles = [_handle(t, recorded) for t in leaves(operation, "the arguments to differentiate by", given)]
        replaced = list(args)
        for number, tree in zip(argnums, filled(given, handles), strict=True):
            replaced[number] = tree
        result, aux = function(*replaced, **kwargs), None
    if has_aux:
        if not isinstance(result, tuple) or len(result) != 2:
            raise KindError(operation, "a function that returns (output, aux), for has_aux", type(result).__name__)
        result, aux = result
    outputs = leaves(operation, "what the function returns", result)
    around = recorded and _depends([*outputs, *_tensors(aux)], {id(t) for t in handles if t.is_leaf})
    return Traced(given, handles, result, outputs, aux, around)


def numbers(operation: str, argnums: Argnums) -> tuple[int, ...]:
    """argnums as a tuple. Raises SettingError unless they are whole numbers, at least one, each of them once."""
    found = argnums if isinstance(argnums, tuple) else (argnums,)
    if not found or not all(isinstance(number, int) for number in found) or len(set(found)) < len(found):
        expected = "argnums: the number of an argument, or a tuple of different ones"
        raise SettingError(operation, expected, repr(argnums))
    return found


def by_argument(argnums: Argnums, trees: Sequence[Tree]) -> Tree:
    """Results for each argument: the only one itself where argnums is one number, else a tuple."""
    return trees[0] if isinstance(argnums, int) else tuple(trees)


def _handle(t: Tensor, recorded: bool) -> Tensor:
    return t.view(t.shape) if recorded and t.requires_grad else t.detach().requires_grad_()


def _depends(outputs: Iterable[Tensor], own: set[int]) -> bool:
    """Whether a leaf that requires a gradient, and is not one of these, lies above the outputs."""
    stack: list[Any] = [t.node or t for t in outputs]
    seen: set[Any] = set()
    while stack:
        t = stack.pop()
        if isinstance(t, Node):
            if t not in seen:
                seen.add(t)
                stack += [getattr(x, "node", None) or x for x in t.inputs]
        elif isinstance(t, Tensor) and t.requires_grad and id(t) not in own:
            return True
    return False


def _tensors(tree: Any) -> list[Tensor]:
    """The Tensors among whatever a function returned beside its output."""
    if isinstance(tree, tuple | list | dict):
        return [t for part in (tree.values() if isinstance(tree, dict) else tree) for t in _tensors(part)]
    return [tree] if isinstance(tree, Tensor) else []


def _detached(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _detached(part) for key, part in tree.items()}
    if isinstance(tree, tuple | list) and not hasattr(tree, "_fields"):
        return type(tree)(_detached(part) for part in tree)
    return tree.detach() if isinstance(tree, Tensor) else tree
