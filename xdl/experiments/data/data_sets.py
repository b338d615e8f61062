"""Every data set that is here, drawn: generated (徐彬 1.2, 3.1, 7.7; hwdong 3.3, 3.5, 3.6.1, 7.1, 8.5) and real ones.

The real ones are food trucks (hwdong 3.1.1), a stand-in for the dam's water (3.2.1), iris, and images (3.7.1; 徐彬
2.1). Each set has its size, its range, and two numbers that whatever is learned from it has to beat: how far guessing
comes, and how far the simplest model does. Nothing is downloaded; what is not here is named with the way to get it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xdl import plot
from xdl.creation import tensor
from xdl.data import LabelledImages, load_images
from xdl.data.fetching.listing import Entry, data_sets
from xdl.data.image_sets import IMAGE_SETS
from xdl.experiments.data.generated_sets import (
    SERIES,
    Curves,
    Points,
    iris,
    of_classes,
    of_numbers,
    panels_of,
    series,
    unlabelled,
)
from xdl.experiments.data.simplest import guessing, nearest_mean, rms, straight_line
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK = {"examples": 1, "shipped": True}
HERE = ("ships with xdl", "in the data folder", "in the cache")


@dataclass(frozen=True)
class Settings:
    """What is drawn of the images, whose large sets take longest."""

    examples: int = setting(3, "images of each class in a figure", low=1, high=20)
    shipped: bool = setting(False, "only those image sets that ship with xdl, also where others are at hand")


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """A table and a figure of each kind of set; which sets there are, where, and under which licences."""
    seed, entries = run.about["seed"], data_sets(run.data_dir)
    run.say(f"generated sets are made from seed {seed}; y: what is to be predicted")
    labelled = {**of_classes(seed), "iris": iris()}
    classes = _of_classes(run, labelled)
    figures = {name: one for name, one in labelled.items() if name != "iris"}
    numbers = of_numbers(seed, run.data_dir)
    regression = _of_numbers(run, numbers)
    steps = _of_series(run, series(seed))
    generative = _unlabelled(run, unlabelled(seed))
    _draw(run, "points", panels_of({**figures, **unlabelled(seed)}), "Generated points", classes[1])
    _draw(run, "iris", labelled["iris"].panels, "Iris: 150 flowers, pairs of lengths", "")
    _draw(run, "numbers", panels_of(numbers), "Sets with a number to predict", regression[1])
    curves = {name: {"x": plot.Line(range(SERIES), x[:SERIES])} for name, x in series(seed).items()}
    _draw(run, "series", curves, f"Series: the first {SERIES} steps", steps[1], "step t")
    images = _images(run, settings, entries)
    where = [(name, one.title, one.licence, one.state, one.note) for name, one in entries.items()]
    listed = run.table(("set", "what it is", "licence", "where", "note"), where)
    generated = len({**figures, **numbers, **series(seed), **unlabelled(seed)}) - ("food truck" in numbers)
    here = sum(one.state in HERE for one in entries.values())
    run.see(f"{generated} generated sets, and {here} of the {len(entries)} others are here")
    return {
        "classes": classes[0],
        "numbers": regression[0],
        "series": steps[0],
        "unlabelled": generative,
        "images": images,
        "sets": listed,
        "generated": generated,
        "here": here,
    }


Table = tuple[list[dict[str, Any]], str]  # and what there is to see in it


def _of_classes(run: Run, sets: Mapping[str, Points]) -> Table:
    """Labelled points: guessing the most frequent class, and the nearest mean of a class, on the very same points."""
    rows = [
        (name, *one.x.shape, int(one.y.max()) + 1, _range(one.x), guessing(one.y), nearest_mean(one.x, one.y))
        for name, one in sets.items()
    ]
    table = run.table(("set", "samples", "numbers each", "classes", "x", "guessing", "nearest class mean"), rows)
    return table, run.see(_hardest({str(row[0]): (row[-2], row[-1]) for row in rows}))


def _hardest(found: Mapping[str, tuple[float, float]]) -> str:
    """The sets at which the simplest model gains least and most over guessing."""
    hard, easy = (choose(found, key=lambda name: found[name][1] - found[name][0]) for choose in (min, max))
    words = [f"of {name} {found[name][1]:.0%} (guessing {found[name][0]:.0%})" for name in (hard, easy)]
    return f"the nearest mean of a class gets least over guessing {words[0]}, most {words[1]}"


def _of_numbers(run: Run, sets: Mapping[str, Points]) -> Table:
    """Sets with numbers to predict: the error of always saying the mean (the std), and that of the best line."""
    rows = [
        (name, *one.x.shape, _range(one.x), _range(one.y), float(one.y.std()), straight_line(one.x, one.y))
        for name, one in sets.items()
    ]
    headings = ("set", "samples", "numbers each", "x", "y", "rms error of the mean", "rms error of a straight line")
    table = run.table(headings, rows)
    share = {str(row[0]): row[-1] / row[-2] for row in rows}
    worst, best = max(share, key=share.__getitem__), min(share, key=share.__getitem__)
    see = f"a straight line leaves {share[best]:.0%} of the mean's error in {best}, {share[worst]:.0%} in {worst}"
    return table, run.see(see)


def _of_series(run: Run, found: Mapping[str, Any]) -> Table:
    """Series: the error of always saying the mean, and of saying that the next value is this one."""
    rows = []
    for name, x in found.items():
        rows.append((name, len(x), _range(x), float(x.std()), rms(tensor(x[1:] - x[:-1], dtype="float64"))))
    headings = ("series", "steps", "x", "rms error of the mean", "rms error of the value before")
    table = run.table(headings, rows)
    helped = [name for name, _, _, mean, before in rows if before < mean]
    see = f'"the next value is this one" is better than the mean in {len(helped)} of {len(rows)} series: '
    return table, run.see(see + (", ".join(helped) or "none"))


def _unlabelled(run: Run, sets: Mapping[str, Points]) -> list[dict[str, Any]]:
    rows = [(name, *one.x.shape, _range(one.x), float(one.x.mean()), float(one.x.std())) for name, one in sets.items()]
    return run.table(("set", "samples", "numbers each", "x", "mean", "std"), rows)


def _images(run: Run, settings: Settings, entries: Mapping[str, Entry]) -> list[dict[str, Any]]:
    """A figure of each image set that is here, and a table: guessing, and the nearest mean image, on test images."""
    rows = []
    for name in IMAGE_SETS:
        if entries[name].state in (HERE[:1] if settings.shipped else HERE):
            data = load_images(name, data_dir=run.data_dir, offline=True)
            labels = data.test.arrays[1]
            simple = nearest_mean(*data.train.arrays, *data.test.arrays)
            parts = " / ".join(str(len(part)) for part in (data.train, data.validation, data.test))
            shape = "x".join(map(str, data.image_shape))
            rows.append((name, parts, shape, len(data.class_names), guessing(labels), simple))
            _gallery(run, settings, data)
    headings = ("set", "train / validation / test", "image", "classes", "guessing", "nearest mean image")
    table = run.table(headings, rows)
    run.see(_hardest({str(row[0]): (row[-2], row[-1]) for row in rows}))
    return table


def _gallery(run: Run, settings: Settings, data: LabelledImages) -> None:
    """The first training images of each class, a column a class; with colours where there are some."""
    images, labels = data.train.arrays
    of_class = [(labels == k).nonzero()[0] for k in range(len(data.class_names))]
    rows = min(settings.examples, *map(len, of_class))
    chosen = [int(one[row]) for row in range(rows) for one in of_class]
    pictures = images[chosen]
    if data.image_shape[0] == 3:
        pictures = pictures.transpose(0, 2, 3, 1)
        pictures = (pictures - pictures.min()) / (pictures.max() - pictures.min())
    titles = [data.class_names[label] for label in labels[chosen]]
    shown = plot.gallery_data(pictures, titles, columns=len(data.class_names))
    run.figure(data.name, shown, data.description)


def _draw(run: Run, name: str, panels: Mapping[str, Curves], title: str, see: str, x: str = "") -> None:
    run.figure(name, plot.lines_data(panels, title, x), see)


def _range(values: Any) -> str:
    return f"{float(values.min()):.4g} to {float(values.max()):.4g}"
