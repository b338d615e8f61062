"""A profile as data and as text.

Times and counts are per step of the optimizer, or of the whole where there was none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xdl.profiling.profiler import Profile, Row

Group = dict[str, Any]
TIMES = ("ms", "share", "forward_ms", "backward_ms")
MEMORY = ("kept_bytes", "grown_bytes", "peak_bytes")
WORDS = {
    "forward_ms": "forward",
    "backward_ms": "backward",
    "gflops": "GFLOP/s",
    "parameter_bytes": "parameters",
    "kept_bytes": "kept",
    "grown_bytes": "grown",
    "peak_bytes": "peak",
}
FORMS = {"share": ".1%", "gflops": ".1f", "calls": ".4g"}  # other numbers have three digits after the point


def as_dict(timed: Profile, memory: Profile | None = None) -> dict[str, Any]:
    """All numbers: the totals, and lists by layer, by operation and by both, the slowest first.

    memory: another profile of the same training, which has measured memory (default: the same one, if it has)

    Of each group: ms, forward_ms and backward_ms, its share of the wall time, calls; kept_bytes, which the tape holds
    for the backward pass, grown_bytes, by which the memory in use grows, and peak_bytes, the most in use above what was
    before. Of a layer also parameter_bytes of its own, and gflops, 10**9 operations a second in the forward pass, where
    the layer's `flops` counts them.
    """
    memory = memory or (timed if timed.memory else None)
    steps = timed.steps or 1
    layers = _groups(timed, memory, lambda row: {"layer": row.layer})
    for group in layers:
        facts = timed.layers.get(group["layer"])
        group["parameter_bytes"] = facts.parameters if facts else 0
        group["gflops"] = facts.flops / steps / group["forward_ms"] / 1e6 if facts and facts.flops else None
    content = {
        "steps": timed.steps,
        "ms": timed.wall * 1e3 / steps,
        "operations_ms": sum(group["ms"] for group in layers),
        "outside_ms": timed.outside * 1e3 / steps,
        "profiler_ms": timed.own * 1e3 / steps,
        "parameter_bytes": sum(group["parameter_bytes"] for group in layers),
        "layers": layers,
        "operations": _groups(timed, memory, lambda row: {"operation": row.operation}),
        "rows": _groups(timed, memory, lambda row: {"layer": row.layer, "operation": row.operation}),
    }
    if memory is not None:
        content |= {"kept_bytes": sum(group["kept_bytes"] for group in layers), "peak_bytes": memory.peak}
    return content


def _groups(timed: Profile, memory: Profile | None, key: Callable[[Row], Group]) -> list[Group]:
    """The rows with equal keys added up."""
    groups: dict[tuple[str, ...], Group] = {}
    steps = timed.steps or 1
    for row in timed.rows.values():
        group = groups.setdefault(tuple(key(row).values()), key(row) | dict.fromkeys((*TIMES, "calls"), 0))
        group["forward_ms"] += row.forward * 1e3 / steps
        group["backward_ms"] += row.backward * 1e3 / steps
        group["calls"] += row.calls / steps
        group["ms"] = group["forward_ms"] + group["backward_ms"]
        group["share"] = group["ms"] / (timed.wall * 1e3 / steps)
    if memory is not None:
        _add_memory(groups, memory, key)
    return sorted(groups.values(), key=lambda group: -group["ms"])


def _add_memory(groups: dict[tuple[str, ...], Group], memory: Profile, key: Callable[[Row], Group]) -> None:
    """Gives every group its memory; rows that have none in the times are left out."""
    for group in groups.values():
        group |= dict.fromkeys(MEMORY, 0)
    for row in memory.rows.values():
        if found := groups.get(tuple(key(row).values())):
            found["kept_bytes"] += row.kept // (memory.steps or 1)
            found["grown_bytes"] += row.grown // (memory.steps or 1)
            found["peak_bytes"] = max(found["peak_bytes"], row.peak)


def as_text(content: dict[str, Any], top: int = 20) -> str:
    """The content of `as_dict` as two tables, with the `top` slowest layers and operations, and the totals below."""
    unit = "ms a step" if content["steps"] else "ms"
    blocks = [
        _table(content["layers"], "layer", ("gflops", "parameter_bytes"), top),
        _table(content["operations"], "operation", ("calls",), top),
        [
            f"{content['ms']:.3f} {unit}: {content['operations_ms']:.3f} in operations and layers, "
            f"{content['outside_ms']:.3f} outside of operations, {content['profiler_ms']:.3f} in the profiler",
            *_bare_words(content),
            f"memory: {_bytes(content['parameter_bytes'])} of parameters" + _memory_words(content),
        ],
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _bare_words(content: dict[str, Any]) -> list[str]:
    if "bare_ms" not in content:
        return []
    bare, profiled = content["bare_ms"], content["profiled_ms"]
    return [f"median step: {bare:.3f} ms without the profiler, {profiled:.3f} ms with it ({profiled / bare - 1:+.1%})"]


def _memory_words(content: dict[str, Any]) -> str:
    if "peak_bytes" not in content:
        return ""
    kept, peak = _bytes(content["kept_bytes"]), _bytes(content["peak_bytes"])
    return f", {kept} kept for the backward pass, a peak of {peak} above the start"


def _table(groups: list[Group], name: str, more: tuple[str, ...], top: int) -> list[str]:
    """Lines in columns; the first one is of words, the others of numbers."""
    columns = (name, *TIMES, *more, *[column for column in MEMORY if groups and column in groups[0]])
    titles = [WORDS.get(column, column) for column in columns]
    cells = [titles, *[[_cell(column, group.get(column)) for column in columns] for group in groups[:top]]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    lines = ["  ".join(f"{row[i]:{'<' if i == 0 else '>'}{w}}" for i, w in enumerate(widths)) for row in cells]
    rest = groups[top:]
    return [*lines, f"and {len(rest)} more: {sum(group['ms'] for group in rest):.3f} ms"] if rest else lines


def _cell(column: str, value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or "-"
    return _bytes(value) if column.endswith("bytes") else f"{value:{FORMS.get(column, '.3f')}}"


def _bytes(count: int) -> str:
    """Bytes in a unit that leaves at most four digits."""
    value, units = float(count), ["B", "KiB", "MiB", "GiB", "TiB"]
    while abs(value) >= 1024 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{value:.0f} {units[0]}" if units[0] == "B" else f"{value:.1f} {units[0]}"
