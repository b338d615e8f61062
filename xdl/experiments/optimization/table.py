"""Optimization: how weights follow the gradient (part 2 of the checklist): the table of its experiments."""

from xdl.experiments.shared import IMAGES

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("extremum", "f' = 0: necessary for an extremum, not sufficient; corners and ends", "2.1", "hwdong 2.1", ()),
    ("numerical-gradient", "Gradients from values alone, of a bowl and of any list of arrays, and their cost",
     "2.14 2.15", "hwdong 2.4.1, 2.4.2", ()),
    ("descent", "Twelve methods on four functions: paths, evaluations, and from which starts they arrive",
     "2.2 2.3 2.4 2.5 2.6 2.7 2.8 2.10 2.16 2.17 2.18 2.19", "hwdong 2.2, 2.3, 2.5; Xu Bin 5.6", ()),
    ("stability", "The rate against 2 / the largest curvature: factors, swings, cycles, divergence",
     "2.2 2.3", "hwdong 2.2, 2.3; Xu Bin 1.3.3", ()),
    ("optimizer-comparison", "Seven methods on a small CNN, each over a grid of rates; the best, the extremes",
     "2.11 2.12 2.13", "Xu Bin 5.6.7", IMAGES),
    ("batch-sizes", "All images in a step, 50, or one", "2.9 3.32", "hwdong 3.7.3, 3.7.4; Xu Bin 1", IMAGES),
    ("schedules", "Learning-rate schedules, drawn and tried out", "2.20", "Xu Bin 3, 5.5, 6.8.3", IMAGES),
    ("batchnorm-rates", "Learning rates with and without batch norm", "2.21", "Xu Bin 6.8.3", IMAGES),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
