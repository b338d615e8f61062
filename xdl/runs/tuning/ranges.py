"""What a setting may be in a search: `lr=log(1e-4, 1e-1)`, `hidden=choice(32, 64, 128)`. Parsed, never evaluated."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log
from typing import Any, get_args, get_origin, get_type_hints

from xdl.errors import SettingError, expect, nearest
from xdl.io.json_text import shown
from xdl.runs.settings import from_text, written

LONGEST = 2000  # letters of a range
MOST = 100  # values of a choice
KINDS = {
    "log": "log(low, high): even in the logarithm",
    "uniform": "uniform(low, high): even",
    "int": "int(low, high): whole numbers, both ends among them",
    "choice": "choice(a, b, ...): one of these",
}
CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*\(")


@dataclass(frozen=True)
class Range:
    """The values that a setting may have.

    kind:    log, uniform, int or choice
    whole:   whether values are whole numbers: those of int, and of a logarithmic range of a setting of whole numbers
    values:  of a choice the values as text, as `--set` takes them; of the others low and high
    """

    name: str
    kind: str
    whole: bool
    values: tuple[Any, ...]

    @property
    def text(self) -> str:
        """The range as the user writes it."""
        return f"{self.kind}({', '.join(map(_quoted, self.values))})"

    def points(self, n: int) -> list[Any]:
        """The values of a grid: of a choice all, of the others n between both ends, those included."""
        if self.kind == "choice":
            return list(self.values)
        low, high = self.values
        if self.whole and high - low < n:
            return list(range(low, high + 1))
        shares = [i / (n - 1) for i in range(n)] if n > 1 else [0.5]
        if self.kind == "log":
            found = [exp(log(low) + share * (log(high) - log(low))) for share in shares]
        else:
            found = [low + share * (high - low) for share in shares]
        inside = [min(max(value, low), high) for value in found]  # the logarithm's last digit
        return list(dict.fromkeys(round(value) for value in inside)) if self.whole else inside


def is_range(text: str, kind: Any) -> bool:
    """Whether text is meant as a range, for a setting of this type: a call of a name. Words may look so, too."""
    call = CALL.match(text)
    return call is not None and (call[1] == "choice" or element(kind) is not str)


def element(kind: Any) -> Any:
    """The type of one value: of a tuple that of its elements."""
    return get_args(kind)[0] if get_origin(kind) is tuple else kind


def divided(settings: type[Any], given: Mapping[str, str]) -> tuple[dict[str, Range], dict[str, str]]:
    """The ranges among what was given by `--set`, and the rest. settings: the experiment's dataclass.

    Every value that can come of a range is one that the setting takes: the ends are checked, and each of a choice.
    Raises SettingError for an unknown name, for a range that is none, and for values out of the setting's range.
    """
    types = get_type_hints(settings)
    ranges, fixed = {}, {}
    for name, text in given.items():
        if name in types and is_range(text, types[name]):
            ranges[name] = read(name, text, types[name])
            for value in ranges[name].values:
                from_text(settings, {name: written(value)})
        else:
            fixed[name] = text
    from_text(settings, fixed)
    return ranges, fixed


def read(name: str, text: str, kind: Any) -> Range:
    """The range that text stands for. kind: the setting's type. Raises SettingError for any other text."""
    where = f"--set {name}"
    expect(len(text) <= LONGEST, SettingError, where, f"a range of at most {LONGEST} letters", f"{len(text)} letters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise SettingError(where, _ranges_in_words(), shown(text)) from None
    if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.keywords):
        raise SettingError(where, _ranges_in_words(), shown(text))
    which = tree.func.id
    if which not in KINDS:
        raise SettingError(where, "a range", f"{shown(which)}(...)", nearest(which, KINDS))
    values = [_value(node, where) for node in tree.args]
    if which == "choice":
        texts = tuple(written(value) for value in values)
        expect(0 < len(texts) <= MOST, SettingError, where, f"1 to {MOST} values in choice(...)", len(texts))
        twice = next((one for place, one in enumerate(texts) if one in texts[:place]), None)
        expect(twice is None, SettingError, where, "each value of choice(...) once", f"{twice} twice")
        return Range(name, which, False, texts)
    return _interval(name, which, values, element(kind), text)


def _interval(name: str, which: str, values: Sequence[Any], kind: Any, text: str) -> Range:
    """A range between two numbers."""
    where = f"--set {name}"
    expect(kind in (int, float), SettingError, where, f"choice(...) for {kind.__name__}", shown(text))
    numbers = len(values) == 2 and all(type(value) in (int, float) and isfinite(value) for value in values)
    expect(numbers, SettingError, where, KINDS[which], shown(text))
    low, high = values
    expect(low < high, SettingError, where, f"{which}(low, high) with low < high", shown(text))
    expect(which != "log" or low > 0, SettingError, where, "log(low, high) with low > 0", shown(text))
    whole = which == "int" or (which == "log" and kind is int)
    if whole or kind is int:
        expected = "int(low, high) or log(low, high) of whole numbers"
        right = whole and all(value == int(value) for value in values)
        expect(right, SettingError, where, expected, shown(text))
        low, high = int(low), int(high)
    return Range(name, which, whole, (low, high) if whole else (float(low), float(high)))


def _value(node: ast.expr, where: str) -> Any:
    """A number, a word with or without quotes, true or false, or several of them in brackets."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        number = node.operand.value
        if isinstance(number, int | float):
            return -number
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float):
        return node.value
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Tuple | ast.List) and not any(isinstance(one, ast.Tuple | ast.List) for one in node.elts):
        return tuple(_value(one, where) for one in node.elts)
    raise SettingError(where, "numbers and words in a range", f"{type(node).__name__.lower()}", _ranges_in_words())


def _quoted(value: Any) -> str:
    """A value within a range: words with anything but letters and digits in quotes."""
    text = str(value)
    plain = not isinstance(value, str) or text.isidentifier() or re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", text)
    return text if plain else repr(text)


def _ranges_in_words() -> str:
    return f"one of {'; '.join(KINDS.values())}"
