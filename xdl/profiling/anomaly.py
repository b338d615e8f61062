"""Finding the operation where nan and infinity begin, in the forward and in the backward pass.

    with xdl.detect_anomaly():
        loss(model(images), labels).backward()

AnomalyError names the operation, the layer by its path in the model, the shapes and dtypes, and which input was not
finite before. Every result is looked at, so a device is waited for after every operation; on a CPU a step of LeNet
with 64 images takes an eighth longer. Use it to find a fault, then switch it off.
"""

from __future__ import annotations

from math import isfinite
from typing import Any, Self

from xdl.backend import dtype_name, kinds, namespaces
from xdl.errors import AnomalyError
from xdl.functional import either
from xdl.node import Node, Output
from xdl.profiling import watch
from xdl.tensor import Tensor

MADE = "The operation made it from finite values: look for division by 0, log or sqrt of what is not above 0, overflow"
GIVEN = "It was there before the operation: look at where that input comes from"
SUMMED = "Every operation sent a finite one: their sum overflowed, or backward() was given this one"

FILLING = frozenset({"pad", "where", "masked_fill"})  # they make no numbers, and take infinity as a setting


class detect_anomaly(watch.Watcher):
    """Raises AnomalyError at the first operation whose result, or gradient, holds nan or infinity.

    infinite: False lets infinities pass, for models that use them on purpose

    Filling with infinity, by pad, where and masked_fill, is no anomaly: masks and borders are made so.

    A context manager; one object may be entered again, also within itself. The backward pass is checked for operations
    that were recorded inside, if backward() is called inside too.
    """

    def __init__(self, infinite: bool = True) -> None:
        self.infinite = infinite

    def __enter__(self) -> Self:
        watch.start(self)
        return self

    def __exit__(self, *_: object) -> None:
        watch.stop(self)

    def recorded(self, operation: watch.Seen, outputs: tuple[Tensor, ...], inputs: tuple[Any, ...]) -> None:
        """Checks the results."""
        deliberate = operation.name.partition(" in ")[0] in FILLING
        for i, out in enumerate(outputs):
            if fault := self._fault(out.array, infinite=self.infinite and not deliberate):
                described, found = self._describe(inputs)
                text = f"{fault} in {_result(i, len(outputs))} {_form(out.array)}"
                text = "; ".join([text, *filter(None, [", ".join(described)])])
                raise AnomalyError(str(operation), f"a {self._right()} result", text, GIVEN if found else MADE)

    def _describe(self, inputs: tuple[Any, ...]) -> tuple[list[str], bool]:
        """Each input in words, and whether one was not finite."""
        described, found = [], False
        for i, t in enumerate(inputs):
            if isinstance(t, Tensor):
                wrong = self._fault(t.array)
                found = found or bool(wrong)
                described.append(f"input {i}{_owner(t)} {_form(t.array)} {wrong or self._right()}")
            elif isinstance(t, Node):
                before = watch.seen(t)
                dtype = before.dtypes[t.index if isinstance(t, Output) else 0] if before else None
                described.append(
                    f"input {i} {t.shape} {f'{_dtype(dtype)} {self._right()}' if dtype else 'not checked'}"
                )
            elif t is not None:
                found = found or (isinstance(t, float) and not isfinite(t))
                described.append(f"input {i} {t!r}")
        return described, found

    def going_back(self, operation: watch.Seen, g: Any) -> None:
        """Checks the gradient of each result: a sum over all that used it, or what backward() was given."""
        for i, part in enumerate(several := _listed(g)):
            if part is not None and (fault := self._fault(either.raw(part))):
                text = f"{fault} in the gradient of {_result(i, len(several), 'its')} {_form(either.raw(part))}"
                raise AnomalyError(f"backward of {operation}", f"a {self._right()} gradient", text, SUMMED)

    def gone_back(self, operation: watch.Seen, g: Any, gradients: tuple[Any, ...]) -> None:
        """Checks the gradients that a rule returned."""
        for i, d in enumerate(gradients):
            if d is not None and (fault := self._fault(either.raw(d))):
                forms = [_form(either.raw(part)) for part in _listed(g) if part is not None]
                text = (
                    f"{fault} in the gradient of input {i} {_form(either.raw(d))}; "
                    f"the gradient of its result {' and '.join(forms)} {self._right()}"
                )
                raise AnomalyError(f"backward of {operation}", f"{self._right()} gradients", text, MADE)

    def _fault(self, x: Any, infinite: bool | None = None) -> str:
        """ "2 nan and 1 inf of 640", or nothing. infinite: as self.infinite, unless it is said."""
        if kinds[x.dtype] != "float":
            return ""
        xp = namespaces[type(x)]
        bad = ~xp.isfinite(x) if (self.infinite if infinite is None else infinite) else xp.isnan(x)
        if not bool(xp.any(bad)):
            return ""
        nan = int(xp.count_nonzero(xp.isnan(x)))
        inf = int(xp.count_nonzero(xp.isinf(x)))
        counts = [f"{n} {name}" for n, name in ((nan, "nan"), (inf, "inf")) if n]
        return f"{' and '.join(counts)} of {x.size}"

    def _right(self) -> str:
        return "finite" if self.infinite else "nan-free"


_switch: list[detect_anomaly] = []


def set_detect_anomaly(mode: bool, infinite: bool = True) -> None:
    """Switches `detect_anomaly` on or off for the whole process; off ends only what this function began."""
    while _switch:
        watch.stop(_switch.pop())
    if mode:
        _switch.append(detect_anomaly(infinite).__enter__())


def _listed(g: Any) -> list[Any]:
    """The gradients of all results, of one or of several."""
    return g if isinstance(g, list) else [g]


def _result(i: int, count: int, whose: str = "the") -> str:
    return f"{whose} result" if count == 1 else f"{whose} result {i}"


def _form(x: Any) -> str:
    return f"{tuple(x.shape)} {dtype_name(x)}"


def _dtype(dtype: Any) -> str:
    return str(dtype).rpartition(".")[2]


def _owner(t: Tensor) -> str:
    """The path of a parameter or buffer of the model that runs."""
    root = watch.current().root
    named = [] if root is None else [*root.named_parameters(), *root.named_buffers()]
    return next((f", {name}," for name, known in named if known is t), "")
