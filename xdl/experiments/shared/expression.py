"""Expressions as people type them, read into steps: "d = w*x + b - y; d*d". Nothing that is typed is ever executed.

    text      = (name "=" value ";")* value             the last one may have a name, too
    value     = number | name | function "(" value ")" | "-" value | value operator value | "(" value ")"
    operator  = + - * / **
    function  = exp log sin cos tanh sigmoid relu sqrt abs

A name that nothing was assigned to is a variable. Python's `ast` splits the text, and a walk over its tree takes these
forms and no others. Numbers belong to the step that uses them: 2*x is one step with one input.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from xdl import functional as F
from xdl.creation import tensor
from xdl.errors import SettingError, expect, nearest
from xdl.io.json_text import shown
from xdl.tensor import Tensor

LONGEST, DEEPEST, MOST = 400, 30, 40  # characters, operations inside each other, steps

OPERATORS: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.Pow: ("**", operator.pow),
}
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    name: getattr(F, name) for name in ("exp", "log", "sin", "cos", "tanh", "sigmoid", "relu", "sqrt", "abs")
}
FORMS = f"numbers, names, + - * / **, and {', '.join(FUNCTIONS)} of one value"


@dataclass(frozen=True)
class Step:
    """One box of the graph.

    name:      what its value is called; v1, v2, ... where the text gives it no name
    formula:   "w * x", of the names of its inputs; empty for a variable
    inputs:    for each use of an earlier step its number: (3, 3) for d * d
    operation: its value from those of its inputs, as 0-d float64 Tensors; None for a variable
    """

    name: str
    formula: str = ""
    inputs: tuple[int, ...] = ()
    operation: Callable[..., Tensor] | None = None


def read(text: str) -> list[Step]:
    """The steps of an expression, each after its inputs; the last one is the result.

    Raises SettingError for what is no expression of the forms above, with the place of what is not understood; for
    more than LONGEST characters, DEEPEST operations inside each other, or MOST steps; for a step that nothing uses.
    """
    text = " ".join(text.split())
    expect(len(text) <= LONGEST, SettingError, "expression", f"at most {LONGEST} characters", len(text))
    reader = _Reader(text)
    result = reader.statements()
    steps = reader.steps
    expect(type(result) is int and steps[result].inputs != (), SettingError, "expression", "an operation", shown(text))
    used = {i for step in steps for i in step.inputs} | {result}
    unused = [step.name for i, step in enumerate(steps) if i not in used]
    expect(not unused, SettingError, "expression", "a result that depends on every step", f"{unused} without a use")
    return steps


class _Reader:
    """Walks over the tree of a text, and collects steps. A value is the number of a step (int) or a number (float)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.steps: list[Step] = []
        self.named: dict[str, int | float] = {}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # "2x" is told below, not by a warning
                self.body = ast.parse(text).body
        except SyntaxError as error:
            rest = text[max(0, (error.offset or 1) - 1) :][:20]
            found = f"{error.msg} at character {error.offset or 1} of {shown(text)}, at {rest!r}"
            raise SettingError("expression", FORMS, found, "A product is written 2*x") from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise SettingError("expression", FORMS, f"{type(error).__name__} ({error})") from error
        self.taken = {node.id for line in self.body for node in ast.walk(line) if isinstance(node, ast.Name)}

    def statements(self) -> int | float:
        """The value of the last statement."""
        result: int | float = 0.0
        for number, line in enumerate(self.body, 1):
            last = number == len(self.body)
            if isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name):
                name = line.targets[0].id
                if name in self.named or name in FUNCTIONS:
                    raise self._refusal(line.targets[0], "a new name before =")
                self.named[name] = result = self._value(line.value, 0, name)
            elif isinstance(line, ast.Expr) and last:
                result = self._value(line.value, 0, "" if "L" in self.taken else "L")
            else:
                raise self._refusal(line, "name = value; ...; value")
        return result

    def _value(self, node: ast.expr, depth: int, name: str = "") -> int | float:
        if depth > DEEPEST:
            raise self._refusal(node, f"at most {DEEPEST} operations inside each other")
        match node:
            case ast.Constant(value=int() | float() as number) if type(number) is not bool:
                return self._number(node, number)
            case ast.Name(id=variable) if variable not in FUNCTIONS:
                if variable not in self.named:
                    self.named[variable] = self._add(Step(variable))
                return self.named[variable]
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return self._step(node, name, "-{}", operator.neg, self._value(inner, depth + 1))
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self._value(inner, depth + 1, name)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
                text, apply = OPERATORS[type(sign)]
                a, b = self._value(left, depth + 1), self._value(right, depth + 1)
                return self._step(node, name, f"{{}} {text} {{}}", apply, a, b)
            case ast.Call(func=ast.Name(id=called), args=[argument], keywords=[]) if called in FUNCTIONS:
                a = self._value(argument, depth + 1)
                return self._step(node, name, f"{called}({{}})", FUNCTIONS[called], a)
            case ast.Call(func=ast.Name(id=called)) if called not in FUNCTIONS:
                raise self._refusal(node, "a known function", nearest(called, FUNCTIONS))
        raise self._refusal(node, FORMS)

    def _step(
        self, node: ast.expr, name: str, form: str, apply: Callable[..., Any], *values: int | float
    ) -> int | float:
        """Adds a step that applies an operation to values; where these are constants, its value."""
        inputs = tuple(value for value in values if isinstance(value, int))
        if not inputs:
            constants = [tensor(value, dtype="float64") for value in values]
            return self._number(node, apply(*constants).item())
        texts = [self.steps[value].name if isinstance(value, int) else f"{value:g}" for value in values]

        def operation(*given: Tensor) -> Tensor:
            left = iter(given)
            result: Tensor = apply(*[next(left) if isinstance(value, int) else value for value in values])
            return result

        return self._add(Step(name or self._free_name(), form.format(*texts), inputs, operation))

    def _add(self, step: Step) -> int:
        expect(len(self.steps) < MOST, SettingError, "expression", f"at most {MOST} steps and variables", "more")
        self.steps.append(step)
        return len(self.steps) - 1

    def _free_name(self) -> str:
        names = self.taken | {step.name for step in self.steps}
        return next(name for i in range(1, MOST + len(names)) if (name := f"v{i}") not in names)

    def _number(self, node: ast.expr, number: float) -> float:
        try:
            value = float(number)
        except OverflowError:
            value = float("inf")
        if not isfinite(value):
            raise self._refusal(node, "a finite number")
        return value

    def _refusal(self, node: ast.AST, wanted: str, hint: str = "") -> SettingError:
        """The error that points at a part of the text."""
        part = ast.get_source_segment(self.text, node) or ""
        before = self.text.encode()[: getattr(node, "col_offset", 0)].decode()
        found = f"{shown(part)} at character {len(before) + 1} of {shown(self.text)}"
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
            hint = "A power is written **"
        return SettingError("expression", wanted, found, hint)
