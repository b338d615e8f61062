"""One figure of each kind, small but with what is special in it: gaps, zeros, wrong answers, leftovers."""

from math import nan

import numpy as np

from xdl import plot

RNG = np.random.default_rng(0)
RECORDS = [{"epoch": i, "train_loss": 1 / i, "validation_loss": 2 / i, "train_accuracy": 0.5} for i in (1, 2, 3)]
CURVES = {"a": ([1, 2, 3], [1.0, nan, 3.0]), "b": (range(2), [1, 2])}
FIVE = {"mean": 0.5, "std": 1.0, "norm": 2.0, "min": -1.0, "max": 1.0}
TRACE = [
    {"step": 1, "gradient_norm": 5.0, "parameters": {"a": {"value": FIVE, "gradient": FIVE}}},
    {"step": 9, "gradient_norm": None, "parameters": {"a": {"value": FIVE, "gradient": None}}},
]
ON = plot.grid([[0.0, 0.0], [1.0, 2.0]], side=10)
SHARES = np.stack([ON.sum(axis=1) / 4, 1 - ON.sum(axis=1) / 4], axis=1).clip(0, 1)
WEIGHTS = RNG.normal(size=(6, 2, 5, 5)).astype(np.float32)

# kind -> (the function that builds and draws, what it takes after the path)
EXAMPLES = {
    "bands": (plot.bands, ({"loss": {"one": [[1.0, 0.5, 0.3], [0.8, nan]], "two": [[0.4]]}}, "title")),
    "bars": (plot.bars, (["a", "b"], {"p": {"s": [1.0, nan], "t": [2.0, 300.0]}, "q": {"s": [1, 2]}}, "title")),
    "cells": (
        plot.cells,
        ([[plot.Cells([[1.0, nan]], [[1, 0]], "a"), plot.Cells([[2.0]], [[2]], "b", "+", [[3]], [[True]])]], "title"),
    ),
    "coloured_text": (plot.coloured_text, ([["to be", "\n", "是"], "or not"], [[0.5, nan, 2], range(6)], "title")),
    "comparison": (plot.comparison, ({"one": RECORDS, "two": RECORDS[:1], "none": []}, "title")),
    "confusion": (plot.confusion, ([[8, 2, 0], [0, 5, 0], [0, 0, 0]], ["a", "b", "ccccc"])),
    "curves": (plot.curves, ({"train_loss": [1.0, 0.5, 0.3], "validation_loss": [nan, 0.6, 0.7]}, "title")),
    "feature_maps": (plot.feature_maps, (RNG.random((8, 8)), {"a": RNG.random((33, 4, 4)), "b": np.zeros((1, 2, 2))})),
    "field": (plot.field, (range(3), range(2), [[0.0, 1.0, nan], [2.0, 3.0, 5.0]], "title")),
    "filters": (plot.filters, (WEIGHTS,)),
    "gallery": (plot.gallery, (RNG.integers(0, 255, (3, 1, 6, 6), dtype=np.uint8), ["x", "y", "z"], 2)),
    "graph": (
        plot.graph,
        (["a", "b", "c\n1.5", "d"], [(0, 2), (1, 2), (1, 3), (2, 3)], "title", ["2", "", "x", "1"], [1]),
    ),
    "heat": (plot.heat, ([[1.0, nan, 0.1], [2.0, 0.5, 30.0]], ["a", "b"], ["1", "2", "3"], "title")),
    "lines": (plot.lines, ({"p": CURVES}, "title", "x")),
    "matrices": (plot.matrices, ({"a": [[1.0, nan], [-2.5, 3.0]], "row": [0, 0, 0]}, "title", 1)),
    "parallel": (
        plot.parallel,
        (
            {"lr": [0.1, 0.01, 10.0, 1.0], "optimizer": ["sgd", "adam", "sgd", "sgd"], "n": [3, 3, 3, 3]},
            [2.0, 0.5, nan, 200.0],
            "title",
        ),
    ),
    "relief": (
        plot.relief,
        (
            {
                "a": plot.Relief(
                    [[0, 1], [0, 1.5]],
                    [[0, 0], [1, 1]],
                    [[1, 2], [3, nan]],
                    {"way": [[0, 0, 1], [1, 0, nan]]},
                    [[0, 1, 3]],
                ),
                "b": plot.Relief([[0, 1, 2]] * 2, [[0] * 3, [1] * 3], [[1, 2, 3], [0, 1, 2]]),
            },
            "title",
        ),
    ),
    "paths": (
        plot.paths,
        (
            {
                "lines": plot.Surface([0, 1, 2], [0, 1], [[1.0, 2, 3], [2, nan, 0]], {"a": [[0, 0], [1, 1]]}, [[2, 1]]),
                "shades": plot.Surface([0, 1], [0, 2], [[1.0, nan], [2, 3]], shaded=True),
            },
            "title",
        ),
    ),
    "predictions": (plot.predictions, (RNG.random((3, 3, 6, 6)), [0, 1, 1], [0, 0, 1], [0.9, 0.8, 0.75], ["a", "b"])),
    "regions": (plot.regions, ({"one": SHARES, "two": 1 - SHARES}, ON, [[0.0, 0.0], [1.0, 2.0]], [0, 1])),
    "snapshots": (plot.snapshots, ([0, 50], [WEIGHTS, 2 * WEIGHTS])),
    "strips": (
        plot.strips,
        (range(6), {"p": (["a", "b"], [plot.Strip(0, 0, 2, 0), plot.Strip(0, 2, 4, 1, True)])}, "title"),
    ),
    "tiles": (plot.save_tiles, (WEIGHTS,)),
    "trace": (plot.trace, (TRACE, "title")),
}


def build(kind):
    """The data of the example."""
    return getattr(plot, f"{kind}_data")(*EXAMPLES[kind][1])
