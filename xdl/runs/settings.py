"""Settings of an experiment: fields of a dataclass, each with a type, a range and a line of help."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import inf, isfinite
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from xdl.errors import SettingError, nearest
from xdl.io.json_text import shown

T = TypeVar("T")
WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}
LARGEST = (1 << 63) - 1  # whole number, as in TOML
MOST = 10**12  # whole number of a setting without a range: products of a few of them still count bytes and steps
OPTIONS = {
    name: f"It is no setting but an option: --{name.replace('_', '-')}"
    for name in ("seed", "backend", "data", "data_dir", "out")
}


@dataclass(frozen=True)
class Rule:
    """What a setting may be: low <= value <= high and value > above for numbers, one of `choices` for words.

    empty: whether one of several values may have none
    """

    help: str
    low: float
    high: float
    above: float
    choices: tuple[str, ...]
    empty: bool = False

    def allows(self, value: Any) -> bool:
        """Whether the value, or each element of a tuple, is in range."""
        if isinstance(value, tuple):
            return all(self.allows(element) for element in value)
        if isinstance(value, str):
            return not self.choices or value in self.choices
        fits = not isinstance(value, int) or -LARGEST <= value <= LARGEST
        return bool(fits and self.low <= value <= self.high and value > self.above)

    def words(self) -> str:
        """The range in words: "at least 1"."""
        parts = [f"one of {', '.join(self.choices)}"] if self.choices else []
        parts += [f"above {self.above:g}"] if self.above > -inf else []
        parts += [f"at least {self.low:g}"] if self.low > -inf else []
        parts += [f"at most {self.high:g}"] if self.high < inf else []
        return " and ".join(parts)


def setting(
    default: T,
    help: str,
    *,
    low: float = -inf,
    high: float = inf,
    above: float = -inf,
    choices: Sequence[str] = (),
    empty: bool = False,
) -> T:
    """A field of a settings dataclass: its default, one line of help, and what it may be.

    epochs: int = setting(20, "passes over the training images", low=1)
    """
    result: T = field(default=default, metadata={"rule": Rule(help, low, high, above, tuple(choices), empty)})
    return result


def make(settings: type[T], *given: Mapping[str, Any]) -> T:
    """An instance with the given values, the later ones before the earlier, and the defaults for the rest.

    The values come from `from_text` and `settings_file.read`, which have checked them, or from the project.
    """
    return settings(**{name: value for values in given for name, value in values.items()})


def from_text(settings: type[Any], given: Mapping[str, str], source: str = "--set") -> dict[str, Any]:
    """The values that text stands for.

    source: what they were given by, for the messages: "--set", or an option of one setting, as "--top"

    Types: int, float, bool (true, false), str, and tuples as "200,100". Raises SettingError for an unknown name
    (with the nearest), and for text that is no value of the type or out of range.
    """
    return check(source, settings, given, lambda kind, text, where: _read(where, kind, text))


def check(
    source: str, settings: type[Any], given: Mapping[str, Any], read: Callable[[Any, Any, str], Any]
) -> dict[str, Any]:
    """The given settings, read by read(type, value, where) and checked against their ranges.

    source: where they come from, for the messages: "--set" or the name of a file
    """
    types = get_type_hints(settings)
    rules = {f.name: f.metadata["rule"] for f in fields(settings)}
    values = {}
    for name, found in given.items():
        if name not in rules:
            hint = OPTIONS.get(name) or nearest(name, rules)
            raise SettingError(source, "a setting of this experiment", shown(name), hint)
        where = source if source == f"--{name}" else f"{source} {name}"
        values[name] = read(types[name], found, where)
        if _is_huge(values[name], rules[name].high):
            raise SettingError(where, f"{words(types[name])} of at most {MOST}", found)
        if values[name] == () and not rules[name].empty:
            raise SettingError(where, f"{words(types[name])}, at least one", "none")
        if not rules[name].allows(values[name]):
            raise SettingError(where, f"{words(types[name])}, {rules[name].words()}", str(found)[:200] or "nothing")
    return values


def _is_huge(value: Any, high: float) -> bool:
    """Whether a whole number is too large for arrays, files and clocks; of a tuple, any. high: of its rule."""
    if isinstance(value, tuple):
        return any(_is_huge(one, high) for one in value)
    return isinstance(value, int) and abs(value) > (MOST if high == inf else LARGEST)


def split(assignments: Sequence[str]) -> dict[str, str]:
    """["lr=0.1", "epochs=3"] as {"lr": "0.1", "epochs": "3"}; the last of equal names counts.

    Raises SettingError for one without "=".
    """
    pairs = [assignment.partition("=") for assignment in assignments]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise SettingError("--set", "key=value", repr(name + equals), "For example --set lr=0.01")
    return {name.strip(): text.strip() for name, _, text in pairs}


def describe(settings: type[Any], preset: Mapping[str, Any] | None = None) -> list[tuple[str, str, str]]:
    """(name=default, what it may be, help) for each setting, for people; preset: defaults that come before its own."""
    types = get_type_hints(settings)
    rows = []
    for f in fields(settings):
        rule: Rule = f.metadata["rule"]
        kind = words(types[f.name])
        default = written((preset or {}).get(f.name, f.default))
        rows.append((f"{f.name}={default}", f"{kind}, {rule.words()}" if rule.words() else kind, rule.help))
    return rows


def written(value: Any) -> str:
    """A value as --set takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _read(where: str, kind: Any, text: str) -> Any:
    if get_origin(kind) is tuple:
        return tuple([_read(where, get_args(kind)[0], part.strip()) for part in text.split(",")]) if text else ()
    try:
        value = {"true": True, "false": False}[text.lower()] if kind is bool else kind(text)
    except (ValueError, KeyError):
        value = None
    if value is None or (kind is float and not isfinite(value)):
        raise SettingError(where, words(kind), shown(text))
    return value


def words(kind: Any) -> str:
    """A type as people say it: "a whole number"."""
    if get_origin(kind) is tuple:
        return f"{WORDS[get_args(kind)[0]]} or several with commas between"
    return WORDS[kind]
