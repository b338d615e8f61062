"""Raw arguments for the slots of recurrences: every cell, both directions, several lengths, projections."""

from xdl.functional.recurrent.cells import CELLS

SIZES = ((1, 1, 1, 1), (5, 3, 2, 4), (2, 31, 33, 32), (3, 9, 4, 130))  # T, N, I, H


def recurrences(draw):
    """{case name: x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p, cell, sizes, reverse}."""
    found = {}
    for name, cell in CELLS.items():
        for t, n, i, h in SIZES if name in ("lstm", "gru") else SIZES[:3]:
            found[f"{name} {t}x{n}x{i} to {h}"] = arguments(draw, cell, t, n, i, h)
        for reverse in (False, True):
            way = " in reverse" if reverse else ""
            found[f"{name}, no bias{way}"] = arguments(draw, cell, 3, 2, 3, 4, bias=False, reverse=reverse)
            found[f"{name}, lengths{way}"] = arguments(draw, cell, 4, 7, 3, 4, sizes=(7, 6, 6, 1), reverse=reverse)
    for reverse in (False, True):
        found[f"projection {reverse}"] = arguments(
            draw, CELLS["lstm"], 3, 5, 2, 4, outputs=2, sizes=(5, 5, 2), reverse=reverse
        )
    return found


def arguments(draw, cell, t, n, i, h, outputs=None, bias=True, sizes=None, reverse=False):
    k, rows = outputs or h, cell.gates * h
    c = draw(n, h) if cell.remembers else None
    biases = (draw(rows), draw(rows)) if bias else (None, None)
    w_hr = draw(k, h) if outputs else None
    p = draw(cell.peepholes, h) if cell.peepholes else None
    return (draw(t, n, i), draw(n, k), c, draw(rows, i), draw(rows, k), *biases, w_hr, p, cell.name, sizes, reverse)


def both_directions(draw):
    """{case name: x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr, p, the eight in reverse, cell, sizes}."""
    settings = {
        "one step": (1, 1, 1, 1),
        "no bias": (3, 2, 3, 4, None, False),
        "lengths": (4, 7, 3, 4, None, True, (7, 6, 6, 1)),
        "for tensor cores": (2, 18, 3, 32),
    }
    found = {}
    for name, cell in CELLS.items():
        for label, setting in settings.items():
            (x, *one, _, sizes, _), (_, *other, _, _, _) = (arguments(draw, cell, *setting) for _ in range(2))
            found[f"{name}, {label}"] = (x, *one, *other, name, sizes)
    return found
