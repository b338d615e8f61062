"""Raw arguments for the slot of attention: masks of all kinds, sizes, dropout."""

import numpy as np

from xdl.functional.attention.attention_pair import NO_DROPOUT

SIZES = {  # (leading dimensions, L, S, E, V)
    "one": ((1,), 1, 1, 1, 1),
    "two heads": ((2, 2), 3, 5, 4, 6),
    "more queries": ((3, 1), 40, 17, 8, 3),
    "five dimensions": ((2, 1, 2), 5, 6, 3, 3),
    "many": ((2, 4), 130, 140, 16, 16),
}
DROPPED = (20_000, (3, 4), 5)


def masks(draw, shape):
    """{name: mask} for scores of this shape."""
    rows = np.tril(np.ones(shape[-2:], bool))
    apart = draw(*shape) > -0.5
    apart[..., 0, :] = False  # a query that sees nothing
    return {
        "": None,
        "mask": apart,
        "mask of keys": draw(*shape[:-2], 1, shape[-1]) > -0.5,
        "mask for all": rows,
        "numbers": draw(*shape[-2:]),
        "numbers of heads": draw(*shape[-3:]),
        "infinite numbers": np.where(rows, 0.0, -np.inf).astype(draw().dtype),
        "a number a query": draw(shape[-2], 1),
    }


def attention_cases(draw):
    """{slot name: maker of {case name: arguments}}."""
    return {
        "attention": lambda: {
            f"{size} {label} {'causal' if causal else ''}{' dropped' if dropped is DROPPED else ''}": (
                *(draw(*leading, *last) for last in ((n, e), (s, e), (s, v))), mask, causal, 0.4, *dropped,
            )
            for size, (leading, n, s, e, v) in SIZES.items()
            for label, mask in masks(draw, (*leading, n, s)).items()
            for causal in (False, True)
            for dropped in ((NO_DROPOUT, DROPPED) if label in ("", "mask") else (NO_DROPOUT,))
            if size != "many" or label in ("", "infinite numbers") or causal
        }
    }  # fmt: skip
