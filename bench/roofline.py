"""The least time that a card needs for each kernel of a training step. CALCULATED from shapes, not measured.

    python bench/roofline.py [--only TEXT] [--out FILE]

The steps run through the CUDA path on a device that computes nothing and notes what it is asked for, so that kernels,
shapes and numbers of launches are those of a card. Of each launch are counted

    bytes        every array that the kernel reads, once; every array that it writes, once (UPDATED: both)
    operations   of products 2 for each pair that is multiplied; else those of OPERATIONS for each element
    least time   max(bytes / bandwidth, operations / peak), added up over the launches of a kernel

after Williams, Waterman and Patterson 2009 ("Roofline: an insightful visual performance model"). A real launch takes
longer: bytes come more than once, a launch has a cost of its own. It can be faster only where arrays stay in the L2
cache from kernel to kernel. What CuPy does itself (additions, copies) is not in the table.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from counting import Card, Work, count
from networks import lenet, resnet20

import xdl

CARDS = (
    Card("H100", 3.35e12, 66.9e12, 494.7e12),
    Card("H200", 4.8e12, 66.9e12, 494.7e12),
    Card("RTX 3090", 936e9, 35.6e12, 35.6e12),
    Card("T4", 320e9, 8.1e12, 0.0),
)
WITH_TF32 = tuple(card for card in CARDS if card.tf32)
WITHOUT_TF32 = tuple(card for card in CARDS if not card.tf32)
SMALL = 1e-7  # seconds
Row = tuple[int, int, int, list[tuple[float, str]]]
HEAD = """# Least times by the roofline: CALCULATED, not measured

Made by `bench/roofline.py` on {day} from the shapes of the launches; no GPU took part. The first lines of that file
say what is counted, and what is not.

A time is the larger of bytes over bandwidth and operations over peak, added up over the launches of a kernel: M where
memory bounds it, A where arithmetic does. Kernels of few operations count none. Where a kernel makes products of
float32 from three of TF32, all three are counted. A card without TF32 runs other kernels, and has a table of its own.

| card | memory, TB/s | float32, TFLOP/s | TF32, dense, TFLOP/s |
|---|---:|---:|---:|
{cards}"""


def training(model: Any, shape: tuple[int, ...], optimizer: Any, tokens: int = 0) -> Callable[[], Any]:
    """A training step. tokens: how many there are, where the input is of tokens instead of numbers."""
    x = xdl.zeros(*shape, dtype=xdl.int64) if tokens else xdl.randn(*shape)
    labels, loss = xdl.zeros(shape[0], dtype=xdl.int64), xdl.nn.CrossEntropyLoss()

    def step() -> None:
        optimizer.zero_grad()
        loss(model(x), labels).backward()
        optimizer.step()

    return step


def both(model: Any, shape: tuple[int, ...]) -> Callable[[], Any]:
    """Forward and all gradients of a module."""
    x = xdl.randn(*shape, requires_grad=True)

    def run() -> None:
        for p in (*model.parameters(), x):
            p.grad = None
        y = model(x)
        (y[0] if isinstance(y, tuple) else y).sum().backward()

    return run


def _resnet() -> Callable[[], Any]:
    model = resnet20(xdl.nn)
    return training(model, (128, 3, 32, 32), xdl.optim.SGD(model.parameters(), 0.1, momentum=0.9))


def _lenet() -> Callable[[], Any]:
    model = lenet(xdl.nn)
    return training(model, (64, 1, 28, 28), xdl.optim.Adam(model.parameters()))


WORKLOADS: dict[str, Callable[[], Callable[[], Any]]] = {
    "ResNet-20, batch 128, SGD with momentum": _resnet,
    "LeNet, batch 64, Adam": _lenet,
    "LSTM layer, T=100 B=64 H=512, forward and backward": lambda: both(xdl.nn.LSTM(512, 512), (100, 64, 512)),
    "GRU layer, T=100 B=64 H=512, forward and backward": lambda: both(xdl.nn.GRU(512, 512), (100, 64, 512)),
    "transformer layer, B=32 T=128 D=512, 8 heads, forward and backward": lambda: both(
        xdl.nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True), (32, 128, 512)
    ),
}


def table(works: Iterable[Work], cards: Iterable[Card]) -> str:
    """In Markdown: a row for each kernel, the slowest on the first card first; those of nearly no time in one row."""
    cards = tuple(cards)
    kernels: dict[str, list[Work]] = {}
    for work in works:
        kernels.setdefault(work.kernel, []).append(work)
    rows = {name: _row(of_kernel, cards) for name, of_kernel in kernels.items()}
    small = [name for name, row in rows.items() if row[3][0][0] < SMALL]
    if small:
        rest = [work for name in small for work in kernels[name]]
        rows = {name: row for name, row in rows.items() if name not in small}
        rows[f"{len(small)} others"] = _row(rest, cards)
    ordered = sorted(rows.items(), key=lambda item: -item[1][3][0][0])
    together = _row([work for of_kernel in kernels.values() for work in of_kernel], cards)
    lines = [f"| kernel | launches | MB | GFLOP | {' | '.join(f'{card.name}, us' for card in cards)} |"]
    lines.append("|---|" + "---:|" * (3 + len(cards)))
    for name, (launches, moved, operations, least) in (*ordered, ("together", together)):
        times = " | ".join(f"{1e6 * time:.1f} {bound}" for time, bound in least)
        lines.append(f"| {name} | {launches} | {moved / 1e6:.1f} | {operations / 1e9:.2f} | {times} |")
    return "\n".join(lines)


def _row(works: list[Work], cards: tuple[Card, ...]) -> Row:
    """The launches of one kernel, their bytes and operations, and for each card the least time and its bound."""
    least = []
    for card in cards:
        times = [work.least(card) for work in works]
        total = sum(time for time, _ in times)
        by_memory = sum(time for time, memory in times if memory)
        least.append((total, "M" if by_memory >= total / 2 else "A"))
    return len(works), sum(w.read + w.written for w in works), sum(w.operations for w in works), least


def report(only: str = "") -> str:
    """All tables, with their headings. only: workloads whose name contains this."""
    parts = [HEAD.format(day=date.today().isoformat(), cards="\n".join(map(_in_words, CARDS)))]
    for name, make in WORKLOADS.items():
        if only in name:
            for precision, cards in (("float32", WITH_TF32), ("tf32", WITH_TF32), ("float32", WITHOUT_TF32)):
                works = count(make, precision, tensor_cores=cards is WITH_TF32)
                parts.append(
                    f"## {name}; {precision}, {', '.join(card.name for card in cards)}\n\n{table(works, cards)}"
                )
    return "\n\n".join(parts) + "\n"


def _in_words(card: Card) -> str:
    tensor = f"{card.tf32 / 1e12:.1f}" if card.tf32 else "none"
    return f"| {card.name} | {card.bandwidth / 1e12:.2f} | {card.float32 / 1e12:.1f} | {tensor} |"


def main() -> None:
    """Prints the tables, or writes them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default="", help="workloads whose name contains this")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    text = report(given.only)
    if given.out:
        given.out.write_text(text)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
